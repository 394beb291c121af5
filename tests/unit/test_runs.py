"""Which snapshot of a data disk goes with a system snapshot: this run's, never the last one's."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from fakes.builders import BEGUN, NOW, POLICY, RUN, by_hand, data_disk, data_snapshot, system_snapshot

from shared.domain.facts import Disk, Role, Snapshot, SnapshotGroup
from shared.domain.runs import Absent, InProgress, Pick, Ready, Run

SYSTEM = system_snapshot()
SECOND, MINUTE, HOUR, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
UNTIL = BEGUN + 2 * HOUR
OVER = UNTIL + MINUTE
UNDER = data_disk(policies=frozenset({POLICY}))
FREE = data_disk()
OTHER_POLICY = "auto2.0_20261120_sp-hourly"


def run(*company: Snapshot, system: Snapshot = SYSTEM, **changes: Any) -> Run:
    usual: dict[str, Any] = {"within": 6 * HOUR, "until": UNTIL, "now": NOW}
    return Run(system, company, **(usual | changes))


def pick(disk: Disk | None, *company: Snapshot, **changes: Any) -> Pick:
    return run(*company, **changes).pick("d-data", disk)


def at(offset: timedelta, snapshot_id: str = "s-data", **changes: Any) -> Snapshot:
    """A data snapshot of the policy, so long after the system's."""
    return data_snapshot(snapshot_id, created=BEGUN + offset, **changes)


def last_system(offset: timedelta) -> Snapshot:
    """An earlier firing of the same policy on the same system disk."""
    return system_snapshot("s-sys-last", created=BEGUN + offset)


@pytest.mark.parametrize("offset", [-15 * MINUTE, -SECOND, timedelta(0), SECOND, 40 * MINUTE])
def test_this_runs_snapshot_is_taken_however_the_disks_started(offset: timedelta) -> None:
    mine = at(offset)

    assert pick(UNDER, SYSTEM, mine, now=OVER) == Ready(mine)


@pytest.mark.parametrize("offset", [-15 * MINUTE, timedelta(0), 40 * MINUTE])
def test_this_runs_snapshot_is_awaited_while_it_is_made(offset: timedelta) -> None:
    mine = at(offset, status="progressing")

    assert pick(UNDER, SYSTEM, mine) == InProgress(mine)


@pytest.mark.parametrize("disk", [UNDER, FREE])
@pytest.mark.parametrize(("offset", "counts"), [(SECOND, True), (15 * MINUTE, True), (15 * MINUTE + SECOND, False)])
def test_what_began_minutes_later_counts_though_nobody_waits_for_it(
    disk: Disk, offset: timedelta, counts: bool
) -> None:
    mine = at(offset)

    assert (pick(disk, SYSTEM, mine, until=BEGUN) == Ready(mine)) is counts


def test_the_last_runs_snapshot_is_never_taken_for_this_ones() -> None:
    company = [SYSTEM, last_system(-HOUR), at(-HOUR + 5 * MINUTE, "s-last")]

    assert pick(UNDER, *company) == Absent("its policy has not begun a snapshot of this run", may_come=True)


def test_the_last_runs_snapshot_is_not_taken_when_the_wait_is_over_either() -> None:
    company = [SYSTEM, last_system(-HOUR), at(-HOUR + 5 * MINUTE, "s-last")]

    assert pick(UNDER, *company, now=UNTIL) == Absent("this run skipped it")


def test_the_next_runs_snapshot_is_not_taken_for_this_ones() -> None:
    company = [SYSTEM, system_snapshot("s-sys-next", created=BEGUN + HOUR), at(HOUR + MINUTE, "s-next")]

    assert pick(UNDER, *company, now=OVER) == Absent("this run skipped it")


def test_the_nearest_of_two_runs_has_the_snapshot() -> None:
    between = at(-10 * MINUTE)

    assert pick(UNDER, SYSTEM, last_system(-HOUR), between, now=OVER) == Ready(between)


@pytest.mark.parametrize(("offset", "is_own"), [(-15 * MINUTE, True), (-15 * MINUTE - SECOND, False)])
def test_what_began_long_before_is_of_an_earlier_firing_that_skipped_the_system_disk(
    offset: timedelta, is_own: bool
) -> None:
    assert run(SYSTEM).is_own(at(offset)) is is_own


@pytest.mark.parametrize(("offset", "is_own"), [(timedelta(0), True), (-SECOND, False)])
def test_what_began_in_the_same_hour_is_of_the_same_firing(offset: timedelta, is_own: bool) -> None:
    queued = system_snapshot(created=BEGUN + 40 * MINUTE)

    assert run(queued, system=queued).is_own(at(offset)) is is_own


def test_a_snapshot_in_the_middle_of_two_runs_belongs_to_the_earlier() -> None:
    tie = at(-15 * MINUTE)

    assert run(SYSTEM, last_system(-30 * MINUTE), tie).is_own(tie) is False


