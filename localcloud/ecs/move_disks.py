"""AttachDisk and DetachDisk: a disk goes from machine to machine."""

from typing import Any

from localcloud.ecs import errors
from localcloud.ecs.action import ApiAction, named
from localcloud.ecs.errors import EcsError
from localcloud.ecs.params import Params
from localcloud.ecs.resources import SYSTEM_DEVICE, Attachment, EcsDisk, EcsInstance
from localcloud.ecs.state import EcsStore, free_device

MOST_INSTANCES = 16
"""User guide, multi-attach: one disk on up to 16 machines."""


def attach_disk(store: EcsStore, params: Params) -> dict[str, Any]:
    """API reference AttachDisk. It takes a moment there; here the disk is attached at once."""
    instance, disk = _named(store, params)
    as_system = params.boolean("Bootable") is True
    _check_disk(disk, instance)
    if as_system:
        _check_as_system(disk, instance, params)
    device = _device(store, instance, as_system, params.text("Device"))
    disk.goes_with_instance = params.boolean("DeleteWithInstance")
    disk.type = "system" if as_system else "data"
    if disk.is_ephemeral:
        disk.origin = instance.id
    store.disks.attach(disk, instance.id, Attachment(device, store.clock.now()))
    return {}


def detach_disk(store: EcsStore, params: Params) -> dict[str, Any]:
    """API reference DetachDisk: asynchronous, about a minute; here the disk is detached at once."""
    instance, disk = _named(store, params)
    if not disk.attachments:
        raise EcsError(errors.DISK_DETACHED)
    if instance.id not in disk.attachments:
        raise EcsError(errors.DISK_ELSEWHERE)
    if disk.is_local:
        raise EcsError(errors.DISK_NOT_PORTABLE)
    if disk.type == "system" and instance.status != "Stopped":
        raise EcsError(errors.WRONG_INSTANCE_STATUS)
    disk.goes_with_instance = params.boolean("DeleteWithInstance")
    store.disks.detach(disk, instance.id, store.clock.now())
    return {}


def _named(store: EcsStore, params: Params) -> tuple[EcsInstance, EcsDisk]:
    instance_id, disk_id = params.required("InstanceId"), params.required("DiskId")
    instance, disk = store.instances.get(instance_id), store.disks.get(disk_id)
    if instance is None:
        raise EcsError(errors.INSTANCE_NOT_FOUND, id=instance_id)
    if disk is None:
        raise EcsError(errors.DISK_NOT_FOUND, id=disk_id)
    return instance, disk


def _check_disk(disk: EcsDisk, instance: EcsInstance) -> None:
    """A disk must be Available, or allow several machines; an ephemeral one knows only its own."""
    if disk.is_local:
        raise EcsError(errors.DISK_NOT_PORTABLE)
    if instance.id in disk.attachments and disk.multi_attach:
        raise EcsError(errors.DISK_ATTACHED_HERE)
    if disk.attachments and not disk.multi_attach:
        raise EcsError(errors.DISK_NOT_AVAILABLE)
    if len(disk.attachments) >= MOST_INSTANCES:
        raise EcsError(errors.DISK_ATTACHED_TOO_OFTEN)
    if disk.is_ephemeral and disk.origin not in ("", instance.id):
        raise EcsError(errors.DISK_OF_OTHER_INSTANCE)


def _check_as_system(disk: EcsDisk, instance: EcsInstance, params: Params) -> None:
    """Only the machine that a system disk was taken off takes it back as such, stopped, and with a way to log on."""
    if disk.multi_attach:
        raise EcsError(errors.SHARED_DISK_AS_SYSTEM)
    if not disk.bootable:
        raise EcsError(errors.DISK_NOT_BOOTABLE)
    if disk.origin not in ("", instance.id):
        raise EcsError(errors.DISK_OF_OTHER_ORIGIN)
    if instance.status != "Stopped":
        raise EcsError(errors.NOT_STOPPED_FOR_ATTACH)
    if params.text("KeyPairName") is None and params.text("Password") is None:
        raise EcsError(errors.NO_LOGON)


def _device(store: EcsStore, instance: EcsInstance, as_system: bool, asked: str | None) -> str:
    """The first free one from /dev/xvdb on, unless one is asked for; a machine has one system disk."""
    taken = {disk.attachments[instance.id].device for disk in store.disks.attached(instance.id)}
    wanted = SYSTEM_DEVICE if as_system else asked
    if wanted in taken:
        raise EcsError(errors.DEVICE_OCCUPIED, value=wanted)
    # How many disks a machine takes depends on its type; here it is as many as there are devices.
    device = wanted or free_device(taken)
    if device is None:
        raise EcsError(errors.TOO_MANY_DISKS)
    return device


# Neither takes a RegionId: the endpoint says the region (SDK 7.11.8).
ACTIONS = {
    "AttachDisk": ApiAction(
        attach_disk,
        "InstanceId DiskId Bootable KeyPairName Password Device DeleteWithInstance",
        named("Instance", "Disk"),
    ),
    "DetachDisk": ApiAction(detach_disk, "InstanceId DiskId DeleteWithInstance", named("Instance", "Disk")),
}
