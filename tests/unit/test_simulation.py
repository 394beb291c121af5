"""Ten thousand random histories keep every promise, and would not if one of these bugs were in the product."""

import pytest
from fakes.planted import BUGS
from support import SEARCH_SHARE

from ops.simulate_histories import simulate_histories
from simulation.draw import draw_history
from simulation.fleet import fleet_rules
from simulation.history import History
from simulation.invariants import PROMISES, violations
from simulation.minimise import smaller_ones
from simulation.run import run_history
from simulation.search import Crashed, explain, search

HISTORIES = 10_000
SHARE = 1_000

HAPPENS = {
    # what the platform and ECS do
    "refused", "throttled", "throttled_long", "throttled_briefly", "server_error", "unknown_error", "not_json",
    "timeout_before", "timeout_after", "killed_before", "killed_after", "slow_before", "slow_after", "forbidden", "quota",
    "killed after SendMessage", "killed after CreateImage", "killed after TagResources",
    "dead letter: UnhandledInvocationError", "ran beside another",
    # what the flows make of it
    "waited", "token known", "InvalidImageName.Duplicated", "ImageAdopted", "ImageRequested", "DataDiskSnapshotPending",
    "DataDiskSnapshotMissing", "SnapshotFailed", "EcsRefused", "QuotaExceeded", "PermissionDenied", "NotSystemDisk", "NoPlan",
    "SnapshotTypeExcluded", "ImageAvailable", "ImageAvailablePartial", "ImageOverdue", "ImageCreateFailed",
    "DiskMapMismatch", "DataDisksUnknown", "ImageCheckPassed", "ImageCheckFoundRisks",
}  # fmt: skip
"""Each of these must be met in every thousand histories, or they prove less than they seem to."""


TRACE = [
    "seed 4 breaks a promise: "
    "Every image has exactly one terminal fact on the queue: messages that repeat it carry its id.",
    "  0 terminal facts about m-1",
    "  s-built0-0-0 (timer) begins 20 03:51:53, is finished 03:53:00",
    "    its image, if one is made: Available after 120 s",
    "  SendMessage number 2: timed out without effect",
    "what happened:",
    "  20 04:32:00 reconcile_snapshots starts, try 1",
    "  20 04:32:00   DescribeSnapshots",
    "  20 04:32:00   DescribeImages",
    "  20 04:32:00   DescribeImages",
    "  20 04:32:00   CreateImage -> m-1",
    "  20 04:32:00   SendMessage -> creating/ImageRequested m-1",
    "  20 04:35:00 track_images starts, try 1",
    "  20 04:35:00   m-1 is Available",
    "  20 04:35:00   DescribeImages",
    "  20 04:35:00   TagResources",
    "  20 04:35:00   SendMessage: timed out without effect",
    "  20 04:35:20     fails: MNS.NetWorkException",
]
"""The state stands in the tags, the message never reached the queue, and no sweep looks again."""


@pytest.mark.parametrize("first", range(0, HISTORIES // SEARCH_SHARE, SHARE))
def test_every_promise_holds_in_a_thousand_histories_in_which_everything_happens(first: int) -> None:
    tally, failure = search(range(first, first + SHARE))

    assert failure is None, "\n".join(explain(failure))
    assert {kind for kind in HAPPENS if not tally.seen[kind]} == set()


@pytest.mark.parametrize(
    ("bug", "promise"),
    [
        ("token from the clock", "one_token"),
        ("look-up in Available only", "one_ending"),
        ("look-up of one image in Available only", "only_truth"),
        ("publish after record", "one_ending"),
        ("no adoption after a duplicate name", "only_truth"),
        ("swallowed throttling", "only_truth"),
        ("refusal remembered before it is told", "every_snapshot"),
        ("what was given up is taken up again", "given_up_for_good"),
        ("a new fact with every telling", "one_ending"),
    ],
)
def test_a_planted_bug_is_found(bug: str, promise: str) -> None:
    _, failure = search(range(HISTORIES), BUGS[bug])

    assert failure is not None
    assert failure.violation.promise == promise


def test_the_trace_of_a_failure_holds_what_it_needs_and_no_more() -> None:
    bug = BUGS["publish after record"]

    _, failure = search(range(HISTORIES), bug)
    assert failure is not None
    assert list(explain(failure, bug)) == TRACE


def test_nothing_can_be_taken_away_from_the_smallest_history() -> None:
    bug = BUGS["swallowed throttling"]

    _, failure = search(range(HISTORIES), bug)
    assert failure is not None
    broken = [{each.promise for each in violations(run_history(one, bug))} for one in smaller_ones(failure.smallest)]
    assert failure.violation.promise not in set().union(*broken)


def test_a_seed_gives_the_same_history_and_the_same_messages_again() -> None:
    one, again = run_history(draw_history(7), traced=True), run_history(draw_history(7), traced=True)

    assert one.history == again.history
    assert one.trace == again.trace
    assert [told.message for told in one.world.told] == [told.message for told in again.world.told]


def test_every_promise_is_spelled_out() -> None:
    assert [promise.__name__ for promise in PROMISES if not promise.__doc__] == []


def test_an_error_that_is_no_refusal_ends_the_search_with_its_seed() -> None:
    with pytest.raises(Crashed, match=r"^3$"):
        search(range(3, 4), BUGS["a crash"])


def test_an_outage_of_hours_ends_in_dead_letters_and_the_sweep_makes_the_images() -> None:
    histories = [each for each in map(draw_history, range(SHARE)) if each.outage]
    longest = max(histories, key=_hours_of_outage)

    run = run_history(longest)
    assert {letter.condition for letter in run.dead_letters} >= {"NoInstance"}
    assert (violations(run), bool(run.world.made)) == ([], True)


def _hours_of_outage(history: History) -> tuple[float, int]:
    outage = history.outage
    return (outage.end - outage.begin).total_seconds() if outage else 0, len(history.deliveries)


def test_the_command_tells_what_the_histories_came_to() -> None:
    lines: list[str] = []

    assert simulate_histories(40, 3, lines.append)
    assert [line.split()[-1] for line in lines if line.startswith(("histories", "images"))] == ["3", "10"]


def test_the_command_tells_the_seed_the_promise_the_trace_and_how_to_see_it_again() -> None:
    lines: list[str] = []

    assert not simulate_histories(2, 5, lines.append, BUGS["publish after record"])
    assert lines[-len(TRACE) - 1 :] == [*TRACE, "again: snapimage simulate --seed 4 --histories 1"]


def test_the_fleet_has_a_plan_of_every_sort() -> None:
    plans = fleet_rules().plans.plans

    assert {str(plan.data_disks.take) for plan in plans} >= {"none", "attached"}
    assert {plan.data_disks.on_missing for plan in plans} == {"fail", "leave_out"}
