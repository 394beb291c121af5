"""One pass over pages of snapshots: while images of one page are asked for, the page before it is told and the next is decided.

CreateImage is what a large night is short of, so it waits for nothing else. A crash leaves two pages untold, which is 200
images at most: each carries its snapshot's id, so that `track_images` tells of it, and no second one is made.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial

from shared.domain.answers import Answer
from shared.domain.decision import Decided, Matter
from shared.domain.errors import CloudError, Throttled
from shared.domain.facts import Role, Snapshot
from shared.domain.message_fields import State
from shared.domain.outcome import ATTEMPT, LOOK_TAGS, Word, has_room, holds_spent_look, read_outcome
from shared.domain.rules import LAST_LOOK, Rules
from shared.flows.answer import LATER, carry_out_all, decide_all, takes_a_fresh_look, tell_all
from shared.flows.log import log_trouble
from shared.flows.make import Gate
from shared.flows.region import FRESH, Region
from shared.ports import Cloud, Snapshots, do_each

FUNCTION = "reconcile_snapshots"
MARGIN = timedelta(minutes=1)
"""Left at the end of a run: to tell of a page of a hundred snapshots takes less."""
PUT_OFF = frozenset({"LeftToTheNextRun", "SnapshotNotReady", "NotGivenUpYet", "ImageNotVisibleYet", "LookedAtLater"})
"""Troubles that say nothing is wrong with the run."""
HOUR = timedelta(hours=1)


@dataclass
class Lot:
    """One page on its way."""

    page: list[Snapshot]
    mark: int
    """Where its calls begin."""
    begun: datetime
    decided: list[tuple[Rules, list[tuple[Matter, Decided | CloudError]]]] = field(default_factory=list)
    """What is about to leave its window has rules of its own."""
    answers: list[Answer] = field(default_factory=list)


@dataclass
class Pass:
    """`is_recent` leaves the images that events made a moment ago to `track_images`; `pause` is how much further back than
    usual one must look."""

    rules: Rules
    cloud: Cloud
    region: Region
    counts: Counter[str]
    is_recent: bool
    pause: timedelta
    gate: Gate = field(default_factory=lambda: Gate(is_sweep=True))
    left: list[str] = field(default_factory=list)
    """Snapshots that may become an image when they are looked at again."""
    has_made: bool = False
    troubles: list[CloudError] = field(default_factory=list)
    refusal: CloudError | None = None
    """What came instead of a page, or of all that is done with one."""
    is_over: bool = False
    """Nothing more is to be read."""
    is_ended: bool = False
    """Before all was read: by the time, or by ECS, which will refuse the next image as well."""

    def go_over(self, pages: Iterator[list[Snapshot]]) -> None:
        """Raises what ECS says instead of a page, when those before it are done with."""
        self.region.is_of_use = False
        decided: Lot | None = None
        made: Lot | None = None
        while decided or made or not self.is_over:
            following: list[Lot] = []
            steps: list[Callable[[], None]] = [partial(self._tell, made)] if made else []
            steps += [partial(self._make, decided)] if decided else []
            steps += [] if self.is_over else [partial(self._decide, pages, following)]
            do_each(steps, self._do, self.cloud)
            if self.cloud.is_late(MARGIN):
                self.is_over = self.is_ended = True
            made, decided = decided, None if self.is_ended else next(iter(following), None)
        if self.refusal:
            raise self.refusal

    def _do(self, step: Callable[[], None]) -> None:
        try:
            step()
        except CloudError as refusal:
            self.refusal, self.is_over = self.refusal or refusal, True

    def _decide(self, pages: Iterator[list[Snapshot]], following: list[Lot]) -> None:
        page = next(pages, None)
        if page is None:
            self.is_over = True
            return
        lot = Lot(page, self.cloud.calls.mark(), now := self.cloud.clock.now())
        taken = [each for each in page if is_unsettled(each, now) and not self._is_left(each)]
        most = self.rules.lookback + LAST_LOOK + self.pause
        for lookback, some in group_by_age(taken, now, self.rules.lookback, most).items():
            matters = [Matter(snapshot=each) for each in some]
            rules = self.rules if lookback == self.rules.lookback else replace(self.rules, lookback=lookback)
            results = decide_all(matters, rules, self.cloud, self.region)
            lot.decided.append((rules, list(zip(matters, results, strict=True))))
        following.append(lot)

    def _make(self, lot: Lot) -> None:
        now = self.cloud.clock.now()
        for snapshot in lot.page:
            if (outcome := read_outcome(snapshot.tags)) and outcome.word is Word.REFUSED and outcome.stands(now):
                self.gate.recent[outcome.code] += 1
        is_old = now - lot.begun > FRESH  # the page before has waited for a new minute
        for rules, decided in lot.decided:
            results = [(each, LATER if is_old and takes_a_fresh_look(result) else result) for each, result in decided]
            lot.answers += carry_out_all(results, rules, self.cloud, self.gate)
        self.has_made |= any(answer.outcome and answer.outcome.word is Word.REQUESTED for answer in lot.answers)
        self.region.is_of_use = self.has_made
        if any(isinstance(answer.trouble, Throttled) for answer in lot.answers):
            self.is_over = self.is_ended = True

    def _tell(self, lot: Lot) -> None:
        answers = tell_all(lot.answers, self.rules, self.cloud, FUNCTION, True, lot.mark)
        _forget_looks(lot.page, self.cloud.snapshots)
        self.counts["looked_at"] += len(lot.page)
        self.counts["done"] += len(lot.page) - len(answers)
        self.counts["no_room"] += sum(not has_room(each.tags) for each in lot.page)
        self.counts.update(answer.status.state.value if answer.status else "postponed" for answer in answers)
        self.troubles += [answer.trouble for answer in answers if answer.trouble and answer.trouble.code not in PUT_OFF]
        self.left += [each.id for each in lot.page if each.role is Role.SYSTEM and each.status == "progressing"]
        is_open = [answer for answer in answers if not answer.status or answer.status.state is State.WAITING]
        self.left += [answer.matter.snapshot.id for answer in is_open if answer.matter.snapshot]

    def _is_left(self, snapshot: Snapshot) -> bool:
        """To a later pass what began after the listing. To `track_images` what an image was made of a moment ago: each look
        would be a call. Whether it is somebody else's image a run over the whole window finds out."""
        is_new = read_outcome(snapshot.tags) is None and ATTEMPT not in snapshot.tags
        return (self.is_recent and snapshot.has_image and is_new) or not self.region.may_know(snapshot)


