"""A world's description becomes the state that the stand-in starts with."""

from localcloud import world as described
from localcloud.clock import MovableClock
from localcloud.ecs.state import Disk, Group, Image, ImageDisk, Snapshot, Store, free_device

SYSTEM_DEVICE = "/dev/xvda"


def store_of(world: described.World, clock: MovableClock) -> Store:
    store = Store(world, clock)
    for instance in world.instances:
        taken = {disk.device for disk in instance.disks if disk.device}
        for disk in instance.disks:
            device = disk.device or (SYSTEM_DEVICE if disk.type == "system" else free_device(taken))
            taken.add(device)
            store.disks[disk.id] = _disk(disk, instance.id, device)
    for disk in world.detached_disks:
        store.disks[disk.id] = _disk(disk, "", disk.device or "")
    for snapshot in world.snapshots:
        store.snapshots[snapshot.id] = _snapshot(snapshot, store.disks.get(snapshot.disk))
    for group in world.groups:
        store.groups[group.id] = Group(group.id, group.instance or "", tuple(group.snapshots))
    for image in world.images:
        _put_image(store, image)
    return store


def _disk(disk: described.Disk, instance_id: str, device: str) -> Disk:
    attached = disk.attached.timestamp() if disk.attached else None
    kind, tags = (disk.type, disk.size_gib, device, disk.category, disk.encrypted), dict(disk.tags)
    return Disk(disk.id, *kind, tags, instance_id, attached)


def _snapshot(snapshot: described.Snapshot, disk: Disk | None) -> Snapshot:
    encrypted = snapshot.encrypted if snapshot.encrypted is not None else bool(disk and disk.encrypted)
    return Snapshot(
        id=snapshot.id,
        name=snapshot.name,
        disk_id=snapshot.disk,
        type=snapshot.type,
        outcome="failed" if snapshot.status == "failed" else "accomplished",
        started=snapshot.started.timestamp(),
        ended=snapshot.ended.timestamp() if snapshot.ended else None,
        size_gib=snapshot.size_gib or (disk.size_gib if disk else 0),
        source_disk_type=snapshot.source_disk_type or (disk.type if disk else ""),
        encrypted=encrypted,
        category=snapshot.category,
        shared=snapshot.shared,
        tags=dict(snapshot.tags),
    )


def _put_image(store: Store, image: described.Image) -> None:
    created = image.created.timestamp() if image.created else store.clock.now()
    state = Image(
        id=image.id,
        name=image.name,
        disks=_image_disks(store, image),
        created=created,
        ready_at=created,
        tags=dict(image.tags),
        owner=image.owner,
        family=image.family or "",
    )
    if image.status == "Creating":
        store.add_image(state)
    else:
        state.outcome, state.ready_at = image.status, 0.0
        store.images[image.id] = state


def _image_disks(store: Store, image: described.Image) -> tuple[ImageDisk, ...]:
    if image.disks is None:
        source = store.snapshots[image.snapshot or ""]
        return (ImageDisk(SYSTEM_DEVICE, "system", source.size_gib, source.id, source.encrypted),)
    encrypted = {snapshot.id for snapshot in store.snapshots.values() if snapshot.encrypted}
    return tuple(
        ImageDisk(disk.device, disk.type, disk.size_gib, disk.snapshot or "", disk.snapshot in encrypted)
        for disk in image.disks
    )
