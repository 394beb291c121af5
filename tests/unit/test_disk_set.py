"""Which disks go into an image: the right set, a set to wait for, or none."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from fakes.builders import BEGUN, NOW, data_disks, data_snapshot, system_snapshot
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from shared.domain.disk_set import DiskSet, ImpossibleSet, PendingSet, Wanted, assemble, same_policy
from shared.domain.facts import MappedDisk, Role, Snapshot, SnapshotGroup
from shared.domain.plans import DataDisks, EmptyDisk
from shared.domain.reasons import Reason

SYSTEM = system_snapshot()
SYSTEM_ENTRY = MappedDisk(Role.SYSTEM, "s-sys", 40, "d-sys")
DATA_ENTRY = MappedDisk(Role.DATA, "s-data", 100, "d-data")
EXPIRED = BEGUN + timedelta(hours=2)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
LISTED = data_disks(take=["d-data"])
LENIENT = data_disks(take=["d-data"], on_missing="leave_out")
PINNED = data_disks(snapshots=["s-pin"])
PIN = data_snapshot("s-pin", disk_id="d-gone", created=BEGUN - timedelta(days=100), kind="user", name="")


def put_together(
    rules: DataDisks, *snapshots: Snapshot, disk_ids: tuple[str, ...] | None = None, now: datetime = NOW, **more: Any
) -> DiskSet | PendingSet | ImpossibleSet:
    """The set for the usual system snapshot; the wanted disks are the plan's list unless the test names others."""
    listed = rules.take if isinstance(rules.take, tuple) else ()
    return assemble(rules, SYSTEM, Wanted(listed if disk_ids is None else disk_ids, snapshots, **more), now)


def chosen(rules: DataDisks, *snapshots: Snapshot, **more: Any) -> list[str | None]:
    """The data-disk snapshots of a set that must come to be."""
    found = put_together(rules, *snapshots, **more)
    assert isinstance(found, DiskSet)
    return [disk.snapshot_id for disk in found.data]


def missing_snapshot(*missing: str, within: str = "6:00:00") -> ImpossibleSet:
    names = ", ".join(missing)
    why = f"no accomplished snapshot of {names} within {within} of the system snapshot"
    return ImpossibleSet(Reason.DATA_DISK_SNAPSHOT_MISSING, missing, why)


def test_without_data_disks_the_system_disk_stands_alone() -> None:
    assert put_together(data_disks()) == DiskSet(SYSTEM_ENTRY)


def test_a_data_disk_goes_along_by_its_snapshot() -> None:
    assert put_together(LISTED, data_snapshot()) == DiskSet(SYSTEM_ENTRY, (DATA_ENTRY,))


def test_attached_disks_go_along_except_those_that_are_excepted() -> None:
    rules = data_disks(take="attached", **{"except": ["d-scratch"]})
    scratch = data_snapshot("s-scratch", disk_id="d-scratch")

    found = put_together(rules, data_snapshot(), scratch, disk_ids=("d-data", "d-scratch"))

    assert found == DiskSet(SYSTEM_ENTRY, (DATA_ENTRY,))


def test_empty_disks_come_after_the_others_with_their_sizes() -> None:
    rules = data_disks(take=["d-data"], empty=[{}, {"size_gib": 20}])

    found = put_together(rules, data_snapshot())

    empty = (MappedDisk(Role.DATA, None, 5), MappedDisk(Role.DATA, None, 20))
    assert found == DiskSet(SYSTEM_ENTRY, (DATA_ENTRY, *empty))


def test_disks_keep_the_order_of_the_plan() -> None:
    rules = data_disks(take=["d-b", "d-a"], snapshots=["s-pin"])

    found = chosen(rules, data_snapshot("s-a", disk_id="d-a"), data_snapshot("s-b", disk_id="d-b"), PIN)

    assert found == ["s-pin", "s-b", "s-a"]