def group_by_age(
    snapshots: Sequence[Snapshot], now: datetime, usual: timedelta, most: timedelta
) -> dict[timedelta, list[Snapshot]]:
    """By how far back one must look for them. What is older than `usual`, up to `most`, no later sweep sees: its window
    ends within the hour, so that this is its last try and whatever is told of it is its end."""
    groups: dict[timedelta, list[Snapshot]] = defaultdict(list)
    for snapshot in snapshots:
        age = now - snapshot.created
        groups[max(age // HOUR * HOUR, usual) if age <= most else usual].append(snapshot)
    return groups


def is_unsettled(snapshot: Snapshot, now: datetime) -> bool:
    """Neither answered for good nor still being made: its event is to come. Not of no disk: that one came with an image."""
    if snapshot.role is not Role.SYSTEM or not snapshot.disk_id or snapshot.status not in {"accomplished", "failed"}:
        return False
    outcome = read_outcome(snapshot.tags)
    if outcome is None:
        return has_room(snapshot.tags)
    return not outcome.stands(now)


def _forget_looks(found: Sequence[Snapshot], snapshots: Snapshots) -> None:
    """Takes the first look off the snapshots that wait no more. What ECS refuses now the next sweep tries again."""
    ids = [each.id for each in found if holds_spent_look(each.tags)]
    try:
        if ids:
            snapshots.untag(ids, LOOK_TAGS)
    except CloudError as trouble:
        log_trouble(FUNCTION, f"{len(ids)} snapshots", trouble.code, "first look not taken off")
