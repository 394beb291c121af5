"""What ECS holds when a history begins, and a snapshot as ECS describes it."""

from datetime import timedelta

from shared.domain.facts import Image, MappedDisk, Role, Snapshot, SnapshotGroup
from simulation.history import ForeignImage, History, TakenSnapshot


def snapshot_of(taken: TakenSnapshot, status: str) -> Snapshot:
    disk = taken.machine.disks[taken.number]
    name = f"auto2.0_20261120_sp-{taken.policy}" if taken.kind == "timer" else ""
    tags = dict(taken.machine.kind.snapshot_tags)
    return Snapshot(taken.id, disk.id, taken.role, disk.size_gib, status, taken.created, taken.kind, name, tags=tags)


def groups_of(history: History) -> dict[str, list[SnapshotGroup]]:
    members: dict[tuple[str, str], set[str]] = {}
    for taken in history.snapshots:
        if taken.group:
            members.setdefault((taken.machine.id, taken.group), set()).add(taken.id)
    groups: dict[str, list[SnapshotGroup]] = {}
    for (instance_id, group_id), ids in members.items():
        groups.setdefault(instance_id, []).append(SnapshotGroup(group_id, frozenset(ids)))
    return groups


def foreign_images(history: History) -> list[Image]:
    by_id = {taken.id: taken for taken in history.snapshots}
    return [_foreign_image(number, each, by_id[each.snapshot_id]) for number, each in enumerate(history.foreign)]


def _foreign_image(number: int, foreign: ForeignImage, taken: TakenSnapshot) -> Image:
    name, source = "by-hand", "s-elsewhere"
    if foreign.takes == "our name":
        name = f"snapimage-{taken.id}"
    else:
        source = taken.id
    disks = (MappedDisk(Role.SYSTEM, source, 40),)
    return Image(f"m-foreign{number}", name, "Available", taken.created - timedelta(days=1), disks, {"owner": "them"})
