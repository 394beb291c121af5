"""A whole region as ECS lists it (API reference DescribeInstances, DescribeDisks, DescribeSnapshots, DescribeImages,
DescribeAutoSnapshotPolicyEx)."""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from shared.adapters.ecs_client import EcsCalls
from shared.adapters.ecs_disks import INSTANCES, EcsDisks, EcsSnapshots, instance_pages
from shared.adapters.ecs_images import ACTION, ask_page, image_of, page_of
from shared.adapters.replies import (
    listed,
    not_understood,
    parse_time,
    read_all,
    read_each,
    read_pages,
    resource_id,
    tag_map,
    understand,
    whole,
    words,
)
from shared.domain.errors import CloudError, Transient
from shared.domain.facts import Disk, Image, Instance, Snapshot, SnapshotPolicy
from shared.domain.image_tags import SNAPSHOT

POLICIES = "DescribeAutoSnapshotPolicyEx"
PAGE = 100
"""API references DescribeInstances, DescribeImages and DescribeAutoSnapshotPolicyEx: the largest."""
MOST_POLICY_PAGES = 50
"""A region has 100 policies unless its quota was raised (ECS help, "Limits")."""
TRIES = 3
"""Images that are deleted while they are listed move others from a page that is to come to one that was read."""


class EcsFleet:
    """By pages and never by tag: a query by tag shows 1,000 resources at the most."""

    def __init__(self, calls: EcsCalls) -> None:
        self._calls = calls
        self._disks = EcsDisks(calls)
        self._snapshots = EcsSnapshots(calls)

    def instances(self) -> Iterator[list[Instance]]:
        for entries in instance_pages(self._calls):
            yield read_each(INSTANCES, entries, _instance)

    def instance(self, instance_id: str) -> Instance | None:
        pages = instance_pages(self._calls, instance_ids=json.dumps([instance_id]))
        return next(iter(read_pages(INSTANCES, pages, _instance)), None)

    def disks(self) -> Iterator[list[Disk]]:
        return self._disks.everywhere()

    def snapshots(self, since: datetime) -> Iterator[list[Snapshot]]:
        return self._snapshots.of_system_disks(since)

    def find_snapshots(self, snapshot_ids: Sequence[str]) -> list[Snapshot]:
        return self._snapshots.find(snapshot_ids)

    def images(self) -> list[Image]:
        """Pages have numbers, so they are asked for side by side."""
        for _ in range(TRIES):
            found, promised = self._read_images()
            if len(found) >= promised:
                return [each for each in found.values() if SNAPSHOT in each.tags]
        raise Transient("ListingChanged", f"{ACTION}: images were deleted while they were listed, {TRIES} times")

    def image(self, image_id: str) -> Image | None:
        entries, _ = page_of(self._calls.call(ACTION, ask_page(self._calls.region_id, 1, image_id=image_id)))
        return next((each for each in read_each(ACTION, entries, image_of) if each.id == image_id), None)

    def policies(self) -> list[SnapshotPolicy]:
        found: list[SnapshotPolicy] = []
        for number in range(1, MOST_POLICY_PAGES + 1):
            entries, total = self._policy_page(number)
            found += read_each(POLICIES, entries, _policy)
            if not entries or len(found) >= total:
                return found
        raise not_understood(POLICIES, f"it has no end after {MOST_POLICY_PAGES} pages")

    def _read_images(self) -> tuple[dict[str, Image], int]:
        """By id, those that can be read; and how many entries ought to be there."""
        entries, total = page_of(self._calls.call(ACTION, self._ask(1)))
        if total is None:
            raise not_understood(ACTION, "it does not say how many images there are")
        numbers = range(2, -(-total // PAGE) + 1)
        pages = self._calls.send_all(ACTION, [partial(self._read_page, number) for number in numbers])
        found = {each.id: each for each in read_all(ACTION, entries, image_of)}
        odd = len(entries) - len(found)
        for page in pages:
            if isinstance(page, CloudError):
                raise page
            images, count = page
            found |= {each.id: each for each in images}
            odd += count - len(images)
        return found, total - odd

    def _read_page(self, number: int) -> tuple[list[Image], int]:
        entries, _ = page_of(self._calls.ask(ACTION, self._ask(number)))
        return read_all(ACTION, entries, image_of), len(entries)

    def _ask(self, number: int) -> Any:
        return ask_page(self._calls.region_id, number)

    def _policy_page(self, number: int) -> tuple[list[Any], int]:
        from alibabacloud_ecs20140526.models import DescribeAutoSnapshotPolicyExRequest

        request = DescribeAutoSnapshotPolicyExRequest(
            region_id=self._calls.region_id, page_size=PAGE, page_number=number
        )
        reply = self._calls.call(POLICIES, request)
        entries = listed(POLICIES, lambda: reply.auto_snapshot_policies.auto_snapshot_policy)
        return entries, understand(POLICIES, lambda: whole(reply.total_count))


def _instance(entry: Any) -> Instance:
    """One that cannot be read must not be missing from the machines: the listing is no answer then."""
    return Instance(
        resource_id(entry.instance_id),
        tag_map(entry.tags),
        words(entry.instance_name),
        words(entry.status),
        parse_time(entry.creation_time) if entry.creation_time else None,
    )


def _policy(entry: Any) -> SnapshotPolicy:
    """Hours and days come as JSON arrays of texts, in a text."""
    return SnapshotPolicy(
        resource_id(entry.auto_snapshot_policy_id),
        words(entry.auto_snapshot_policy_name),
        words(entry.status),
        _numbers(entry.time_points),
        _numbers(entry.repeat_weekdays),
    )


def _numbers(text: object) -> tuple[int, ...]:
    return tuple(sorted(whole(each) for each in json.loads(words(text, 512) or "[]")))
