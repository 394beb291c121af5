"""Which disks go into an image: the right set, a set to wait for, or none."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from fakes.builders import (
    BEGUN,
    LONG_AGO,
    NOW,
    by_hand,
    data_disk,
    data_disks,
    data_snapshot,
    system_disk,
    system_snapshot,
)
from hypothesis import given
from hypothesis import strategies as st
from properties import drawn

from shared.domain.disk_set import DiskSet, ImpossibleSet, PendingSet, Wanted, assemble
from shared.domain.facts import Disk, MappedDisk, Role, Snapshot, SnapshotGroup
from shared.domain.message_fields import Reason
from shared.domain.plans import DataDisks
from shared.domain.runs import Run

SECOND, MINUTE, HOUR, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
SYSTEM = system_snapshot()
SYSTEM_ENTRY = MappedDisk(Role.SYSTEM, "s-sys", 40, "d-sys")
DATA_ENTRY = MappedDisk(Role.DATA, "s-data", 100, "d-data", "/dev/xvdb")
UNTIL, PATIENT = BEGUN + 2 * HOUR, BEGUN + DAY
OVER = UNTIL + MINUTE
LISTED = data_disks(take=["d-data"])
LENIENT = data_disks(take=["d-data"], on_missing="leave_out")
ATTACHED = data_disks(take="attached")
PIN = by_hand("s-pin", disk_id="d-pin", created=LONG_AGO)


def put_together(
    rules: DataDisks,
    *company: Snapshot,
    disks: tuple[Disk, ...] = (data_disk(),),
    now: datetime = NOW,
    group: SnapshotGroup | None = None,
    **wanted: Any,
) -> DiskSet | PendingSet | ImpossibleSet:
    """The set of the usual system snapshot; wanted are the disks, unless the test says otherwise."""
    usual: dict[str, Any] = {"disk_ids": tuple(disk.id for disk in disks), "disks": {disk.id: disk for disk in disks}}
    run = Run(SYSTEM, company, rules.within, UNTIL, now, group)
    return assemble(rules, run, Wanted(**(usual | wanted)), PATIENT)


def made(*arguments: Any, **more: Any) -> DiskSet:
    found = put_together(*arguments, **more)
    assert isinstance(found, DiskSet), found
    return found


def test_without_data_disks_the_system_disk_stands_alone() -> None:
    assert put_together(data_disks(), disks=()) == DiskSet(SYSTEM_ENTRY)


def test_a_data_disk_goes_along_by_its_snapshot() -> None:
    assert put_together(LISTED, data_snapshot()) == DiskSet(SYSTEM_ENTRY, (DATA_ENTRY,))


def test_a_disk_that_is_gone_goes_along_by_its_snapshot() -> None:
    found = made(LISTED, data_snapshot(), disks=(), disk_ids=("d-data",))

    assert found.data == (MappedDisk(Role.DATA, "s-data", 100, "d-data"),)


def test_data_disks_come_first_then_pins_then_empty_disks() -> None:
    rules = data_disks(take="attached", snapshots=["s-pin"], empty=[{}, {"size_gib": 20}])

    found = made(rules, data_snapshot(), pins={"s-pin": PIN})
    assert found.data == (
        DATA_ENTRY,
        MappedDisk(Role.DATA, "s-pin", 100, "d-pin", is_pinned=True),
        MappedDisk(Role.DATA, None, 5),
        MappedDisk(Role.DATA, None, 20),
    )


def test_data_disks_keep_the_order_in_which_they_are_wanted() -> None:
    snapshots = [data_snapshot(f"s-{name}", disk_id=f"d-{name}") for name in "abc"]

    found = made(ATTACHED, *snapshots, disks=(), disk_ids=("d-c", "d-a", "d-b"))
    assert [disk.snapshot_id for disk in found.data] == ["s-c", "s-a", "s-b"]


def test_a_pin_takes_the_place_of_its_disk() -> None:
    rules = data_disks(take="attached", snapshots=["s-pin"])

    found = made(rules, data_snapshot(), pins={"s-pin": by_hand("s-pin", created=LONG_AGO)})
    assert [disk.snapshot_id for disk in found.data] == ["s-pin"]


@pytest.mark.parametrize("fate", ["doubtful", "released"])
def test_a_disk_that_is_pinned_needs_no_evidence(fate: str) -> None:
    rules = data_disks(take="attached", snapshots=["s-pin"])
    pin = by_hand("s-pin", created=LONG_AGO)

    found = made(rules, data_snapshot(), disks=(), pins={"s-pin": pin}, **{fate: ("d-data",)})
    assert ([disk.snapshot_id for disk in found.data], found.left_out) == (["s-pin"], ())


@pytest.mark.parametrize(
    ("offsets", "skew"),
    [([0], 0), ([5.9], 5), ([-180], 180), ([-60, 60], 120), ([60, 120], 120)],
)
def test_skew_is_from_the_oldest_to_the_newest_snapshot_of_the_run(offsets: list[float], skew: int) -> None:
    snapshots = [
        data_snapshot(f"s-{number}", disk_id=f"d-{number}", created=BEGUN + offset * SECOND)
        for number, offset in enumerate(offsets)
    ]

    found = made(ATTACHED, *snapshots, disks=(), disk_ids=tuple(each.disk_id for each in snapshots))
    assert found.skew_seconds == skew


def test_pins_have_no_skew() -> None:
    assert made(data_disks(snapshots=["s-pin"]), disks=(), pins={"s-pin": PIN}).skew_seconds == 0


@pytest.mark.parametrize(
    "pin",
    [
        pytest.param(None, id="not there"),
        pytest.param(by_hand("s-pin", status="failed"), id="failed"),
        pytest.param(by_hand("s-pin", category="archive"), id="archived"),
        pytest.param(system_snapshot("s-pin"), id="of a system disk"),
    ],
)
def test_a_pin_that_cannot_serve_ends_the_set_at_once(pin: Snapshot | None) -> None:
    found = put_together(data_disks(snapshots=["s-pin"]), disks=(), pins={"s-pin": pin})

    why = "s-pin: pinned s-pin: no usable data-disk snapshot with this id in the region"
    assert found == ImpossibleSet(Reason.DATA_DISK_SNAPSHOT_MISSING, ("s-pin",), why)


def test_a_pin_that_is_still_made_is_awaited() -> None:
    pin = by_hand("s-pin", status="progressing")

    found = put_together(data_disks(snapshots=["s-pin"]), disks=(), pins={"s-pin": pin}, now=OVER)
    assert found == PendingSet(("s-pin",), "s-pin: s-pin is in progress since 2026-11-20T02:00:00Z")


IN_PROGRESS = data_snapshot(status="progressing", created=BEGUN + MINUTE)


@pytest.mark.parametrize("now", [NOW, OVER, PATIENT - SECOND])
@pytest.mark.parametrize("rules", [LISTED, LENIENT])
def test_what_is_in_progress_is_waited_for_as_long_as_the_window_lasts(rules: DataDisks, now: datetime) -> None:
    found = put_together(rules, IN_PROGRESS, now=now)

    assert found == PendingSet(("d-data",), "d-data: s-data is in progress since 2026-11-20T02:01:00Z")


def test_what_is_in_progress_at_the_end_of_the_window_is_missing() -> None:
    found = put_together(LISTED, IN_PROGRESS, now=PATIENT)

    why = "d-data: s-data is in progress since 2026-11-20T02:01:00Z"
    assert found == ImpossibleSet(Reason.DATA_DISK_SNAPSHOT_MISSING, ("d-data",), why)


def test_what_is_in_progress_at_the_end_of_the_window_is_left_out_where_the_plan_allows_it() -> None:
    assert put_together(LENIENT, IN_PROGRESS, now=PATIENT) == DiskSet(SYSTEM_ENTRY, left_out=("d-data",))


@pytest.mark.parametrize("rules", [LISTED, LENIENT])
def test_what_is_absent_is_waited_for(rules: DataDisks) -> None:
    assert put_together(rules) == PendingSet(("d-data",), "d-data: no snapshot of it has begun")


def test_what_is_absent_when_the_wait_is_over_is_missing() -> None:
    why = "d-data: no snapshot of it within 6h of s-sys began before the wait was over"

    assert put_together(LISTED, now=UNTIL) == ImpossibleSet(Reason.DATA_DISK_SNAPSHOT_MISSING, ("d-data",), why)


def test_what_is_absent_when_the_wait_is_over_is_left_out_where_the_plan_allows_it() -> None:
    assert put_together(LENIENT, now=UNTIL) == DiskSet(SYSTEM_ENTRY, left_out=("d-data",))


TWO = (data_disk(), data_disk("d-logs", device="/dev/xvdc"))
FAILED = data_snapshot(status="failed", kind="user")


def test_a_set_that_is_lost_is_not_waited_for() -> None:
    found = put_together(ATTACHED, FAILED, disks=TWO, now=OVER, doubtful=())

    assert isinstance(found, ImpossibleSet)
    assert found.missing == ("d-data", "d-logs")


def test_what_is_lost_does_not_end_the_wait_for_the_others_where_the_plan_allows_it() -> None:
    rules = data_disks(take="attached", on_missing="leave_out")
    logs = data_snapshot("s-logs", disk_id="d-logs", status="progressing")

    found = put_together(rules, FAILED, logs, disks=TWO, now=OVER)
    assert found == PendingSet(("d-logs",), "d-logs: s-logs is in progress since 2026-11-20T02:00:00Z")


MOVED = "d-new: moved since the snapshot began, so nobody can tell whether it belongs to it"


def test_a_disk_that_may_have_been_there_keeps_the_image_from_being_made() -> None:
    found = put_together(ATTACHED, data_snapshot(), doubtful=("d-new",))

    assert found == ImpossibleSet(Reason.DATA_DISKS_UNKNOWN, ("d-new",), MOVED)


def test_a_disk_that_may_have_been_there_is_named_where_the_plan_allows_it() -> None:
    rules = data_disks(take="attached", on_missing="leave_out")

    found = put_together(rules, data_snapshot(), doubtful=("d-new",))
    assert found == DiskSet(SYSTEM_ENTRY, (DATA_ENTRY,), left_out=("d-new",))


@pytest.mark.parametrize("later", [MINUTE, timedelta(0)])
def test_a_disk_that_was_released_is_in_the_set_if_its_snapshot_began_no_earlier(later: timedelta) -> None:
    found = made(ATTACHED, data_snapshot(created=BEGUN + later), disks=(), released=("d-data",))
    assert (found.data, found.left_out) == ((MappedDisk(Role.DATA, "s-data", 100, "d-data"),), ())


@pytest.mark.parametrize(
    "company",
    [
        pytest.param((), id="no snapshot"),
        pytest.param((data_snapshot(created=BEGUN - MINUTE),), id="a snapshot from before"),
        pytest.param((data_snapshot(created=BEGUN + MINUTE, status="failed"),), id="a failed one"),
    ],
)
def test_a_disk_that_was_released_is_named_where_nobody_can_tell(company: tuple[Snapshot, ...]) -> None:
    found = made(ATTACHED, *company, disks=(), released=("d-data",), now=OVER)

    assert (found.data, found.left_out) == ((), ("d-data",))


@pytest.mark.parametrize(
    "category",
    ["local_ssd_pro", "local_hdd_pro", "ephemeral_ssd", "elastic_ephemeral_disk_standard", "cloud_plx", "Local_SSD"],
)
def test_an_attached_disk_that_ecs_cannot_snapshot_is_left_out_by_nature(category: str) -> None:
    found = put_together(ATTACHED, disks=(data_disk(category=category),))

    assert found == DiskSet(SYSTEM_ENTRY, without_snapshots=("d-data",))


@pytest.mark.parametrize("category", ["cloud", "cloud_efficiency", "cloud_ssd", "cloud_essd", "cloud_auto", ""])
def test_a_cloud_disk_has_snapshots(category: str) -> None:
    assert data_disk(category=category).can_have_snapshots


def test_a_listed_disk_that_ecs_cannot_snapshot_is_refused_at_once() -> None:
    found = put_together(LENIENT, disks=(data_disk(category="local_ssd_pro"),))

    assert found == ImpossibleSet(Reason.DATA_DISK_WITHOUT_SNAPSHOTS, ("d-data",), "ECS cannot snapshot d-data")


def attached(count: int) -> dict[str, Any]:
    disks = tuple(data_disk(f"d-{number}") for number in range(count))
    return {"disks": disks}


def snapshots_of(count: int) -> list[Snapshot]:
    return [data_snapshot(f"s-{number}", disk_id=f"d-{number}") for number in range(count)]


def test_sixteen_data_disks_are_taken() -> None:
    assert len(made(ATTACHED, *snapshots_of(16), **attached(16)).data) == 16


def test_a_seventeenth_data_disk_is_too_many() -> None:
    found = put_together(ATTACHED, *snapshots_of(17), **attached(17))

    assert isinstance(found, ImpossibleSet)
    assert (found.reason, len(found.missing)) == (Reason.TOO_MANY_DATA_DISKS, 17)


@pytest.mark.parametrize("more", [{"empty": [{}]}, {"snapshots": ["s-pin"]}])
def test_pins_and_empty_disks_count_as_well(more: dict[str, Any]) -> None:
    found = put_together(
        data_disks(take="attached", **more),
        *snapshots_of(16),
        **attached(16),
        pins={"s-pin": PIN} if "snapshots" in more else {},
    )

    assert isinstance(found, ImpossibleSet)
    assert found.reason is Reason.TOO_MANY_DATA_DISKS


def test_a_disk_that_was_released_counts_as_well() -> None:
    gone = data_snapshot("s-gone", disk_id="d-gone", created=BEGUN + MINUTE)

    found = put_together(ATTACHED, *snapshots_of(16), gone, **attached(16), released=("d-gone",))
    assert isinstance(found, ImpossibleSet)
    assert found.reason is Reason.TOO_MANY_DATA_DISKS


def test_no_more_disks_are_named_than_a_message_holds() -> None:
    found = put_together(ATTACHED, **attached(80))

    assert isinstance(found, ImpossibleSet)
    assert len(found.missing) == 64


GROUP = SnapshotGroup("ssg-1", frozenset({"s-sys", "s-data"}))
STRANGER = data_snapshot("s-logs", disk_id="d-logs")


@pytest.mark.parametrize(
    ("company", "disks", "group_id"),
    [
        pytest.param([data_snapshot()], TWO[:1], "ssg-1", id="all of the group"),
        pytest.param([data_snapshot(), STRANGER], TWO, None, id="one from outside"),
        pytest.param([], (), None, id="the system disk alone"),
    ],
)
def test_a_set_is_consistent_when_all_of_it_is_of_the_group(
    company: list[Snapshot], disks: tuple[Disk, ...], group_id: str | None
) -> None:
    assert made(ATTACHED, *company, disks=disks, group=GROUP).group_id == group_id


def test_the_device_of_the_system_disk_is_told_where_it_is_known() -> None:
    found = made(
        data_disks(),
        disks=(),
        disk_ids=(),
        **{},
    )

    assert found.system.device is None
    assert system_disk().device == "/dev/xvda"


KINDS_OF_SNAPSHOT = [
    data_snapshot(disk_id=disk_id, status=status, kind=kind)
    for disk_id in ("d-1", "d-2", "d-3")
    for status in ("accomplished", "progressing", "failed")
    for kind in ("timer", "user")
]


@drawn(300)
@given(
    st.lists(st.tuples(st.sampled_from(KINDS_OF_SNAPSHOT), st.integers(-500, 500)), max_size=4),
    st.sampled_from(["fail", "leave_out"]),
    st.sampled_from([NOW, OVER, PATIENT]),
)
def test_every_wanted_disk_is_in_the_set_or_named(
    several: list[tuple[Snapshot, int]], on_missing: str, now: datetime
) -> None:
    company = [
        replace(each, id=f"s-{number}", created=BEGUN + minutes * MINUTE)
        for number, (each, minutes) in enumerate(several)
    ]
    rules = data_disks(take="attached", on_missing=on_missing)

    found = put_together(rules, *company, disks=(), disk_ids=("d-1", "d-2"), doubtful=("d-3",), now=now)
    named = {
        DiskSet: lambda each: {*each.left_out, *(disk.disk_id for disk in each.data)} == {"d-1", "d-2", "d-3"},
        PendingSet: lambda each: bool(each.waiting_for) and {*each.waiting_for} <= {"d-1", "d-2"},
        ImpossibleSet: lambda each: "d-3" in each.missing,
    }
    assert named[type(found)](found)
