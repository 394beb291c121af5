"""The cloud in memory: ports that keep state and follow ECS's rules, on a clock that is moved by hand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone

from shared.adapters.throttling import CallRecord, Throttling
from shared.domain.facts import Disk, Instance, Snapshot, SnapshotGroup
from shared.domain.message import StatusMessage
from shared.ports import Cloud
from simulation.memory.disks import MemoryDisks
from simulation.memory.images import MemoryImages
from simulation.memory.snapshots import MemorySnapshots

ACCOUNT, REGION = "1234567890123456", "cn-hangzhou"
"""In which every simulation plays."""
START = datetime(2026, 11, 20, 2, 10, tzinfo=timezone.utc)
"""When it is, unless a test says otherwise."""


class MemoryClock:
    def __init__(self, moment: datetime = START) -> None:
        self._moment = moment

    def now(self) -> datetime:
        return self._moment

    def advance(self, span: timedelta) -> None:
        self._moment += span

    def sleep(self, span: timedelta) -> None:
        self.advance(span)


@dataclass
class MemoryQueue:
    messages: list[StatusMessage] = field(default_factory=list)

    def publish(self, message: StatusMessage) -> None:
        self.messages.append(message)


@dataclass(frozen=True)
class MemoryCloud(Cloud):
    snapshots: MemorySnapshots
    disks: MemoryDisks
    images: MemoryImages
    queue: MemoryQueue
    clock: MemoryClock
    calls: CallRecord


def memory_cloud(
    snapshots: Sequence[Snapshot] = (),
    disks: Sequence[Disk] = (),
    groups: Mapping[str, Sequence[SnapshotGroup]] | None = None,
    now: datetime = START,
    instances: Sequence[Instance] = (),
) -> MemoryCloud:
    """Every call is let in at once and counted."""
    clock = MemoryClock(now)
    calls = CallRecord(Throttling(clock, None))
    hardware = MemoryDisks(calls, clock, disks, instances)
    known = MemorySnapshots(calls, hardware, snapshots, groups)
    return MemoryCloud(known, hardware, MemoryImages(calls, clock), MemoryQueue(), clock, calls)
