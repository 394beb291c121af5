"""Custom images as ECS spells them (API reference CreateImage, DescribeImages, TagResources)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from shared.adapters.ecs_client import EcsCalls, tag_resources
from shared.adapters.replies import (
    MOST_PAGES,
    listed,
    not_understood,
    parse_time,
    read_all,
    resource_id,
    resource_id_or_none,
    tag_map,
    understand,
    whole,
    words,
)
from shared.domain.errors import CloudError
from shared.domain.moments import write_minute

if TYPE_CHECKING:
    from alibabacloud_ecs20140526 import models

    from shared.domain.facts import Image, ImageCheck, MappedDisk
    from shared.domain.image_request import ImageRequest

ALL_STATUSES = "Creating,Waiting,Available,UnAvailable,CreateFailed,Deprecated"
"""Without this DescribeImages shows only what is Available: an image in the making would be made twice."""

PAGE = 100
ACTION = "DescribeImages"


class EcsImages:
    def __init__(self, calls: EcsCalls) -> None:
        self._calls = calls

    def tagged(self, tags: Mapping[str, str]) -> list[Image]:
        from alibabacloud_ecs20140526.models import DescribeImagesRequestTag

        return self._all(tag=[DescribeImagesRequestTag(key=key, value=value) for key, value in tags.items()])

    def of_snapshot(self, snapshot_id: str) -> list[Image]:
        return self._all(snapshot_id=snapshot_id)

    def made_since(self, since: datetime) -> Iterator[list[Image]]:
        from alibabacloud_ecs20140526.models import DescribeImagesRequestFilter

        begun = [DescribeImagesRequestFilter(key="CreationStartTime", value=write_minute(since))]
        for entries in self.pages(filter=begun):
            yield read_all(ACTION, entries, image_of)

    def named(self, name: str) -> list[Image]:
        """ECS searches names by part; only the whole name counts here."""
        return [image for image in self._all(image_name=name) if image.name == name]

    def create_all(self, requests: Sequence[ImageRequest]) -> list[str | CloudError]:
        return self._calls.send_all("CreateImage", [partial(self._create, request) for request in requests])

    def _create(self, request: ImageRequest) -> str:
        """A reply without an id leaves open whether there is an image now."""
        reply = self._calls.ask("CreateImage", to_wire(request))
        return understand("CreateImage", lambda: resource_id(reply.image_id))

    def tag(self, image_ids: Sequence[str], tags: Mapping[str, str]) -> None:
        tag_resources(self._calls, "image", image_ids, tags)

    def set_family(self, image_id: str, family: str) -> None:
        from alibabacloud_ecs20140526.models import ModifyImageAttributeRequest

        request = ModifyImageAttributeRequest(region_id=self._calls.region_id, image_id=image_id, image_family=family)
        self._calls.call("ModifyImageAttribute", request)

    def _all(self, **query: Any) -> list[Image]:
        return [image for entries in self.pages(**query) for image in read_all(ACTION, entries, image_of)]

    def pages(self, **query: Any) -> Iterator[list[Any]]:
        """DescribeImages counts pages; it has no token.

        A page that begins like the one before shows that page numbers are not heeded: then there is no end.
        """
        seen, page, first = 0, 0, None
        while True:
            page += 1
            entries, total = page_of(self._calls.call(ACTION, ask_page(self._calls.region_id, page, **query)))
            before, first = first, understand(ACTION, lambda: entries[0].image_id if entries else None)  # noqa: B023 - called at once
            if page > MOST_PAGES or (first and first == before):
                raise not_understood(ACTION, f"it has no end after {page} pages")
            seen += len(entries)
            yield entries
            if not entries or (len(entries) < PAGE if total is None else seen >= total):
                return


def ask_page(region_id: str, number: int, **query: Any) -> models.DescribeImagesRequest:
    """Our own images only: `self`."""
    from alibabacloud_ecs20140526.models import DescribeImagesRequest

    return DescribeImagesRequest(
        region_id=region_id, status=ALL_STATUSES, image_owner_alias="self", page_size=PAGE, page_number=number, **query
    )


def page_of(reply: Any) -> tuple[list[Any], int | None]:
    """The entries of one page, and how many there are on all pages, if ECS says so."""
    entries = listed(ACTION, lambda: reply.images.image)
    return entries, understand(ACTION, lambda: None if reply.total_count is None else whole(reply.total_count))


def to_wire(request: ImageRequest) -> models.CreateImageRequest:
    """The system snapshot is an entry of the mapping like every other.

    SnapshotId beside DiskDeviceMapping would be ignored without a word, and the image would lack its system disk
    (API reference CreateImage: InstanceId before DiskDeviceMapping before SnapshotId).
    """
    from alibabacloud_ecs20140526 import models

    return models.CreateImageRequest(
        region_id=request.region_id,
        image_name=request.name,
        description=request.description,
        disk_device_mapping=[_entry(disk) for disk in request.disk_set.disks],
        detection_strategy="Standard" if request.check else None,
        resource_group_id=request.resource_group,
        tag=[models.CreateImageRequestTag(key=key, value=value) for key, value in sorted(request.tags.items())],
        client_token=request.client_token,
    )


def _entry(disk: MappedDisk) -> models.CreateImageRequestDiskDeviceMapping:
    """No device: ECS assigns them in order, and the documents disagree on their spelling. The size always, because the
    default for an empty disk is 5 GiB on one page and 20 on another."""
    from alibabacloud_ecs20140526.models import CreateImageRequestDiskDeviceMapping

    role, snapshot_id = disk.role.value, disk.snapshot_id
    return CreateImageRequestDiskDeviceMapping(disk_type=role, snapshot_id=snapshot_id, size=disk.size_gib)


def image_of(entry: Any) -> Image:
    from shared.domain.facts import Image

    mapping = entry.disk_device_mappings
    return Image(
        id=resource_id(entry.image_id),
        name=words(entry.image_name),
        status=words(entry.status),
        created=parse_time(entry.creation_time) if entry.creation_time else None,
        disks=tuple(_mapped(*each) for each in enumerate((mapping.disk_device_mapping if mapping else None) or [])),
        tags=tag_map(entry.tags),
        check=_check(entry.detection_options),
        is_copy=bool(entry.is_copied),
    )


def _check(options: Any) -> ImageCheck | None:
    """Only items at risk carry a level (ECS help, "Check custom images")."""
    from shared.domain.facts import ImageCheck, Risk

    if not options or not options.status:
        return None
    items = (options.items.item if options.items else None) or []
    risks = [Risk(words(item.name), words(item.risk_level), words(item.risk_code)) for item in items if item.risk_level]
    return ImageCheck(options.status == "Finished", tuple(risks))


def _mapped(number: int, disk: Any) -> MappedDisk:
    """Older replies have no Type: the system disk is the one at the first device (API reference CreateImage, Device)."""
    from shared.domain.facts import MappedDisk, Role

    kind, device = words(disk.type).lower(), words(disk.device)
    is_system = kind == "system" or (not kind and (device.endswith("vda") or (not device and number == 0)))
    role = Role.SYSTEM if is_system else Role.DATA
    return MappedDisk(role, resource_id_or_none(disk.snapshot_id), whole(disk.size))
