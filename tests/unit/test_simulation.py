"""Ten thousand random histories keep every promise, and would not if one of these bugs were in the product."""

from typing import Any

import pytest
from fakes.by_hand import BY_HAND
from fakes.planted import BUGS
from support import SEARCH_SHARE

from ops.simulate.histories import simulate_histories
from simulation.histories.draw import draw_history
from simulation.histories.draw_moves import HAPPENINGS
from simulation.histories.execution import run_history
from simulation.histories.faults import FaultKind
from simulation.histories.history import History
from simulation.histories.invariants import PROMISES, violations
from simulation.histories.machines import fleet_rules
from simulation.histories.search import Crashed, explain, make_small, search
from simulation.histories.shrink import smaller_ones

pytestmark = pytest.mark.slow

HISTORIES = 10_000
SHARE = 1_000

HAPPENS = {
    # what the platform and ECS do
    *(kind.name.lower() for kind in FaultKind),
    "killed after SendMessage", "killed after CreateImage", "killed after TagResources",
    "ran beside another", "QuotaExceed.Tags", "InvalidSnapshot.TooOld",
    # what people do
    *HAPPENINGS, "deleted while Available", "deleted while Creating", "untagged", "altered", "image copied", "flickers",
    "plans renamed", "plans reworded", "plans disabled", "somebody else's image", "151 groups",
    # what the flows make of it
    "waited", "token known", "InvalidImageName.Duplicated", "ImageAdopted", "ImageRequested", "DataDiskSnapshotPending",
    "DataDiskSnapshotMissing", "SnapshotFailed", "EcsRefused", "QuotaExceeded", "PermissionDenied", "NotSystemDisk", "NoPlan",
    "SnapshotTypeExcluded", "ImageAvailable", "ImageAvailablePartial", "ImageOverdue", "ImageCreateFailed", "ImageDeleted",
    "DiskMapMismatch", "DataDisksUnknown", "MachineUnknown", "BeforeSince", "ImageCheckPassed", "ImageCheckFoundRisks",
}  # fmt: skip
"""Each of these must be met in every thousand histories, or they prove less than they seem to."""


def divided(first: int) -> Any:
    """Among the processes that the tests run on."""
    return pytest.param(first, marks=pytest.mark.xdist_group(f"histories-{first}"))


