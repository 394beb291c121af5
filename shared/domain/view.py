"""All facts that were gathered for some decisions. A decision asks the view; what is not there yet is gathered and asked again.

So a decision is written once, as if everything were known, and no fact is asked of ECS that no decision needs.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

from .errors import CloudError
from .facts import Disk, Image, Instance, Snapshot, SnapshotGroup


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


BY_ID = {Snapshot: Kind.SNAPSHOT, Disk: Kind.DISK}


class View:
    """The answers so far. A question that ECS refused raises its refusal for whoever needs the answer."""

    def __init__(self) -> None:
        self._answers: dict[tuple[Kind, str], tuple[datetime | None, Any]] = {}

    def add(self, question: Question, answer: object) -> None:
        """`answer` is what the method of the kind's name returns, or the CloudError that came instead."""
        self._answers[question.kind, question.id] = (question.since, answer)
        for found in answer if isinstance(answer, tuple) else ():
            kind = BY_ID.get(type(found))
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
            raise NotGathered(question)
        if isinstance(known[1], CloudError):
            raise known[1]
        return known[1]
