"""What became of each snapshot of a machine's system disk, as its images and its own tags tell."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from enum import Enum

from shared.domain.message_fields import Reason, State

from .facts import Image, Snapshot
from .image_tags import NEVER_OVERDUE, SNAPSHOT, recall_about, recall_disks
from .outcome import Outcome, Word, read_outcome
from .progress import judge_image


class PointState(str, Enum):
    AVAILABLE = "available"
    """The image is usable, has the intended disks, and no high risk was found in it."""
    PARTIAL = "partial"
    """The same, but disks were left out."""
    FAILING = "failing"
    WAITING = "waiting"
    """On its way."""
    DELETED = "deleted"
    """The image was usable, and is gone."""
    UNANSWERED = "unanswered"
    """Too old for an event or a sweep to answer it."""


RANK = (PointState.AVAILABLE, PointState.PARTIAL, PointState.WAITING, PointState.FAILING)
ON_THE_WAY = {Word.REQUESTED: "its image is requested", Word.MAKING: "its image is being made"}


@dataclass(frozen=True)
class RecoveryPoint:
    """One snapshot of a system disk on its way to an image."""

    snapshot_id: str
    state: PointState
    text: str
    began: datetime | None = None
    """The snapshot; None where it was not listed."""
    reason: Reason | None = None
    code: str = ""
    """With which ECS refused it, if it did."""
    image: Image | None = None
    left_out: tuple[str, ...] = ()

    @property
    def taken(self) -> datetime | None:
        """When what is in the image was so, as nearly as anybody knows. Never too early: the snapshot began before."""
        if self.began:
            return self.began
        about = recall_about(self.image.tags) if self.image else None
        ended = datetime.fromtimestamp(about.ended, timezone.utc) if about and about.ended else None
        known = [moment for moment in (ended, self.image.created if self.image else None) if moment]
        return min(known, default=None)

    @property
    def gib(self) -> int:
        """Sizes of the disks whose snapshots the image holds: at most so much is billed."""
        disks = self.image.disks if self.image else ()
        return sum(disk.size_gib for disk in disks if disk.snapshot_id)


def find_points(
    snapshots: Iterable[Snapshot], images: Iterable[Image], window: timedelta, now: datetime
) -> tuple[RecoveryPoint, ...]:
    """Newest first. `window` is how long after its beginning a snapshot may become an image."""
    of_snapshot: dict[str, list[Image]] = defaultdict(list)
    for image in images:
        of_snapshot[image.tags[SNAPSHOT]].append(image)
    known = {each.id: each for each in snapshots}
    found = [_of_images(known.get(key), key, some, now) for key, some in of_snapshot.items()]
    found += [_of_snapshot(each, window, now) for each in known.values() if each.id not in of_snapshot]
    return tuple(sorted(found, key=lambda each: (each.taken or now, each.snapshot_id), reverse=True))


def _of_images(snapshot: Snapshot | None, snapshot_id: str, images: Sequence[Image], now: datetime) -> RecoveryPoint:
    """By the best of its images, should there be several."""
    began = snapshot.created if snapshot else None
    judged = [_judge(each, snapshot_id, began, now) for each in images]
    return min(judged, key=lambda each: RANK.index(each.state))


def _judge(image: Image, snapshot_id: str, began: datetime | None, now: datetime) -> RecoveryPoint:
    about = recall_about(image.tags)
    verdict = judge_image(image, timedelta(seconds=about.overdue_after if about else NEVER_OVERDUE), now)
    high = [risk.name for risk in (image.check.risks if image.check else ()) if risk.level == "High"]
    intended = recall_disks(image.tags)
    left_out = intended.left_out if intended else ()
    state, reason, text = PointState.WAITING, verdict.reason, verdict.explanation
    if verdict.state is State.FAILED:
        state = PointState.FAILING
    elif verdict.state is State.AVAILABLE and high:
        state, reason = PointState.FAILING, Reason.IMAGE_CHECK_FOUND_RISKS
        text = f"the check of {image.id} found a high risk: {', '.join(high)}"
    elif verdict.state is State.AVAILABLE:
        state = PointState.PARTIAL if left_out else PointState.AVAILABLE
    return RecoveryPoint(snapshot_id, state, text, began, reason, image=image, left_out=left_out)


def _of_snapshot(snapshot: Snapshot, window: timedelta, now: datetime) -> RecoveryPoint:
    """One without an image."""
    outcome = read_outcome(snapshot.tags)
    state, reason, text = _tell(snapshot, outcome, now > snapshot.created + window)
    code = outcome.code if outcome else ""
    said = f"{snapshot.id} {text}" + (f" ({code})" if code else "")
    return RecoveryPoint(snapshot.id, state, said, snapshot.created, reason, code)


def _tell(snapshot: Snapshot, outcome: Outcome | None, is_over: bool) -> tuple[PointState, Reason | None, str]:
    if outcome is None:
        if snapshot.status == "failed":
            return PointState.FAILING, Reason.SNAPSHOT_FAILED, "failed; there is nothing to make an image from"
        if snapshot.status != "accomplished":
            return PointState.WAITING, None, f"is {snapshot.status}"
        if is_over:
            return PointState.UNANSWERED, None, "has no answer, and no sweep looks at it any more: `snapimage make`"
        return PointState.WAITING, None, "has no answer yet"
    reason = outcome.reason
    why = f": {reason.value}" if reason else ""
    match outcome.word:
        case Word.WAITING:
            return PointState.WAITING, reason, f"waits{why}"
        case Word.REQUESTED | Word.MAKING:
            return PointState.WAITING, Reason.IMAGE_REQUESTED, f"waits: {ON_THE_WAY[outcome.word]}"
        case Word.AVAILABLE:
            return PointState.DELETED, reason, "had an image, which was deleted since"
        case Word.REFUSED:
            return PointState.FAILING, reason, f"was refused by ECS, and is tried again{why}"
        case Word.FAILING | Word.FAILED:
            return PointState.FAILING, reason, f"failed{why}"
