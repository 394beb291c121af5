"""One image as DescribeImages shows it."""

from typing import Any

from localcloud.ecs.resources import EcsImage, EcsImageDisk
from localcloud.ecs.state import EcsStore
from localcloud.ecs.tags import tag_list
from localcloud.ecs.times import iso

# User guide, image check: some of what a check of a Linux image looks at.
_CHECKED = {"GUESTOS.OSVersion": "3", "GUESTOS.KernelVersion": "5.10.134", "GUESTOS.Fstab": "Normal"}


def image_answer(image: EcsImage, store: EcsStore) -> dict[str, Any]:
    now = store.clock.now()
    disks = image.disk_map(now)
    answer = {
        "ImageId": image.id,
        "ImageName": image.name,
        "Status": image.status(now),
        "Progress": _progress(image, now),
        "CreationTime": iso(image.created),
        "Description": image.description,
        "ImageFamily": image.family,
        "Size": next((disk.size_gib for disk in disks if disk.type == "system"), 0),
        "DiskDeviceMappings": {"DiskDeviceMapping": [_disk_answer(disk) for disk in disks]},
        "Tags": tag_list({**image.tags, **_tags_of_check(image, store)}),
        "ResourceGroupId": image.resource_group_id,
        "ImageOwnerAlias": image.owner,
        "Usage": "instance" if store.instances.use(image.id) else "none",
        "IsPublic": image.owner == "system" or image.public,
        "IsSelfShared": "true" if image.shared else "",
    }
    return {**answer, **_check_answer(image, store)}


def _disk_answer(disk: EcsImageDisk) -> dict[str, Any]:
    """DescribeImages: an image disk's Size is text; an empty disk has no snapshot."""
    return {
        "Device": disk.device,
        "Type": disk.type,
        "Size": str(disk.size_gib),
        "SnapshotId": disk.snapshot_id,
        "Encrypted": disk.encrypted,
    }


def _progress(image: EcsImage, now: float) -> str:
    if image.is_ready(now):
        return "100%"
    length = image.ready_at - image.created
    return f"{int(100 * (now - image.created) / length)}%" if length > 0 and now < image.ready_at else "50%"


def _check_answer(image: EcsImage, store: EcsStore) -> dict[str, Any]:
    """User guide, image check: it does not fail the image, and names a risk only for items at risk.

    No cause is given for a failed image either: DescribeImages has no such field.
    """
    status = image.check_status(store.clock.now())
    if status is None:
        return {}
    items = _items(store) if status == "Finished" else []
    return {"DetectionOptions": {"Status": status, "Items": {"Item": items}}}


def _items(store: EcsStore) -> list[dict[str, str]]:
    risks = {risk.name: risk for risk in store.world.check_items}
    items = [{"Name": name, "Value": value} for name, value in _CHECKED.items() if name not in risks]
    return items + [
        {"Name": risk.name, "Value": "Abnormal", "RiskLevel": risk.risk_level, "RiskCode": risk.risk_code}
        for risk in risks.values()
    ]


def _tags_of_check(image: EcsImage, store: EcsStore) -> dict[str, str]:
    """User guide, image check: an image that passes gets two tags of the system."""
    if image.check_status(store.clock.now()) != "Finished" or store.world.check_items:
        return {}
    return {
        "acs:ecs:image:osVersion": _CHECKED["GUESTOS.OSVersion"],
        "acs:ecs:image:kernelVersion": _CHECKED["GUESTOS.KernelVersion"],
    }
