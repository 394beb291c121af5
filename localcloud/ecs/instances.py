"""DescribeInstances, StartInstance, StopInstance and ReplaceSystemDisk: the machines."""

import re
from typing import Any

from localcloud.ecs import errors
from localcloud.ecs.action import ApiAction, every, named
from localcloud.ecs.errors import EcsError
from localcloud.ecs.listing import Listing
from localcloud.ecs.paging import token_page
from localcloud.ecs.params import Params
from localcloud.ecs.resources import SYSTEM_DEVICE, Attachment, EcsDisk, EcsInstance
from localcloud.ecs.state import EcsStore
from localcloud.ecs.tags import tag_list
from localcloud.ecs.times import iso

_SMALLEST_GIB = 40
_PUBLIC_IMAGE = re.compile(r"[A-Za-z0-9_.]+\.vhd")
"""Such as aliyun_3_x64_20G_alibase_20240528.vhd (ECS help, "Release notes for Alibaba Cloud Linux")."""


def describe_instances(store: EcsStore, params: Params) -> dict[str, Any]:
    """At most 100 ids, and an unknown one is not an error. No disks are told: DescribeDisks does that."""
    ids = params.id_list("InstanceIds", errors.BAD_PARAMETER)
    listing = Listing(store.instances, narrowed=None if ids is None else store.instances.in_order(ids))
    page, facts = token_page(params, listing, params.integer("MaxResults", 1, 100) or 10)
    return {"Instances": {"Instance": [_answer(instance, store) for instance in page]}, **facts}


def start_instance(store: EcsStore, params: Params) -> dict[str, Any]:
    """It takes a while; here it is done at once, as is stopping."""
    _named(store, params, "Stopped").status = "Running"
    return {}


def stop_instance(store: EcsStore, params: Params) -> dict[str, Any]:
    """By force or not, and whether it is paid for meanwhile, makes no difference to its disks."""
    _named(store, params, "Running").status = "Stopped"
    return {}


def replace_system_disk(store: EcsStore, params: Params) -> dict[str, Any]:
    """API reference ReplaceSystemDisk: the old disk is released, its snapshots stay, the new one has another id.

    Its category stays. That it has no snapshot policy until one is applied to it is assumed.
    """
    instance = _named(store, params, "Stopped")
    image_id = params.required("ImageId")
    size = _size_of_image(image_id, store)
    old = next((disk for disk in store.disks.attached(instance.id) if disk.type == "system"), None)
    if old is not None:
        store.disks.remove(old.id)
    new = EcsDisk(store.new_id("d", store.disks), "", "system", size, old.category if old else "cloud_essd", False, {})
    new.origin, new.bootable, new.image_id = instance.id, True, image_id
    store.disks.add(new)
    store.disks.attach(new, instance.id, Attachment(SYSTEM_DEVICE, store.clock.now()))
    store.instances.set_image(instance, image_id)
    return {"DiskId": new.id}


def _size_of_image(image_id: str, store: EcsStore) -> int:
    """SDK 7.11.8, SystemDisk.Size: by default 40 GiB or the image's size, whichever is more.

    A world has no public images but those that it names; one whose id has their form is taken to exist.
    """
    image = store.images.get(image_id)
    if image is None and _PUBLIC_IMAGE.fullmatch(image_id):
        return _SMALLEST_GIB
    if image is None or image.status(store.clock.now()) not in ("Available", "Deprecated"):
        raise EcsError(errors.IMAGE_NOT_FOUND, id=image_id)
    return max(_SMALLEST_GIB, next((disk.size_gib for disk in image.disks if disk.type == "system"), 0))


def _named(store: EcsStore, params: Params, status: str) -> EcsInstance:
    instance_id = params.required("InstanceId")
    instance = store.instances.get(instance_id)
    if instance is None:
        raise EcsError(errors.INSTANCE_NOT_FOUND, id=instance_id)
    if instance.status != status:
        raise EcsError(errors.WRONG_INSTANCE_STATUS)
    return instance


def _answer(instance: EcsInstance, store: EcsStore) -> dict[str, Any]:
    return {
        "InstanceId": instance.id,
        "InstanceName": instance.name,
        "Status": instance.status,
        "CreationTime": iso(instance.created)[:-4] + "Z",  # without seconds, as the API reference shows it
        "ImageId": instance.image_id,
        "RegionId": store.world.region,
        "Tags": tag_list(instance.tags),
    }


ACTIONS = {
    "DescribeInstances": ApiAction(describe_instances, "RegionId InstanceIds MaxResults NextToken", every("instance")),
    "StartInstance": ApiAction(start_instance, "InstanceId", named("Instance")),
    "StopInstance": ApiAction(stop_instance, "InstanceId ForceStop StoppedMode", named("Instance")),
    "ReplaceSystemDisk": ApiAction(replace_system_disk, "InstanceId ImageId", named("Instance", "Image")),
}
