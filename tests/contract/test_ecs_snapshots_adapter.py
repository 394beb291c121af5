"""EcsSnapshots against the local cloud: snapshots, their tags and their groups in our words."""

from datetime import datetime, timezone
from typing import Any

import pytest
from adapter_calls import LONG_AGO, REFUSED, SYSTEM, Serve, calls_to, create, plant, request_for

from localcloud.server import LocalCloud
from shared.adapters.ecs_client import EcsCalls
from shared.adapters.ecs_disks import EcsSnapshots
from shared.adapters.ecs_images import EcsImages
from shared.domain.errors import Curable, Transient
from shared.domain.facts import Role, Snapshot, SnapshotGroup


@pytest.fixture
def calls(cloud: LocalCloud) -> EcsCalls:
    return calls_to(cloud)


@pytest.fixture
def snapshots(calls: EcsCalls) -> EcsSnapshots:
    return EcsSnapshots(calls)


@pytest.fixture
def images(calls: EcsCalls) -> EcsImages:
    return EcsImages(calls)


def test_a_snapshot_comes_back_in_our_words(snapshots: EcsSnapshots) -> None:
    found = snapshots.find(["s-web1sys"])

    assert found == [
        Snapshot(
            id="s-web1sys",
            disk_id="d-web1sys",
            role=Role.SYSTEM,
            size_gib=40,
            status="accomplished",
            created=datetime(2026, 3, 1, 1, 0, 0, tzinfo=timezone.utc),
            kind="timer",
            name="auto2.0_20260301_sp-1",
            usage="none",
            tags={"role": "web"},
        )
    ]


def test_a_copied_snapshot_is_known_by_its_source(snapshots: EcsSnapshots) -> None:
    assert [found.kind for found in snapshots.find(["s-gone"])] == ["copied"]


def test_the_policy_of_a_snapshot_is_read_from_its_name(snapshots: EcsSnapshots) -> None:
    found = snapshots.find(["s-web1sys", "s-web1logs", "s-old1sys"])

    assert {each.id: each.policy for each in found} == {"s-web1sys": "sp-1", "s-web1logs": None, "s-old1sys": None}


def test_a_snapshot_tells_whether_an_image_was_made_of_it(snapshots: EcsSnapshots) -> None:
    found = snapshots.find(["s-web1sys", "s-old1sys"])

    assert {each.id: each.has_image for each in found} == {"s-web1sys": False, "s-old1sys": True}


def test_an_archived_snapshot_can_be_no_part_of_an_image(snapshots: EcsSnapshots) -> None:
    found = snapshots.find(["s-archived", "s-old1sys"])

    assert {each.id: (each.category, each.is_usable) for each in found} == {
        "s-archived": ("archive", False),
        "s-old1sys": ("standard", True),
    }


def test_more_than_a_hundred_snapshots_are_asked_for_in_hundreds(calls: EcsCalls, snapshots: EcsSnapshots) -> None:
    found = snapshots.find([*(f"s-nowhere{number}" for number in range(200)), "s-web1sys"])

    assert [each.id for each in found] == ["s-web1sys"]
    assert calls.actions == ["DescribeSnapshots"] * 3


def test_the_snapshots_of_an_instance_are_those_of_the_disks_attached_to_it(snapshots: EcsSnapshots) -> None:
    found = {snapshot.id: snapshot.status for snapshot in snapshots.of_instance("i-web1", LONG_AGO)}

    assert found == {"s-web1sys": "accomplished", "s-web1data": "accomplished", "s-web1logs": "progressing"}


def test_snapshots_begun_before_the_window_are_left_out(snapshots: EcsSnapshots) -> None:
    found = snapshots.of_disk("d-old1sys", datetime(2026, 2, 2, tzinfo=timezone.utc))

    assert [snapshot.id for snapshot in found] == ["s-failed"]


def test_the_system_snapshots_of_the_region_hold_no_data_disk(snapshots: EcsSnapshots) -> None:
    (page,) = snapshots.of_system_disks(datetime(2026, 1, 1, tzinfo=timezone.utc))

    assert {snapshot.id for snapshot in page} == {"s-web1sys", "s-old1sys", "s-failed", "s-gone"}


def test_the_data_snapshots_of_the_region_hold_no_system_disk(snapshots: EcsSnapshots) -> None:
    (page,) = snapshots.of_data_disks(datetime(2026, 1, 1, tzinfo=timezone.utc))

    assert {snapshot.id for snapshot in page} == {"s-web1data", "s-web1logs", "s-spare"}


