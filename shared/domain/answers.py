"""Puts a decision into the words that subscribers read."""

from dataclasses import replace
from datetime import datetime, timezone
from typing import Any

from .decision import Fail, Skip
from .errors import Permanent
from .events import SnapshotCompleted, UnreadableEvent
from .facts import Image
from .image_request import ImageRequest, Origin
from .memory import OurTags, recall_disks
from .progress import Verdict
from .reasons import Reason, State, reason_for
from .rules import Rules
from .status import ImageStatus, Subject, cause_of, check_result, disk_fields


def subject_of_event(event: SnapshotCompleted | UnreadableEvent, rules: Rules, now: datetime) -> Subject:
    ended = event.ended if isinstance(event, SnapshotCompleted) else None
    return Subject(
        account_id=rules.account_id,
        region_id=rules.region_id,
        event_id=event.event_id,
        snapshot_id=event.snapshot_id,
        disk_id=event.disk_id if isinstance(event, SnapshotCompleted) else None,
        seconds_since_snapshot=_elapsed(ended, now),
    )


def subject_of_image(about: OurTags, rules: Rules, now: datetime) -> Subject:
    """From what the image remembers; there is no event here."""
    ended = datetime.fromtimestamp(about.ended, timezone.utc) if about.ended else None
    return Subject(
        account_id=rules.account_id,
        region_id=rules.region_id,
        snapshot_id=about.snapshot_id,
        disk_id=about.disk_id,
        instance_id=about.instance_id,
        plan=about.plan,
        seconds_since_snapshot=_elapsed(ended, now),
    )


def subject_of_origin(origin: Origin, rules: Rules) -> Subject:
    """A snapshot that no event brought here."""
    return with_origin(Subject(account_id=rules.account_id, region_id=rules.region_id), origin)


def with_origin(subject: Subject, origin: Origin) -> Subject:
    """The same subject once its disk, instance and plan are known. A data disk's event is about the system snapshot."""
    known: dict[str, Any] = {
        "snapshot_id": origin.snapshot.id,
        "disk_id": origin.snapshot.disk_id or None,
        "instance_id": origin.instance_id,
        "plan": origin.plan.name,
    }
    if subject.snapshot_id != origin.snapshot.id:
        known["seconds_since_snapshot"] = None
    return replace(subject, **known)


def invalid(subject: Subject, event: UnreadableEvent) -> ImageStatus:
    return subject.answer(State.INVALID, Reason.INVALID_EVENT, event.problem)


def skipped(subject: Subject, skip: Skip) -> ImageStatus:
    plan = skip.plan.name if skip.plan else subject.plan
    return subject.answer(State.SKIPPED, skip.reason, skip.explanation, plan=plan)


def failed(subject: Subject, fail: Fail) -> ImageStatus:
    return subject.answer(State.FAILED, fail.reason, fail.explanation, missing=fail.missing)


def waiting(subject: Subject, waiting_for: tuple[str, ...]) -> ImageStatus:
    text = f"waiting for a data-disk snapshot of {', '.join(waiting_for)}"
    return subject.answer(State.WAITING, Reason.DATA_DISK_SNAPSHOT_PENDING, text, waiting_for=waiting_for)


def refused(subject: Subject, error: Permanent) -> ImageStatus:
    """ECS said no for good: its own words are part of the answer."""
    return subject.answer(State.FAILED, reason_for(error.code), str(error), cause=cause_of(error))


def requested(subject: Subject, request: ImageRequest, image_id: str) -> ImageStatus:
    return subject.answer(
        State.CREATING,
        Reason.IMAGE_REQUESTED,
        f"{image_id} is being made",
        image_id=image_id,
        image_name=request.name,
        image_status="Creating",
        **disk_fields(request.disk_set),
    )


def found(subject: Subject, image: Image, verdict: Verdict) -> ImageStatus:
    """An image that exists, as judged."""
    intent = recall_disks(image.tags)
    return subject.answer(
        verdict.state,
        verdict.reason,
        verdict.explanation,
        image_id=image.id,
        image_name=image.name,
        image_status=image.status,
        check=check_result(image.check),
        **(disk_fields(intent) if intent else {}),
    )


def wants_message(status: ImageStatus, rules: Rules) -> bool:
    """Everything is announced, except skips where the plan, or for skips without a plan every plan, asks for silence."""
    if status.state is not State.SKIPPED:
        return True
    if status.plan is None:
        return rules.outline.announces_skips
    return any(plan.notify.skipped for plan in rules.plans.plans if plan.name == status.plan)


def _elapsed(moment: datetime | None, now: datetime) -> int | None:
    return max(0, int((now - moment).total_seconds())) if moment else None
