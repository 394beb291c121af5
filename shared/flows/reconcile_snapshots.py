"""Finds what no event brought to an end, and is the engine of a night that is too much for the events.

Every system snapshot of the window goes through the same decision as its event: lost and throttled events are made up
for, sets that waited too long expire, a set whose last event was lost is completed. Images are made while the listing is
read; a run that finds work goes over the same again until there is none, or until its time is over.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from enum import Enum

from shared.domain.decide import SLACK, window_of
from shared.domain.decision import Answer, Matter
from shared.domain.errors import CloudError, ConfigurationError, Throttled
from shared.domain.facts import Role, Snapshot
from shared.domain.outcome import ATTEMPT, LOOK_TAGS, Word, has_room, holds_spent_look, read_outcome
from shared.domain.rules import Rules
from shared.domain.wanted import WHOLE_MINUTE
from shared.flows.answer import answer_all
from shared.flows.log import log, log_trouble
from shared.flows.make import Gate
from shared.flows.region import Region
from shared.ports import Cloud, Snapshots

FUNCTION = "reconcile_snapshots"
RECENT = timedelta(minutes=45)
"""What most minutes look over: less than the hour after which a policy may fire again, and so no run but the present one.
The whole window has its turn every hour."""
MARGIN = timedelta(minutes=1)
"""Left at the end of a run: one page of a hundred snapshots takes less."""
PUT_OFF = frozenset({"LeftToTheNextRun", "SnapshotNotReady", "NotGivenUpYet", "ImageNotVisibleYet", "LookedAtLater"})
"""Troubles that say nothing is wrong with the run."""
HOUR = timedelta(hours=1)
WORTH = 12
"""Pages of a listing for each call that it saves at once. A full page of a hundred machines announces a night, in which
hundreds of such pages follow: with 12, the region of 100,000 snapshots is then listed in one go."""


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
        return Order()
    if not isinstance(asked, dict):
        return Order()
    if asked.get("payload") == Scope.RECENT.value:
        return Order(Scope.RECENT)
    return Order(paused=_read_time(asked["since"])) if "since" in asked else Order()


def reconcile_snapshots(rules: Rules, cloud: Cloud, order: Order | None = None) -> dict[str, int]:
    """How many snapshots were looked at, and what became of them. Raises the first trouble when all had their turn."""
    order, now = order or Order(), cloud.clock.now()
    pause = max(now - order.paused, timedelta()) if order.paused else timedelta()
    begin = now - (RECENT if order.scope is Scope.RECENT else longest_window(rules) + pause)
    foreseen = _foresee(begin, rules) if order.scope is Scope.RECENT else None
    counts, region = Counter[str](), Region(worth=WORTH, foreseen=foreseen)
    while True:
        made, troubles = _go_over(begin, order, pause, rules, cloud, region, counts)
        if not made or _is_time_over(cloud) or any(isinstance(trouble, Throttled) for trouble in troubles):
            break
        region = region.renew(cloud.clock.now())
    log(function=FUNCTION, **counts)
    if troubles:
        raise troubles[0]
    return dict(counts)


def longest_window(rules: Rules) -> timedelta:
    """Of the enabled plans. A little more, so that what leaves its window without an end is given one."""
    windows = [window_of(plan, rules.lookback) for plan in rules.plans.plans if plan.enabled]
    return max(windows, default=rules.lookback) + SLACK


def group_by_age(
    snapshots: Sequence[Snapshot], now: datetime, usual: timedelta, most: timedelta
) -> dict[timedelta, list[Snapshot]]:
    """By how far back one must look for them. What is older than `usual`, up to `most`, no later sweep sees: its window
    ends within the hour, so that this is its last try and whatever is told of it is its end."""
    groups: dict[timedelta, list[Snapshot]] = defaultdict(list)
    for snapshot in snapshots:
        age = now - snapshot.created
        groups[age // HOUR * HOUR if usual <= age <= most else usual].append(snapshot)
    return groups


def _foresee(begin: datetime, rules: Rules) -> datetime | None:
    """Where the snapshots begin that may serve the sets of this run; None where no plan asks machines for them."""
    spans = [
        plan.data_disks.within for plan in rules.plans.plans if plan.enabled and plan.data_disks.take == "attached"
    ]
    return begin - 2 * max(spans) - WHOLE_MINUTE if spans else None


def _read_time(asked: object) -> datetime:
    try:
        return datetime.strptime(str(asked), "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=timezone.utc)
    except ValueError:
        raise ConfigurationError("since: not of the form 2026-11-20T02:00:00Z") from None


def is_unsettled(snapshot: Snapshot, now: datetime) -> bool:
    """Neither answered for good nor still being made: its event is to come. Not of no disk: that one came with an image."""
    if snapshot.role is not Role.SYSTEM or not snapshot.disk_id or snapshot.status not in {"accomplished", "failed"}:
        return False
    outcome = read_outcome(snapshot.tags)
    if outcome is None:
        return has_room(snapshot.tags)
    return not outcome.is_settled and not _rests(snapshot, now)


def _go_over(
    since: datetime, order: Order, pause: timedelta, rules: Rules, cloud: Cloud, region: Region, counts: Counter[str]
) -> tuple[bool, list[CloudError]]:
    """Whether an image was made, and what troubles there were: one pass, page by page."""
    gate, troubles, made = Gate(is_sweep=True), list[CloudError](), False
    for page in cloud.snapshots.of_system_disks(since):
        now = cloud.clock.now()
        for snapshot in page:
            if (outcome := read_outcome(snapshot.tags)) and _rests(snapshot, now):
                gate.remind(outcome)
        unsettled = [each for each in page if is_unsettled(each, now) and not _is_followed(each, order)]
        answers = [
            answer
            for lookback, some in group_by_age(unsettled, now, rules.lookback, rules.lookback + SLACK + pause).items()
            for answer in _answer(some, replace(rules, lookback=lookback), cloud, gate, region)
        ]
        _forget_looks(page, cloud.snapshots, FUNCTION)
        counts.update(looked_at=len(page), done=len(page) - len(unsettled))
        counts.update(no_room=sum(not has_room(each.tags) for each in page))
        counts.update(_counted_as(answer) for answer in answers)
        made = made or any(answer.outcome and answer.outcome.word is Word.REQUESTED for answer in answers)
        troubles += [answer.trouble for answer in answers if answer.trouble and answer.trouble.code not in PUT_OFF]
        if _is_time_over(cloud) or any(isinstance(trouble, Throttled) for trouble in troubles):
            break
    return made, troubles


def _answer(snapshots: Sequence[Snapshot], rules: Rules, cloud: Cloud, gate: Gate, region: Region) -> list[Answer]:
    return answer_all([Matter(snapshot=each) for each in snapshots], rules, cloud, FUNCTION, gate, region)


def _is_followed(snapshot: Snapshot, order: Order) -> bool:
    """An image was made of it a moment ago, and `track_images` will tell of it: each look would be a call. Whether it is
    somebody else's image a run over the whole window finds out."""
    is_new = read_outcome(snapshot.tags) is None and ATTEMPT not in snapshot.tags
    return order.scope is Scope.RECENT and snapshot.has_image and is_new


def _rests(snapshot: Snapshot, now: datetime) -> bool:
    """ECS refused it within the last hour and will refuse it again."""
    outcome = read_outcome(snapshot.tags)
    return outcome is not None and outcome.word is Word.REFUSED and outcome.until is not None and now < outcome.until


def _is_time_over(cloud: Cloud) -> bool:
    return cloud.deadline is not None and cloud.clock.now() > cloud.deadline - MARGIN


def _counted_as(answer: Answer) -> str:
    return answer.status.state.value if answer.status else "postponed"


def _forget_looks(found: Sequence[Snapshot], snapshots: Snapshots, function: str) -> None:
    """Takes the first look off the snapshots that wait no more. What ECS refuses now the next sweep tries again."""
    ids = [each.id for each in found if holds_spent_look(each.tags)]
    try:
        if ids:
            snapshots.untag(ids, LOOK_TAGS)
    except CloudError as trouble:
        log_trouble(function, f"{len(ids)} snapshots", trouble.code, "first look not taken off")
