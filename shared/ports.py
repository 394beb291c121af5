"""What the flows need from the outside, and nothing about how it is spelled there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime, timedelta

    from shared.domain.facts import Disk, Image, Snapshot, SnapshotGroup
    from shared.domain.image_request import ImageRequest
    from shared.domain.message import StatusMessage


class Snapshots(Protocol):
    """Snapshots and the disks they were taken of. Every method may raise Transient or Permanent."""

    def find(self, snapshot_ids: Sequence[str]) -> list[Snapshot]:
        """Those that exist, in any order."""

    def of_disk(self, disk_id: str, since: datetime) -> list[Snapshot]:
        """Every snapshot of a disk begun after `since`, whatever its status."""

    def of_instance(self, instance_id: str, since: datetime) -> list[Snapshot]:
        """Every snapshot of the disks attached to an instance now, begun after `since`, whatever its status."""

    def groups(self, instance_id: str) -> list[SnapshotGroup]:
        """The snapshot-consistent groups of an instance."""

    def disk(self, disk_id: str) -> Disk | None:
        """None when the disk is gone."""

    def system_disks(self, since: datetime) -> list[Snapshot]:
        """Every snapshot of a system disk in the region, begun after `since`, whatever its status."""

    def disks(self, disk_ids: Sequence[str]) -> list[Disk]:
        """Those that exist, in any order and number."""

    def record(self, snapshot_id: str, tags: Mapping[str, str]) -> None:
        """Sets tags on a snapshot."""

    def attached(self, instance_id: str) -> list[Disk]:
        """The disks attached to an instance now."""


class Images(Protocol):
    """Our images, in all statuses. Every method may raise Transient or Permanent."""

    def tagged(self, tags: Mapping[str, str]) -> list[Image]:
        """Those that carry all of these tags."""

    def of_snapshot(self, snapshot_id: str) -> list[Image]:
        """Those made from this system snapshot, by anybody."""

    def made_since(self, since: datetime) -> list[Image]:
        """Those created after `since`, by anybody in the account."""

    def named(self, name: str) -> list[Image]:
        """Those with exactly this name."""

    def create(self, request: ImageRequest) -> str:
        """Starts an image and returns its id; OutcomeUnknown and AlreadyExists ask for a look."""

    def record(self, image_ids: Sequence[str], tags: Mapping[str, str]) -> None:
        """Sets tags on images that exist; a missing image is Permanent for the whole call."""

    def set_family(self, image_id: str, family: str) -> None:
        """From now on the image is the newest of its family."""


class StatusQueue(Protocol):
    def publish(self, message: StatusMessage) -> None:
        """Returns when the queue has it; raises Transient otherwise, whatever the cause: a fact must not be lost."""


class Clock(Protocol):
    def now(self) -> datetime:
        """UTC, with its zone."""

    def sleep(self, span: timedelta) -> None:
        """Returns when so much time has passed."""


class CallLog(Protocol):
    """The names of the ECS actions called so far, in order."""

    def since(self, mark: int) -> list[str]: ...

    def mark(self) -> int: ...

    def waited(self, mark: int) -> timedelta:
        """How long calls since the mark were held back because ECS throttled them."""


@dataclass(frozen=True)
class Cloud:
    """Everything that a flow may touch."""

    snapshots: Snapshots
    images: Images
    queue: StatusQueue
    clock: Clock
    calls: CallLog
