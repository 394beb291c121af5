"""From events to answers: arrays, crashes between two steps, failures marked before they are told, snapshots without room."""

import json
import logging
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from fakes.builders import (
    BEGUN,
    LONG_AGO,
    NOW,
    data_disk,
    data_snapshot,
    image,
    notice,
    plan,
    rules,
    system_disk,
    system_snapshot,
)
from fakes.invocations import event, ids, sweep
from fakes.world import World, world

from shared.domain.decision import Matter
from shared.domain.errors import CloudError, Final, Throttled
from shared.domain.facts import MappedDisk, Role
from shared.flows.answer import LATER, decide_all
from shared.flows.create_image import Left
from shared.flows.region import Region

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


def listed(count: int, age: timedelta) -> tuple[World, Region]:
    """Machines whose data disk's snapshot was not finished when they were listed, and is so little now."""
    there = world(*(system_snapshot(f"s-{number}", disk_id=f"d-{number}") for number in range(count)))
    region = Region(listed=NOW - age, since=LONG_AGO, images={})
    for number in range(count):
        here = {"instance_id": f"i-{number}"}
        region.disks[f"i-{number}"] = [system_disk(f"d-{number}", **here), data_disk(f"data-{number}", **here)]
        there.disks |= {disk.id: disk for disk in region.disks[f"i-{number}"]}
        data = data_snapshot(f"s-data-{number}", disk_id=f"data-{number}", status="progressing")
        region.snapshots[data.disk_id] = [data]
        there.snapshots[data.id] = data
    region.by_id = dict(there.disks)
    return there, region


def decided(there: World, region: Region) -> list[str]:
    """What becomes of each machine."""
    matters = [Matter(snapshot=each) for each in there.snapshots.values() if each.role is Role.SYSTEM]
    results = decide_all(matters, rules(plan(source={}, data_disks={"take": "attached"})), there.cloud, region)
    return [each.code if isinstance(each, CloudError) else type(each.decision).__name__ for each in results]


def test_a_listing_of_a_moment_ago_is_believed_whatever_it_says() -> None:
    there, region = listed(2, timedelta(minutes=2))

    assert (decided(there, region), there.actions) == (["Wait", "Wait"], [])


def test_before_a_wait_of_an_older_listing_is_told_each_machine_is_asked_about_by_itself() -> None:
    there, region = listed(9, timedelta(minutes=3))

    assert decided(there, region) == ["Wait"] * 9
    assert there.actions.count("DescribeDisks") == 1 + 9  # all of the system disks are asked for in one call


def test_what_an_older_listing_could_not_show_becomes_an_image() -> None:
    there, region = listed(2, timedelta(minutes=3))
    region.snapshots["data-0"] = []
    there.snapshots["s-data-0"] = replace(there.snapshots["s-data-0"], status="accomplished")

    assert decided(there, region) == ["Make", "Wait"]


def test_what_ended_since_an_older_listing_becomes_an_image_by_one_call_and_the_others_are_put_off() -> None:
    there, region = listed(3, timedelta(minutes=3))
    there.snapshots["s-data-0"] = replace(there.snapshots["s-data-0"], status="accomplished")

    assert decided(there, region) == ["Make", LATER.code, LATER.code]
    assert there.actions == ["DescribeSnapshots"]


def test_what_an_older_listing_has_complete_becomes_an_image_without_a_call_and_the_others_are_put_off() -> None:
    there, region = listed(3, timedelta(minutes=3))
    region.snapshots["data-1"] = [data_snapshot(disk_id="data-1")]

    assert decided(there, region) == [LATER.code, "Make", LATER.code]


def test_what_is_put_off_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    there = world(system_snapshot(), system_disk(), refuses={"CreateImage": Throttled("Throttling.User", "no", 400)})

    with caplog.at_level(logging.INFO, "snapimage"):
        event(there)
    assert [json.loads(message) for message in caplog.messages] == [
        {
            "function": "create_image", "event": "event-1", "snapshot": "s-sys", "state": "postponed",
            "code": "Throttling.User", "ecs_calls": len(there.actions),
        }
    ]  # fmt: skip
