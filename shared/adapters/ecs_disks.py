"""Disks, the machines they hang on and their snapshots, as ECS spells them (API reference, the actions named below)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from shared.adapters.ecs_client import EcsCalls, in_hundreds, tag_resources, token_pages, untag_resources
from shared.adapters.replies import (
    parse_time,
    read_all,
    read_pages,
    resource_id,
    resource_id_or_none,
    role,
    tag_map,
    whole,
    words,
)
from shared.domain.moments import write_minute

if TYPE_CHECKING:
    from alibabacloud_ecs20140526 import models

    from shared.domain.facts import Disk, Instance, Snapshot, SnapshotGroup

PAGE, LARGEST_PAGE = 100, 500
"""API reference DescribeDisks: MaxResults is 10 to 500."""
DISKS, INSTANCES = "DescribeDisks", "DescribeInstances"
SNAPSHOTS, GROUPS = "DescribeSnapshots", "DescribeSnapshotGroups"


class EcsDisks:
    def __init__(self, calls: EcsCalls) -> None:
        self._calls = calls

    def find(self, disk_ids: Sequence[str]) -> list[Disk]:
        pages = (page for some in in_hundreds(disk_ids) for page in self._pages(disk_ids=json.dumps(some)))
        return read_pages(DISKS, pages, _disk)

    def of_instance(self, instance_id: str) -> list[Disk]:
        return read_pages(DISKS, self._pages(instance_id=instance_id), lambda each: _disk(each, instance_id))

    def everywhere(self) -> Iterator[list[Disk]]:
        for entries in self._pages(max_results=LARGEST_PAGE):
            yield [disk for disks in read_all(DISKS, entries, _attached) for disk in disks]

    def instances(self, instance_ids: Sequence[str]) -> list[Instance]:
        ids = (json.dumps(some) for some in in_hundreds(instance_ids))
        pages = (page for some in ids for page in instance_pages(self._calls, instance_ids=some))
        return read_pages(INSTANCES, pages, _instance)

    def _pages(self, max_results: int = PAGE, **query: Any) -> Iterator[list[Any]]:
        from alibabacloud_ecs20140526.models import DescribeDisksRequest as Request

        entries_of = attrgetter("disks.disk")
        return token_pages(self._calls, DISKS, Request, entries_of, max_results=max_results, **query)


def instance_pages(calls: EcsCalls, **query: Any) -> Iterator[list[Any]]:
    from alibabacloud_ecs20140526.models import DescribeInstancesRequest as Request

    entries_of = attrgetter("instances.instance")
    return token_pages(calls, INSTANCES, Request, entries_of, max_results=PAGE, **query)


def _attachments(entry: Any) -> list[Any]:
    return [each for each in (entry.attachments.attachment if entry.attachments else None) or [] if each.instance_id]


def _attached(entry: Any) -> list[Disk]:
    """One for each instance that a shared disk is attached to."""
    return [_disk(entry, each.instance_id) for each in _attachments(entry)] or [_disk(entry)]


def _disk(entry: Any, instance_id: str | None = None) -> Disk:
    """As it is attached to `instance_id`, else as it is attached now.

    A disk that several instances share has no InstanceId; each of its attachments has times and a device of its own.
    """
    from shared.domain.facts import Disk

    several = _attachments(entry)
    here = [each for each in several if each.instance_id == instance_id] if instance_id else several
    mine = here[0] if len(here) == 1 or (here and instance_id) else None
    attached = (mine.attached_time if mine else None) or entry.attached_time
    return Disk(
        id=resource_id(entry.disk_id),
        role=role(entry.type),
        size_gib=whole(entry.size),
        instance_id=resource_id_or_none(mine.instance_id if mine else entry.instance_id),
        device=words((mine.device if mine else None) or entry.device),
        tags=tag_map(entry.tags),
        attached=parse_time(attached) if attached else None,
        detached=parse_time(entry.detached_time) if entry.detached_time else None,
        name=words(entry.disk_name),
        category=words(entry.category),
        policies=frozenset(words(entry.auto_snapshot_policy_id).replace(",", " ").split()),
    )


def _instance(entry: Any) -> Instance:
    from shared.domain.facts import Instance

    return Instance(resource_id(entry.instance_id), tag_map(entry.tags))


class EcsSnapshots:
    def __init__(self, calls: EcsCalls) -> None:
        self._calls = calls

    def find(self, snapshot_ids: Sequence[str]) -> list[Snapshot]:
        return [each for some in in_hundreds(snapshot_ids) for each in self._all(snapshot_ids=json.dumps(some))]

    def of_disk(self, disk_id: str, since: datetime) -> list[Snapshot]:
        return self._all(disk_id=disk_id, filter=_begun_after(since))

    def of_instance(self, instance_id: str, since: datetime) -> list[Snapshot]:
        return self._all(instance_id=instance_id, filter=_begun_after(since))

    def of_system_disks(self, since: datetime) -> Iterator[list[Snapshot]]:
        return self._everywhere("system", since)

    def of_data_disks(self, since: datetime) -> Iterator[list[Snapshot]]:
        return self._everywhere("data", since)

    def _everywhere(self, disk_type: str, since: datetime) -> Iterator[list[Snapshot]]:
        """Of the whole region: an odd entry, whoever's it is, must not end the sweep for all others."""
        for entries in self.pages(source_disk_type=disk_type, filter=_begun_after(since)):
            yield read_all(SNAPSHOTS, entries, _snapshot)

    def tagged(self, tags: Mapping[str, str]) -> list[Snapshot]:
        from alibabacloud_ecs20140526.models import DescribeSnapshotsRequestTag

        return self._all(tag=[DescribeSnapshotsRequestTag(key=key, value=value) for key, value in tags.items()])

    def groups_of_instance(self, instance_id: str) -> list[SnapshotGroup]:
        from alibabacloud_ecs20140526.models import DescribeSnapshotGroupsRequest as Request

        pages = token_pages(self._calls, GROUPS, Request, _groups, instance_id=instance_id, max_results=PAGE)
        return read_pages(GROUPS, pages, _group)

    def tag(self, snapshot_ids: Sequence[str], tags: Mapping[str, str]) -> None:
        tag_resources(self._calls, "snapshot", snapshot_ids, tags)

    def untag(self, snapshot_ids: Sequence[str], keys: Sequence[str]) -> None:
        untag_resources(self._calls, "snapshot", snapshot_ids, keys)

    def _all(self, **query: Any) -> list[Snapshot]:
        return read_pages(SNAPSHOTS, self.pages(**query), _snapshot)

    def pages(self, **query: Any) -> Iterator[list[Any]]:
        from alibabacloud_ecs20140526.models import DescribeSnapshotsRequest as Request

        entries_of = attrgetter("snapshots.snapshot")
        return token_pages(self._calls, SNAPSHOTS, Request, entries_of, max_results=PAGE, **query)


