"""What the flows need from the outside, and nothing about how it is spelled there."""

from __future__ import annotations

from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime, timedelta

    from shared.domain.errors import CloudError
    from shared.domain.facts import Disk, Image, Instance, Snapshot, SnapshotGroup
    from shared.domain.image_request import ImageRequest
    from shared.domain.message import StatusMessage
    from shared.domain.report_envelope import ReportMessage

T = TypeVar("T")
AT_ONCE = 16
"""Questions or messages on their way at one time: one message takes as long as a call of ECS, and a night has tens of
thousands."""


class Snapshots(Protocol):
    """Snapshots. Every method may raise Transient or Refused; every listing is whole or raises."""

    def find(self, snapshot_ids: Sequence[str]) -> list[Snapshot]:
        """Those that exist, in any order and number."""

    def of_disk(self, disk_id: str, since: datetime) -> list[Snapshot]:
        """Every snapshot of a disk begun after `since`, whatever its status."""

    def of_instance(self, instance_id: str, since: datetime) -> list[Snapshot]:
        """Every snapshot of the disks attached to an instance now, begun after `since`, whatever its status."""

    def of_system_disks(self, since: datetime) -> Iterator[list[Snapshot]]:
        """Every snapshot of a system disk in the region, begun after `since`, whatever its status, page by page."""

    def of_data_disks(self, since: datetime) -> Iterator[list[Snapshot]]:
        """Every snapshot of a data disk in the region, begun after `since`, whatever its status, page by page."""

    def tagged(self, tags: Mapping[str, str]) -> list[Snapshot]:
        """Those that carry all of these tags."""

    def groups_of_instance(self, instance_id: str) -> list[SnapshotGroup]:
        """The snapshot-consistent groups of an instance."""

    def tag(self, snapshot_ids: Sequence[str], tags: Mapping[str, str]) -> None:
        """Sets the same tags on snapshots that exist; a missing one is Refused for the whole call."""

    def untag(self, snapshot_ids: Sequence[str], keys: Sequence[str]) -> None:
        """Takes tags off snapshots that exist, whether they carry them or not; a missing one is Refused for the whole call."""


class Disks(Protocol):
    """Disks and the machines they hang on. Every method may raise Transient or Refused."""

    def find(self, disk_ids: Sequence[str]) -> list[Disk]:
        """Those that exist, in any order and number."""

    def of_instance(self, instance_id: str) -> list[Disk]:
        """The disks attached to an instance now, each as it is attached there."""

    def everywhere(self) -> Iterator[list[Disk]]:
        """Every disk in the region, page by page."""

    def instances(self, instance_ids: Sequence[str]) -> list[Instance]:
        """Those that exist, in any order and number."""


class Images(Protocol):
    """Images of this account, in all statuses. Every method may raise Transient or Refused."""

    def tagged(self, tags: Mapping[str, str]) -> list[Image]:
        """Those that carry all of these tags."""

    def of_snapshot(self, snapshot_id: str) -> list[Image]:
        """Those made from this system snapshot, by anybody."""

    def made_since(self, since: datetime) -> Iterator[list[Image]]:
        """Those created after `since`, by anybody in the account, page by page."""

    def named(self, name: str) -> list[Image]:
        """Those with exactly this name."""

    def create_all(self, requests: Sequence[ImageRequest]) -> list[str | CloudError]:
        """The id of each image that was begun, or the refusal, several at a time; all that is left is refused when time is up.
        OutcomeUnknown and AlreadyExists ask for a look."""

    def tag(self, image_ids: Sequence[str], tags: Mapping[str, str]) -> None:
        """Sets the same tags on images that exist; a missing image is Refused for the whole call."""

    def set_family(self, image_id: str, family: str) -> None:
        """From now on the image is in this family, whose newest image ECS takes: that which was created last (ECS help, "Image
        family overview")."""


class StatusQueue(Protocol):
    def publish(self, message: StatusMessage) -> None:
        """Returns when the queue has it; raises Transient otherwise, whatever the cause: a fact must not be lost."""


class ReportQueue(Protocol):
    def publish(self, message: ReportMessage) -> None:
        """As a StatusQueue does."""


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


class RefusalLog(CallLog, Protocol):
    """Which of them were refused or throttled, with the code of each."""

    refusals: list[tuple[str, str]]


@dataclass
class Warm:
    """What an instance remembers from one invocation to the next. Losing it costs some calls, never an answer."""

    throttled: datetime | None = None
    """When an event was throttled last."""
    overtaken: datetime | None = None
    """When an event came last that the platform had held back so long that the sweep was quicker."""
    answered_before: int = 0
    """How many such events came since one that was still open."""
    tracked: datetime | None = None
    """When images were looked at last."""


def one_after_another(work: Callable[[], None], times: int) -> None:
    """For work that takes one thing after another until none is left, once does what several times would do."""
    if times:
        work()


@dataclass(frozen=True)
class Cloud:
    """Everything that a flow may touch."""

    snapshots: Snapshots
    disks: Disks
    images: Images
    queue: StatusQueue
    clock: Clock
    calls: CallLog
    deadline: datetime | None = None
    """When the invocation will be ended; None where nobody tells."""
    warm: Warm = field(default_factory=Warm)
    together: Callable[[Callable[[], None], int], None] = one_after_another
    """Does the same so many times side by side."""

    def is_late(self, margin: timedelta) -> bool:
        """Whether less than this is left of the invocation."""
        return self.deadline is not None and self.clock.now() > self.deadline - margin


def take_each(left: deque[T]) -> Iterator[T]:
    """For each of several that work side by side: one thing after another, until none is left for anybody."""
    with suppress(IndexError):
        while True:
            yield left.popleft()


def do_each(things: Iterable[T], do: Callable[[T], None], cloud: Cloud, at_once: int = AT_ONCE) -> None:
    """For each of them, several side by side."""
    left = deque(things)

    def work() -> None:
        for thing in take_each(left):
            do(thing)

    cloud.together(work, min(at_once, len(left)))
