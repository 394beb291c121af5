"""DescribeSnapshots, DescribeDisks, DescribeImages and DescribeSnapshotGroups: filters, pages and what is shown."""

import json
from typing import Any

import pytest
from alibabacloud_ecs20140526 import models
from alibabacloud_tea_openapi.exceptions import ClientException
from ecs_calls import (
    SYSTEM,
    call,
    create_image,
    disk_ids,
    disks,
    find_disks,
    find_groups,
    find_images,
    find_snapshots,
    image_ids,
    refusal,
    snapshot_ids,
    tags,
)
from world_files import TWO_MACHINES

from localcloud.server import LocalCloud

ALL_SNAPSHOTS = [snapshot["id"] for snapshot in TWO_MACHINES["snapshots"]]


def since(time: str) -> Any:
    return models.DescribeSnapshotsRequestFilter(key="CreationStartTime", value=time)


def until(time: str) -> Any:
    return models.DescribeSnapshotsRequestFilter(key="CreationEndTime", value=time)


def test_a_snapshot_is_shown_with_its_disk_and_without_its_instance(cloud: LocalCloud) -> None:
    (shown,) = find_snapshots(cloud, snapshot_ids='["s-web1sys"]').snapshots.snapshot

    assert shown.to_map() == {
        "SnapshotId": "s-web1sys",
        "SnapshotName": "auto2.0_20260301_sp-1",
        "Status": "accomplished",
        "Progress": "100%",
        "Available": True,
        "InstantAccess": True,
        "CreationTime": "2026-03-01T01:00:00Z",
        "LastModifiedTime": "2026-03-01T01:02:00Z",
        "SnapshotType": "timer",
        "SourceDiskId": "d-web1sys",
        "SourceDiskType": "system",
        "SourceDiskSize": "40",
        "SourceStorageType": "disk",
        "SnapshotLinkId": "sl-web1sys",
        "Category": "standard",
        "Encrypted": False,
        "Usage": "none",
        "RegionId": "cn-hangzhou",
        "Tags": {"Tag": [{"TagKey": "role", "TagValue": "web"}]},
    }


def test_every_other_snapshot_is_spelled_as_replies_seen_in_public(cloud: LocalCloud) -> None:
    (shown,) = find_snapshots(cloud, snapshot_ids='["s-web1data"]').snapshots.snapshot

    assert (shown.snapshot_type, shown.source_disk_size, shown.category) == ("auto", 100, "Standard")
    assert (shown.description, shown.kmskey_id, shown.source_snapshot_id) == ("", "", "")


def test_a_snapshot_of_an_essd_is_available_before_it_is_accomplished(cloud: LocalCloud) -> None:
    (shown,) = find_snapshots(cloud, snapshot_ids='["s-web1logs"]').snapshots.snapshot

    assert (shown.status, shown.available, shown.instant_access) == ("progressing", True, True)


def test_a_copied_snapshot_is_a_user_snapshot_with_a_source(cloud: LocalCloud) -> None:
    (shown,) = find_snapshots(cloud, snapshot_ids='["s-gone"]').snapshots.snapshot

    assert (shown.snapshot_type, shown.source_snapshot_id) == ("user", "s-source-of-gone")
    assert shown.snapshot_name is None