def _groups(reply: Any) -> Any:
    """ECS leaves the whole listing out where there are none."""
    return reply.snapshot_groups.snapshot_group if reply.snapshot_groups else []


def _begun_after(since: datetime) -> list[models.DescribeSnapshotsRequestFilter]:
    from alibabacloud_ecs20140526.models import DescribeSnapshotsRequestFilter

    return [DescribeSnapshotsRequestFilter(key="CreationStartTime", value=write_minute(since))]


def _snapshot(entry: Any) -> Snapshot:
    """The SDK hands over whatever type arrives; SourceDiskSize is documented as text and seen as a number."""
    from shared.domain.facts import Snapshot

    kind = words(entry.snapshot_type).lower() or "user"
    return Snapshot(
        id=resource_id(entry.snapshot_id),
        disk_id=resource_id_or_none(entry.source_disk_id) or "",
        role=role(entry.source_disk_type),
        size_gib=whole(entry.source_disk_size),
        status=words(entry.status).lower(),
        created=parse_time(entry.creation_time),
        kind="copied" if entry.source_snapshot_id else "timer" if kind == "auto" else kind,
        name=words(entry.snapshot_name),
        encrypted=bool(entry.encrypted),
        category=words(entry.category).lower() or "standard",
        usage=words(entry.usage).lower(),
        tags=tag_map(entry.tags),
    )


def _group(entry: Any) -> SnapshotGroup:
    from shared.domain.facts import SnapshotGroup

    members = (entry.snapshots.snapshot if entry.snapshots else None) or []
    ids = frozenset(resource_id(each.snapshot_id) for each in members)
    return SnapshotGroup(resource_id(entry.snapshot_group_id), ids)
