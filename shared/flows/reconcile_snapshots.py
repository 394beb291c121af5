"""Finds what no event brought to an end, and is the engine of a night that is too much for the events.

Every system snapshot of the window goes through the same decision as its event. Images are made while the listing is read;
a run that finds work goes over the same again until there is none, or until its time is over.
"""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from enum import Enum

from shared.domain.errors import ConfigurationError
from shared.domain.facts import Snapshot
from shared.domain.rules import LAST_LOOK, Rules
from shared.domain.wanted import window_start
from shared.flows.log import log
from shared.flows.region import Region
from shared.flows.sweep import FUNCTION, Pass
from shared.ports import Cloud

RECENT = timedelta(minutes=45)
"""What most minutes look over: less than the hour after which a policy may fire again, and so no run but the present one.
The whole window has its turn every hour."""
WORTH = 12
"""Pages of a listing for each call that it saves at once. A full page of a hundred machines announces a night, in which
hundreds of such pages follow: with 12, the region of 100,000 snapshots is then listed in one go."""
AGAIN = timedelta(minutes=15)
"""After a pass over the whole listing, so long is only looked again at what it has left; then the listing is read anew."""
PAGE = 100
"""Snapshots that are asked for by their ids in one call."""


class Scope(Enum):
    """How far back a run looks at first."""

    RECENT = "recent"
    WHOLE = "whole"


@dataclass(frozen=True)
class Order:
    """What a run is asked for: by a timer the scope that `s.yaml` gives it, by `snapimage resume` the time of the pause."""

    scope: Scope = Scope.WHOLE
    paused: datetime | None = None
    """When the functions were paused: the run looks back as far as it would have done then."""


def read_order(event: bytes) -> Order:
    """The whole window, unless the event says otherwise: `{"payload": "recent"}` of a timer (FC help, "Time triggers"),
    `{"since": "2026-11-20T02:00:00Z"}` of `snapimage resume`."""
    try:
        asked = json.loads(event)
    except (ValueError, RecursionError):
        asked = None
    match asked:
        case {"payload": Scope.RECENT.value}:
            return Order(Scope.RECENT)
        case {"since": since}:
            return Order(paused=_read_time(since))
    return Order()


def reconcile_snapshots(rules: Rules, cloud: Cloud, order: Order | None = None) -> dict[str, int]:
    """How many snapshots were looked at, and what became of them. Raises the first trouble when all had their turn."""
    order, now = order or Order(), cloud.clock.now()
    is_recent = order.scope is Scope.RECENT
    pause = max(now - order.paused, timedelta()) if order.paused else timedelta()
    begin = now - (RECENT if is_recent else longest_window(rules) + pause)
    counts, region = Counter[str](), Region(worth=WORTH, foreseen=_foresee(begin, rules) if is_recent else None)

    def go_over(pages: Iterator[list[Snapshot]]) -> Pass:
        this = Pass(rules, cloud, region, counts, is_recent, pause)
        this.go_over(pages)
        return this

    while True:
        whole = last = go_over(cloud.snapshots.of_system_disks(begin))
        until = cloud.clock.now() + AGAIN
        while last.has_made and last.left and not last.is_ended and cloud.clock.now() < until:
            last = go_over(_find(last.left, cloud))
        if last.is_ended or not whole.has_made:
            break
        region = region.renew(cloud.clock.now())
    log(function=FUNCTION, **counts)
    if last.troubles:
        raise last.troubles[0]
    return counts


def _find(ids: Sequence[str], cloud: Cloud) -> Iterator[list[Snapshot]]:
    """As they are now, page by page."""
    for start in range(0, len(ids), PAGE):
        yield cloud.snapshots.find(ids[start : start + PAGE])


def longest_window(rules: Rules) -> timedelta:
    """Of the enabled plans. A little more, so that what leaves its window without an end is given one."""
    windows = [rules.window_of(plan) for plan in rules.plans.plans if plan.enabled]
    return max(windows, default=rules.lookback) + LAST_LOOK


def _foresee(begin: datetime, rules: Rules) -> datetime | None:
    """Where the snapshots begin that may serve the sets of this run; None where no plan asks machines for them."""
    spans = [
        plan.data_disks.within for plan in rules.plans.plans if plan.enabled and plan.data_disks.take == "attached"
    ]
    return window_start(begin, max(spans)) if spans else None


def _read_time(asked: object) -> datetime:
    try:
        return datetime.strptime(str(asked), "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=timezone.utc)
    except ValueError:
        raise ConfigurationError("since: not of the form 2026-11-20T02:00:00Z") from None
