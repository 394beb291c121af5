"""Where a function works, what it was told to do, and what an event alone is refused by; what every answer begins with.

A refusal is answered from here, and loads none of the other decisions.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from .events import SnapshotCompleted, UnreadableEvent
from .message import TEXT, ImageStatus
from .message_fields import Reason, State

if TYPE_CHECKING:
    from .plans import Plan, Plans


SLACK = timedelta(hours=2)
"""A set that waits is looked at once more after its wait is over, even when some sweeps were missed."""
LAST_LOOK = timedelta(hours=4)
"""So long after its window a snapshot is still looked at, to have its end although sweeps were missed just then."""


@dataclass(frozen=True)
class Outline:
    """What of the plans an event can be refused by."""

    snapshot_types: frozenset[str]
    """Those that any plan takes."""
    announces_skips: bool
    """Whether any plan wants to hear of skips."""


@dataclass(frozen=True)
class Rules:
    """The plans are read when they are first asked for: reading them takes longer than refusing an event."""

    account_id: str
    region_id: str
    outline: Outline
    read_plans: "Callable[[], Plans]"
    lookback: timedelta
    """How far back a sweep looks for snapshots without an answer."""

    def window_of(self, plan: "Plan") -> timedelta:
        """How long after its beginning a snapshot may still become an image."""
        return max(self.lookback, plan.data_disks.wait_for + SLACK)

    @cached_property
    def plans(self) -> "Plans":
        return self.read_plans()


def outline_of(plans: "Plans") -> Outline:
    kinds = frozenset(kind for plan in plans.plans for kind in plan.source.snapshot_types)
    return Outline(kinds, any(plan.notify.skipped for plan in plans.plans))


def rules_for(account_id: str, region_id: str, plans: "Plans", lookback: timedelta = timedelta(days=1)) -> Rules:
    """The rules of somebody who has the plans at hand."""
    return Rules(account_id, region_id, outline_of(plans), lambda: plans, lookback)


@dataclass(frozen=True)
class Skip:
    """Not for us."""

    reason: Reason
    explanation: str
    plan: "Plan | None" = None


@dataclass(frozen=True)
class Subject:
    """What an answer is about, as far as it is known when the answer is given."""

    account_id: str
    region_id: str
    event_id: str | None = None
    snapshot_id: str | None = None
    disk_id: str | None = None
    instance_id: str | None = None
    plan: str | None = None
    seconds_since_snapshot: int | None = None

    def answer(self, state: State, reason: Reason, explanation: str, is_final: bool = True) -> ImageStatus:
        """`is_final` is False for a failure whose cause can be removed."""
        return ImageStatus(
            state=state,
            reason=reason,
            terminal=state.is_terminal and is_final,
            explanation=explanation[:TEXT],
            **vars(self),
        )


def refuse_event(event: SnapshotCompleted, rules: Rules) -> Skip | None:
    """What the event alone tells, before anything is asked or loaded."""
    strangers = sorted(event.account_ids - {rules.account_id})
    elsewhere = sorted(event.region_ids - {rules.region_id})
    if strangers:
        return Skip(Reason.WRONG_ACCOUNT, f"the event is of account {strangers[0]}, not {rules.account_id}")
    if elsewhere:
        return Skip(Reason.WRONG_REGION, f"images are regional: {elsewhere[0]} is not {rules.region_id}")
    if event.kind and event.kind not in rules.outline.snapshot_types:
        return Skip(Reason.SNAPSHOT_TYPE_EXCLUDED, f"no plan takes {event.kind} snapshots")
    return None


def subject_of_event(event: SnapshotCompleted | UnreadableEvent, rules: Rules, now: datetime) -> Subject:
    who = (rules.account_id, rules.region_id, event.event_id, event.snapshot_id, event.disk_id)
    return Subject(*who, seconds_since_snapshot=elapsed(event.ended, now))


def invalid(subject: Subject, event: UnreadableEvent) -> ImageStatus:
    return subject.answer(State.INVALID, Reason.INVALID_EVENT, event.problem)


def skipped(subject: Subject, skip: Skip) -> ImageStatus:
    return subject.answer(State.SKIPPED, skip.reason, skip.explanation)


def wants_message(status: ImageStatus, rules: Rules) -> bool:
    """Everything is announced, except skips where the plan, or for skips without a plan every plan, asks for silence."""
    if status.state is not State.SKIPPED:
        return True
    if status.plan is None:
        return rules.outline.announces_skips
    return any(plan.notify.skipped for plan in rules.plans.plans if plan.name == status.plan)


def elapsed(moment: datetime | None, now: datetime) -> int | None:
    return max(0, int((now - moment).total_seconds())) if moment else None
