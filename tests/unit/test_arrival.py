"""What one event is about: a system snapshot, or a data disk's that may complete the set of one beside it."""

from datetime import timedelta
from typing import Any

import pytest
from fakes.builders import (
    BEGUN,
    ENDED,
    NOW,
    completed,
    data_disk,
    data_snapshot,
    plan,
    rules,
    system_disk,
    system_snapshot,
)
from fakes.world import world

from shared.domain.arrival import decide_event, decide_matter
from shared.domain.decision import Decided, Fail, Make, Matter, TryLater, Wait
from shared.domain.message_fields import Reason
from shared.domain.outcome import OUTCOME
from shared.domain.plans import Plan
from shared.domain.rules import Skip

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
LISTED = plan(data_disks={"take": ["d-data"]})
ATTACHED = plan(data_disks={"take": "attached"})
OF_DATA = completed(snapshot_id="s-data", disk_id="d-data")
FACTS = (system_snapshot(), data_snapshot(), system_disk(), data_disk())


def by_hand_system(snapshot_id: str, **changes: Any) -> Any:
    return system_snapshot(snapshot_id, kind="user", name="by hand", **changes)


def decided(*facts: Any, by: Plan | None = None, now: Any = NOW, **told: Any) -> Decided:
    event = completed(**({"snapshot_id": "s-data", "disk_id": "d-data"} | told))
    found: Any = world(*facts).view(lambda view: decide_event(event, view, rules(by or ATTACHED), now))
    assert isinstance(found, Decided), found
    return found


def test_a_system_disks_event_is_of_its_snapshot() -> None:
    found = decided(*FACTS, snapshot_id="s-sys")

    assert isinstance(found.decision, Make)
    assert (found.snapshot, found.ended) == (system_snapshot(), ENDED)


@pytest.mark.parametrize("by", [LISTED, ATTACHED])
def test_the_last_data_disks_event_completes_the_set(by: Plan) -> None:
    found = decided(*FACTS, by=by)

    assert isinstance(found.decision, Make)
    assert found.snapshot == system_snapshot()


def test_the_end_of_a_data_snapshot_is_not_the_systems() -> None:
    assert decided(*FACTS).ended is None


def test_a_data_disks_event_before_the_last_one_leaves_the_set_waiting() -> None:
    logs = data_disk("d-logs", device="/dev/xvdc")

    found = decided(*FACTS, logs, by=plan(data_disks={"take": "attached"}))
    assert isinstance(found.decision, Wait)
    assert found.decision.waiting_for == ("d-logs",)


@pytest.mark.parametrize(
    ("by", "facts", "why"),
    [
        pytest.param(plan(), FACTS, "no plan takes it along", id="no plan with data disks"),
        pytest.param(plan(data_disks={"take": ["d-other"]}), FACTS, "no plan takes it along", id="another disk"),
        pytest.param(
            plan(data_disks={"take": "attached", "except": ["d-data"]}), FACTS, "no plan takes it along", id="excepted"
        ),
        pytest.param(
            ATTACHED, FACTS[1:], "no system snapshot of where it hangs now waits for it", id="no system snapshot"
        ),
        pytest.param(
            ATTACHED, FACTS[:3], "no system snapshot of where it hangs now waits for it", id="its disk is gone"
        ),
        pytest.param(
            ATTACHED,
            (*FACTS[:3], data_disk(instance_id=None)),
            "no system snapshot of where it hangs now waits for it",
            id="taken off",
        ),
        pytest.param(
            ATTACHED,
            (system_snapshot(status="progressing"), *FACTS[1:]),
            "no system snapshot of where it hangs now waits for it",
            id="the system disk's is not finished",
        ),
        pytest.param(
            ATTACHED,
            (system_snapshot(created=BEGUN - 7 * HOUR), *FACTS[1:]),
            "no system snapshot of where it hangs now waits for it",
            id="too far away",
        ),
        pytest.param(
            ATTACHED,
            (FACTS[0], data_snapshot(created=BEGUN - 7 * HOUR), *FACTS[2:]),
            "no system snapshot of where it hangs now waits for it",
            id="too far ahead",
        ),
    ],
)
def test_a_data_disks_event_that_completes_nothing_is_not_for_us(by: Plan, facts: tuple[Any, ...], why: str) -> None:
    found = decided(*facts, by=by)

    text = f"s-data is of data disk d-data and makes no image by itself; {why}"
    assert found.decision == Skip(Reason.NOT_SYSTEM_DISK, text)


@pytest.mark.parametrize(
    ("tags", "kind"), [({}, TryLater), ({OUTCOME: "waiting DataDiskSnapshotPending until=2026-11-20T04:00Z"}, Fail)]
)
def test_a_data_disks_event_gives_no_set_up_that_nobody_has_waited_for(tags: dict[str, str], kind: type) -> None:
    """It does not know when the system snapshot ended; who told the wait did."""
    facts = (system_snapshot(tags=tags), data_snapshot(status="failed"), *FACTS[2:])

    assert isinstance(decided(*facts, now=BEGUN + 9 * HOUR).decision, kind)