def test_a_snapshot_is_accomplished_when_the_clock_passes_its_end(cloud: LocalCloud) -> None:
    before = find_snapshots(cloud, disk_id="d-web1logs").snapshots.snapshot[0].status

    cloud.clock.advance(10 * 60)

    after = find_snapshots(cloud, disk_id="d-web1logs").snapshots.snapshot[0].status
    assert (before, after) == ("progressing", "accomplished")


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"max_results": 100}, ALL_SNAPSHOTS),
        ({"snapshot_ids": '["s-web1sys", "s-none", "s-gone"]'}, ["s-web1sys", "s-gone"]),
        ({"snapshot_ids": '["s-none"]'}, []),
        ({"snapshot_ids": "[]"}, []),
        ({"instance_id": "i-web1"}, ["s-web1data", "s-web1sys", "s-web1logs"]),
        ({"instance_id": "i-web1", "source_disk_type": "DATA"}, ["s-web1data", "s-web1logs"]),
        ({"instance_id": "i-none"}, []),
        ({"disk_id": "d-gone"}, ["s-gone"]),
        ({"usage": "image"}, ["s-old1sys"]),
        ({"tag": [models.DescribeSnapshotsRequestTag(key="role", value="web")]}, ["s-web1sys"]),
        ({"tag": [models.DescribeSnapshotsRequestTag(key="role")]}, ["s-web1sys"]),
        ({"tag": [models.DescribeSnapshotsRequestTag(key="role", value="db")]}, []),
        ({"filter": [since("2026-02-01T10:00Z"), until("2026-02-28T00:00Z")]}, ["s-old1sys", "s-failed"]),
    ],
)
def test_snapshots_are_filtered(cloud: LocalCloud, filters: dict[str, Any], expected: list[str]) -> None:
    assert snapshot_ids(cloud, **filters) == expected


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ({"SnapshotIds": "s-1,s-2"}, 403, "InvalidSnapshotIds.Malformed"),
        ({"SnapshotIds": '{"s-1": 1}'}, 403, "InvalidSnapshotIds.Malformed"),
        ({"SnapshotIds": json.dumps(["s-1"] * 101)}, 403, "InvalidSnapshotIds.Malformed"),
        ({"SourceDiskType": "root"}, 404, "InvalidSourceDiskType"),
        ({"Usage": "both"}, 404, "InvalidUsage"),
        ({"Filter.1.Key": "Creation", "Filter.1.Value": "2026-01-01T00:00Z"}, 404, "InvalidFilterKey.NotFound"),
        ({"Filter.1.Key": "CreationStartTime", "Filter.1.Value": "2026-01-01"}, 404, "InvalidFilterValue"),
        ({f"Tag.{n}.Key": f"k{n}" for n in range(1, 22)}, 400, "InvalidTagCount"),
        ({"MaxResults": "101"}, 400, "InvalidParameter.MaxResults"),
        ({"NextToken": "mine"}, 400, "InvalidParameter.NextToken"),
        ({"KMSKeyId": "key"}, 400, "LocalCloud.UnknownParameter"),
    ],
)
def test_a_wrong_snapshot_query_is_refused(cloud: LocalCloud, query: dict[str, str], status: int, code: str) -> None:
    with pytest.raises(ClientException) as caught:
        call(cloud, "DescribeSnapshots", {"RegionId": "cn-hangzhou", **query})

    assert refusal(caught.value) == (status, code)


def test_snapshots_come_in_pages_that_lead_to_the_next(cloud: LocalCloud) -> None:
    first = find_snapshots(cloud, max_results=6)

    second = find_snapshots(cloud, max_results=6, next_token=first.next_token)

    shown = [one.snapshot_id for page in (first, second) for one in page.snapshots.snapshot]
    assert shown == ALL_SNAPSHOTS
    assert (second.next_token, second.total_count) == ("", None)


def test_a_full_last_page_leads_nowhere(cloud: LocalCloud) -> None:
    page = find_snapshots(cloud, max_results=len(ALL_SNAPSHOTS))

    assert (len(page.snapshots.snapshot), page.next_token) == (len(ALL_SNAPSHOTS), "")


def test_ten_snapshots_are_a_page_when_nothing_is_said(cloud: LocalCloud) -> None:
    page = find_snapshots(cloud)

    assert (len(page.snapshots.snapshot), page.total_count) == (10, len(ALL_SNAPSHOTS))


