"""What ECS holds when a history begins, and a snapshot as ECS describes it."""

from collections.abc import Mapping
from datetime import timedelta
from functools import cache

from shared.domain.facts import Image, MappedDisk, Role, Snapshot, SnapshotGroup
from simulation.histories.history import ForeignImage, History, TakenSnapshot
from simulation.memory.snapshots import MOST_TAGS


def snapshot_of(taken: TakenSnapshot, status: str, tags: Mapping[str, str] | None = None) -> Snapshot:
    """Without `tags` as it begins."""
    name = f"auto2.0_20261120_{taken.policy}" if taken.policy else ""
    return Snapshot(
        taken.id, taken.disk_id, taken.role, taken.size_gib, status, taken.created, taken.kind, name, usage="none",
        tags=_first_tags(taken) if tags is None else tags,
    )  # fmt: skip


def _first_tags(taken: TakenSnapshot) -> dict[str, str]:
    tags = dict(taken.machine.kind.snapshot_tags)
    if taken.is_full:
        tags |= {f"owner{number}": "them" for number in range(MOST_TAGS - len(tags))}
    return tags


def groups_of(history: History) -> dict[str, list[SnapshotGroup]]:
    """Ours come last: whoever reads only the first page does not see them."""
    members: dict[tuple[str, str], set[str]] = {}
    for taken in history.snapshots:
        if taken.group:
            members.setdefault((taken.machine.id, taken.group), set()).add(taken.id)
    groups = {machine.id: list(_other_groups(history.other_groups)) for machine in history.machines}
    for (instance_id, group_id), ids in members.items():
        groups[instance_id].append(SnapshotGroup(group_id, frozenset(ids)))
    return groups


@cache
def _other_groups(count: int) -> tuple[SnapshotGroup, ...]:
    return tuple(SnapshotGroup(f"ssg-other{n}", frozenset({f"s-other{n}"})) for n in range(count))


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
