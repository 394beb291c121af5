"""Decides which disks go into an image: the right set, a set to wait for, or none.

Per-disk schedules finish one by one, so a set is judged by how far its snapshots lie from the system snapshot. Of each
disk the member of the system snapshot's consistent group wins; then a snapshot of the same policy; then the nearest in
time, which is the newest when the event is on time. Names of automatic snapshots are `auto2.0_<date>_<policy id>`
(ECS help, "Automatic snapshot policies"); the date in them is local time, so only the policy counts here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeAlias

from .facts import MAX_DATA_DISKS, MappedDisk, Role, Snapshot, SnapshotGroup
from .reasons import Reason

if TYPE_CHECKING:
    from .plans import DataDisks


@dataclass(frozen=True)
class DiskSet:
    """The disks of one image. There is no way to build one without its system disk."""

    system: MappedDisk
    data: tuple[MappedDisk, ...] = ()
    left_out: tuple[str, ...] = ()
    """Ids of disks or snapshots that the plan wanted and that are missing on purpose (`on_missing: leave_out`)."""
    skew_seconds: int = 0
    """Between the oldest and the newest snapshot of the set."""
    group_id: str | None = None

    @property
    def disks(self) -> tuple[MappedDisk, ...]:
        return (self.system, *self.data)


@dataclass(frozen=True)
class PendingSet:
    """Not complete yet, and there is still time: `waiting_for` names disks or snapshots."""

    waiting_for: tuple[str, ...]


@dataclass(frozen=True)
class ImpossibleSet:
    """Will not be complete: what is missing, and why."""

    reason: Reason
    missing: tuple[str, ...]
    why: str


@dataclass(frozen=True)
class Wanted:
    """What a plan asks for, once the cloud has been asked which disks those are."""

    disk_ids: tuple[str, ...] = ()
    snapshots: Sequence[Snapshot] = ()
    """Every data-disk snapshot that may serve: those of `disk_ids` and the pinned ones."""
    group: SnapshotGroup | None = None
    """The consistent group that the system snapshot belongs to."""
    is_known: bool = True
    """False when nobody can tell which disks are meant, because the system disk is attached to nothing."""


MOST_NAMED = 64
"""As many disks as a message names; the explanation says that there are too many."""

Picks: TypeAlias = Mapping[str, Snapshot | None]


def assemble(rules: DataDisks, system: Snapshot, wanted: Wanted, now: datetime) -> DiskSet | PendingSet | ImpossibleSet:
    """The disk set for one system snapshot, from facts alone."""
    if not wanted.is_known:
        return ImpossibleSet(Reason.DATA_DISKS_UNKNOWN, (), f"{system.disk_id} is attached to no instance any more")
    disk_ids = tuple(disk_id for disk_id in wanted.disk_ids if disk_id not in rules.except_)
    may_wait = now < system.created + rules.wait_for
    picks = _pick(disk_ids, rules, system, wanted, may_wait)
    if len(picks) + len(rules.empty) > MAX_DATA_DISKS:
        return ImpossibleSet(
            Reason.TOO_MANY_DATA_DISKS, tuple(picks)[:MOST_NAMED], f"an image holds at most {MAX_DATA_DISKS} data disks"
        )
    missing = tuple(key for key, pick in picks.items() if pick is None or pick.status != "accomplished")
    # A pinned snapshot that is not there will never be: it ends the wait where nothing may be missing.
    hopeful = tuple(key for key in missing if picks[key] is not None or key not in rules.snapshots)
    if hopeful and may_wait and (hopeful == missing or rules.on_missing == "leave_out"):
        return PendingSet(hopeful)
    if missing and rules.on_missing == "fail":
        return ImpossibleSet(Reason.DATA_DISK_SNAPSHOT_MISSING, missing, _why(missing, picks, rules))
    chosen = [pick for key, pick in picks.items() if pick and key not in missing]
    return replace(_build(system, chosen, rules, wanted.group), left_out=missing)


def same_policy(one: Snapshot, other: Snapshot) -> bool:
    """Whether one automatic policy made both."""
    return one.kind == other.kind == "timer" and bool(one.name) and _policy(one.name) == _policy(other.name)


def _pick(disk_ids: Sequence[str], rules: DataDisks, system: Snapshot, wanted: Wanted, may_wait: bool) -> Picks:
    """The best snapshot for every disk and pin; one still being made counts only while waiting for it is allowed."""
    states = {"accomplished", "progressing"} if may_wait else {"accomplished"}
    # ECS makes no image of an archived snapshot (API reference CreateImage, InvalidSnapshotCategory).
    usable = [each for each in wanted.snapshots if each.role is Role.DATA and each.status in states]
    usable = [each for each in usable if each.category != "archive"]
    pins = {pin: next((each for each in usable if each.id == pin), None) for pin in rules.snapshots}
    pinned_disks = {pick.disk_id for pick in pins.values() if pick}
    disks = {
        disk_id: _nearest([each for each in usable if each.disk_id == disk_id], system, rules.within, wanted.group)
        for disk_id in disk_ids
        if disk_id not in pinned_disks
    }
    return {**pins, **disks}


def _nearest(
    candidates: Sequence[Snapshot], system: Snapshot, within: timedelta, group: SnapshotGroup | None
) -> Snapshot | None:
    def rank(snapshot: Snapshot) -> tuple[bool, bool, timedelta, timedelta, str]:
        distance = abs(snapshot.created - system.created)
        in_group = group is not None and snapshot.id in group.snapshot_ids
        return (
            not in_group,
            not same_policy(snapshot, system),
            distance,
            system.created - snapshot.created,
            snapshot.id,
        )

    near = [each for each in candidates if abs(each.created - system.created) <= within]
    return min(near, key=rank, default=None)


def _policy(name: str) -> str:
    return name.rpartition("_")[2]


def _why(missing: Sequence[str], picks: Picks, rules: DataDisks) -> str:
    if gone := [key for key in missing if key in rules.snapshots and picks[key] is None]:
        return f"pinned {', '.join(gone)}: no usable data-disk snapshot with this id in the region"
    return f"no accomplished snapshot of {', '.join(missing)} within {rules.within} of the system snapshot"


def _build(system: Snapshot, data: Sequence[Snapshot], rules: DataDisks, group: SnapshotGroup | None) -> DiskSet:
    moments = [system.created, *(snapshot.created for snapshot in data)]
    mapped = [MappedDisk(Role.DATA, snapshot.id, snapshot.size_gib, snapshot.disk_id or None) for snapshot in data]
    empty = [MappedDisk(Role.DATA, None, disk.size_gib) for disk in rules.empty]
    is_consistent = group is not None and bool(data) and all(each.id in group.snapshot_ids for each in (system, *data))
    return DiskSet(
        system=MappedDisk(Role.SYSTEM, system.id, system.size_gib, system.disk_id or None),
        data=(*mapped, *empty),
        skew_seconds=int((max(moments) - min(moments)).total_seconds()),
        group_id=group.id if group and is_consistent else None,
    )
