"""What a decision is made of, and what it can be: the view of all that was gathered, and every decision there is.

A decision is written as if everything were known. What the view lacks raises NotGathered; whoever called gathers the fact and
decides anew: so no fact is asked of ECS that no decision needs.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Any, TypeAlias

from .errors import CloudError
from .events import SnapshotCompleted
from .facts import Disk, Image, Instance, Snapshot, SnapshotGroup
from .message_fields import Reason
from .rules import Skip

if TYPE_CHECKING:
    from collections.abc import Callable

    from .image_request import ImageRequest
    from .outcome import Look, Outcome
    from .plans import Plan


class Kind(str, Enum):
    """What can be asked. Each is one call of ECS for one id, or for a hundred where the first three words say `by id`."""

    SNAPSHOT = "by id: snapshot"
    DISK = "by id: disk"
    INSTANCE = "by id: instance"
    SNAPSHOTS_OF_DISK = "snapshots of a disk"
    SNAPSHOTS_OF_INSTANCE = "snapshots of the disks that are attached to an instance now"
    DISKS_OF_INSTANCE = "disks that are attached to an instance now"
    GROUPS_OF_INSTANCE = "snapshot-consistent groups of an instance"
    IMAGES_OF_DISK = "our images of a system disk, in all statuses"
    IMAGES_OF_SNAPSHOT = "images of a system snapshot, by whomever"


@dataclass(frozen=True)
class Question:
    kind: Kind
    id: str
    since: datetime | None = None
    """Of snapshots: those that began earlier are not meant."""


class NotGathered(Exception):
    """A decision needs a fact that nobody has asked for."""

    def __init__(self, question: Question) -> None:
        self.question = question


class View:
    """The answers so far. A question that ECS refused raises its refusal for whoever needs the answer. `look_up` answers from
    what a run has listed, with None where that does not tell."""

    def __init__(self, look_up: "Callable[[Question], object]" = lambda _: None) -> None:
        self._answers: dict[tuple[Kind, str], tuple[datetime | None, Any]] = {}
        self._look_up = look_up

    def add(self, question: Question, answer: object) -> None:
        """`answer` is what the method of the kind's name returns, or the CloudError that came instead."""
        self._answers[question.kind, question.id] = (question.since, answer)
        for found in answer if isinstance(answer, tuple) else ():
            kind = {Snapshot: Kind.SNAPSHOT, Disk: Kind.DISK}.get(type(found))
            if kind:  # who was listed need not be asked for by its id
                self._answers.setdefault((kind, found.id), (None, found))

    def snapshot(self, snapshot_id: str) -> Snapshot | None:
        """None when it does not exist, or may not be seen."""
        return self._ask(Question(Kind.SNAPSHOT, snapshot_id))  # type: ignore[no-any-return]

    def disk(self, disk_id: str) -> Disk | None:
        """None when it is gone."""
        return self._ask(Question(Kind.DISK, disk_id))  # type: ignore[no-any-return]

    def instance(self, instance_id: str) -> Instance | None:
        return self._ask(Question(Kind.INSTANCE, instance_id))  # type: ignore[no-any-return]

    def snapshots_of_disk(self, disk_id: str, since: datetime) -> tuple[Snapshot, ...]:
        return self._ask(Question(Kind.SNAPSHOTS_OF_DISK, disk_id, since))  # type: ignore[no-any-return]

    def snapshots_of_instance(self, instance_id: str, since: datetime) -> tuple[Snapshot, ...]:
        return self._ask(Question(Kind.SNAPSHOTS_OF_INSTANCE, instance_id, since))  # type: ignore[no-any-return]

    def disks_of_instance(self, instance_id: str) -> tuple[Disk, ...]:
        return self._ask(Question(Kind.DISKS_OF_INSTANCE, instance_id))  # type: ignore[no-any-return]

    def groups_of_instance(self, instance_id: str) -> tuple[SnapshotGroup, ...]:
        return self._ask(Question(Kind.GROUPS_OF_INSTANCE, instance_id))  # type: ignore[no-any-return]

    def images_of_disk(self, disk_id: str) -> tuple[Image, ...]:
        return self._ask(Question(Kind.IMAGES_OF_DISK, disk_id))  # type: ignore[no-any-return]

    def images_of_snapshot(self, snapshot_id: str) -> tuple[Image, ...]:
        return self._ask(Question(Kind.IMAGES_OF_SNAPSHOT, snapshot_id))  # type: ignore[no-any-return]

    def _ask(self, question: Question) -> Any:
        known = self._answers.get((question.kind, question.id))
        if known is None or (question.since and known[0] and known[0] > question.since):
            if (found := self._look_up(question)) is None:
                raise NotGathered(question)
            self.add(question, found)
            return found
        if isinstance(known[1], CloudError):
            raise known[1]
        return known[1]


@dataclass(frozen=True)
class Fail:
    """It will not become an image."""

    reason: Reason
    explanation: str
    missing: tuple[str, ...] = ()
    cause: CloudError | None = None
    """What ECS said, if ECS refused it."""
    is_final: bool = True
    """False when an operator can remove the cause, and the sweep then goes on."""


@dataclass(frozen=True)
class TryLater:
    """Nothing can be decided now; the sweep looks again."""

    code: str
    explanation: str


@dataclass(frozen=True)
class Wait:
    """For a snapshot that is to come or to be finished, or for a machine to be known."""

    reason: Reason
    explanation: str
    waiting_for: tuple[str, ...]
    until: datetime
    """When the wait for what is absent is over."""
    look: "Look | None" = None
    """The disks that were there, to be remembered."""


@dataclass(frozen=True)
class Settled:
    """Told before; nothing is done and nothing told."""

    outcome: "Outcome"


@dataclass(frozen=True)
class Adopt:
    """The image is there already."""

    image: Image


@dataclass(frozen=True)
class Make:
    request: "ImageRequest"
    look: "Look | None" = None
    """The disks that were there, to be remembered should ECS refuse the image for now."""
    wait_ends: datetime | None = None
    """As `until` of a wait, to be remembered, too."""


Decision: TypeAlias = Skip | Fail | TryLater | Wait | Settled | Adopt | Make
UNDECIDED = TryLater("", "")
"""Stands until something is decided; its words are never told."""


@dataclass(frozen=True)
class Decided:
    """A decision and what it is about, as far as that is known."""

    decision: Decision
    snapshot: Snapshot | None = None
    """The system snapshot; for a data disk's event the one whose set it belongs to."""
    plan: "Plan | None" = None
    instance_id: str | None = None
    ended: datetime | None = None
    """When the snapshot was finished; only its event knows."""


@dataclass(frozen=True)
class Matter:
    """One snapshot to be answered for: named by an event, or found by a sweep."""

    event: SnapshotCompleted | None = None
    snapshot: Snapshot | None = None

    @property
    def event_id(self) -> str | None:
        return self.event.event_id if self.event else None

    @property
    def snapshot_id(self) -> str | None:
        return self.snapshot.id if self.snapshot else self.event.snapshot_id if self.event else None
