"""Snapshots as ECS spells them (API reference DescribeSnapshots, DescribeSnapshotGroups)."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from shared.adapters.ecs_client import EcsCalls
from shared.adapters.ecs_common import (
    TAGGED_AT_ONCE,
    in_hundreds,
    parse_time,
    role,
    tag_map,
    tag_resources,
    token_pages,
    whole_minutes,
)
from shared.adapters.ecs_replies import read_all, read_each, resource_id, resource_id_or_none, whole, words
from shared.domain.facts import Snapshot, SnapshotGroup

if TYPE_CHECKING:
    from alibabacloud_ecs20140526 import models

PAGE = 100
ACTION, GROUPS = "DescribeSnapshots", "DescribeSnapshotGroups"


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
        for entries in self._pages(source_disk_type="system", filter=_begun_after(since)):
            yield read_all(ACTION, entries, _snapshot)

    def everywhere(self, since: datetime) -> Iterator[list[Snapshot]]:
        for entries in self._pages(filter=_begun_after(since)):
            yield read_all(ACTION, entries, _snapshot)

    def tagged(self, tags: Mapping[str, str]) -> list[Snapshot]:
        from alibabacloud_ecs20140526.models import DescribeSnapshotsRequestTag

        return self._all(tag=[DescribeSnapshotsRequestTag(key=key, value=value) for key, value in tags.items()])

    def groups_of_instance(self, instance_id: str) -> list[SnapshotGroup]:
        from alibabacloud_ecs20140526.models import DescribeSnapshotGroupsRequest

        def request(token: str | None) -> Any:
            return DescribeSnapshotGroupsRequest(
                region_id=self._calls.region_id, instance_id=instance_id, max_results=PAGE, next_token=token
            )

        pages = token_pages(
            self._calls, GROUPS, request, lambda reply: _listing(reply.snapshot_groups, "snapshot_group")
        )
        return [group for entries in pages for group in read_each(GROUPS, entries, _group)]

    def tag(self, snapshot_ids: Sequence[str], tags: Mapping[str, str]) -> None:
        tag_resources(self._calls, "snapshot", snapshot_ids, tags)

    def untag(self, snapshot_ids: Sequence[str], keys: Sequence[str]) -> None:
        """A key that a snapshot does not carry is no error (API reference UntagResources)."""
        from alibabacloud_ecs20140526.models import UntagResourcesRequest

        for start in range(0, len(snapshot_ids), TAGGED_AT_ONCE):
            some = list(snapshot_ids[start : start + TAGGED_AT_ONCE])
            request = UntagResourcesRequest(
                region_id=self._calls.region_id, resource_type="snapshot", resource_id=some, tag_key=list(keys)
            )
            self._calls.call("UntagResources", request)

    def _all(self, **query: Any) -> list[Snapshot]:
        return [each for entries in self._pages(**query) for each in read_each(ACTION, entries, _snapshot)]

    def _pages(self, **query: Any) -> Iterator[list[Any]]:
        from alibabacloud_ecs20140526.models import DescribeSnapshotsRequest

        def request(token: str | None) -> Any:
            return DescribeSnapshotsRequest(
                region_id=self._calls.region_id, max_results=PAGE, next_token=token, **query
            )

        return token_pages(self._calls, ACTION, request, lambda reply: reply.snapshots.snapshot)


def _listing(holder: Any, name: str) -> Any:
    """Of groups, ECS leaves the whole listing out where there are none."""
    return getattr(holder, name) if holder else []


def _begun_after(since: datetime) -> "list[models.DescribeSnapshotsRequestFilter]":
    from alibabacloud_ecs20140526.models import DescribeSnapshotsRequestFilter

    return [DescribeSnapshotsRequestFilter(key="CreationStartTime", value=whole_minutes(since))]


def _snapshot(entry: Any) -> Snapshot:
    """The SDK hands over whatever type arrives; SourceDiskSize is documented as text and seen as a number."""
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
    members = (entry.snapshots.snapshot if entry.snapshots else None) or []
    return SnapshotGroup(
        resource_id(entry.snapshot_group_id), frozenset(resource_id(member.snapshot_id) for member in members)
    )
