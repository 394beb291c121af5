"""Snapshots and disks in memory, and the way in which every call to the cloud in memory comes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol, TypeVar

from shared.adapters.patience import CallRecord, Patience
from shared.domain.errors import CloudError
from shared.domain.facts import Disk, Role, Snapshot, SnapshotGroup
from simulation.refusals import refuse

T = TypeVar("T")


PAGE = 100
"""Entries in one reply of a listing; the next hundred cost another call."""


class Entrance(Protocol):
    def enter(self, action: str, apply: Callable[[], T]) -> T:
        """One call: what `apply` returns at the moment when the call is let in."""


def list_pages(calls: Entrance, action: str, find: Callable[[], list[T]]) -> list[T]:
    """A listing as of its first page, and the calls that it costs."""
    found = calls.enter(action, find)
    for _ in range((len(found) - 1) // PAGE):
        calls.enter(action, lambda: None)
    return found


def _let_in(_: str) -> None:
    return None


class MemoryCalls(CallRecord):
    """Every call, with the real waiting. `admit` may take its time or raise, and is asked for every attempt."""

    def __init__(self, patience: Patience, admit: Callable[[str], None] = _let_in) -> None:
        super().__init__(patience)
        self._admit = admit

    def enter(self, action: str, apply: Callable[[], T]) -> T:
        return self.send(action, lambda: self._arrive(action, apply))

    def _arrive(self, action: str, apply: Callable[[], T]) -> T:
        self._admit(action)
        return apply()


class MemorySnapshots:
    """`faults` are raised by the next calls, whichever they are."""

    def __init__(
        self,
        calls: Entrance,
        snapshots: Sequence[Snapshot] = (),
        disks: Sequence[Disk] = (),
        groups: Mapping[str, Sequence[SnapshotGroup]] | None = None,
    ) -> None:
        self.faults: list[CloudError] = []
        self._snapshots: dict[str, Snapshot] = {}
        self._of_disk: dict[str, dict[str, None]] = {}
        self._disks: dict[str, Disk] = {}
        self._on_instance: dict[str, dict[str, Disk]] = {}
        self._groups = dict(groups or {})
        self._calls = calls
        for disk in disks:
            self.put_disk(disk)
        for snapshot in snapshots:
            self.put(snapshot)

    def put(self, snapshot: Snapshot) -> None:
        """Adds a snapshot, or changes the one with this id."""
        self._snapshots[snapshot.id] = snapshot
        self._of_disk.setdefault(snapshot.disk_id, {})[snapshot.id] = None

    def put_disk(self, disk: Disk) -> None:
        """Adds a disk, or changes the one with this id."""
        if disk.id in self._disks:
            del self._on_instance[self._disks[disk.id].instance_id or ""][disk.id]
        self._disks[disk.id] = disk
        self._on_instance.setdefault(disk.instance_id or "", {})[disk.id] = disk

    def known(self, snapshot_id: str) -> Snapshot | None:
        """What there is under this id, without a call."""
        return self._snapshots.get(snapshot_id)

    def find(self, snapshot_ids: Sequence[str]) -> list[Snapshot]:
        self._call("DescribeSnapshots")
        return [self._snapshots[each] for each in snapshot_ids if each in self._snapshots]

    def of_disk(self, disk_id: str, since: datetime) -> list[Snapshot]:
        return self._pages(lambda: self._taken_of([disk_id], since))

    def of_instance(self, instance_id: str, since: datetime) -> list[Snapshot]:
        return self._pages(lambda: self._taken_of([disk.id for disk in self._attached(instance_id)], since))

    def system_disks(self, since: datetime) -> list[Snapshot]:
        return self._pages(lambda: [each for each in self._begun_after(since) if each.role is Role.SYSTEM])

    def groups(self, instance_id: str) -> list[SnapshotGroup]:
        self._call("DescribeSnapshotGroups")
        return list(self._groups.get(instance_id, ()))

    def disk(self, disk_id: str) -> Disk | None:
        self._call("DescribeDisks")
        return self._disks.get(disk_id)

    def disks(self, disk_ids: Sequence[str]) -> list[Disk]:
        for _ in range(0, len(disk_ids), PAGE):
            self._call("DescribeDisks")
        return [self._disks[each] for each in disk_ids if each in self._disks]

    def attached(self, instance_id: str) -> list[Disk]:
        self._call("DescribeDisks")
        return self._attached(instance_id)

    def record(self, snapshot_id: str, tags: Mapping[str, str]) -> None:
        self._call("TagResources")
        if snapshot_id not in self._snapshots:
            raise refuse(
                "TagResources", 404, "InvalidResourceId.NotFound", f"no such snapshot: {snapshot_id}", "request-tag"
            )
        known = self._snapshots[snapshot_id]
        self.put(replace(known, tags={**known.tags, **tags}))

    def _begun_after(self, since: datetime) -> list[Snapshot]:
        return [each for each in self._snapshots.values() if each.created >= since]

    def _attached(self, instance_id: str) -> list[Disk]:
        return list(self._on_instance.get(instance_id, {}).values())

    def _taken_of(self, disk_ids: Sequence[str], since: datetime) -> list[Snapshot]:
        known = [self._snapshots[each] for disk_id in disk_ids for each in self._of_disk.get(disk_id, ())]
        return [each for each in known if each.created >= since]

    def _pages(self, find: Callable[[], list[Snapshot]]) -> list[Snapshot]:
        def let_in() -> list[Snapshot]:
            self._fail()
            return find()

        return list_pages(self._calls, "DescribeSnapshots", let_in)

    def _call(self, action: str) -> None:
        self._calls.enter(action, self._fail)

    def _fail(self) -> None:
        if self.faults:
            raise self.faults.pop(0)
