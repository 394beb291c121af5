"""What one event, one sweep and a repeat cost in calls of ECS."""

from typing import Any

import pytest
from fakes.builders import (
    POLICY,
    by_hand,
    data_disk,
    data_snapshot,
    instance,
    notice,
    payload,
    plan,
    rules,
    system_disk,
    system_snapshot,
)
from fakes.world import World, world

from shared.domain.facts import SnapshotGroup
from shared.domain.plans import Plan
from shared.flows.create_image import create_images
from shared.flows.reconcile_snapshots import reconcile_snapshots
from shared.flows.track_images import track_images

ATTACHED = plan(data_disks={"take": "attached"})
DISK = system_disk(tags={"owner": "platform"})
BY_HAND = system_snapshot(kind="user", name="x")


def cost(there: World, *plans: Plan, kind: str = "timer") -> list[str]:
    """The calls of the usual event, which must lead to an image."""
    [answer] = create_images(payload(notice(snapshotType=kind)), rules(*plans), there.cloud)
    assert there.images, answer
    return there.actions


@pytest.mark.parametrize("usage", ["", "none"])
@pytest.mark.parametrize(
    ("wanted", "most"),
    [
        pytest.param({"disks": ["d-sys"]}, 3, id="by disk"),
        pytest.param({}, 3, id="everything"),
        pytest.param({"tags": {"role": "web"}}, 3, id="by the snapshot's tag"),
        pytest.param({"instances": ["i-web"]}, 4, id="by machine"),
        pytest.param({"tags": {"owner": "platform"}}, 4, id="by the disk's tag"),
        pytest.param({"instance_tags": {"fleet": "front"}}, 5, id="by the machine's tag"),
    ],
)
def test_an_event_without_data_disks(wanted: dict[str, Any], most: int, usage: str) -> None:
    there = world(system_snapshot(tags={"role": "web"}, usage=usage), DISK, instance("i-web", fleet="front"))

    assert len(cost(there, plan(source=wanted))) <= most


@pytest.mark.parametrize("disks", [1, 16])
def test_an_event_with_attached_data_disks(disks: int) -> None:
    there = world(system_snapshot(), DISK)
    for number in range(disks):
        disk_id = f"d-{number}"
        there.disks[disk_id] = data_disk(disk_id, policies=frozenset({POLICY}))
        there.snapshots[f"s-{number}"] = data_snapshot(f"s-{number}", disk_id=disk_id)

    assert len(cost(there, ATTACHED)) <= 6


@pytest.mark.parametrize(("groups", "pages"), [(1, 1), (100, 1), (151, 2)])
def test_one_more_for_a_hundred_groups(groups: int, pages: int) -> None:
    there = world(BY_HAND, by_hand("s-data"), DISK, data_disk())
    others = [SnapshotGroup(f"ssg-{number}", frozenset({f"s-x{number}"})) for number in range(groups - 1)]
    there.groups["i-web"] = [*others, SnapshotGroup("ssg-ours", frozenset({"s-sys", "s-data"}))]

    actions = cost(there, ATTACHED, kind="user")
    assert actions.count("DescribeSnapshotGroups") == pages
    assert len(actions) <= 7 + pages  # the group's members are asked for by their ids


def test_a_repeat_of_what_is_settled_costs_one_call() -> None:
    there = world(system_snapshot(), DISK, data_disk(), data_snapshot())
    cost(there, ATTACHED)
    track_images(rules(ATTACHED), there.cloud)
    there.actions.clear()

    create_images(payload(notice()), rules(ATTACHED), there.cloud)
    assert there.actions == ["DescribeSnapshots"]


def test_a_sweep_over_what_is_settled_costs_its_listing() -> None:
    there = world(system_snapshot(), DISK)
    cost(there)
    track_images(rules(), there.cloud)
    there.actions.clear()

    reconcile_snapshots(rules(), there.cloud)
    assert there.actions == ["DescribeSnapshots"]


def test_a_hundred_events_at_once_cost_little_more_than_their_images() -> None:
    there = world()
    for number in range(100):
        disk_id, snapshot_id = f"d-{number}", f"s-{number}"
        there.disks[disk_id] = system_disk(disk_id, instance_id=f"i-{number}", tags={"role": "web"})
        there.snapshots[snapshot_id] = system_snapshot(snapshot_id, disk_id=disk_id, usage="none")
    events = [notice(f"event-{number}", snapshotId=f"s-{number}", diskId=f"d-{number}") for number in range(100)]

    create_images(payload(*events), rules(plan(source={"tags": {"role": "web"}})), there.cloud)
    assert (len(there.images), len(there.actions) <= 110) == (100, True)


def test_an_event_that_is_refused_at_the_door_costs_nothing() -> None:
    there = world(system_snapshot())

    create_images(payload(notice() | {"aliyunaccountid": "99"}), rules(), there.cloud)
    assert there.actions == []
