"""From events to answers: arrays, crashes between two steps, failures marked before they are told, snapshots without room."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from fakes.builders import (
    BEGUN,
    data_disk,
    data_snapshot,
    image,
    notice,
    plan,
    system_disk,
    system_snapshot,
)
from fakes.invocations import event, ids, sweep
from fakes.world import world

from shared.domain.errors import Final, Throttled
from shared.domain.facts import MappedDisk, Role
from shared.flows.create_image import Left

HOUR = timedelta(hours=1)
LISTED = plan(data_disks={"take": ["d-data"], "wait_for": "30m"})
DISKS = (system_disk(), data_disk())
STUCK = data_snapshot(status="progressing")


def test_an_event_of_a_wanted_snapshot_is_answered_with_its_image() -> None:
    there = world(system_snapshot(), system_disk())

    [answer] = event(there)
    assert (answer.state, answer.image_id, answer.event_id, answer.seconds_since_snapshot) == (
        "creating", "m-1", "event-1", 360,
    )  # fmt: skip
    assert [message.data for message in there.messages] == [answer]


def test_a_redelivered_event_makes_no_second_image_and_is_the_same_fact() -> None:
    there = world(system_snapshot(), system_disk())

    event(there)
    [again] = event(there)
    assert (again.reason, len(there.images), len(ids(there))) == ("ImageAdopted", 1, 1)


def test_a_plan_that_was_renamed_meanwhile_makes_no_second_image() -> None:
    there = world(system_snapshot(), system_disk())

    event(there, plan("old"))
    event(there, plan("new", image={"check": False}))
    assert len(there.images) == 1


def test_a_renamed_plan_makes_no_second_image_before_the_first_is_listed() -> None:
    """ECS lists it late: only the token is left to guard it."""
    there = world(system_snapshot(usage="none"), system_disk())
    event(there, plan("old"))
    unlisted = dict(there.images)
    there.images.clear()
    there.snapshots["s-sys"] = replace(there.snapshots["s-sys"], usage="none")

    [answer] = event(there, plan("new"))
    assert isinstance(answer, Left)
    there.images.update(unlisted)
    sweep(there, plan("new"))
    assert len(there.images) == 1


def test_two_events_of_one_snapshot_in_an_array_ask_once() -> None:
    there = world(system_snapshot(), system_disk())

    first, second = event(there, notices=[notice("event-1"), notice("event-2")])
    assert there.actions.count("CreateImage") == 1
    assert [(each.event_id, each.reason) for each in (first, second)] == [
        ("event-1", "ImageRequested"), ("event-2", "ImageAdopted"),
    ]  # fmt: skip


def test_two_events_of_one_set_in_an_array_ask_once() -> None:
    there = world(system_snapshot(), data_snapshot(), *DISKS)

    event(there, LISTED, notices=[notice("event-1"), notice("event-2", snapshotId="s-data", diskId="d-data")])
    assert (there.actions.count("CreateImage"), len(ids(there))) == (1, 1)


def test_two_events_of_a_refused_snapshot_in_an_array_ask_once() -> None:
    there = world(system_snapshot(), system_disk())
    there.refuses["CreateImage"] = Final("OperationDenied", "no", 403)

    event(there, notices=[notice("event-1"), notice("event-2")])
    assert (there.actions.count("CreateImage"), len(ids(there))) == (1, 1)


def test_a_failure_that_was_told_is_settled_for_every_later_event() -> None:
    there = world(system_snapshot(), STUCK, *DISKS)
    there.moment = BEGUN + 25 * HOUR
    sweep(there, LISTED)
    there.snapshots["s-data"] = data_snapshot()

    [answer] = event(there, LISTED)
    assert (answer.state, answer.reason, there.images) == ("failed", "DataDiskSnapshotMissing", {})
    assert len(there.messages) == 1


def test_the_last_data_disk_ends_the_wait() -> None:
    there = world(system_snapshot(), STUCK, *DISKS)
    event(there, LISTED)

    there.snapshots["s-data"] = data_snapshot()
    [answer] = event(there, LISTED, notices=[notice(snapshotId="s-data", diskId="d-data")])
    assert (answer.state, answer.snapshot_id) == ("creating", "s-sys")


def test_a_snapshot_without_room_for_a_tag_is_answered_by_its_event() -> None:
    there = world(system_snapshot(status="failed"), full={"s-sys"})

    event(there)
    assert (there.told(), there.outcome()) == ([("failed", "SnapshotFailed", True)], None)


def test_two_events_of_a_snapshot_whose_image_waits_are_both_left_to_the_sweep() -> None:
    there = world(system_snapshot(), system_disk())
    there.refuses["CreateImage"] = Throttled("Throttling.User", "no", 400)

    found = event(there, notices=[notice("event-1"), notice("event-2")])
    assert [(type(each), each.event_id) for each in found] == [(Left, "event-1"), (Left, "event-2")]


NOTE = {"snapimage:snapshot": "s-sys", "snapimage:plan": "old-name"}
EMPTY_DISK = MappedDisk(Role.DATA, None, 20)


@pytest.mark.parametrize(
    ("wanted", "more", "said"),
    [
        ({"take": "none"}, (), "ImageAvailable"),
        ({"take": "none"}, (EMPTY_DISK,), "DiskMapMismatch"),
        ({"take": "none", "empty": [{"size_gib": 20}]}, (EMPTY_DISK,), "DiskMapMismatch"),
        ({"take": "none", "snapshots": ["s-pin"]}, (), "DiskMapMismatch"),
        ({"take": "attached"}, (), "DiskMapMismatch"),
    ],
)
def test_an_image_that_does_not_tell_its_disks_is_compared_with_a_plan_that_takes_none(
    wanted: dict[str, Any], more: tuple[MappedDisk, ...], said: str
) -> None:
    found = image(tags=NOTE, disks=(MappedDisk(Role.SYSTEM, "s-sys", 40), *more))
    there = world(system_snapshot(usage="image"), system_disk(), found)

    [answer] = event(there, plan(data_disks=wanted))
    assert answer.reason == said
