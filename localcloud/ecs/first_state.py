"""A world's description becomes the state that the stand-in starts with."""

from localcloud.clock import MovableClock
from localcloud.ecs.resources import (
    SYSTEM_DEVICE,
    Attachment,
    EcsDisk,
    EcsImage,
    EcsImageDisk,
    EcsInstance,
    EcsSnapshot,
    EcsSnapshotGroup,
)
from localcloud.ecs.state import EcsStore, free_device
from localcloud.world import WorldFile
from localcloud.world_parts import WorldDisk, WorldImage, WorldInstance, WorldSnapshot

OTHER_ACCOUNT = "6543210987654321"


def store_of(world: WorldFile, clock: MovableClock) -> EcsStore:
    store = EcsStore(world, clock)
    since = world.first_attached().timestamp()
    for instance in world.instances:
        image_id = instance.image or ""
        created = instance.created.timestamp() if instance.created else since
        facts = (instance.id, instance.name, dict(instance.tags), instance.status, image_id, created)
        store.instances.add(EcsInstance(*facts))
        _put_disks(store, instance, since)
    for disk in world.detached_disks:
        store.disks.add(_disk(disk, ""))
    for snapshot in world.snapshots:
        store.snapshots.add(_snapshot(snapshot, store.disks.get(snapshot.disk)))
    for group in world.groups:
        store.groups.add(EcsSnapshotGroup(group.id, group.instance or "", tuple(group.snapshots), dict(group.tags)))
    for image in world.images:
        _put_image(store, image)
    return store


def _put_disks(store: EcsStore, instance: WorldInstance, since: float) -> None:
    taken = {disk.device for disk in instance.disks if disk.device}
    for disk in instance.disks:
        device = disk.device or (SYSTEM_DEVICE if disk.type == "system" else free_device(taken)) or ""
        taken.add(device)
        if disk.id not in store.disks:
            store.disks.add(_disk(disk, instance.id))
        attached = disk.attached.timestamp() if disk.attached else since
        store.disks.attach(store.disks[disk.id], instance.id, Attachment(device, attached))


def _disk(disk: WorldDisk, instance_id: str) -> EcsDisk:
    return EcsDisk(
        id=disk.id,
        name=disk.name,
        type=disk.type,
        size_gib=disk.size_gib,
        category=disk.category,
        encrypted=disk.encrypted,
        tags=dict(disk.tags),
        policy=disk.policy or "",
        multi_attach=disk.multi_attach,
        detached=disk.detached.timestamp() if disk.detached else None,
        origin=instance_id,
        bootable=disk.type == "system",
        source_snapshot_id=disk.source_snapshot or "",
    )


def _snapshot(snapshot: WorldSnapshot, disk: EcsDisk | None) -> EcsSnapshot:
    encrypted = snapshot.encrypted if snapshot.encrypted is not None else bool(disk and disk.encrypted)
    source_disk_type = snapshot.source_disk_type or (disk.type if disk else "")
    if disk is not None and source_disk_type == "system":
        disk.bootable = True
    return EcsSnapshot(
        id=snapshot.id,
        name=snapshot.name,
        disk_id=snapshot.disk,
        type=snapshot.type,
        outcome="failed" if snapshot.status == "failed" else "accomplished",
        started=snapshot.started.timestamp(),
        ended=snapshot.ended.timestamp() if snapshot.ended else None,
        size_gib=snapshot.size_gib or (disk.size_gib if disk else 0),
        source_disk_type=source_disk_type,
        encrypted=encrypted,
        category=snapshot.category,
        shared=snapshot.shared,
        tags=dict(snapshot.tags),
        # User guide, instant access: it comes with the ESSD family.
        instant=disk is not None and disk.category.startswith(("cloud_essd", "cloud_auto")),
        retention_days=snapshot.retention_days,
        locked_until=snapshot.locked_until.timestamp() if snapshot.locked_until else None,
    )


def _put_image(store: EcsStore, image: WorldImage) -> None:
    created = image.created.timestamp() if image.created else store.clock.now()
    state = EcsImage(
        id=image.id,
        name=image.name,
        disks=_image_disks(store, image),
        created=created,
        ready_at=created,
        tags=dict(image.tags),
        owner=image.owner,
        family=image.family or "",
        accounts={OTHER_ACCOUNT} if image.shared else set(),
        public=image.public,
        task=image.task or "",
    )
    if image.status == "Creating":
        store.add_image(state)
    else:
        state.outcome, state.ready_at = image.status, 0.0
        store.images.add(state)


def _image_disks(store: EcsStore, image: WorldImage) -> tuple[EcsImageDisk, ...]:
    if image.disks is None:
        source = store.snapshots[image.snapshot or ""]
        return (EcsImageDisk(SYSTEM_DEVICE, "system", source.size_gib, source.id, source.encrypted),)
    return tuple(
        EcsImageDisk(disk.device, disk.type, disk.size_gib, disk.snapshot or "", _is_encrypted(store, disk.snapshot))
        for disk in image.disks
    )


def _is_encrypted(store: EcsStore, snapshot_id: str | None) -> bool:
    return snapshot_id is not None and store.snapshots[snapshot_id].encrypted
