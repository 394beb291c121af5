"""Puts what becomes of an image into the words that subscribers read."""

from datetime import datetime, timezone

from .answers import elapsed
from .decision import Settled
from .facts import Image, Snapshot
from .image_request import ImageRequest
from .image_tags import OurTags, recall_disks
from .outcome import Word
from .progress import Verdict
from .reasons import Reason, State
from .rules import Rules
from .status import ImageStatus, Subject, check_result, disk_fields

STATES = {
    Word.WAITING: State.WAITING,
    Word.REQUESTED: State.CREATING,
    Word.MAKING: State.CREATING,
    Word.AVAILABLE: State.AVAILABLE,
    Word.REFUSED: State.FAILED,
    Word.FAILING: State.FAILED,
    Word.FAILED: State.FAILED,
}


def subject_of_image(about: OurTags, rules: Rules, now: datetime) -> Subject:
    """From what the image remembers; there is no event here."""
    ended = datetime.fromtimestamp(about.ended, timezone.utc) if about.ended else None
    return Subject(
        account_id=rules.account_id,
        region_id=rules.region_id,
        snapshot_id=about.snapshot_id,
        disk_id=about.disk_id,
        instance_id=about.instance_id,
        plan=about.plan or None,
        seconds_since_snapshot=elapsed(ended, now),
    )


def told_before(subject: Subject, settled: Settled) -> ImageStatus:
    """An answer for the caller and the log; no message says it again."""
    outcome = settled.outcome
    reason = outcome.reason or Reason.IMAGE_REQUESTED
    text = f"told before: the snapshot's outcome is {outcome.word.value}"
    is_final = outcome.word is not Word.REFUSED
    return subject.answer(STATES[outcome.word], reason, text, is_final=is_final)


def deleted(snapshot: Snapshot, rules: Rules) -> ImageStatus:
    """Its image was to be made, and is gone before it was told usable. What it was to be is gone with it."""
    subject = Subject(
        account_id=rules.account_id,
        region_id=rules.region_id,
        snapshot_id=snapshot.id,
        disk_id=snapshot.disk_id or None,
    )
    return subject.answer(
        State.FAILED, Reason.IMAGE_DELETED, f"the image of {snapshot.id} was deleted before it was usable"
    )


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