@pytest.mark.parametrize(
    ("created", "skew"),
    [
        ([BEGUN], 0),
        ([BEGUN + timedelta(seconds=5)], 5),
        ([BEGUN - timedelta(minutes=3)], 180),
        ([BEGUN - MINUTE, BEGUN + MINUTE], 120),
        ([BEGUN + MINUTE, BEGUN + 2 * MINUTE], 120),
    ],
)
def test_skew_is_from_the_oldest_to_the_newest_snapshot(created: list[datetime], skew: int) -> None:
    snapshots = [data_snapshot(f"s-{n}", disk_id=f"d-{n}", created=moment) for n, moment in enumerate(created)]
    rules = data_disks(take=[snapshot.disk_id for snapshot in snapshots])

    found = put_together(rules, *snapshots)

    assert isinstance(found, DiskSet)
    assert found.skew_seconds == skew


@pytest.mark.parametrize(
    ("candidates", "expected"),
    [
        pytest.param(
            [data_snapshot("s-near", created=BEGUN + MINUTE), data_snapshot("s-far", created=BEGUN - 2 * MINUTE)],
            "s-near",
            id="the nearest",
        ),
        pytest.param(
            [data_snapshot("s-before", created=BEGUN - MINUTE), data_snapshot("s-after", created=BEGUN + MINUTE)],
            "s-after",
            id="the newer of two that are equally near",
        ),
        pytest.param([data_snapshot("s-b"), data_snapshot("s-a")], "s-a", id="the first by id of two that are equal"),
        pytest.param(
            [data_snapshot("s-hand", kind="user", name="by-hand"), data_snapshot("s-run", created=BEGUN + HOUR)],
            "s-run",
            id="one of the same run before a nearer one",
        ),
        pytest.param(
            [
                data_snapshot("s-other", name="auto2.0_20261120_sp-noon"),
                data_snapshot("s-run", created=BEGUN + HOUR, name="auto2.0_20261119_sp-night"),
            ],
            "s-run",
            id="one of the same policy whose local date differs",
        ),
        pytest.param(
            [data_snapshot("s-failed", status="failed"), data_snapshot("s-good", created=BEGUN + HOUR)],
            "s-good",
            id="not one that failed",
        ),
        pytest.param(
            [data_snapshot("s-archived", category="archive"), data_snapshot("s-good", created=BEGUN + HOUR)],
            "s-good",
            id="not one in the archive",
        ),
        pytest.param(
            [data_snapshot("s-foreign", disk_id="d-other"), data_snapshot("s-good", created=BEGUN + HOUR)],
            "s-good",
            id="not one of another disk",
        ),
        pytest.param(
            [data_snapshot("s-system", role=Role.SYSTEM), data_snapshot("s-good", created=BEGUN + HOUR)],
            "s-good",
            id="not one of a system disk",
        ),
        pytest.param([data_snapshot("s-early", created=BEGUN - 6 * HOUR)], "s-early", id="one at the window's edge"),
    ],
)
def test_of_several_snapshots_the_best_is_taken(candidates: list[Snapshot], expected: str) -> None:
    assert chosen(LISTED, *candidates) == [expected]


def test_a_member_of_the_consistent_group_comes_before_all_others() -> None:
    group = SnapshotGroup("ssg-1", frozenset({"s-sys", "s-member"}))
    member = data_snapshot("s-member", created=BEGUN + HOUR, kind="user", name="")

    found = put_together(LISTED, data_snapshot(), member, group=group)

    assert found == DiskSet(
        SYSTEM_ENTRY, (MappedDisk(Role.DATA, "s-member", 100, "d-data"),), skew_seconds=3600, group_id="ssg-1"
    )


