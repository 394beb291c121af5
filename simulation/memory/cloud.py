"""The ports in memory: images and a queue that keep state and follow ECS's rules, with faults on demand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone

from shared.adapters.throttling import Throttling
from shared.domain.facts import Disk, Image, Instance, Snapshot, SnapshotGroup
from shared.domain.message import StatusMessage
from shared.ports import Cloud
from simulation.memory.calls import Entrance, MemoryCalls
from simulation.memory.disks import MemoryDisks
from simulation.memory.images import MemoryImages, NextError
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
    """`faults` belong to `publish`."""

    messages: list[StatusMessage] = field(default_factory=list)
    faults: list[NextError] = field(default_factory=list)

    def publish(self, message: StatusMessage) -> None:
        fault = self.faults.pop(0) if self.faults else None
        if fault is None or fault.applied:
            self.messages.append(message)
        if fault:
            raise fault.error


@dataclass(frozen=True)
class MemoryCloud(Cloud):
    snapshots: MemorySnapshots
    disks: MemoryDisks
    images: MemoryImages
    queue: MemoryQueue
    clock: MemoryClock
    calls: MemoryCalls


def memory_cloud(
    snapshots: Sequence[Snapshot] = (),
    disks: Sequence[Disk] = (),
    images: Sequence[Image] = (),
    groups: Mapping[str, Sequence[SnapshotGroup]] | None = None,
    now: datetime = START,
    patient_for: timedelta | None = None,
    instances: Sequence[Instance] = (),
    entrance: Entrance | None = None,
) -> MemoryCloud:
    """Throttled calls are waited out as in a function that has so much time; not at all without it.

    With an `entrance` of its own nothing is counted.
    """
    clock = MemoryClock(now)
    counted = MemoryCalls(Throttling(clock, now + patient_for if patient_for else None))
    calls = entrance or counted
    hardware = MemoryDisks(calls, clock, disks, instances)
    known = MemorySnapshots(calls, hardware, snapshots, groups)
    return MemoryCloud(known, hardware, MemoryImages(calls, clock, images), MemoryQueue(), clock, counted)
