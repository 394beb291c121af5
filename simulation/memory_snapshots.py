"""Snapshots and disks in memory, and the way in which every call to the cloud in memory comes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from shared.adapters.patience import CallRecord, Patience
from shared.domain.errors import CloudError, Permanent
from shared.domain.facts import Disk, Role, Snapshot, SnapshotGroup

T = TypeVar("T")


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
        calls: MemoryCalls,
        snapshots: Sequence[Snapshot] = (),
        disks: Sequence[Disk] = (),
        groups: Mapping[str, Sequence[SnapshotGroup]] | None = None,
    ) -> None:
        self.faults: list[CloudError] = []
        self._snapshots = {snapshot.id: snapshot for snapshot in snapshots}
        self._disks = {disk.id: disk for disk in disks}
        self._groups = dict(groups or {})
        self._calls = calls

    def put(self, snapshot: Snapshot) -> None:
        """Adds a snapshot, or changes the one with this id."""
        self._snapshots[snapshot.id] = snapshot

    def find(self, snapshot_ids: Sequence[str]) -> list[Snapshot]:
        self._call("DescribeSnapshots")
        return [self._snapshots[each] for each in snapshot_ids if each in self._snapshots]

    def of_disk(self, disk_id: str, since: datetime) -> list[Snapshot]:
        self._call("DescribeSnapshots")
        return [each for each in self._begun_after(since) if each.disk_id == disk_id]

    def of_instance(self, instance_id: str, since: datetime) -> list[Snapshot]:
        self._call("DescribeSnapshots")
        attached = {disk.id for disk in self._attached(instance_id)}
        return [each for each in self._begun_after(since) if each.disk_id in attached]

    def system_disks(self, since: datetime) -> list[Snapshot]:
        self._call("DescribeSnapshots")
        return [each for each in self._begun_after(since) if each.role is Role.SYSTEM]

    def groups(self, instance_id: str) -> list[SnapshotGroup]:
        self._call("DescribeSnapshotGroups")
        return list(self._groups.get(instance_id, ()))

    def disk(self, disk_id: str) -> Disk | None:
        self._call("DescribeDisks")
        return self._disks.get(disk_id)

    def disks(self, disk_ids: Sequence[str]) -> list[Disk]:
        self._call("DescribeDisks")
        return [self._disks[each] for each in disk_ids if each in self._disks]

    def attached(self, instance_id: str) -> list[Disk]:
        self._call("DescribeDisks")
        return self._attached(instance_id)

    def record(self, snapshot_id: str, tags: Mapping[str, str]) -> None:
        self._call("TagResources")
        if snapshot_id not in self._snapshots:
            raise Permanent("InvalidResourceId.NotFound", f"no such snapshot: {snapshot_id}", 404, "request-tag")
        known = self._snapshots[snapshot_id]
        self.put(replace(known, tags={**known.tags, **tags}))

    def _begun_after(self, since: datetime) -> list[Snapshot]:
        return [each for each in self._snapshots.values() if each.created >= since]

    def _attached(self, instance_id: str) -> list[Disk]:
        return [disk for disk in self._disks.values() if disk.instance_id == instance_id]

    def _call(self, action: str) -> None:
        self._calls.enter(action, self._fail)

    def _fail(self) -> None:
        if self.faults:
            raise self.faults.pop(0)
