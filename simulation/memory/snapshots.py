"""Snapshots in memory: found by id, disk, machine or tag, with the tags that ECS has room for."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

from shared.domain.facts import Role, Snapshot, SnapshotGroup
from simulation.memory.calls import MOST_TAGGED, Entrance, MemoryPort, find_by_id, list_pages, read_pages
from simulation.memory.disks import MemoryDisks
from simulation.memory.refusals import refuse

MOST_TAGS = 20
"""ECS help, "Limits", Tags: of one resource."""


class MemorySnapshots(MemoryPort):
    def __init__(
        self,
        calls: Entrance,
        disks: MemoryDisks,
        snapshots: Sequence[Snapshot] = (),
        groups: Mapping[str, Sequence[SnapshotGroup]] | None = None,
    ) -> None:
        super().__init__(calls)
        self._snapshots: dict[str, Snapshot] = {}
        self._of_disk: dict[str, dict[str, None]] = {}
        self._groups = dict(groups or {})
        self._disks = disks
        for snapshot in snapshots:
            self.put(snapshot)

    def put(self, snapshot: Snapshot) -> None:
        """Adds a snapshot, or changes the one with this id."""
        self._snapshots[snapshot.id] = snapshot
        self._of_disk.setdefault(snapshot.disk_id, {})[snapshot.id] = None

    def known(self, snapshot_id: str) -> Snapshot | None:
        """What there is under this id, without a call."""
        return self._snapshots.get(snapshot_id)

    def carrying(self, tags: Mapping[str, str]) -> list[Snapshot]:
        """All of the tags, without a call."""
        return [each for each in self._snapshots.values() if tags.items() <= each.tags.items()]

    def find(self, snapshot_ids: Sequence[str]) -> list[Snapshot]:
        return find_by_id(self.calls, "DescribeSnapshots", self._snapshots, snapshot_ids)

    def of_disk(self, disk_id: str, since: datetime) -> list[Snapshot]:
        return self._list(lambda: self._taken_of([disk_id], since))

    def of_instance(self, instance_id: str, since: datetime) -> list[Snapshot]:
        """Of the disks that hang on it now: what ECS says of others, no page says."""
        return self._list(lambda: self._taken_of([disk.id for disk in self._disks.on(instance_id)], since))

    def of_system_disks(self, since: datetime) -> Iterator[list[Snapshot]]:
        return self._everywhere(Role.SYSTEM, since)

    def of_data_disks(self, since: datetime) -> Iterator[list[Snapshot]]:
        return self._everywhere(Role.DATA, since)

    def tagged(self, tags: Mapping[str, str]) -> list[Snapshot]:
        return self._list(lambda: self.carrying(tags)[:MOST_TAGGED])

    def groups_of_instance(self, instance_id: str) -> list[SnapshotGroup]:
        return list_pages(self.calls, "DescribeSnapshotGroups", lambda: list(self._groups.get(instance_id, ())))

    def tag(self, snapshot_ids: Sequence[str], tags: Mapping[str, str]) -> None:
        self.calls.send("TagResources", partial(self._tag, snapshot_ids, tags))

    def untag(self, snapshot_ids: Sequence[str], keys: Sequence[str]) -> None:
        self.calls.send("UntagResources", partial(self._untag, snapshot_ids, keys))

    def _everywhere(self, role: Role, since: datetime) -> Iterator[list[Snapshot]]:
        def find() -> list[Snapshot]:
            return [each for each in self._snapshots.values() if each.role is role and each.created >= since]

        return read_pages(self.calls, "DescribeSnapshots", find)

    def _tag(self, snapshot_ids: Sequence[str], tags: Mapping[str, str]) -> None:
        """All or none."""
        self._check("TagResources", snapshot_ids)
        tagged = {each: {**self._snapshots[each].tags, **tags} for each in snapshot_ids}
        if full := [each for each, all_tags in tagged.items() if len(all_tags) > MOST_TAGS]:
            raise refuse("TagResources", 403, "QuotaExceed.Tags", f"too many tags: {full}", "request-tag")
        for snapshot_id, all_tags in tagged.items():
            self.put(replace(self._snapshots[snapshot_id], tags=all_tags))

    def _untag(self, snapshot_ids: Sequence[str], keys: Sequence[str]) -> None:
        self._check("UntagResources", snapshot_ids)
        for each in snapshot_ids:
            known = self._snapshots[each]
            self.put(replace(known, tags={key: known.tags[key] for key in known.tags if key not in keys}))

    def _check(self, action: str, snapshot_ids: Sequence[str]) -> None:
        if gone := [each for each in snapshot_ids if each not in self._snapshots]:
            raise refuse(action, 404, "InvalidResourceId.NotFound", f"no such snapshot: {gone}", "request-tag")

    def _taken_of(self, disk_ids: Sequence[str], since: datetime) -> list[Snapshot]:
        known = [self._snapshots[each] for disk_id in disk_ids for each in self._of_disk.get(disk_id, ())]
        return [each for each in known if each.created >= since]

    def _list(self, find: Callable[[], list[Snapshot]]) -> list[Snapshot]:
        return list_pages(self.calls, "DescribeSnapshots", find)
