"""A simulated night as text: its images over time, its calls, what it cost, and what larger nights would need."""

from collections.abc import Iterator

from shared.domain.facts import Role
from simulation.night_world import ENDING_SECONDS
from simulation.outcome import Outcome
from simulation.quota import MINUTE

ROWS, WIDTH = 20, 50
LARGER = (10_000, 100_000)


def tell_night(outcome: Outcome) -> Iterator[str]:
    yield _title(outcome)
    yield ""
    yield from _plot(outcome)
    yield ""
    yield from _results(outcome)
    yield ""
    yield from _calls(outcome)
    yield ""
    yield from _larger(outcome)


def _title(outcome: Outcome) -> str:
    count = len(outcome.fleet.endings)
    systems = sum(each.snapshot.role is Role.SYSTEM for each in outcome.fleet.endings)
    ends = f"{count:,} snapshots end within {ENDING_SECONDS // 60} minutes, {systems:,} of system disks"
    return f"{ends} and {count - systems:,} of data disks; ECS takes {outcome.cloud.quota.per_minute:,} calls of each API a minute"


def _plot(outcome: Outcome) -> Iterator[str]:
    """One line for each minute, or for several of a long night."""
    step = int(outcome.last_image // MINUTE) // ROWS + 1
    rows = [0] * (int(outcome.last_image // MINUTE) // step + 1)
    for moment in outcome.cloud.made_at:
        rows[int(moment // MINUTE) // step] += 1
    most = max(rows) or 1
    yield "minute  images"
    for row, images in enumerate(rows):
        yield f"{row * step:>6}  {images:>6,}  {'#' * round(WIDTH * images / most)}".rstrip()


def _results(outcome: Outcome) -> Iterator[str]:
    api, calls = outcome.needed.most_common(1)[0]
    function = outcome.functions["create_image"]
    spent, made = function.spent, len(outcome.cloud.images.images)
    seconds = spent.billed_seconds
    yield (
        f"images     {made:,}, the last after {outcome.last_image / MINUTE:.1f} minutes; "
        f"lost {len(outcome.lost):,}, made twice {len(outcome.twice):,}"
    )
    yield (
        f"time       {calls:,} calls of {api} alone take {outcome.least_seconds / MINUTE:.1f} minutes, "
        f"the snapshots {outcome.last_ending / MINUTE:.1f}; {outcome.ratio:.2f} times the longer of the two"
    )
    yield (
        f"events     {len(outcome.fleet.endings):,}; tried again by the platform {spent.retries:,}, timed out "
        f"{spent.timeouts:,}, dead letters {len(outcome.dead_letters):,}, without an answer {len(outcome.unanswered):,}"
    )
    yield (
        f"instances  {function.deployed.concurrency} of create_image, billed {seconds:,.0f} s, of which "
        f"{outcome.cloud.waited['create_image']:,} s waiting for a new minute: "
        f"{seconds * function.deployed.memory_gib:,.0f} GB-s, {seconds * function.deployed.vcpu:,.0f} vCPU-s"
    )


def _calls(outcome: Outcome) -> Iterator[str]:
    made, refused = outcome.cloud.quota.total_made(), outcome.cloud.quota.total_refused()
    yield f"{'ECS call':<20} {'made':>8} {'refused':>8}"
    for action, count in made.most_common():
        yield f"{action:<20} {count:>8,} {refused[action]:>8,}"


def _larger(outcome: Outcome) -> Iterator[str]:
    """What the quota alone would dictate; the platform's own delays come on top."""
    yield "what the events of larger nights need at this quota, on paper:"
    for count in LARGER:
        share = count / len(outcome.fleet.endings) / outcome.cloud.quota.per_minute / 60
        hours = ", ".join(f"{action} {calls * share:.1f} h" for action, calls in outcome.calls_of_events.most_common(4))
        yield f"{count:>9,} snapshots  {hours}"
