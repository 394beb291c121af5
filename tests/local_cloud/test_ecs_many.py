"""Machines by id and tag, facts of disks, and the limits of listings."""

import base64
import json
from collections import Counter
from typing import Any

import pytest
from alibabacloud_ecs20140526 import models
from alibabacloud_tea_openapi.exceptions import ClientException
from ecs_calls import REGION, call, client, find_disks, find_snapshots, image_ids, refusal, snapshot_ids
from world_files import TWO_MACHINES

from localcloud.clock import MovableClock
from localcloud.ecs.describe_snapshots import ACTIONS
from localcloud.ecs.first_state import store_of
from localcloud.ecs.listing import Listing
from localcloud.ecs.paging import token_page
from localcloud.ecs.params import Params
from localcloud.server import LocalCloud
from localcloud.world import WorldFile

TIMES = {"started": "2026-03-01T01:00:00Z", "ended": "2026-03-01T01:02:00Z"}


def find_instances(cloud: LocalCloud, **filters: Any) -> Any:
    return client(cloud).describe_instances(models.DescribeInstancesRequest(region_id=REGION, **filters)).body


def instance_ids(cloud: LocalCloud, **filters: Any) -> list[str]:
    return [found.instance_id for found in find_instances(cloud, **filters).instances.instance]


def test_an_instance_is_shown_with_its_tags(cloud: LocalCloud) -> None:
    (shown,) = find_instances(cloud, instance_ids='["i-web1"]').instances.instance

    tags = [(each.tag_key, each.tag_value) for each in shown.tags.tag]
    assert (shown.status, shown.image_id, tags) == ("Running", "", [("role", "web")])


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, ["i-web1", "i-old1"]),
        ({"instance_ids": '["i-old1", "i-none"]'}, ["i-old1"]),
        ({"instance_ids": "[]"}, []),
    ],
)
def test_instances_are_filtered(cloud: LocalCloud, filters: dict[str, Any], expected: list[str]) -> None:
    assert instance_ids(cloud, **filters) == expected


def test_instances_come_in_pages(cloud: LocalCloud) -> None:
    first = find_instances(cloud, max_results=1)

    second = find_instances(cloud, max_results=1, next_token=first.next_token)

    assert [one.instance_id for page in (first, second) for one in page.instances.instance] == ["i-web1", "i-old1"]
    assert second.next_token == ""


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"InstanceIds": json.dumps([f"i-{n}" for n in range(101)])}, "InvalidParameter.InstanceIds"),
        ({"MaxResults": "101"}, "InvalidParameter.MaxResults"),
    ],
)
def test_a_wrong_instance_query_is_refused(cloud: LocalCloud, query: dict[str, str], code: str) -> None:
    with pytest.raises(ClientException) as caught:
        call(cloud, "DescribeInstances", {"RegionId": REGION, **query})

    assert refusal(caught.value) == (400, code)


def test_a_disk_tells_its_name_policy_category_and_times(serve: Any) -> None:
    told = {
        "id": "d-told",
        "type": "data",
        "size_gib": 20,
        "name": "logs",
        "category": "cloud_auto",
        "policy": "sp-night",
        "attached": "2026-02-02T00:00:00Z",
        "detached": "2026-02-01T00:00:00Z",
    }
    cloud = serve(instances=[{"id": "i-told", "disks": [told]}], detached_disks=[], snapshots=[], groups=[], images=[])

    (shown,) = find_disks(cloud).disks.disk

    assert (shown.disk_name, shown.category, shown.auto_snapshot_policy_id) == ("logs", "cloud_auto", "sp-night")
    assert (shown.attached_time, shown.detached_time) == ("2026-02-02T00:00:00Z", "2026-02-01T00:00:00Z")
    assert (shown.multi_attach, shown.device) == ("Disabled", "/dev/xvdb")
    assert shown.attachments.attachment[0].attached_time == "2026-02-02T00:00:00Z"


def test_what_a_disk_does_not_have_is_left_out_or_empty(cloud: LocalCloud) -> None:
    empty, left_out = find_disks(cloud, disk_ids='["d-web1sys", "d-web1data"]').disks.disk

    assert (empty.detached_time, empty.auto_snapshot_policy_id, empty.source_snapshot_id) == ("", "", "")
    assert (left_out.detached_time, left_out.auto_snapshot_policy_id, left_out.source_snapshot_id) == (None,) * 3


def many(count: int, **parts: Any) -> list[dict[str, Any]]:
    return [
        {"id": f"s-{n:06}", "disk": f"d-{n}", "source_disk_type": "system", "size_gib": 20, **TIMES, **parts}
        for n in range(count)
    ]