def test_an_attached_disk_names_its_instance_and_a_detached_one_none(cloud: LocalCloud) -> None:
    attached, detached = find_disks(cloud, disk_ids='["d-web1data", "d-spare"]').disks.disk

    assert (attached.instance_id, attached.device, attached.status) == ("i-web1", "/dev/xvdb", "In_use")
    assert (detached.instance_id, detached.device, detached.status) == ("", "", "Available")
    assert (attached.size, attached.type, attached.category) == (100, "data", "cloud_essd")


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, ["d-web1sys", "d-web1data", "d-web1logs", "d-old1sys", "d-spare"]),
        ({"disk_ids": '["d-web1sys", "d-none"]'}, ["d-web1sys"]),
        ({"disk_ids": "[]"}, []),
        ({"instance_id": "i-web1"}, ["d-web1sys", "d-web1data", "d-web1logs"]),
        ({"instance_id": "i-web1", "disk_ids": '["d-spare", "d-web1data"]'}, ["d-web1data"]),
        ({"max_results": 1}, ["d-web1sys", "d-web1data", "d-web1logs", "d-old1sys", "d-spare"]),
    ],
)
def test_disks_are_filtered(cloud: LocalCloud, filters: dict[str, Any], expected: list[str]) -> None:
    assert disk_ids(cloud, **filters) == expected


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, ["m-existing", "m-alinux"]),
        ({"image_owner_alias": "self"}, ["m-existing"]),
        ({"image_owner_alias": "system"}, ["m-alinux"]),
        ({"image_owner_alias": "others"}, []),
        ({"image_id": "m-none"}, []),
        ({"image_name": "isting-im"}, ["m-existing"]),
        ({"image_family": "old"}, ["m-existing"]),
        ({"snapshot_id": "s-old1sys"}, ["m-existing"]),
        ({"snapshot_id": "s-web1sys"}, []),
        ({"tag": [models.DescribeImagesRequestTag(key="owner", value="platform")]}, ["m-existing"]),
        ({"tag": [models.DescribeImagesRequestTag(key=key) for key in ("owner", "none")]}, []),
        ({"status": "CreateFailed,Available"}, ["m-existing", "m-alinux"]),
        ({"status": "Deprecated"}, []),
        ({"page_number": 2, "page_size": 1}, ["m-alinux"]),
    ],
)
def test_images_are_filtered(cloud: LocalCloud, filters: dict[str, Any], expected: list[str]) -> None:
    assert image_ids(cloud, **filters) == expected


def test_an_image_is_found_by_its_system_snapshot_not_by_its_data_snapshots(cloud: LocalCloud) -> None:
    mapping = disks(SYSTEM, {"snapshot_id": "s-web1data"})
    image_id = create_image(cloud, disk_device_mapping=mapping, tag=tags(plan="web"))

    assert image_ids(cloud, snapshot_id="s-web1sys", status="Creating") == [image_id]
    assert image_ids(cloud, snapshot_id="s-web1data", status="Creating") == []


def test_an_image_page_tells_how_many_there_are(cloud: LocalCloud) -> None:
    page = find_images(cloud, page_size=1)

    assert (page.total_count, page.page_number, page.page_size, page.region_id) == (2, 1, 1, "cn-hangzhou")


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"PageSize": "101"}, "InvalidParameter.PageSize"),
        ({"PageNumber": "0"}, "InvalidParameter.PageNumber"),
        ({"Status": "ALL,Available"}, "InvalidParameter.Status"),
        ({"ImageId": "m-1,m-2"}, "InvalidParameter.ImageId"),
        ({"ImageOwnerAlias": "me"}, "InvalidParameter.ImageOwnerAlias"),
        ({"Usable": "True"}, "LocalCloud.UnknownParameter"),
    ],
)
def test_a_wrong_image_query_is_refused(cloud: LocalCloud, query: dict[str, str], code: str) -> None:
    with pytest.raises(ClientException) as caught:
        call(cloud, "DescribeImages", {"RegionId": "cn-hangzhou", **query})

    assert refusal(caught.value) == (400, code)


def test_a_group_is_found_by_its_instance_and_shows_its_snapshots(cloud: LocalCloud) -> None:
    (group,) = find_groups(cloud, instance_id="i-web1")

    members = [(one.snapshot_id, one.source_disk_id, one.source_disk_type) for one in group.snapshots.snapshot]
    assert (group.snapshot_group_id, group.instance_id, group.status) == ("ssg-web1", "i-web1", "accomplished")
    assert sorted(members) == [("s-web1data", "d-web1data", "data"), ("s-web1sys", "d-web1sys", "system")]


def test_groups_are_those_of_the_instance_that_is_named(cloud: LocalCloud) -> None:
    assert find_groups(cloud, instance_id="i-old1") == []
