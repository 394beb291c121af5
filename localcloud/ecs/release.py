"""DeleteDisk and DeleteInstance: what is gone for good. Snapshots made by hand stay, and so do automatic ones here."""

from typing import Any

from localcloud.ecs import errors
from localcloud.ecs.action import ApiAction, named
from localcloud.ecs.errors import EcsError
from localcloud.ecs.params import Params
from localcloud.ecs.state import EcsStore


def delete_disk(store: EcsStore, params: Params) -> dict[str, Any]:
    """API reference DeleteDisk: a disk must be Available, which means that it hangs on nothing."""
    disk_id = params.required("DiskId")
    disk = store.disks.get(disk_id)
    if disk is None:
        raise EcsError(errors.DISK_NOT_FOUND, id=disk_id)
    if disk.attachments:
        raise EcsError(errors.DISK_NOT_AVAILABLE)
    store.disks.remove(disk_id)
    return {}


def delete_instance(store: EcsStore, params: Params) -> dict[str, Any]:
    """API reference DeleteInstance: of a running one by Force only. Its disks go with it, or are taken off it."""
    instance_id = params.required("InstanceId")
    instance = store.instances.get(instance_id)
    if instance is None:
        raise EcsError(errors.INSTANCE_NOT_FOUND, id=instance_id)
    if instance.status != "Stopped" and not params.boolean("Force"):
        raise EcsError(errors.WRONG_INSTANCE_STATUS)
    for disk in store.disks.attached(instance_id):
        goes = disk.type == "system" if disk.goes_with_instance is None else disk.goes_with_instance
        if goes and not disk.multi_attach:
            store.disks.remove(disk.id)
        else:
            store.disks.detach(disk, instance_id, store.clock.now())
    store.instances.remove(instance_id)
    return {}


ACTIONS = {
    "DeleteDisk": ApiAction(delete_disk, "DiskId", named("Disk")),
    "DeleteInstance": ApiAction(delete_instance, "InstanceId Force", named("Instance")),
}