def test_a_query_by_tags_sees_a_thousand_resources_and_no_more(serve: Any) -> None:
    cloud = serve(snapshots=many(1_010, tags={"plan": "web"}), groups=[], images=[])

    page = find_snapshots(cloud, tag=[models.DescribeSnapshotsRequestTag(key="plan")], max_results=100)
    later = snapshot_ids(
        cloud, tag=[models.DescribeSnapshotsRequestTag(key="plan")], snapshot_ids='["s-000999", "s-001000"]'
    )

    assert (page.total_count, later) == (1_000, ["s-000999"])


def test_tags_that_change_are_found_as_they_are(cloud: LocalCloud) -> None:
    tag = [models.TagResourcesRequestTag(key="role", value="db")]
    request = models.TagResourcesRequest(
        region_id=REGION, resource_type="snapshot", resource_id=["s-web1sys", "s-gone"], tag=tag
    )
    client(cloud).tag_resources(request)

    by_value = [
        snapshot_ids(cloud, tag=[models.DescribeSnapshotsRequestTag(key="role", value=value)])
        for value in ("web", "db")
    ]

    assert by_value == [[], ["s-web1sys", "s-gone"]]


@pytest.mark.parametrize("kind", ["disk", "instance"])
def test_disks_and_instances_are_tagged_too(cloud: LocalCloud, kind: str) -> None:
    ids = {"disk": "d-spare", "instance": "i-old1"}
    tag = [models.TagResourcesRequestTag(key="backup", value="no")]
    request = models.TagResourcesRequest(region_id=REGION, resource_type=kind, resource_id=[ids[kind]], tag=tag)
    client(cloud).tag_resources(request)

    (disk,) = find_disks(cloud, disk_ids='["d-spare"]').disks.disk
    (instance,) = find_instances(cloud, instance_ids='["i-old1"]').instances.instance
    shown = {"disk": disk, "instance": instance}[kind].tags.tag
    assert [each.tag_value for each in shown if each.tag_key == "backup"] == ["no"]


def test_tags_of_the_system_outlive_the_removal_of_all(serve: Any) -> None:
    own = {"id": "m-own", "name": "own", "snapshot": "s-web1sys", "tags": {"a": "1", "acs:ecs:image:osVersion": "3"}}
    cloud = serve(images=[own])
    request = models.UntagResourcesRequest(region_id=REGION, resource_type="image", resource_id=["m-own"], all=True)
    client(cloud).untag_resources(request)

    assert cloud.ecs.store.images["m-own"].tags == {"acs:ecs:image:osVersion": "3"}


def test_images_are_filtered_by_their_time_of_creation(cloud: LocalCloud) -> None:
    window = [
        models.DescribeImagesRequestFilter(key="CreationStartTime", value="2026-02-01T10:59Z"),
        models.DescribeImagesRequestFilter(key="CreationEndTime", value="2026-02-01T11:00Z"),
    ]

    assert image_ids(cloud, filter=window) == ["m-existing"]


def test_a_snapshot_deleted_between_two_pages_moves_nothing(cloud: LocalCloud) -> None:
    first = find_snapshots(cloud, max_results=2)
    client(cloud).delete_snapshot(models.DeleteSnapshotRequest(snapshot_id="s-web1data"))

    rest = find_snapshots(cloud, max_results=100, next_token=first.next_token)

    assert [one.snapshot_id for one in rest.snapshots.snapshot] == [one["id"] for one in TWO_MACHINES["snapshots"][2:]]


def test_groups_come_in_pages(serve: Any) -> None:
    groups = [{"id": f"ssg-{n}", "instance": "i-web1", "snapshots": ["s-web1sys"]} for n in range(151)]
    cloud = serve(groups=groups)
    request = models.DescribeSnapshotGroupsRequest(region_id=REGION, instance_id="i-web1", max_results=100)

    first = client(cloud).describe_snapshot_groups(request).body
    request.next_token = first.next_token
    second = client(cloud).describe_snapshot_groups(request).body

    sizes = [len(page.snapshot_groups.snapshot_group) for page in (first, second)]
    assert (sizes, second.next_token) == ([100, 51], "")


def test_a_late_page_of_many_snapshots_looks_at_none_before_it() -> None:
    store = store_of(WorldFile.model_validate({"snapshots": many(10_000)}), MovableClock())
    looked_at = Counter[str]()
    listing = Listing(store.snapshots, (lambda one: not looked_at.update([one.id]),))
    token = base64.urlsafe_b64encode(b"from 9000").decode()

    page, facts = token_page(
        Params("DescribeSnapshots", f"NextToken={token}", ACTIONS["DescribeSnapshots"].parameters), listing, 100
    )

    assert (page[0].id, page[-1].id, len(looked_at)) == ("s-009000", "s-009099", 101)
    assert base64.urlsafe_b64decode(facts["NextToken"]) == b"from 9100"