def test_the_system_snapshot_of_its_run_comes_before_a_nearer_one_by_hand() -> None:
    hand = system_snapshot("s-hand", kind="user", name="x", created=BEGUN + 2 * MINUTE)
    late = data_snapshot(created=BEGUN + 3 * MINUTE)

    found = decided(system_snapshot(), hand, late, *FACTS[2:])
    assert found.snapshot == system_snapshot()


def test_a_disk_that_a_plan_excepts_by_its_tag_completes_nothing() -> None:
    by = plan(data_disks={"take": "attached", "except_tags": {"kind": "scratch"}})

    found = decided(*FACTS[:3], data_disk(tags={"kind": "scratch"}), by=by)
    assert isinstance(found.decision, Skip)


def test_a_data_snapshot_as_far_away_as_the_plan_lets_it_be_completes_the_set() -> None:
    early = data_snapshot(kind="user", name="by hand", created=BEGUN - 6 * HOUR)

    assert isinstance(decided(by_hand_system("s-sys"), early, *FACTS[2:]).decision, Make)


@pytest.mark.parametrize("by", [plan(), plan(enabled=False, data_disks={"take": "attached"})])
def test_a_data_disk_that_no_plan_takes_costs_the_look_for_its_snapshot_alone(by: Plan) -> None:
    there = world(*FACTS)

    there.view(lambda view: decide_event(OF_DATA, view, rules(by), NOW))
    assert there.actions == ["DescribeSnapshots"]


@pytest.mark.parametrize(
    ("facts", "looks_at_disks"),
    [
        pytest.param(FACTS, 2, id="its disk, and all disks of the machine at once"),
        pytest.param(FACTS[1:], 1, id="its disk alone where no system snapshot is beside it"),
    ],
)
def test_the_disks_of_a_machine_are_asked_for_together(facts: tuple[Any, ...], looks_at_disks: int) -> None:
    there = world(*facts)

    there.view(lambda view: decide_event(OF_DATA, view, rules(ATTACHED), NOW))
    assert there.actions.count("DescribeDisks") == looks_at_disks


@pytest.mark.parametrize(("late", "kind"), [(timedelta(0), Make), (MINUTE, Skip)])
def test_a_sweep_looks_at_a_snapshot_for_four_hours_after_its_window(late: timedelta, kind: type) -> None:
    now = BEGUN + timedelta(days=1, hours=4) + late

    found: Any = world(*FACTS).view(lambda view: decide_matter(Matter(snapshot=FACTS[0]), view, rules(), now))
    assert isinstance(found.decision, kind)


def test_an_event_ahead_of_the_listing_is_looked_at_later() -> None:
    found = decided(now=ENDED + 10 * MINUTE - timedelta(seconds=1))

    assert found.decision == TryLater("SnapshotNotListedYet", "s-data is not listed yet")


@pytest.mark.parametrize("told", [{}, {"time": None}], ids=["long ago", "of no time"])
def test_a_snapshot_that_is_not_listed_long_after_its_event_does_not_exist(told: dict[str, Any]) -> None:
    found = decided(now=ENDED + 10 * MINUTE, **told)

    text = "s-data does not exist in cn-hangzhou, or the function's role may not see it"
    assert found == Decided(Fail(Reason.SNAPSHOT_NOT_FOUND, text, is_final=False), ended=ENDED)


def test_the_event_of_a_data_disk_that_is_replayed_days_later_makes_no_image_of_an_old_snapshot() -> None:
    found = decided(*FACTS, now=BEGUN + timedelta(days=3))

    assert isinstance(found.decision, Skip)
    assert found.decision.reason is Reason.NOT_SYSTEM_DISK


def test_what_ecs_says_of_a_snapshot_counts_more_than_its_event() -> None:
    found = decided(*FACTS, snapshot_id="s-sys", result="failed")

    assert isinstance(found.decision, Make)


def test_what_ended_before_leaves_its_disks_to_no_other_snapshot() -> None:
    """Made by hand: the nearest system snapshot counts, and that is settled."""
    ended = by_hand_system("s-sys", tags={OUTCOME: "failed SnapshotFailed"})
    other = by_hand_system("s-other", created=BEGUN - 5 * MINUTE)

    found = decided(ended, other, data_snapshot(kind="user", name="by hand"), *FACTS[2:])
    assert isinstance(found.decision, Skip)


def test_another_run_of_the_policy_is_not_completed_in_the_place_of_its_own() -> None:
    """Its own is left to the operator: it began before the plan counts."""
    later = system_snapshot("s-later", created=BEGUN + 30 * MINUTE, name="auto2.0_20261120_sp-night")
    by = plan(data_disks={"take": "attached"}, since=BEGUN + MINUTE)

    found = decided(*FACTS, later, by=by)
    assert isinstance(found.decision, Skip)


def test_a_late_data_snapshot_completes_the_set_of_its_own_hour_and_not_the_next() -> None:
    following = system_snapshot("s-next", created=BEGUN + HOUR)
    late = data_snapshot(created=BEGUN + 40 * MINUTE)

    found = decided(system_snapshot(), following, late, *FACTS[2:], now=BEGUN + HOUR + 5 * MINUTE)
    assert isinstance(found.decision, Make)
    assert found.snapshot == system_snapshot()