def test_a_set_that_is_only_partly_of_a_group_does_not_bear_its_name() -> None:
    group = SnapshotGroup("ssg-1", frozenset({"s-sys", "s-data"}))
    rules = data_disks(take=["d-data", "d-logs"])

    found = put_together(rules, data_snapshot(), data_snapshot("s-logs", disk_id="d-logs"), group=group)

    assert isinstance(found, DiskSet)
    assert found.group_id is None


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ({}, {}, True),
        ({}, {"name": "auto2.0_20261119_sp-night"}, True),
        ({}, {"name": "auto2.0_20261120_sp-noon"}, False),
        ({}, {"kind": "user"}, False),
        ({"kind": "user"}, {"kind": "user"}, False),
        ({"name": ""}, {"name": ""}, False),
    ],
)
def test_one_policy_is_known_by_the_end_of_the_name(one: dict[str, str], other: dict[str, str], same: bool) -> None:
    assert same_policy(system_snapshot(**one), data_snapshot(**other)) is same


@pytest.mark.parametrize(
    "candidates",
    [
        pytest.param([], id="none at all"),
        pytest.param([data_snapshot(status="progressing")], id="one still being made"),
        pytest.param([data_snapshot(status="failed")], id="one that failed"),
        pytest.param([data_snapshot(created=BEGUN - 7 * HOUR)], id="one too old"),
        pytest.param(
            [data_snapshot("s-run", status="progressing"), data_snapshot("s-older", created=BEGUN - HOUR)],
            id="a better one than the one that is there still being made",
        ),
    ],
)
def test_an_incomplete_set_is_waited_for(candidates: list[Snapshot]) -> None:
    assert put_together(LISTED, *candidates, now=EXPIRED - MINUTE) == PendingSet(("d-data",))


@pytest.mark.parametrize(
    "candidates",
    [
        pytest.param([], id="none at all"),
        pytest.param([data_snapshot(status="progressing")], id="one still being made"),
        pytest.param([data_snapshot(created=BEGUN + 6 * HOUR + MINUTE)], id="one too young"),
        pytest.param([data_snapshot(created=BEGUN - 6 * HOUR - MINUTE)], id="one too old"),
        pytest.param([data_snapshot(category="archive")], id="one in the archive"),
    ],
)
def test_after_the_wait_an_incomplete_set_is_refused(candidates: list[Snapshot]) -> None:
    assert put_together(LISTED, *candidates, now=EXPIRED) == missing_snapshot("d-data")


def test_after_the_wait_the_snapshot_that_is_there_must_do() -> None:
    better = data_snapshot("s-run", status="progressing")
    there = data_snapshot("s-older", created=BEGUN - HOUR)

    assert chosen(LISTED, better, there, now=EXPIRED) == ["s-older"]


def test_a_complete_set_is_not_waited_with() -> None:
    assert put_together(LISTED, data_snapshot(), now=EXPIRED + 100 * HOUR) == DiskSet(SYSTEM_ENTRY, (DATA_ENTRY,))


def test_a_plan_that_does_not_wait_refuses_at_once() -> None:
    rules = data_disks(take=["d-data"], wait_for="0s", within="30m")

    assert put_together(rules, now=BEGUN) == missing_snapshot("d-data", within="0:30:00")


def test_a_disk_may_be_left_out_when_the_wait_is_over() -> None:
    rules = data_disks(take=["d-data", "d-logs"], on_missing="leave_out")

    found = put_together(rules, data_snapshot(), now=EXPIRED)

    assert found == DiskSet(SYSTEM_ENTRY, (DATA_ENTRY,), left_out=("d-logs",))


def test_a_disk_is_not_left_out_while_its_snapshot_may_still_come() -> None:
    assert put_together(LENIENT, now=EXPIRED - MINUTE) == PendingSet(("d-data",))


def test_a_pin_that_is_gone_does_not_cost_a_disk_whose_snapshot_may_still_come() -> None:
    rules = data_disks(take=["d-data"], snapshots=["s-pin"], on_missing="leave_out")

    assert isinstance(put_together(rules, data_snapshot(status="progressing"), now=BEGUN), PendingSet)


def test_all_that_is_missing_is_named() -> None:
    rules = data_disks(take=["d-a", "d-data", "d-b"])

    assert put_together(rules, data_snapshot(), now=EXPIRED) == missing_snapshot("d-a", "d-b")


