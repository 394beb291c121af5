"""Snapshots in memory: found by id, disk, machine or tag, with the tags that ECS has room for."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from shared.domain.errors import CloudError
from shared.domain.facts import Role, Snapshot, SnapshotGroup
from simulation.memory.calls import PAGE, Entrance, list_pages, read_pages
from simulation.memory.disks import MemoryDisks
from simulation.memory.refusals import refuse

MOST_TAGS = 20
"""ECS help, "Limits", Tags: of one resource."""


class MemorySnapshots:
    """`faults` are raised by the next calls, whichever they are."""

    def __init__(
        self,
        calls: Entrance,
        disks: MemoryDisks,
        snapshots: Sequence[Snapshot] = (),
        groups: Mapping[str, Sequence[SnapshotGroup]] | None = None,
    ) -> None:
        self.faults: list[CloudError] = []
        self._snapshots: dict[str, Snapshot] = {}
        self._of_disk: dict[str, dict[str, None]] = {}
        self._groups = dict(groups or {})
        self._calls = calls
        self._disks = disks
        for snapshot in snapshots:
            self.put(snapshot)

    def put(self, snapshot: Snapshot) -> None:
        """Adds a snapshot, or changes the one with this id."""
        self._snapshots[snapshot.id] = snapshot
        self._of_disk.setdefault(snapshot.disk_id, {})[snapshot.id] = None

    def delete(self, snapshot_id: str) -> None:
        snapshot = self._snapshots.pop(snapshot_id)
        del self._of_disk[snapshot.disk_id][snapshot_id]

    def known(self, snapshot_id: str) -> Snapshot | None:
        """What there is under this id, without a call."""
        return self._snapshots.get(snapshot_id)

    def carrying(self, tags: Mapping[str, str]) -> list[Snapshot]:
        """All of the tags, without a call."""
        return [each for each in self._snapshots.values() if tags.items() <= each.tags.items()]

    def find(self, snapshot_ids: Sequence[str]) -> list[Snapshot]:
        for _ in range(0, len(snapshot_ids), PAGE):
            self._calls.enter("DescribeSnapshots", self._fail)
        return [self._snapshots[each] for each in snapshot_ids if each in self._snapshots]

    def of_disk(self, disk_id: str, since: datetime) -> list[Snapshot]:
        return self._list(lambda: self._taken_of([disk_id], since))

    def of_instance(self, instance_id: str, since: datetime) -> list[Snapshot]:
        """Of the disks that hang on it now: what ECS says of others, no page says."""
        return self._list(lambda: self._taken_of([disk.id for disk in self._disks.on(instance_id)], since))

    def of_system_disks(self, since: datetime) -> Iterator[list[Snapshot]]:
        return self._everywhere(Role.SYSTEM, since)

    def of_data_disks(self, since: datetime) -> Iterator[list[Snapshot]]:
        return self._everywhere(Role.DATA, since)

    def _everywhere(self, role: Role, since: datetime) -> Iterator[list[Snapshot]]:
        def find() -> list[Snapshot]:
            self._fail()
            return [each for each in self._snapshots.values() if each.role is role and each.created >= since]

        return read_pages(self._calls, "DescribeSnapshots", find)

    def tagged(self, tags: Mapping[str, str]) -> list[Snapshot]:
        return self._list(lambda: self.carrying(tags))

    def groups_of_instance(self, instance_id: str) -> list[SnapshotGroup]:
        def find() -> list[SnapshotGroup]:
            self._fail()
            return list(self._groups.get(instance_id, ()))

        return list_pages(self._calls, "DescribeSnapshotGroups", find)

    def tag(self, snapshot_ids: Sequence[str], tags: Mapping[str, str]) -> None:
        self._calls.enter("TagResources", lambda: self._tag(snapshot_ids, tags))

    def untag(self, snapshot_ids: Sequence[str], keys: Sequence[str]) -> None:
        self._calls.enter("UntagResources", lambda: self._untag(snapshot_ids, keys))

    def _untag(self, snapshot_ids: Sequence[str], keys: Sequence[str]) -> None:
        self._check("UntagResources", snapshot_ids)
        for each in snapshot_ids:
            known = self._snapshots[each]
            self.put(replace(known, tags={key: known.tags[key] for key in known.tags if key not in keys}))

    def _tag(self, snapshot_ids: Sequence[str], tags: Mapping[str, str]) -> None:
        """All or none."""
        self._check("TagResources", snapshot_ids)
        tagged = {each: {**self._snapshots[each].tags, **tags} for each in snapshot_ids}
        if full := [each for each, all_tags in tagged.items() if len(all_tags) > MOST_TAGS]:
            raise refuse("TagResources", 403, "QuotaExceed.Tags", f"too many tags: {full}", "request-tag")
        for snapshot_id, all_tags in tagged.items():
            self.put(replace(self._snapshots[snapshot_id], tags=all_tags))

    def _check(self, action: str, snapshot_ids: Sequence[str]) -> None:
        self._fail()
        if gone := [each for each in snapshot_ids if each not in self._snapshots]:
            raise refuse(action, 404, "InvalidResourceId.NotFound", f"no such snapshot: {gone}", "request-tag")

    def _taken_of(self, disk_ids: Sequence[str], since: datetime) -> list[Snapshot]:
        known = [self._snapshots[each] for disk_id in disk_ids for each in self._of_disk.get(disk_id, ())]
        return [each for each in known if each.created >= since]

    def _list(self, find: Callable[[], list[Snapshot]]) -> list[Snapshot]:
        def let_in() -> list[Snapshot]:
            self._fail()
            return find()

        return list_pages(self._calls, "DescribeSnapshots", let_in)

    def _fail(self) -> None:
        if self.faults:
            raise self.faults.pop(0)