@pytest.mark.parametrize("offset", [31 * MINUTE, 40 * MINUTE, 45 * MINUTE - SECOND])
def test_what_begins_late_is_of_its_own_hour_although_the_next_hours_system_snapshot_lies_nearer(
    offset: timedelta,
) -> None:
    late, following = at(offset), system_snapshot("s-sys-next", created=BEGUN + HOUR)

    assert pick(UNDER, SYSTEM, following, late, now=OVER) == Ready(late)
    assert run(SYSTEM, following, late, system=following).is_own(late) is False


@pytest.mark.parametrize("other", [{"disk_id": "d-theirs"}, {"role": Role.DATA}], ids=["its own", "with our disk"])
def test_another_machines_run_does_not_draw_a_snapshot_away(other: dict[str, Any]) -> None:
    """Our system disk may have hung there as a data disk."""
    theirs = system_snapshot("s-theirs", created=BEGUN + 10 * MINUTE, **other)
    mine = at(11 * MINUTE)

    assert pick(UNDER, SYSTEM, theirs, mine, now=OVER) == Ready(mine)


def test_another_policys_snapshot_is_not_of_this_run() -> None:
    assert pick(UNDER, SYSTEM, at(MINUTE, name=OTHER_POLICY), now=OVER) == Absent("this run skipped it")


def test_a_disk_that_had_snapshots_of_the_policy_is_under_it_whatever_ecs_says_of_the_disk_now() -> None:
    company = [SYSTEM, last_system(-HOUR), at(-HOUR, "s-last")]

    assert pick(None, *company) == Absent("its policy has not begun a snapshot of this run", may_come=True)


@pytest.mark.parametrize("offset", [-13 * HOUR, -26 * HOUR])
def test_a_disk_of_which_ecs_names_no_policy_is_under_that_of_its_last_run(offset: timedelta) -> None:
    hand = by_hand("s-hand", created=BEGUN - 5 * HOUR)

    awaited = Absent("its policy has not begun a snapshot of this run", may_come=True)
    assert pick(FREE, SYSTEM, at(offset, "s-old"), hand) == awaited


@pytest.mark.parametrize(
    ("disk", "offset"),
    [(FREE, -26 * HOUR - MINUTE), (data_disk(policies=frozenset({"sp-other"})), -12 * HOUR - MINUTE)],
)
def test_a_snapshot_of_the_policy_that_is_known_by_chance_says_nothing_of_the_disk(
    disk: Disk, offset: timedelta
) -> None:
    """Whoever asks for this set alone does not look back so far, and must come to the same."""
    hand = by_hand("s-hand", created=BEGUN - 5 * HOUR)

    assert pick(disk, SYSTEM, at(offset, "s-old"), hand) == Ready(hand)


def test_a_run_that_skipped_the_disk_takes_what_was_made_by_hand_when_the_wait_is_over() -> None:
    hand = by_hand("s-hand", created=BEGUN - MINUTE)

    assert pick(UNDER, SYSTEM, last_system(-HOUR), at(-HOUR, "s-last"), hand, now=OVER) == Ready(hand)


def test_what_was_made_by_hand_does_not_end_the_wait_for_this_runs() -> None:
    assert pick(UNDER, SYSTEM, by_hand("s-hand")) == Absent(
        "its policy has not begun a snapshot of this run", may_come=True
    )


def test_this_runs_snapshot_is_taken_before_a_nearer_one_by_hand() -> None:
    mine = at(30 * MINUTE)

    assert pick(UNDER, SYSTEM, by_hand("s-hand"), mine, now=OVER) == Ready(mine)


@pytest.mark.parametrize(
    ("trouble", "why"),
    [
        ({"status": "failed"}, "this run's snapshot s-data failed"),
        ({"category": "archive"}, "this run's snapshot s-data is archived"),
    ],
)
def test_a_run_whose_snapshot_cannot_serve_waits_for_one_by_hand(trouble: dict[str, str], why: str) -> None:
    company = [SYSTEM, at(MINUTE, **trouble)]

    assert pick(UNDER, *company) == Absent(why, may_come=True)
    assert pick(UNDER, *company, now=UNTIL) == Absent(why)


def test_a_failed_snapshot_of_the_run_is_made_up_for_by_hand() -> None:
    hand = by_hand("s-hand", created=BEGUN + 20 * MINUTE)

    assert pick(UNDER, SYSTEM, at(MINUTE, status="failed"), hand) == Ready(hand)


def test_a_second_snapshot_of_the_run_makes_up_for_a_failed_one() -> None:
    again = at(10 * MINUTE, "s-again")

    assert pick(UNDER, SYSTEM, at(MINUTE, status="failed"), again) == Ready(again)


