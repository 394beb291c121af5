"""DescribeDisks: the disks of the region and the instances that they are attached to."""

from typing import Any

from localcloud.ecs import errors
from localcloud.ecs.action import ApiAction, every
from localcloud.ecs.listing import Listing
from localcloud.ecs.paging import token_page
from localcloud.ecs.params import Params
from localcloud.ecs.resources import EcsDisk
from localcloud.ecs.state import EcsStore
from localcloud.ecs.tags import tag_list
from localcloud.ecs.times import iso


def describe_disks(store: EcsStore, params: Params) -> dict[str, Any]:
    """An empty array of ids finds nothing, and an unknown id is not an error."""
    ids, instance_id = params.id_list("DiskIds", errors.BAD_PARAMETER), params.text("InstanceId")
    narrowed = store.disks.attached(instance_id) if instance_id else None
    if ids is not None:
        narrowed = [each for each in store.disks.in_order(ids) if narrowed is None or each in narrowed]
    page, facts = token_page(params, Listing(store.disks, narrowed=narrowed), _page_size(params))
    return {"Disks": {"Disk": [_answer(disk, store) for disk in page]}, **facts}


def _page_size(params: Params) -> int:
    """DescribeDisks, MaxResults: below 10 counts as 10, above 500 as 500."""
    return min(max(params.integer("MaxResults", 1, 10**9 - 1) or 10, 10), 500)


def _answer(disk: EcsDisk, store: EcsStore) -> dict[str, Any]:
    answer = {
        "DiskId": disk.id,
        "DiskName": disk.name,
        "Type": disk.type,
        "Category": disk.category,
        "Size": disk.size_gib,
        "Status": "In_use" if disk.attachments else "Available",
        "Encrypted": disk.encrypted,
        "MultiAttach": "Enabled" if disk.multi_attach else "Disabled",
        "Portable": not disk.is_local,
        "DeleteWithInstance": disk.bootable if disk.goes_with_instance is None else disk.goes_with_instance,
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


ACTIONS = {
    "DescribeDisks": ApiAction(describe_disks, "RegionId DiskIds InstanceId MaxResults NextToken", every("disk"))
}
