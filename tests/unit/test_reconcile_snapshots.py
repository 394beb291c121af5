"""What a sweep takes up, and what it leaves alone."""

import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from fakes.builders import BEGUN, NOW, data_disk, notice, plan, rules, system_disk, system_snapshot
from fakes.invocations import event, sweep
from fakes.world import FakeSnapshots, world

from shared.domain.facts import Disk, Snapshot
from shared.domain.outcome import OUTCOME
from shared.flows.reconcile_snapshots import Order, Scope, longest_window, reconcile_snapshots

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


@pytest.mark.parametrize(("took", "wait_for"), [(7 * HOUR, "24h"), (12 * HOUR, "20h"), (23 * HOUR, "6h")])
def test_a_snapshot_that_took_long_comes_to_its_end_however_long_its_set_may_wait(
    took: timedelta, wait_for: str
) -> None:
    by = plan(data_disks={"take": "attached", "wait_for": wait_for})
    there = world(system_snapshot(created=NOW - took), system_disk(), data_disk())
    event(there, by, notices=[notice(endTime=f"{NOW:%Y-%m-%dT%H:%M:%SZ}")])

    for _ in range(30):
        sweep(there, by, after=HOUR)
    assert there.told()[1:] == [("failed", "DataDiskSnapshotMissing", True)]


@pytest.mark.parametrize(("minutes", "looked_at"), [(45, 1), (46, 0)])
def test_a_run_of_every_minute_looks_back_three_quarters_of_an_hour(minutes: int, looked_at: int) -> None:
    there = world(system_snapshot(created=NOW - timedelta(minutes=minutes), tags={OUTCOME: "available"}))

    counts = reconcile_snapshots(rules(), there.cloud, Order(Scope.RECENT))
    assert counts["looked_at"] == looked_at


@dataclass(frozen=True)
class Noted(FakeSnapshots):
    """Notes from when on the data disks' snapshots are listed."""

    listed: list[datetime]

    def of_data_disks(self, since: datetime) -> Iterator[list[Snapshot]]:
        self.listed.append(since)
        return super().of_data_disks(since)


@pytest.mark.parametrize(("scope", "begin"), [(Scope.RECENT, NOW - timedelta(minutes=45)), (Scope.WHOLE, BEGUN)])
def test_a_run_of_every_minute_foresees_from_when_on_it_lists(scope: Scope, begin: datetime) -> None:
    there = world(*(fact for number in range(60) for fact in machine(number)))
    noted, attached = Noted(there, []), plan(source={}, data_disks={"take": "attached", "within": "1h"})

    elsewhere: dict[str, Any] = {"source": {"disks": ["d-none"]}, "data_disks": {"take": "none", "within": "9h"}}
    others = [
        plan("none", **elsewhere),
        plan("off", **elsewhere | {"data_disks": {"take": "attached", "within": "9h"}}, enabled=False),
    ]
    reconcile_snapshots(rules(attached, *others), replace(there.cloud, snapshots=noted), Order(scope))
    assert noted.listed == [begin - 2 * HOUR - timedelta(minutes=1) - HOUR]


class Slow(FakeSnapshots):
    """A listing of the region takes three minutes."""

    def of_data_disks(self, since: datetime) -> Iterator[list[Snapshot]]:
        self.world.moment += timedelta(minutes=3)
        return super().of_data_disks(since)


def test_what_only_waits_is_looked_at_later_when_the_listing_is_too_old_and_that_is_no_trouble() -> None:
    there = world(*(fact for number in range(130) for fact in machine(number)))
    attached = plan(source={}, data_disks={"take": "attached"})

    counts = reconcile_snapshots(rules(attached), replace(there.cloud, snapshots=Slow(there)))
    assert (counts["looked_at"], len(there.messages)) == (130, 25)


def machine(number: int) -> tuple[Snapshot, Disk, Disk]:
    """With a data disk of which there is no snapshot yet."""
    disk_id, instance_id = f"d-{number}", f"i-{number}"
    data = data_disk(f"d-data-{number}", instance_id=instance_id)
    return system_snapshot(f"s-{number}", disk_id=disk_id), system_disk(disk_id, instance_id=instance_id), data


def test_the_longest_window_is_of_the_plans_that_are_enabled() -> None:
    short, long, off = (
        plan(f"of-{hours}", data_disks={"take": ["d-data"], "wait_for": f"{hours}h"}, enabled=enabled)
        for hours, enabled in [(30, True), (60, True), (90, False)]
    )

    assert longest_window(rules(short, long, off)) - longest_window(rules(short)) == 30 * HOUR


def test_a_run_is_one_line_of_log_with_what_it_answers(caplog: pytest.LogCaptureFixture) -> None:
    there = world(system_snapshot(tags={OUTCOME: "available ImageAvailable"}))

    with caplog.at_level(logging.INFO, "snapimage"):
        counts = reconcile_snapshots(rules(), there.cloud)
    assert counts == {"looked_at": 1, "done": 1, "no_room": 0}
    assert [json.loads(line) for line in caplog.messages] == [{"function": "reconcile_snapshots", **counts}]
