"""What a sweep takes up, and what it leaves alone."""

from datetime import timedelta

from fakes.builders import (
    NOW,
    plan,
    system_disk,
    system_snapshot,
)
from fakes.invocations import sweep
from fakes.world import world

HOUR = timedelta(hours=1)


def test_a_snapshot_without_room_for_a_tag_is_left_alone_by_sweeps() -> None:
    crowded = system_snapshot(tags={f"key{number}": "x" for number in range(20)})
    there = world(crowded, full={"s-sys"})

    sweep(there)
    assert (there.images, there.messages) == ({}, [])


def test_a_sweep_tells_no_skips() -> None:
    there = world(system_snapshot())

    sweep(there, plan(source={"disks": ["d-other"]}))
    assert there.messages == []


def test_what_was_never_asked_for_is_not_made() -> None:
    there = world(system_snapshot(), system_disk())

    for _ in range(48):
        sweep(there, plan(since=NOW), after=HOUR)
    assert (there.images, there.messages) == ({}, [])