def test_a_pinned_snapshot_goes_along_however_old_it_is() -> None:
    found = put_together(PINNED, PIN)

    assert found == DiskSet(
        SYSTEM_ENTRY, (MappedDisk(Role.DATA, "s-pin", 100, "d-gone"),), skew_seconds=100 * 24 * 3600
    )


@pytest.mark.parametrize(
    "candidates",
    [
        pytest.param([], id="gone"),
        pytest.param([data_snapshot("s-pin", status="failed")], id="failed"),
        pytest.param([system_snapshot("s-pin")], id="of a system disk"),
    ],
)
def test_a_pinned_snapshot_that_can_never_serve_is_refused_at_once(candidates: list[Snapshot]) -> None:
    assert put_together(PINNED, *candidates, now=BEGUN) == ImpossibleSet(
        Reason.DATA_DISK_SNAPSHOT_MISSING,
        ("s-pin",),
        "pinned s-pin: no usable data-disk snapshot with this id in the region",
    )


def test_a_pinned_snapshot_that_is_still_being_made_is_waited_for() -> None:
    pin = data_snapshot("s-pin", status="progressing")

    assert put_together(PINNED, pin, now=EXPIRED - MINUTE) == PendingSet(("s-pin",))


def test_a_pinned_snapshot_in_the_archive_is_refused() -> None:
    pin = data_snapshot("s-pin", category="archive")

    assert isinstance(put_together(PINNED, pin), ImpossibleSet)


def test_a_snapshot_is_in_a_set_only_once() -> None:
    rules = data_disks(take="attached", snapshots=["s-data"])

    assert chosen(rules, data_snapshot(), disk_ids=("d-data",)) == ["s-data"]


def test_more_attached_disks_than_an_image_holds_are_refused() -> None:
    disk_ids = tuple(f"d-{number}" for number in range(16))

    found = put_together(data_disks(take="attached", empty=[{}]), disk_ids=disk_ids)

    assert found == ImpossibleSet(Reason.TOO_MANY_DATA_DISKS, disk_ids, "an image holds at most 16 data disks")


def test_as_many_disks_as_an_image_holds_go_along() -> None:
    snapshots = [data_snapshot(f"s-{number}", disk_id=f"d-{number}") for number in range(16)]

    found = chosen(data_disks(take=[each.disk_id for each in snapshots]), *snapshots)

    assert found == [each.id for each in snapshots]


def test_disks_that_nobody_can_name_are_refused_even_if_some_may_be_left_out() -> None:
    rules = data_disks(take="attached", on_missing="leave_out")

    found = put_together(rules, is_known=False)

    assert found == ImpossibleSet(Reason.DATA_DISKS_UNKNOWN, (), "d-sys is attached to no instance any more")


DISK_IDS = [f"d-{number}" for number in range(20)]
SNAPSHOT_IDS = [f"s-{number}" for number in range(12)]
SNAPSHOTS = st.builds(
    data_snapshot,
    st.sampled_from(SNAPSHOT_IDS),
    disk_id=st.sampled_from(DISK_IDS[:4]),
    role=st.sampled_from([Role.DATA, Role.DATA, Role.SYSTEM]),
    status=st.sampled_from(["accomplished", "accomplished", "progressing", "failed"]),
    category=st.sampled_from(["standard", "standard", "flash", "archive"]),
    created=st.integers(-600, 600).map(lambda minutes: BEGUN + minutes * MINUTE),
    kind=st.sampled_from(["timer", "user"]),
)
RULES = st.builds(
    DataDisks.model_construct,
    take=st.just("attached"),
    except_=st.frozensets(st.sampled_from(DISK_IDS), max_size=3),
    snapshots=st.lists(st.sampled_from(SNAPSHOT_IDS), max_size=2, unique=True).map(tuple),
    empty=st.integers(0, 3).map(lambda count: (EmptyDisk(),) * count),
    within=st.integers(0, 600).map(lambda minutes: minutes * MINUTE),
    wait_for=st.just(2 * HOUR),
    on_missing=st.sampled_from(["fail", "leave_out"]),
)
PROPERTY = settings(deadline=None, derandomize=True, max_examples=500, database=None)


