"""Disks and machines as ECS spells them (API reference DescribeDisks, DescribeInstances)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from shared.adapters.ecs_client import EcsCalls, in_hundreds, token_pages
from shared.adapters.replies import (
    parse_time,
    read_all,
    read_each,
    resource_id,
    resource_id_or_none,
    role,
    tag_map,
    whole,
    words,
)

if TYPE_CHECKING:
    from shared.domain.facts import Disk, Instance

PAGE, LARGEST_PAGE = 100, 500
"""API reference DescribeDisks: MaxResults is 10 to 500."""
DISKS, INSTANCES = "DescribeDisks", "DescribeInstances"


class EcsDisks:
    def __init__(self, calls: EcsCalls) -> None:
        self._calls = calls

    def find(self, disk_ids: Sequence[str]) -> list[Disk]:
        pages = [page for some in in_hundreds(disk_ids) for page in self._pages(disk_ids=json.dumps(some))]
        return [each for entries in pages for each in read_each(DISKS, entries, _disk)]

    def of_instance(self, instance_id: str) -> list[Disk]:
        pages = self._pages(instance_id=instance_id)
        read = partial(_disk, instance_id=instance_id)
        return [each for entries in pages for each in read_each(DISKS, entries, read)]

    def everywhere(self) -> Iterator[list[Disk]]:
        for entries in self._pages(max_results=LARGEST_PAGE):
            yield [disk for disks in read_all(DISKS, entries, _attached) for disk in disks]

    def instances(self, instance_ids: Sequence[str]) -> list[Instance]:
        found = [page for some in in_hundreds(instance_ids) for page in self._instance_pages(json.dumps(some))]
        return [each for entries in found for each in read_each(INSTANCES, entries, _instance)]

    def _pages(self, **query: Any) -> Iterator[list[Any]]:
        from alibabacloud_ecs20140526.models import DescribeDisksRequest as Request

        request = partial(Request, **{"max_results": PAGE} | query)
        return token_pages(self._calls, DISKS, request, lambda reply: reply.disks.disk)

    def _instance_pages(self, instance_ids: str) -> Iterator[list[Any]]:
        from alibabacloud_ecs20140526.models import DescribeInstancesRequest as Request

        request = partial(Request, max_results=PAGE, instance_ids=instance_ids)
        return token_pages(self._calls, INSTANCES, request, lambda reply: reply.instances.instance)


def _attached(entry: Any) -> list[Disk]:
    """One for each instance that a shared disk is attached to."""
    attachments = (entry.attachments.attachment if entry.attachments else None) or []
    instances = [each.instance_id for each in attachments if each.instance_id]
    return [_disk(entry, instance_id) for instance_id in instances] if len(instances) > 1 else [_disk(entry)]


def _disk(entry: Any, instance_id: str | None = None) -> Disk:
    """As it is attached to `instance_id`, else as it is attached now.

    A disk that several instances share has no InstanceId; each of its attachments has times and a device of its own.
    """
    from shared.domain.facts import Disk

    attachments = [
        each for each in (entry.attachments.attachment if entry.attachments else None) or [] if each.instance_id
    ]
    if instance_id:
        mine = next((each for each in attachments if each.instance_id == instance_id), None)
    else:
        mine = attachments[0] if len(attachments) == 1 else None
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