@pytest.mark.parametrize("near", [at(MINUTE), by_hand("s-hand", created=BEGUN + MINUTE)], ids=["a policy's", "by hand"])
def test_a_system_snapshot_by_hand_has_no_run(near: Snapshot) -> None:
    system = system_snapshot(kind="user", name=RUN)

    assert pick(UNDER, system, near, system=system) == Ready(near)


@pytest.mark.parametrize(
    ("candidates", "chosen"),
    [
        pytest.param([by_hand("s-near", created=BEGUN + MINUTE), by_hand("s-far", created=BEGUN - HOUR)], "s-near"),
        pytest.param([by_hand("s-old", created=BEGUN - MINUTE), by_hand("s-new", created=BEGUN + MINUTE)], "s-old"),
        pytest.param([by_hand("s-b"), by_hand("s-a")], "s-a"),
        pytest.param([by_hand("s-hand", created=BEGUN + HOUR), at(MINUTE, "s-timer", name=OTHER_POLICY)], "s-timer"),
        pytest.param([by_hand("s-bad", status="failed"), by_hand("s-good", created=BEGUN - HOUR)], "s-good"),
    ],
    ids=["the nearest", "the earlier of two", "the first by id of two equal ones", "whoever made it", "a usable one"],
)
def test_a_disk_under_no_policy_gives_its_nearest_snapshot(candidates: Sequence[Snapshot], chosen: str) -> None:
    found = pick(FREE, SYSTEM, *candidates)

    assert isinstance(found, Ready)
    assert found.snapshot.id == chosen


@pytest.mark.parametrize("disk", [UNDER, FREE])
@pytest.mark.parametrize(("offset", "serves"), [(-6 * HOUR, True), (-6 * HOUR - SECOND, False)])
def test_a_snapshot_serves_within_so_much_of_the_system_snapshot(disk: Disk, offset: timedelta, serves: bool) -> None:
    found = pick(disk, SYSTEM, by_hand("s-hand", created=BEGUN + offset), now=OVER)

    assert isinstance(found, Ready) is serves


@pytest.mark.parametrize("disk", [UNDER, FREE])
@pytest.mark.parametrize(("offset", "counts"), [(2 * HOUR, True), (2 * HOUR + SECOND, False)])
def test_what_began_after_the_wait_was_over_does_not_count(disk: Disk, offset: timedelta, counts: bool) -> None:
    found = pick(disk, SYSTEM, at(offset), now=BEGUN + DAY)

    assert isinstance(found, Ready) is counts


TOO_LATE = "no snapshot of it within 6h of s-sys began before the wait was over"


@pytest.mark.parametrize(
    ("now", "found"),
    [
        (UNTIL - SECOND, Absent("no snapshot of it has begun", may_come=True)),
        (UNTIL, Absent(TOO_LATE)),
    ],
)
def test_what_is_absent_is_waited_for_until_the_wait_is_over(now: Any, found: Absent) -> None:
    assert pick(FREE, SYSTEM, now=now) == found


def test_of_a_disk_whose_only_snapshot_began_after_the_wait_it_is_not_said_that_it_has_none() -> None:
    late = by_hand("s-late", created=UNTIL + SECOND)

    assert pick(FREE, SYSTEM, late, now=OVER) == Absent(TOO_LATE)


def test_what_is_in_progress_is_told_as_such_when_the_wait_for_what_is_absent_is_over() -> None:
    mine = at(MINUTE, status="progressing")

    assert pick(UNDER, SYSTEM, mine, now=OVER) == InProgress(mine)


def test_the_words_name_what_is_wrong_with_the_only_snapshot() -> None:
    assert pick(FREE, SYSTEM, by_hand("s-bad", status="failed"), now=OVER) == Absent("s-bad failed")


GROUP = SnapshotGroup("ssg-1", frozenset({"s-sys", "s-member"}))


def test_a_member_of_the_consistent_group_is_taken_before_a_nearer_snapshot() -> None:
    member = by_hand("s-member", created=BEGUN + 5 * SECOND)

    assert pick(FREE, SYSTEM, by_hand("s-near"), member, group=GROUP) == Ready(member)


def test_a_member_of_the_group_that_is_still_made_is_awaited() -> None:
    member = by_hand("s-member", status="progressing")

    assert pick(FREE, SYSTEM, member, by_hand("s-near"), group=GROUP) == InProgress(member)


def test_a_member_of_the_group_that_failed_is_not_replaced() -> None:
    assert pick(FREE, SYSTEM, by_hand("s-member", status="failed"), by_hand("s-near"), group=GROUP) == Absent(
        "s-member failed"
    )


def test_a_disk_outside_of_the_group_is_judged_by_itself() -> None:
    near = by_hand("s-near")

    assert pick(FREE, SYSTEM, near, group=GROUP) == Ready(near)


def test_a_system_disks_snapshot_is_no_data_disks() -> None:
    former = system_snapshot("s-former", disk_id="d-data")

    assert pick(FREE, SYSTEM, former, now=OVER) == Absent(TOO_LATE)
