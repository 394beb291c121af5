"""Puts a decision into the words that subscribers read."""

from datetime import datetime

from .errors import Permanent
from .events import SnapshotCompleted, UnreadableEvent
from .reasons import Reason, State, reason_for
from .refusal import Fail, Skip
from .rules import Rules
from .status import ImageStatus, Subject, cause_of


def subject_of_event(event: SnapshotCompleted | UnreadableEvent, rules: Rules, now: datetime) -> Subject:
    ended = event.ended if isinstance(event, SnapshotCompleted) else None
    return Subject(
        account_id=rules.account_id,
        region_id=rules.region_id,
        event_id=event.event_id,
        snapshot_id=event.snapshot_id,
        disk_id=event.disk_id if isinstance(event, SnapshotCompleted) else None,
        seconds_since_snapshot=elapsed(ended, now),
    )


def invalid(subject: Subject, event: UnreadableEvent) -> ImageStatus:
    return subject.answer(State.INVALID, Reason.INVALID_EVENT, event.problem)


def skipped(subject: Subject, skip: Skip) -> ImageStatus:
    plan = skip.plan.name if skip.plan else subject.plan
    return subject.answer(State.SKIPPED, skip.reason, skip.explanation, plan=plan)


def failed(subject: Subject, fail: Fail) -> ImageStatus:
    cause = cause_of(Permanent(fail.code, fail.explanation)) if fail.code else None
    return subject.answer(State.FAILED, fail.reason, fail.explanation, missing=fail.missing, cause=cause)


def waiting(subject: Subject, waiting_for: tuple[str, ...]) -> ImageStatus:
    text = f"waiting for a data-disk snapshot of {', '.join(waiting_for)}"
    return subject.answer(State.WAITING, Reason.DATA_DISK_SNAPSHOT_PENDING, text, waiting_for=waiting_for)


def refused(subject: Subject, error: Permanent) -> ImageStatus:
    """ECS said no for good: its own words are part of the answer."""
    return subject.answer(State.FAILED, reason_for(error.code), str(error), cause=cause_of(error))


def wants_message(status: ImageStatus, rules: Rules) -> bool:
    """Everything is announced, except skips where the plan, or for skips without a plan every plan, asks for silence."""
    if status.state is not State.SKIPPED:
        return True
    if status.plan is None:
        return rules.outline.announces_skips
    return any(plan.notify.skipped for plan in rules.plans.plans if plan.name == status.plan)


def elapsed(moment: datetime | None, now: datetime) -> int | None:
    return max(0, int((now - moment).total_seconds())) if moment else None
