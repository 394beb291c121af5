"""The world of `events/world.yaml` in memory, for thousands of invocations a second."""

from functools import lru_cache
from typing import Any

from fakes.world import World, world

from files import places
from files.yaml_model import read_model
from localcloud.world import WorldFile
from shared.domain.facts import Disk, Role, Snapshot, SnapshotGroup


@lru_cache(maxsize=1)
def _parts() -> dict[str, Any]:
    described = read_model(places.WORLD, WorldFile)
    disks = {
        disk.id: Disk(disk.id, Role(disk.type), disk.size_gib, owner, disk.device or "", disk.tags, disk.attached)
        for owner, several in [
            *((instance.id, instance.disks) for instance in described.instances),
            (None, described.detached_disks),
        ]
        for disk in several
    }
    groups: dict[str, list[SnapshotGroup]] = {}
    for group in described.groups:
        groups.setdefault(group.instance or "", []).append(SnapshotGroup(group.id, frozenset(group.snapshots)))
    snapshots = [_snapshot(each, disks.get(each.disk)) for each in described.snapshots]
    return {"facts": [*snapshots, *disks.values()], "groups": groups, "moment": described.start_time()}


def small_world() -> World:
    parts = dict(_parts())
    return world(*parts.pop("facts"), **parts)


def _snapshot(described: Any, disk: Disk | None) -> Snapshot:
    return Snapshot(
        id=described.id,
        disk_id=described.disk,
        role=Role(described.source_disk_type or (disk.role.value if disk else "system")),
        size_gib=described.size_gib or (disk.size_gib if disk else 40),
        status=described.status,
        created=described.started,
        kind="user" if described.type == "imported" else described.type,
        name=described.name or "",
        encrypted=bool(described.encrypted),
        category=described.category,
        tags=described.tags,
    )
