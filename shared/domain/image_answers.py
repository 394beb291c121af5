"""Puts what becomes of an image into the words that subscribers read."""

from dataclasses import replace
from datetime import datetime, timezone
from typing import Any

from .answers import elapsed
from .facts import Image
from .image_request import ImageRequest, Origin
from .memory import OurTags, recall_disks
from .progress import Verdict
from .reasons import Reason, State
from .rules import Rules
from .status import ImageStatus, Subject, check_result, disk_fields


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
        seconds_since_snapshot=elapsed(ended, now),
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