@PROPERTY
@given(
    rules=RULES,
    disk_ids=st.lists(st.sampled_from(DISK_IDS), max_size=20, unique=True).map(tuple),
    snapshots=st.lists(SNAPSHOTS, max_size=10, unique_by=lambda snapshot: snapshot.id),
    age=st.integers(0, 240),
)
def test_a_set_holds_nothing_that_does_not_belong(
    rules: DataDisks, disk_ids: tuple[str, ...], snapshots: list[Snapshot], age: int
) -> None:
    known = {snapshot.id: snapshot for snapshot in snapshots}

    found = assemble(rules, SYSTEM, Wanted(disk_ids, snapshots), BEGUN + age * MINUTE)

    assume(isinstance(found, DiskSet))
    assert isinstance(found, DiskSet)
    by_pin = found.data[: sum(pin not in found.left_out for pin in rules.snapshots)]
    by_disk = [known[disk.snapshot_id] for disk in found.data[len(by_pin) :] if disk.snapshot_id]
    assert len(found.disks) <= 17
    assert found.system == SYSTEM_ENTRY
    assert {disk.snapshot_id for disk in by_pin} <= set(rules.snapshots)
    assert {each.disk_id for each in by_disk} <= set(disk_ids) - rules.except_
    assert {each.category for each in by_disk} <= {"standard", "flash"}
    assert all(abs(each.created - BEGUN) <= rules.within for each in by_disk)
    assert {known[disk.snapshot_id].status for disk in found.data if disk.snapshot_id} <= {"accomplished"}
    assert {known[disk.snapshot_id].role for disk in found.data if disk.snapshot_id} <= {Role.DATA}
    assert rules.on_missing == "leave_out" or not found.left_out


@PROPERTY
@given(
    rules=RULES,
    disk_ids=st.lists(st.sampled_from(DISK_IDS), max_size=16, unique=True).map(tuple),
    snapshots=st.lists(SNAPSHOTS, max_size=10, unique_by=lambda snapshot: snapshot.id),
    age=st.integers(0, 240),
)
def test_every_disk_that_was_wanted_is_in_the_set_or_named(
    rules: DataDisks, disk_ids: tuple[str, ...], snapshots: list[Snapshot], age: int
) -> None:
    wanted = [disk_id for disk_id in disk_ids if disk_id not in rules.except_]

    found = assemble(rules, SYSTEM, Wanted(disk_ids, snapshots), BEGUN + age * MINUTE)

    assume(isinstance(found, DiskSet))
    assert isinstance(found, DiskSet)
    used = [disk.snapshot_id for disk in found.data if disk.snapshot_id]
    assert len(set(used)) == len(used)
    assert set(rules.snapshots) <= set(used) | set(found.left_out)
    by_pin = {snapshot.disk_id for snapshot in snapshots if snapshot.id in found.left_out}
    assert set(wanted) <= {disk.disk_id for disk in found.data} | set(found.left_out) | by_pin


def test_more_disks_than_a_message_has_room_for_are_not_all_named() -> None:
    disk_ids = tuple(f"d-{number}" for number in range(80))

    found = put_together(data_disks(take="attached"), disk_ids=disk_ids)

    assert found == ImpossibleSet(Reason.TOO_MANY_DATA_DISKS, disk_ids[:64], "an image holds at most 16 data disks")


def test_a_pinned_snapshot_without_a_disk_has_none_in_the_set() -> None:
    found = put_together(PINNED, data_snapshot("s-pin", disk_id=""))

    assert isinstance(found, DiskSet)
    assert found.data == (MappedDisk(Role.DATA, "s-pin", 100, None),)
