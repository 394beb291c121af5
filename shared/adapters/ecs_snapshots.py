"""Snapshots and disks as ECS spells them (API reference DescribeSnapshots, DescribeDisks)."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from shared.adapters.ecs_client import EcsCalls
from shared.adapters.ecs_common import parse_time, tag_map, tag_resources, whole_minutes
from shared.adapters.ecs_replies import (
    MOST_PAGES,
    listed,
    not_understood,
    read_all,
    read_each,
    resource_id,
    resource_id_or_none,
    understand,
    whole,
    words,
)
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
        if not reply.snapshot_groups:
            return []
        return read_each(
            "DescribeSnapshotGroups",
            listed("DescribeSnapshotGroups", lambda: reply.snapshot_groups.snapshot_group),
            _group,
        )

    def system_disks(self, since: datetime) -> list[Snapshot]:
        """Of the whole region: an odd entry, whoever's it is, must not end the sweep for all others."""
        return read_all(
            "DescribeSnapshots", self._entries(source_disk_type="system", filter=_begun_after(since)), _snapshot
        )

    def disks(self, disk_ids: Sequence[str]) -> list[Disk]:
        chunks = [list(disk_ids[start : start + PAGE]) for start in range(0, len(disk_ids), PAGE)]
        return [disk for chunk in chunks for disk in self._disks(disk_ids=json.dumps(chunk))]

    def record(self, snapshot_id: str, tags: Mapping[str, str]) -> None:
        tag_resources(self._calls, "snapshot", [snapshot_id], tags)

    def disk(self, disk_id: str) -> Disk | None:
        return next((disk for disk in self._disks(disk_ids=json.dumps([disk_id])) if disk.id == disk_id), None)

    def attached(self, instance_id: str) -> list[Disk]:
        return self._disks(instance_id=instance_id)

    def _disks(self, **query: Any) -> list[Disk]:
        """One page: an instance has far fewer than 100 disks."""
        from alibabacloud_ecs20140526.models import DescribeDisksRequest

        request = DescribeDisksRequest(region_id=self._calls.region_id, max_results=PAGE, **query)
        reply = self._calls.call("DescribeDisks", request)
        return read_each("DescribeDisks", listed("DescribeDisks", lambda: reply.disks.disk), _disk)

    def _pages(self, **query: Any) -> list[Snapshot]:
        return read_each("DescribeSnapshots", self._entries(**query), _snapshot)

    def _entries(self, **query: Any) -> list[Any]:
        from alibabacloud_ecs20140526.models import DescribeSnapshotsRequest

        entries: list[Any] = []
        tokens: list[str] = []
        for _ in range(MOST_PAGES):
            request = DescribeSnapshotsRequest(
                region_id=self._calls.region_id, max_results=PAGE, next_token=tokens[-1] if tokens else None, **query
            )
            reply = self._calls.call("DescribeSnapshots", request)
            entries += _entries(reply)
            token = understand("DescribeSnapshots", lambda: words(reply.next_token, 4096))  # noqa: B023 - called at once
            if not token:
                return entries
            if token in tokens:
                break
            tokens.append(token)
        raise not_understood("DescribeSnapshots", f"it has no end after {len(tokens) + 1} pages")


def _entries(reply: Any) -> list[Any]:
    return listed("DescribeSnapshots", lambda: reply.snapshots.snapshot)


def _begun_after(since: datetime) -> "list[models.DescribeSnapshotsRequestFilter]":
    from alibabacloud_ecs20140526.models import DescribeSnapshotsRequestFilter

    return [DescribeSnapshotsRequestFilter(key="CreationStartTime", value=whole_minutes(since))]


def _snapshot(entry: Any) -> Snapshot:
    """The SDK hands over whatever type arrives; SourceDiskSize is documented as text and seen as a number."""
    kind = words(entry.snapshot_type).lower() or "user"
    return Snapshot(
        id=resource_id(entry.snapshot_id),
        disk_id=resource_id_or_none(entry.source_disk_id) or "",
        role=_role(entry.source_disk_type),
        size_gib=whole(entry.source_disk_size),
        status=words(entry.status).lower(),
        created=parse_time(entry.creation_time),
        kind="copied" if entry.source_snapshot_id else "timer" if kind == "auto" else kind,
        name=words(entry.snapshot_name),
        encrypted=bool(entry.encrypted),
        category=words(entry.category).lower() or "standard",
        tags=tag_map(entry.tags),
    )


def _disk(entry: Any) -> Disk:
    """A disk attached to several instances has no InstanceId; its attachments say where it is."""
    attachments = (entry.attachments.attachment if entry.attachments else None) or []
    attached = [resource_id(each.instance_id) for each in attachments if each.instance_id]
    return Disk(
        id=resource_id(entry.disk_id),
        role=_role(entry.type),
        size_gib=whole(entry.size),
        instance_id=resource_id_or_none(entry.instance_id) or (attached[0] if len(attached) == 1 else None),
        device=words(entry.device),
        tags=tag_map(entry.tags),
        attached=parse_time(entry.attached_time) if entry.attached_time else None,
    )


def _group(entry: Any) -> SnapshotGroup:
    members = (entry.snapshots.snapshot if entry.snapshots else None) or []
    return SnapshotGroup(
        resource_id(entry.snapshot_group_id), frozenset(resource_id(member.snapshot_id) for member in members)
    )


def _role(text: object) -> Role:
    """Letter case differs between the documents. What is not plainly a system disk must not pass as one."""
    return Role.SYSTEM if words(text).lower() == "system" else Role.DATA
