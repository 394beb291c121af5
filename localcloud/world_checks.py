"""Whether the parts of a world fit together; every complaint names the id."""

from collections import Counter
from collections.abc import Iterable

from localcloud.world_parts import UncheckedWorld, WorldDisk, WorldInstance, WorldSnapshot


def check_references(world: UncheckedWorld) -> None:
    _check_unique("id", _all_ids(world))
    _check_unique("image name", (image.name for image in world.images if image.owner == "self"))
    for instance in world.instances:
        _check_disks(instance)
    _check_times(world)
    _check_shared_disks(world)
    disks = {disk.id for disk in world.disks()}
    for snapshot in world.snapshots:
        _check_snapshot(snapshot, disk_is_known=snapshot.disk in disks)
    _check_groups(world)
    _check_images(world)


def _all_ids(world: UncheckedWorld) -> Iterable[str]:
    for things in (world.instances, world.disks(), world.snapshots, world.groups, world.images, world.policies):
        yield from (thing.id for thing in things)


def _check_unique(what: str, values: Iterable[str]) -> None:
    repeated = sorted(value for value, times in Counter(values).items() if times > 1)
    if repeated:
        raise ValueError(f"{what} given more than once: {', '.join(repeated)}")


def _check_disks(instance: WorldInstance) -> None:
    system = [disk.id for disk in instance.disks if disk.type == "system"]
    if len(system) > 1:
        raise ValueError(f"instance {instance.id} has more than one system disk: {', '.join(system)}")
    _check_unique(f"device of instance {instance.id}", (disk.device for disk in instance.disks if disk.device))


def _check_times(world: UncheckedWorld) -> None:
    for disk in world.detached_disks:
        if disk.attached is not None:
            raise ValueError(f"disk {disk.id} is attached to nothing and has `attached`")
    for disk in world.disks():
        if disk.attached and disk.detached and disk.attached < disk.detached:
            raise ValueError(f"disk {disk.id} is attached, so it was attached after it was last `detached`")


def _check_shared_disks(world: UncheckedWorld) -> None:
    """A disk that several machines have is described the same under each."""
    first: dict[str, WorldDisk] = {}
    for disk in (disk for instance in world.instances for disk in instance.disks if disk.multi_attach):
        if disk.type == "system":
            raise ValueError(f"disk {disk.id} with multi_attach cannot be a system disk")
        same = disk.model_copy(update={"device": None, "attached": None})
        if first.setdefault(disk.id, same) != same:
            raise ValueError(f"disk {disk.id} is described differently under its instances")


def _check_snapshot(snapshot: WorldSnapshot, disk_is_known: bool) -> None:
    if not disk_is_known:
        missing = [name for name in ("source_disk_type", "size_gib") if getattr(snapshot, name) is None]
        if missing:
            raise ValueError(
                f"snapshot {snapshot.id}: disk {snapshot.disk} is not in the world,"
                f" so {' and '.join(missing)} must be given"
            )
    if snapshot.ended is None and snapshot.status != "progressing":
        raise ValueError(f"snapshot {snapshot.id} is {snapshot.status} and needs `ended`")
    if snapshot.ended is not None and snapshot.ended < snapshot.started:
        raise ValueError(f"snapshot {snapshot.id} ends before it starts")


def _check_groups(world: UncheckedWorld) -> None:
    instances = {instance.id for instance in world.instances}
    snapshots = {snapshot.id for snapshot in world.snapshots}
    for group in world.groups:
        if group.instance is not None and group.instance not in instances:
            raise ValueError(f"group {group.id}: instance {group.instance} is not in the world")
        for snapshot in group.snapshots:
            if snapshot not in snapshots:
                raise ValueError(f"group {group.id}: snapshot {snapshot} is not in the world")


def _check_images(world: UncheckedWorld) -> None:
    snapshots = {snapshot.id for snapshot in world.snapshots}
    for image in world.images:
        named = [image.snapshot, *(disk.snapshot for disk in image.disks or [])]
        for snapshot in named:
            if snapshot is not None and snapshot not in snapshots:
                raise ValueError(f"image {image.id}: snapshot {snapshot} is not in the world")
        if image.snapshot is None and image.disks is None:
            raise ValueError(f"image {image.id} needs a snapshot or disks")