def many_snapshots(amount: int) -> list[dict[str, Any]]:
    span = {"started": "2026-03-01T01:00:00Z", "ended": "2026-03-01T01:02:00Z"}
    return [{"id": f"s-{number}", "disk": "d-web1sys", **span} for number in range(amount)]


def serve_snapshots(serve: Serve, amount: int) -> LocalCloud:
    return serve(snapshots=many_snapshots(amount), groups=[], images=[])


def test_the_system_snapshots_of_the_region_come_page_by_page(serve: Serve) -> None:
    pages = EcsSnapshots(calls_to(serve_snapshots(serve, 201))).of_system_disks(LONG_AGO)

    assert [len(page) for page in pages] == [100, 100, 1]


def test_all_snapshots_of_a_disk_are_read_however_many_pages_they_take(serve: Serve) -> None:
    found = EcsSnapshots(calls_to(serve_snapshots(serve, 201))).of_disk("d-web1sys", LONG_AGO)

    assert len({each.id for each in found}) == 201


def test_a_listing_of_snapshots_whose_second_page_is_refused_is_none(serve: Serve) -> None:
    cloud = serve_snapshots(serve, 201)
    plant(cloud, "DescribeSnapshots", after=1, error=REFUSED)

    with pytest.raises(Transient):
        EcsSnapshots(calls_to(cloud)).of_disk("d-web1sys", LONG_AGO)


def test_snapshots_are_tagged_and_found_by_all_of_their_tags(snapshots: EcsSnapshots) -> None:
    snapshots.tag(["s-web1sys", "s-old1sys"], {"snapimage:outcome": "making"})

    found = snapshots.tagged({"snapimage:outcome": "making", "role": "web"})
    assert [(each.id, each.tags) for each in found] == [
        ("s-web1sys", {"role": "web", "snapimage:outcome": "making"}),
    ]


def test_tags_are_taken_off_snapshots_whether_they_carry_them_or_not(snapshots: EcsSnapshots) -> None:
    disks = {f"snapimage:disks.{number}": "i-web1" for number in range(2)}
    snapshots.tag(["s-web1sys"], {"snapimage:outcome": "making", **disks})

    snapshots.untag(("s-web1sys", "s-old1sys"), (*disks, "snapimage:disks.2"))
    [found] = snapshots.find(["s-web1sys"])
    assert found.tags == {"role": "web", "snapimage:outcome": "making"}


def test_one_missing_snapshot_has_the_whole_tagging_refused(snapshots: EcsSnapshots) -> None:
    with pytest.raises(Curable):
        snapshots.tag(["s-web1sys", "s-nowhere"], {"k": "v"})

    assert snapshots.tagged({"k": "v"}) == []


def test_fifty_resources_are_tagged_in_a_call(calls: EcsCalls, images: EcsImages) -> None:
    made = [create(images, request_for(SYSTEM, name=f"image-{number}")) for number in range(51)]
    mark = calls.mark()

    images.tag(made, {"snapimage:state": "making"})
    assert calls.since(mark) == ["TagResources", "TagResources"]
    assert len(images.tagged({"snapimage:state": "making"})) == 51


def test_the_groups_of_an_instance_name_their_members(snapshots: EcsSnapshots) -> None:
    assert snapshots.groups_of_instance("i-web1") == [SnapshotGroup("ssg-web1", frozenset({"s-web1sys", "s-web1data"}))]


def test_an_instance_without_groups_has_none(snapshots: EcsSnapshots) -> None:
    assert snapshots.groups_of_instance("i-old1") == []


def many_groups(amount: int) -> list[dict[str, Any]]:
    return [{"id": f"ssg-{number}", "instance": "i-web1", "snapshots": ["s-web1sys"]} for number in range(amount)]


def test_all_groups_of_an_instance_are_read_however_many_pages_they_take(serve: Serve) -> None:
    calls = calls_to(serve(groups=many_groups(151)))

    found = EcsSnapshots(calls).groups_of_instance("i-web1")
    assert len({each.id for each in found}) == 151
    assert calls.actions == ["DescribeSnapshotGroups"] * 2


def test_groups_whose_second_page_is_refused_are_none(serve: Serve) -> None:
    cloud = serve(groups=many_groups(151))
    plant(cloud, "DescribeSnapshotGroups", after=1, error=REFUSED)

    with pytest.raises(Transient):
        EcsSnapshots(calls_to(cloud)).groups_of_instance("i-web1")
