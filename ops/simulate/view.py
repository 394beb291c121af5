"""A simulated night as text: its images over time, its calls, and what it cost."""

from collections.abc import Iterator

from shared.domain.facts import Role
from simulation.nights.fleet import ENDING_SECONDS
from simulation.nights.quota import MINUTE, Minutes
from simulation.nights.result import NightResult

ROWS, WIDTH = 20, 50
LONG = 2 * 3600


def tell_night(outcome: NightResult) -> Iterator[str]:
    yield _title(outcome)
    yield ""
    yield from _plot(outcome)
    yield ""
    yield from _results(outcome)
    yield ""
    yield from _calls(outcome)
    yield ""


def _title(outcome: NightResult) -> str:
    count = len(outcome.fleet.endings)
    systems = sum(each.snapshot.role is Role.SYSTEM for each in outcome.fleet.endings)
    ends = f"{count:,} snapshots end within {ENDING_SECONDS // 60} minutes, {systems:,} of system disks"
    return f"{ends} and {count - systems:,} of data disks; ECS takes {outcome.cloud.quota.per_minute:,} calls of each API a minute"


def _plot(outcome: NightResult) -> Iterator[str]:
    """One line for each minute, or for several of a long night."""
    step = int(outcome.last_image // MINUTE) // ROWS + 1
    rows = [0] * (int(outcome.last_image // MINUTE) // step + 1)
    for moment in outcome.cloud.made_at:
        rows[int(moment // MINUTE) // step] += 1
    most = max(rows) or 1
    yield "minute  images"
    for row, images in enumerate(rows):
        yield f"{row * step:>6}  {images:>6,}  {'#' * round(WIDTH * images / most)}".rstrip()


def _results(outcome: NightResult) -> Iterator[str]:
    made = len(outcome.cloud.made_at)
    events = outcome.functions["create_image"].spent
    yield (
        f"images     {made:,}, the last after {_minutes(outcome.last_image)}; "
        f"lost {len(outcome.lost):,}, made twice {len(outcome.twice):,}, without an end told {len(outcome.untold):,}"
    )
    yield (
        f"time       CreateImage alone takes {_minutes(outcome.least_seconds)}, the snapshots "
        f"{_minutes(outcome.last_ending)}; {outcome.ratio:.2f} times the longer of the two"
        + ("" if outcome.is_in_time else ": TOO LATE")
    )
    yield (
        f"events     {len(outcome.fleet.endings):,}; tried again by the platform {events.retries:,}, timed out "
        f"{events.timeouts:,}, dead letters {len(outcome.dead_letters):,}"
    )
    yield (
        f"per image  {sum(outcome.calls_of().values()) / made:.2f} ECS calls, "
        f"{sum(outcome.calls_of('reconcile_snapshots').values()) / made:.2f} of them by the sweep; "
        f"{outcome.gb_seconds / made:.2f} GB-s"
    )


def _minutes(seconds: float) -> str:
    return f"{seconds / MINUTE:.1f} min" if seconds < LONG else f"{seconds / 3600:.2f} h"


def _calls(outcome: NightResult) -> Iterator[str]:
    refused, names = outcome.cloud.quota.total_refused(), sorted(outcome.functions)
    yield f"{'ECS call':<20} {'refused':>8} " + " ".join(f"{name:>20}" for name in names)
    by_function = {name: outcome.calls_of(name) for name in names}
    for action, _ in outcome.calls_of().most_common():
        yield f"{action:<20} {refused[action]:>8,} " + " ".join(f"{by_function[name][action]:>20,}" for name in names)


def tell_beside(minutes: Minutes, outcome: NightResult) -> str:
    flaws = f"lost {len(outcome.lost):,}, made twice {len(outcome.twice):,}, dead letters {len(outcome.dead_letters):,}"
    return f"if ECS counts {minutes.value}: {_minutes(outcome.last_image)}, {outcome.ratio:.2f} times; {flaws}"
