"""Puts what was decided about a snapshot into the words that subscribers read."""

from datetime import datetime

from .decision import Decided, Fail, Skip, Wait
from .errors import CloudError
from .events import SnapshotCompleted, UnreadableEvent
from .reasons import Reason, State, reason_for
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


def subject_of(decided: Decided, rules: Rules, now: datetime, event_id: str | None = None) -> Subject:
    """The snapshot that the decision is about: of a data disk's event the system snapshot beside it."""
    snapshot = decided.snapshot
    return Subject(
        account_id=rules.account_id,
        region_id=rules.region_id,
        event_id=event_id,
        snapshot_id=snapshot.id if snapshot else None,
        disk_id=(snapshot.disk_id or None) if snapshot else None,
        instance_id=decided.instance_id,
        plan=decided.plan.name if decided.plan else None,
        seconds_since_snapshot=elapsed(decided.ended, now),
    )


def invalid(subject: Subject, event: UnreadableEvent) -> ImageStatus:
    return subject.answer(State.INVALID, Reason.INVALID_EVENT, event.problem)


def skipped(subject: Subject, skip: Skip) -> ImageStatus:
    return subject.answer(State.SKIPPED, skip.reason, skip.explanation)


def failed(subject: Subject, fail: Fail) -> ImageStatus:
    cause = cause_of(fail.cause) if fail.cause else None
    return subject.answer(
        State.FAILED, fail.reason, fail.explanation, missing=fail.missing[:64], cause=cause, is_final=fail.is_final
    )


def waiting(subject: Subject, wait: Wait) -> ImageStatus:
    return subject.answer(State.WAITING, wait.reason, wait.explanation, waiting_for=wait.waiting_for[:64])


def refused(error: CloudError, is_final: bool) -> Fail:
    """ECS said no: its own words are part of the answer."""
    return Fail(reason_for(error.code), str(error), cause=error, is_final=is_final)


def wants_message(status: ImageStatus, rules: Rules) -> bool:
    """Everything is announced, except skips where the plan, or for skips without a plan every plan, asks for silence."""
    if status.state is not State.SKIPPED:
        return True
    if status.plan is None:
        return rules.outline.announces_skips
    return any(plan.notify.skipped for plan in rules.plans.plans if plan.name == status.plan)


def elapsed(moment: datetime | None, now: datetime) -> int | None:
    return max(0, int((now - moment).total_seconds())) if moment else None
