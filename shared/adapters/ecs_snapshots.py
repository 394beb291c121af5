"""Snapshots and their groups as ECS spells them (API reference DescribeSnapshots, DescribeSnapshotGroups)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from shared.adapters.ecs_client import EcsCalls, in_hundreds, tag_resources, token_pages, untag_resources
from shared.adapters.replies import (
    parse_time,
    read_all,
    read_each,
    resource_id,
    resource_id_or_none,
    role,
    tag_map,
    whole,
    whole_minutes,
    words,
)

if TYPE_CHECKING:
    from alibabacloud_ecs20140526 import models

    from shared.domain.facts import Snapshot, SnapshotGroup

PAGE, LARGEST_PAGE = 100, 500
"""API reference DescribeDisks: MaxResults is 10 to 500."""
SNAPSHOTS = "DescribeSnapshots"
GROUPS = "DescribeSnapshotGroups"


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
        """Of the whole region: an odd entry, whoever's it is, must not end the sweep for all others."""
        return self._everywhere("system", since)

    def of_data_disks(self, since: datetime) -> Iterator[list[Snapshot]]:
        return self._everywhere("data", since)

    def _everywhere(self, disk_type: str, since: datetime) -> Iterator[list[Snapshot]]:
        """API reference DescribeSnapshots, SourceDiskType."""
        for entries in self.pages(source_disk_type=disk_type, filter=_begun_after(since)):
            yield read_all(SNAPSHOTS, entries, _snapshot)

    def tagged(self, tags: Mapping[str, str]) -> list[Snapshot]:
        from alibabacloud_ecs20140526.models import DescribeSnapshotsRequestTag

        return self._all(tag=[DescribeSnapshotsRequestTag(key=key, value=value) for key, value in tags.items()])

    def groups_of_instance(self, instance_id: str) -> list[SnapshotGroup]:
        from alibabacloud_ecs20140526.models import DescribeSnapshotGroupsRequest as Request

        pages = token_pages(self._calls, GROUPS, partial(Request, instance_id=instance_id, max_results=PAGE), _groups)
        return [group for entries in pages for group in read_each(GROUPS, entries, _group)]

    def tag(self, snapshot_ids: Sequence[str], tags: Mapping[str, str]) -> None:
        tag_resources(self._calls, "snapshot", snapshot_ids, tags)

    def untag(self, snapshot_ids: Sequence[str], keys: Sequence[str]) -> None:
        untag_resources(self._calls, "snapshot", snapshot_ids, keys)

    def _all(self, **query: Any) -> list[Snapshot]:
        return [each for entries in self.pages(**query) for each in read_each(SNAPSHOTS, entries, _snapshot)]

    def pages(self, **query: Any) -> Iterator[list[Any]]:
        from alibabacloud_ecs20140526.models import DescribeSnapshotsRequest as Request

        request = partial(Request, max_results=PAGE, **query)
        return token_pages(self._calls, SNAPSHOTS, request, lambda reply: reply.snapshots.snapshot)


def _groups(reply: Any) -> Any:
    """ECS leaves the whole listing out where there are none."""
    return reply.snapshot_groups.snapshot_group if reply.snapshot_groups else []


def _begun_after(since: datetime) -> list[models.DescribeSnapshotsRequestFilter]:
    from alibabacloud_ecs20140526.models import DescribeSnapshotsRequestFilter

    return [DescribeSnapshotsRequestFilter(key="CreationStartTime", value=whole_minutes(since))]


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
    return SnapshotGroup(
        resource_id(entry.snapshot_group_id), frozenset(resource_id(each.snapshot_id) for each in members)
    )
