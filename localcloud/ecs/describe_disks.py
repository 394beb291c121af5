"""DescribeDisks: the disks of the region and the instances that they are attached to."""

from collections.abc import Callable
from typing import Any

from localcloud.ecs import errors
from localcloud.ecs.paging import either_page
from localcloud.ecs.params import Params, accepted
from localcloud.ecs.state import Disk, Store
from localcloud.ecs.tags import has_tags, tag_filter, tag_list
from localcloud.ecs.times import iso

PARAMETERS = accepted(
    """RegionId DiskIds InstanceId DiskType Category Status Encrypted Tag.#.Key Tag.#.Value
    MaxResults NextToken PageNumber PageSize""",
    """AdditionalAttributes.# AutoSnapshotPolicyId DeleteAutoSnapshot DeleteWithInstance DiskChargeType DiskName DryRun
    EnableAutoSnapshot EnableAutomatedSnapshotPolicy EnableShared Filter.#.Key Filter.#.Value KMSKeyId LockReason
    MultiAttach PerformanceLevel Portable ResourceGroupId SnapshotId ZoneId
    OwnerAccount OwnerId ResourceOwnerAccount ResourceOwnerId""",
)
_STATUSES = ("In_use", "Available", "Attaching", "Detaching", "Creating", "ReIniting", "All")


def describe_disks(store: Store, params: Params) -> dict[str, Any]:
    ids = params.id_list("DiskIds", errors.BAD_PARAMETER)
    instance_id = params.text("InstanceId")
    is_of_kind = _by_kind(params)
    tags = tag_filter(params)
    found = [
        disk
        for disk in store.disks.values()
        # An empty array of ids finds nothing, and an unknown id is not an error.
        if (ids is None or disk.id in ids)
        and instance_id in (None, disk.instance_id)
        and is_of_kind(disk)
        and has_tags(disk.tags, tags)
    ]
    page, facts = either_page(params, found, _page_size(params))
    return {"Disks": {"Disk": [_answer(disk, store) for disk in page]}, **facts}


def _page_size(params: Params) -> int:
    """DescribeDisks, MaxResults: below 10 counts as 10, above 500 as 500."""
    return min(max(params.integer("MaxResults", 1, 10**9 - 1) or 10, 10), 500)


def _by_kind(params: Params) -> Callable[[Disk], bool]:
    type_ = params.choice("DiskType", ("all", "system", "data"), errors.BAD_DISK_TYPE)
    status = params.choice("Status", _STATUSES, errors.BAD_PARAMETER)
    category = params.text("Category")
    only_encrypted = params.boolean("Encrypted") is True
    return lambda disk: (
        type_ in (None, "all", disk.type)
        and status in (None, "All", _status(disk))
        and category in (None, "all", disk.category)
        and (disk.encrypted or not only_encrypted)
    )


def _status(disk: Disk) -> str:
    return "In_use" if disk.instance_id else "Available"


def _answer(disk: Disk, store: Store) -> dict[str, Any]:
    """DescribeDisks: InstanceId and Device are filled only while the disk is attached."""
    attachments = [{"InstanceId": disk.instance_id, "Device": disk.device}] if disk.instance_id else []
    return {
        "DiskId": disk.id,
        "DiskName": "",
        "Type": disk.type,
        "Category": disk.category,
        "Size": disk.size_gib,
        "Status": _status(disk),
        "InstanceId": disk.instance_id,
        "Device": disk.device if disk.instance_id else "",
        "AttachedTime": iso(disk.attached) if disk.instance_id and disk.attached is not None else "",
        "Attachments": {"Attachment": attachments},
        "Encrypted": disk.encrypted,
        "MultiAttach": "Disabled",
        "Portable": disk.type == "data",
        "DeleteWithInstance": disk.type == "system",
        "RegionId": store.world.region,
        "Tags": tag_list(disk.tags),
    }