@pytest.mark.parametrize("first", [divided(first) for first in range(0, HISTORIES // SEARCH_SHARE, SHARE)])
def test_every_promise_holds_in_a_thousand_histories_in_which_everything_happens(first: int) -> None:
    tally, failure = search(range(first, first + SHARE))

    assert failure is None, "\n".join(explain(failure))
    assert {kind for kind in HAPPENS if not tally.seen[kind]} == set()


MENDED = (
    102165,  # a snapshot by hand that began after the wait was over
    103372,  # a permission was missing when an event came back
    107349,  # an image flickered between the look and the message
    111304,  # a failure that was marked, and a question that was refused
    112539,  # an image that flickered when its check ended
    113739,  # an end that nobody remembered, and an image that flickered
    113813,  # an image that its snapshot did not show yet
    114097,  # a slow system snapshot and its data disk's in one array
    116824,  # an end that was written over
    119850,  # an image that was deleted and nobody remembered
    120571,  # an end whose tag was refused
    124040,  # a failure whose last tag was lost
    124233,  # an image in the making that lost its tags
    124572,  # a plan that leaves disks aside by name, and one that was released
    125773,  # a last image that does not say when its snapshot ended
    127175,  # an end on its way, and an event beside it
    127382,
    129699,  # a wait that lasts from the end of its snapshot
    209647,  # an image that lost its tags, and a plan that was renamed
    304369,  # an end whose teller was killed, and an image that was deleted at once
    304570,  # an image without its tags, of which nothing tells but its token
    309776,  # a snapshot that began while an invocation looked
    322481,  # a snapshot that began half an hour late, nearer to the next run
    323545,  # an attempt that was cut off, and a refusal at the window's end
    328501,  # a member of a group that failed, and a snapshot by hand
    331403,  # an end after the last sweep that looks back so far
    332671,
    336464,  # an image that ECS listed after the last look in its window
    339552,  # a refusal on its way while an end was being told
    341486,  # an image that was listed late, and a machine that was released
    345697,  # an image that flickered when who told its end was killed
    407356,  # an end whose tag ECS refused, and a disk that moved afterwards
    419505,  # an end that was written over by who had waited for a minute
    432721,  # an image and a refusal at one moment, by two events
    445743,  # an end whose tag was refused long after its image was made, and an image that was deleted
    456492,  # an image that was listed after the refusal that was the end
    471264,  # an end whose teller was killed, and an image that was deleted at once
    479781,  # an event that failed while another made the image
    531045,  # a disk that left between the look at it and the look at its snapshots
    579935,  # an end whose tag ECS refused and whose message was in doubt
    590629,  # a run of the policy without a snapshot of the system disk
    594695,  # a check that ended while its image was being put into its family
    610063,  # an end of a snapshot that has no room for a tag, and a machine that changed
    626305,  # an end whose tag was throttled for minutes, and an image that was deleted
    634836,  # a failure that was marked, and an image that ECS listed half an hour late
    660115,  # two events in one array of which only one knew how long to wait
    707663,  # a failure whose mark ECS refused, and a machine that changed
    769137,  # a refusal of a request that had waited, written over an image that was deleted
    800172,  # an image that said of an earlier snapshot, after its last sweep, that the plan wanted it
    1000897,  # a disk that began so late that the policy had fired again, in a run that skipped the system disk
    1003575,  # a disk that began so late that the next run's system snapshot was nearer
    1116814,  # a set that was refused, and a wait that was over
    1117478,  # a snapshot by hand that began after the wait, while ECS refused the image
    1124438,  # the same, and refused twice
    1680564,  # a disk that left at the first look, and an image of an earlier snapshot that came later
    1439781,  # a failure whose mark waited for a new minute, and an image that was listed meanwhile
)
"""Seeds beyond those of the suite whose histories broke a promise once."""


@pytest.mark.parametrize("seed", MENDED)
def test_what_broke_a_promise_once_keeps_every_promise(seed: int) -> None:
    assert violations(run_history(draw_history(seed))) == []


LEAD = 10
"""So many seeds before the known one are searched as well."""

FOUND = {
    "a disk that was put back came later": (561, "right_disks"),
    "the nearest snapshot, of whichever run": (11, "right_disks"),
    "disks in the order of the listing": (7, "right_disks"),
    "the first page of groups": (35, "right_disks"),
    "the rescue machine's disks": (2183, "only_truth"),
    "local disks are waited for": (5, "only_truth"),
    "the first look is forgotten": (12, "right_disks"),
    "a token with the plan in it": (228, "one_token"),
    "a token from the clock": (5, "one_token"),
    "look-up under the plan's present name": (33, "only_truth"),
    "look-up in Available only": (7, "only_truth"),
    "a copy is taken for ours": (814, "nothing_foreign"),
    "an unknown code is final": (6, "only_truth"),
    "no adoption after a duplicate name": (101, "only_truth"),
    "no memory of the outcome": (6, "one_end"),
    "a plan counts since ever": (77, "one_end"),
    "swallowed throttling": (8, "only_truth"),
    "a new fact with every telling": (2, "one_fact_per_id"),
}
"""For each planted bug the first seed that finds it, and the promise that it breaks there."""


def test_every_planted_bug_has_its_history() -> None:
    assert {*FOUND, *BY_HAND} == set(BUGS) - {"a crash"}


@pytest.mark.parametrize("bug", FOUND)
def test_a_planted_bug_is_found(bug: str) -> None:
    seed, promise = FOUND[bug]

    _, failure = search(range(max(0, seed - LEAD), seed + 1), BUGS[bug])
    assert failure is not None
    assert (failure.seed, failure.violation.promise) == (seed, promise)


@pytest.mark.parametrize("bug", FOUND)
def test_without_the_planted_bug_the_same_history_keeps_every_promise(bug: str) -> None:
    seed, _ = FOUND[bug]

    assert violations(run_history(draw_history(seed))) == []


@pytest.mark.parametrize("bug", BY_HAND)
def test_a_planted_bug_is_found_in_the_history_that_was_made_for_it(bug: str) -> None:
    history, promise = BY_HAND[bug]

    assert promise in {each.promise for each in violations(run_history(history, BUGS[bug]))}


@pytest.mark.parametrize("bug", BY_HAND)
def test_without_the_planted_bug_the_history_that_was_made_for_it_keeps_every_promise(bug: str) -> None:
    history, _ = BY_HAND[bug]

    assert violations(run_history(history)) == []


def test_the_trace_of_a_failure_tells_the_seed_the_promise_what_is_left_and_what_happened() -> None:
    bug = BUGS["disks in the order of the listing"]

    _, failure = search(range(HISTORIES), bug)
    assert failure is not None
    lines = list(explain(failure, bug))
    assert lines[0].startswith(f"seed {failure.seed} breaks a promise: Every image that is asked for has the disks")
    assert lines.index("what happened:") < 12
    assert any("CreateImage -> m-1" in line for line in lines)


def test_nothing_can_be_taken_away_from_the_smallest_history() -> None:
    bug = BUGS["disks in the order of the listing"]

    _, failure = search(range(HISTORIES), bug)
    assert failure is not None
    smallest = make_small(failure, bug).history
    broken = [{each.promise for each in violations(run_history(one, bug))} for one in smaller_ones(smallest)]
    assert failure.violation.promise not in set().union(*broken)


def test_a_seed_gives_the_same_history_and_the_same_messages_again() -> None:
    one, again = run_history(draw_history(7), traced=True), run_history(draw_history(7), traced=True)

    assert one.history == again.history
    assert one.world.trace == again.world.trace
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
    assert [line.split()[-1] for line in lines if line.startswith("histories")] == ["3"]


def test_the_command_tells_how_to_see_a_failure_again() -> None:
    lines: list[str] = []

    assert not simulate_histories(0, SHARE, lines.append, BUGS["disks in the order of the listing"])
    assert lines[-1].startswith("again: snapimage simulate --seed ")


def test_the_fleet_has_a_plan_of_every_sort() -> None:
    plans = fleet_rules().plans.plans

    assert {str(plan.data_disks.take) for plan in plans} >= {"none", "attached"}
    assert {plan.data_disks.on_missing for plan in plans} == {"fail", "leave_out"}
    assert any(plan.source.instance_tags for plan in plans)
