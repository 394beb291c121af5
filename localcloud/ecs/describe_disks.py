"""DescribeDisks: the disks of the region and the instances that they are attached to."""

from collections.abc import Sequence
from typing import Any

from localcloud.ecs import errors
from localcloud.ecs.listing import Listing, Test, given, tagged
from localcloud.ecs.paging import either_page
from localcloud.ecs.params import Params, accepted
from localcloud.ecs.resources import EcsDisk
from localcloud.ecs.state import EcsStore
from localcloud.ecs.tags import tag_list
from localcloud.ecs.times import iso

PARAMETERS = accepted(
    """RegionId DiskIds InstanceId DiskType DiskName Category Status Encrypted AutoSnapshotPolicyId MultiAttach
    Tag.#.Key Tag.#.Value MaxResults NextToken PageNumber PageSize""",
    """AdditionalAttributes.# DeleteAutoSnapshot DeleteWithInstance DiskChargeType DryRun
    EnableAutoSnapshot EnableAutomatedSnapshotPolicy EnableShared Filter.#.Key Filter.#.Value KMSKeyId LockReason
    PerformanceLevel Portable ResourceGroupId SnapshotId ZoneId
    OwnerAccount OwnerId ResourceOwnerAccount ResourceOwnerId""",
)
_STATUSES = ("In_use", "Available", "Attaching", "Detaching", "Creating", "ReIniting", "All")


def describe_disks(store: EcsStore, params: Params) -> dict[str, Any]:
    listing = Listing(store.disks, given(*_by_place(params), *_by_kind(params), *_by_name(params)), _in(store, params))
    page, facts = either_page(params, listing, _page_size(params))
    return {"Disks": {"Disk": [_answer(disk, store) for disk in page]}, **facts}


def _in(store: EcsStore, params: Params) -> Sequence[EcsDisk] | None:
    """An empty array of ids finds nothing, and an unknown id is not an error."""
    by_tag = tagged(params, store.disks)
    ids = params.id_list("DiskIds", errors.BAD_PARAMETER)
    instance_id = params.text("InstanceId")
    if by_tag is not None:
        return by_tag
    if ids is not None:
        return store.disks.in_order(ids)
    return store.disks.attached(instance_id) if instance_id else None


def _page_size(params: Params) -> int:
    """DescribeDisks, MaxResults: below 10 counts as 10, above 500 as 500."""
    return min(max(params.integer("MaxResults", 1, 10**9 - 1) or 10, 10), 500)


def _by_place(params: Params) -> list[Test[EcsDisk] | None]:
    ids = params.id_list("DiskIds", errors.BAD_PARAMETER)
    instance_id = params.text("InstanceId")
    return [
        None if ids is None else lambda disk: disk.id in ids,
        None if instance_id is None else lambda disk: instance_id in disk.attachments,
    ]


def _by_kind(params: Params) -> list[Test[EcsDisk] | None]:
    type_ = params.choice("DiskType", ("all", "system", "data"), errors.BAD_DISK_TYPE)
    status = params.choice("Status", _STATUSES, errors.BAD_PARAMETER)
    category = params.text("Category")
    multi_attach = params.choice("MultiAttach", ("Disabled", "Enabled"), errors.BAD_PARAMETER)
    return [
        None if type_ in (None, "all") else lambda disk: disk.type == type_,
        None if status in (None, "All") else lambda disk: _status(disk) == status,
        None if category in (None, "all") else lambda disk: disk.category == category,
        None if multi_attach is None else lambda disk: disk.multi_attach == (multi_attach == "Enabled"),
        (lambda disk: disk.encrypted) if params.boolean("Encrypted") else None,
    ]


def _by_name(params: Params) -> list[Test[EcsDisk] | None]:
    name = params.text("DiskName")
    policy = params.text("AutoSnapshotPolicyId")
    return [
        None if name is None else lambda disk: disk.name == name,
        None if policy is None else lambda disk: disk.policy == policy,
    ]


def _status(disk: EcsDisk) -> str:
    return "In_use" if disk.attachments else "Available"


def _answer(disk: EcsDisk, store: EcsStore) -> dict[str, Any]:
    answer = {
        "DiskId": disk.id,
        "DiskName": disk.name,
        "Type": disk.type,
        "Category": disk.category,
        "Size": disk.size_gib,
        "Status": _status(disk),
        "Encrypted": disk.encrypted,
        "MultiAttach": "Enabled" if disk.multi_attach else "Disabled",
        "Portable": not disk.is_local,
        "DeleteWithInstance": disk.bootable,
        "EnableAutoSnapshot": bool(disk.policy),
        "RegionId": store.world.region,
        "Tags": tag_list(disk.tags),
        **_place(disk),
    }
    return {**answer, **_optional(disk, is_left_out=store.disks.place(disk) % 2 == 1)}


def _place(disk: EcsDisk) -> dict[str, Any]:
    """DescribeDisks: InstanceId is filled only while attached, and not of a disk with multi-attach."""
    instance_id, attached = next(iter(disk.attachments.items()), ("", None))
    alone = attached if not disk.multi_attach else None
    attachments = [
        {"InstanceId": instance_id, "Device": each.device, "AttachedTime": iso(each.since)}
        for instance_id, each in disk.attachments.items()
    ]
    return {
        "InstanceId": instance_id if alone else "",
        "Device": alone.device if alone else "",
        "AttachedTime": iso(alone.since) if alone else "",
        "Attachments": {"Attachment": attachments},
    }


def _optional(disk: EcsDisk, is_left_out: bool) -> dict[str, str]:
    """What a disk does not have, replies leave out or empty; here every other disk does the one."""
    values = {
        "DetachedTime": iso(disk.detached) if disk.detached is not None else "",
        "AutoSnapshotPolicyId": disk.policy,
        "SourceSnapshotId": disk.source_snapshot_id,
        "ImageId": disk.image_id,
        "Description": "",
        "KMSKeyId": "",
    }
    return {name: value for name, value in values.items() if value or not is_left_out}
