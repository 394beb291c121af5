"""Snapshots and disks as ECS spells them (API reference DescribeSnapshots, DescribeDisks)."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from shared.adapters.ecs_client import EcsCalls
from shared.adapters.ecs_common import parse_time, read_all, tag_map, tag_resources, whole, whole_minutes
from shared.domain.facts import Disk, Role, Snapshot, SnapshotGroup

if TYPE_CHECKING:
    from alibabacloud_ecs20140526 import models

PAGE = 100


class EcsSnapshots:
    def __init__(self, calls: EcsCalls) -> None:
        self._calls = calls

    def find(self, snapshot_ids: Sequence[str]) -> list[Snapshot]:
        return self._pages(snapshot_ids=json.dumps(list(snapshot_ids)))

    def of_disk(self, disk_id: str, since: datetime) -> list[Snapshot]:
        return self._pages(disk_id=disk_id, filter=_begun_after(since))

    def of_instance(self, instance_id: str, since: datetime) -> list[Snapshot]:
        return self._pages(instance_id=instance_id, filter=_begun_after(since))

    def groups(self, instance_id: str) -> list[SnapshotGroup]:
        """One page: there is no filter by snapshot, and a group worth asking for is among the newest."""
        from alibabacloud_ecs20140526.models import DescribeSnapshotGroupsRequest

        request = DescribeSnapshotGroupsRequest(
            region_id=self._calls.region_id, instance_id=instance_id, max_results=PAGE
        )
        reply = self._calls.call("DescribeSnapshotGroups", request)
        groups = (reply.snapshot_groups.snapshot_group if reply.snapshot_groups else None) or []
        return [_group(entry) for entry in groups]

    def system_disks(self, since: datetime) -> list[Snapshot]:
        return self._pages(source_disk_type="system", filter=_begun_after(since))

    def disks(self, disk_ids: Sequence[str]) -> list[Disk]:
        chunks = [list(disk_ids[start : start + PAGE]) for start in range(0, len(disk_ids), PAGE)]
        return [disk for chunk in chunks for disk in self._disks(disk_ids=json.dumps(chunk))]

    def record(self, snapshot_id: str, tags: Mapping[str, str]) -> None:
        tag_resources(self._calls, "snapshot", [snapshot_id], tags)

    def disk(self, disk_id: str) -> Disk | None:
        return next(iter(self._disks(disk_ids=json.dumps([disk_id]))), None)

    def attached(self, instance_id: str) -> list[Disk]:
        return self._disks(instance_id=instance_id)

    def _disks(self, **query: Any) -> list[Disk]:
        """One page: an instance has far fewer than 100 disks."""
        from alibabacloud_ecs20140526.models import DescribeDisksRequest

        request = DescribeDisksRequest(region_id=self._calls.region_id, max_results=PAGE, **query)
        reply = self._calls.call("DescribeDisks", request)
        return read_all((reply.disks.disk if reply.disks else None) or [], _disk)

    def _pages(self, **query: Any) -> list[Snapshot]:
        from alibabacloud_ecs20140526.models import DescribeSnapshotsRequest

        found: list[Snapshot] = []
        token: str | None = None
        while True:
            request = DescribeSnapshotsRequest(
                region_id=self._calls.region_id, max_results=PAGE, next_token=token, **query
            )
            reply = self._calls.call("DescribeSnapshots", request)
            found += read_all((reply.snapshots.snapshot if reply.snapshots else None) or [], _snapshot)
            token = reply.next_token
            if not token:
                return found


def _begun_after(since: datetime) -> "list[models.DescribeSnapshotsRequestFilter]":
    from alibabacloud_ecs20140526.models import DescribeSnapshotsRequestFilter

    return [DescribeSnapshotsRequestFilter(key="CreationStartTime", value=whole_minutes(since))]


def _snapshot(entry: Any) -> Snapshot:
    """The SDK hands over whatever type arrives; SourceDiskSize is documented as text and seen as a number."""
    kind = (entry.snapshot_type or "user").lower()
    return Snapshot(
        id=entry.snapshot_id,
        disk_id=entry.source_disk_id or "",
        role=_role(entry.source_disk_type),
        size_gib=whole(entry.source_disk_size),
        status=(entry.status or "").lower(),
        created=parse_time(entry.creation_time),
        kind="copied" if entry.source_snapshot_id else "timer" if kind == "auto" else kind,
        name=entry.snapshot_name or "",
        encrypted=bool(entry.encrypted),
        category=(entry.category or "standard").lower(),
        tags=tag_map(entry.tags),
    )


def _disk(entry: Any) -> Disk:
    """A disk attached to several instances has no InstanceId; its attachments say where it is."""
    attachments = (entry.attachments.attachment if entry.attachments else None) or []
    attached = [each.instance_id for each in attachments if each.instance_id]
    return Disk(
        id=entry.disk_id,
        role=_role(entry.type),
        size_gib=whole(entry.size),
        instance_id=entry.instance_id or (attached[0] if len(attached) == 1 else None),
        device=entry.device or "",
        tags=tag_map(entry.tags),
        attached=parse_time(entry.attached_time) if entry.attached_time else None,
    )


def _group(entry: Any) -> SnapshotGroup:
    members = (entry.snapshots.snapshot if entry.snapshots else None) or []
    return SnapshotGroup(entry.snapshot_group_id, frozenset(member.snapshot_id for member in members))


def _role(text: str | None) -> Role:
    """Letter case differs between the documents. What is not plainly a system disk must not pass as one."""
    return Role.SYSTEM if (text or "").lower() == "system" else Role.DATA
