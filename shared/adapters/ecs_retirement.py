"""What retirement asks and does, as ECS spells it (API references DescribeImages, ModifyImageAttribute, DeleteImage,
DescribeSnapshots, DescribeLockedSnapshots, DeleteSnapshot). `Force` is sent nowhere."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from shared.adapters.ecs_client import EcsCalls, in_hundreds, untag_resources
from shared.adapters.ecs_disks import SNAPSHOTS, EcsSnapshots
from shared.adapters.ecs_image_users import EcsImageUsers
from shared.adapters.ecs_images import ACTION as IMAGES
from shared.adapters.ecs_images import EcsImages, image_of
from shared.adapters.generic_calls import GenericCalls
from shared.adapters.replies import (
    listed,
    not_understood,
    parse_time,
    read_each,
    read_pages,
    resource_id,
    resource_id_or_none,
    tag_map,
    words,
)
from shared.domain.errors import Refused
from shared.domain.image_tags import DISK
from shared.domain.retirement_facts import ImageEntry, StoredSnapshot

MOST_TAGGED = 1_000
"""Resources that a query by tag shows (alibabacloud-ecs20140526 7.11.8, DescribeImagesRequest.tag)."""
NO_IMAGE = "InvalidImageId.NotFound"
NO_SNAPSHOT = "InvalidSnapshotId.NotFound"


class EcsRetirement(EcsImageUsers):
    def __init__(self, calls: EcsCalls, ess: GenericCalls) -> None:
        super().__init__(calls, ess)
        self._images = EcsImages(calls)
        self._snapshots = EcsSnapshots(calls)

    def own_images(self) -> Iterator[list[ImageEntry]]:
        """Not by tag, which shows 1,000 at the most. Every entry must be read: an unread one might be the newest."""
        for entries in self._images.pages():
            yield read_each(IMAGES, entries, read_entry)

    def images_of_disk(self, disk_id: str) -> list[ImageEntry]:
        from alibabacloud_ecs20140526.models import DescribeImagesRequestTag

        found = self._entries(tag=[DescribeImagesRequestTag(key=DISK, value=disk_id)])
        if len(found) >= MOST_TAGGED:
            raise not_understood(IMAGES, f"it may not show all images of {disk_id}")
        return found

    def images_of_family(self, family: str) -> list[ImageEntry]:
        return self._entries(image_family=family)

    def deprecate(self, image_id: str) -> None:
        self._set_status(image_id, "Deprecated")

    def bring_back(self, image_id: str) -> None:
        self._set_status(image_id, "Available")

    def delete_image(self, image_id: str) -> None:
        from alibabacloud_ecs20140526.models import DeleteImageRequest

        self._unless_gone(
            "DeleteImage", DeleteImageRequest(region_id=self._calls.region_id, image_id=image_id), NO_IMAGE
        )

    def snapshots(self, snapshot_ids: Sequence[str]) -> list[StoredSnapshot]:
        return [each for some in in_hundreds(snapshot_ids) for each in self._stored(snapshot_ids=json.dumps(some))]

    def tagged_snapshots(self, key: str) -> list[StoredSnapshot]:
        from alibabacloud_ecs20140526.models import DescribeSnapshotsRequestTag

        return self._stored(tag=[DescribeSnapshotsRequestTag(key=key)])

    def untag_snapshots(self, snapshot_ids: Sequence[str], key: str) -> None:
        untag_resources(self._calls, "snapshot", snapshot_ids, [key])

    def locked_snapshots(self, snapshot_ids: Sequence[str]) -> frozenset[str]:
        """An expired lock keeps nobody from deleting (alibabacloud-ecs20140526 7.11.8, LockStatus)."""
        from alibabacloud_ecs20140526.models import DescribeLockedSnapshotsRequest

        action = "DescribeLockedSnapshots"
        locked: set[str] = set()
        for some in in_hundreds(snapshot_ids):
            request = DescribeLockedSnapshotsRequest(
                region_id=self._calls.region_id, snapshot_ids=some, max_results=100
            )
            reply = self._calls.call(action, request)
            entries = listed(action, lambda: reply.locked_snapshots_info)  # noqa: B023 - called at once
            locked |= {snapshot_id for snapshot_id, is_locked in read_each(action, entries, _lock) if is_locked}
        return frozenset(locked)

    def delete_snapshot(self, snapshot_id: str) -> None:
        from alibabacloud_ecs20140526.models import DeleteSnapshotRequest

        self._unless_gone("DeleteSnapshot", DeleteSnapshotRequest(snapshot_id=snapshot_id), NO_SNAPSHOT)

    def _set_status(self, image_id: str, status: str) -> None:
        from alibabacloud_ecs20140526.models import ModifyImageAttributeRequest

        request = ModifyImageAttributeRequest(region_id=self._calls.region_id, image_id=image_id, status=status)
        self._calls.call("ModifyImageAttribute", request)

    def _unless_gone(self, action: str, request: Any, not_there: str) -> None:
        """That a missing one is ignored and that it is refused are both documented."""
        try:
            self._calls.call(action, request)
        except Refused as refusal:
            if refusal.code != not_there:
                raise

    def _entries(self, **query: Any) -> list[ImageEntry]:
        return read_pages(IMAGES, self._images.pages(**query), read_entry)

    def _stored(self, **query: Any) -> list[StoredSnapshot]:
        return read_pages(SNAPSHOTS, self._snapshots.pages(**query), _snapshot)


def read_entry(entry: Any) -> ImageEntry:
    """IsSelfShared is text (API reference DescribeImages)."""
    return ImageEntry(
        image=image_of(entry),
        family=words(entry.image_family),
        usage=words(entry.usage).lower(),
        is_shared=str(entry.is_self_shared).lower() == "true",
        is_public=bool(entry.is_public),
    )


def _snapshot(entry: Any) -> StoredSnapshot:
    days = entry.retention_days
    return StoredSnapshot(
        id=resource_id(entry.snapshot_id),
        disk_id=resource_id_or_none(entry.source_disk_id) or "",
        created=parse_time(entry.creation_time),
        retention_days=None if days is None else int(days),
        usage=words(entry.usage).lower(),
        status=words(entry.status).lower(),
        tags=tag_map(entry.tags),
    )


def _lock(entry: Any) -> tuple[str, bool]:
    return resource_id(entry.snapshot_id), words(entry.lock_status).lower() != "expired"
