"""Decides which disks go into an image: the right set, a set to wait for, or none.

Data disks stand in the order of their source's devices, then what the plan pins, then empty disks: ECS names the devices
of an image in the order of the mapping (API reference CreateImage, Device).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

from .facts import MAX_DATA_DISKS, Disk, MappedDisk, Role, Snapshot
from .message_fields import Reason
from .runs import Absent, InProgress, Pick, Ready, Run, judge

if TYPE_CHECKING:
    from .plans import DataDisks


@dataclass(frozen=True)
class DiskSet:
    """The disks of one image. There is no way to build one without its system disk."""

    system: MappedDisk
    data: tuple[MappedDisk, ...] = ()
    left_out: tuple[str, ...] = ()
    """Ids of disks or snapshots that belong to it and are missing on purpose."""
    without_snapshots: tuple[str, ...] = ()
    """Attached disks that ECS cannot snapshot: local and ephemeral ones."""
    skew_seconds: int = 0
    """Between the oldest and the newest snapshot of the run."""
    group_id: str | None = None

    @property
    def disks(self) -> tuple[MappedDisk, ...]:
        return (self.system, *self.data)


@dataclass(frozen=True)
class PendingSet:
    """Not complete yet, and there is still time: `waiting_for` names disks or snapshots."""

    waiting_for: tuple[str, ...]
    why: str


@dataclass(frozen=True)
class ImpossibleSet:
    """Will not be complete: what is missing, and why."""

    reason: Reason
    missing: tuple[str, ...]
    why: str


@dataclass(frozen=True)
class Wanted:
    """What a plan asks for, once it is known which disks those are."""

    disk_ids: tuple[str, ...] = ()
    """In the order in which they go into the image."""
    disks: Mapping[str, Disk] = field(default_factory=dict)
    """Those of them that exist, as they are now."""
    pins: Mapping[str, Snapshot | None] = field(default_factory=dict)
    doubtful: tuple[str, ...] = ()
    """Disks that may have been attached; nobody can tell."""
    released: tuple[str, ...] = ()
    """Disks of the last image that are gone; whether they went before the snapshot, nobody can tell."""


MOST_NAMED = 64
"""As many disks as a message names; the explanation says that there are too many."""


def assemble(
    data_disks: DataDisks, run: Run, wanted: Wanted, patient_until: datetime
) -> DiskSet | PendingSet | ImpossibleSet:
    """The disk set of one system snapshot. What is in progress is waited for until `patient_until`, what is absent until
    the run's own end."""
    wanted = _without_pinned(wanted)
    by_nature = tuple(
        key for key in wanted.disk_ids if key in wanted.disks and not wanted.disks[key].can_have_snapshots
    )
    if by_nature and data_disks.take != "attached":
        return ImpossibleSet(
            Reason.DATA_DISK_WITHOUT_SNAPSHOTS, by_nature, f"ECS cannot snapshot {', '.join(by_nature)}"
        )
    picks = _pick_all(wanted, by_nature, run)
    found, lost = _released(wanted.released, run)
    if len(picks) + len(found) + len(data_disks.empty) > MAX_DATA_DISKS:
        why = f"an image holds at most {MAX_DATA_DISKS} data disks"
        return ImpossibleSet(Reason.TOO_MANY_DATA_DISKS, tuple(picks)[:MOST_NAMED], why)
    pending = _pending(picks, run.now < patient_until)
    hopeless = {key: pick for key, pick in picks.items() if not isinstance(pick, Ready) and key not in pending}
    missing = (*hopeless, *wanted.doubtful)
    if pending and (not missing or data_disks.on_missing == "leave_out"):
        return PendingSet(tuple(pending), "; ".join(pending.values()))
    if missing and data_disks.on_missing == "fail":
        reason = Reason.DATA_DISK_SNAPSHOT_MISSING if hopeless else Reason.DATA_DISKS_UNKNOWN
        return ImpossibleSet(reason, missing, _why(hopeless, wanted.doubtful))
    chosen = {key: pick.snapshot for key, pick in picks.items() if isinstance(pick, Ready)}
    left_out = (*missing, *lost)
    return replace(_build(run, {**chosen, **found}, wanted, data_disks), left_out=left_out, without_snapshots=by_nature)


def _without_pinned(wanted: Wanted) -> Wanted:
    """A pin takes the place of its disk, whatever is known of that one."""
    pinned = {pin.disk_id for pin in wanted.pins.values() if pin}

    def others(disk_ids: Sequence[str]) -> tuple[str, ...]:
        return tuple(key for key in disk_ids if key not in pinned)

    return replace(
        wanted, disk_ids=others(wanted.disk_ids), doubtful=others(wanted.doubtful), released=others(wanted.released)
    )


def _pick_all(wanted: Wanted, by_nature: Sequence[str], run: Run) -> dict[str, Pick]:
    """By disk or pinned snapshot. A pin that is not there will never be."""
    disk_ids = [key for key in wanted.disk_ids if key not in by_nature]
    picks = {key: run.pick(key, wanted.disks.get(key)) for key in disk_ids}
    return picks | {key: _judge_pin(key, pin) for key, pin in wanted.pins.items()}


def _judge_pin(key: str, pin: Snapshot | None) -> Pick:
    if pin is None or pin.role is not Role.DATA or not pin.is_usable:
        return Absent(f"pinned {key}: no usable data-disk snapshot with this id in the region")
    return judge(pin)


def _pending(picks: Mapping[str, Pick], is_patient: bool) -> dict[str, str]:
    """What is waited for, and in words why."""
    pending: dict[str, str] = {}
    for key, pick in picks.items():
        if (isinstance(pick, InProgress) and is_patient) or (isinstance(pick, Absent) and pick.may_come):
            pending[key] = f"{key}: {pick.why}"
    return pending


def _released(disk_ids: Sequence[str], run: Run) -> tuple[dict[str, Snapshot], tuple[str, ...]]:
    """A disk that is gone was certainly there if a snapshot of it began later; else it can only be named."""
    found: dict[str, Snapshot] = {}
    for disk_id in disk_ids:
        pick = run.pick(disk_id, None)
        if isinstance(pick, Ready) and pick.snapshot.created >= run.system.created:
            found[disk_id] = pick.snapshot
    return found, tuple(disk_id for disk_id in disk_ids if disk_id not in found)


def _why(hopeless: Mapping[str, InProgress | Absent], doubtful: Sequence[str]) -> str:
    parts = [f"{key}: {pick.why}" for key, pick in hopeless.items()]
    if doubtful:
        moved = "moved since the snapshot began, so nobody can tell whether it belongs to it"
        parts.append(f"{', '.join(doubtful)}: {moved}")
    return "; ".join(parts)


def _build(run: Run, chosen: Mapping[str, Snapshot], wanted: Wanted, data_disks: DataDisks) -> DiskSet:
    system, group = run.system, run.group
    of_run = [snapshot for key, snapshot in chosen.items() if key not in wanted.pins]
    moments = [system.created, *(snapshot.created for snapshot in of_run)]
    devices = {key: disk.device for key, disk in wanted.disks.items() if disk.device}
    mapped = [
        MappedDisk(Role.DATA, each.id, each.size_gib, each.disk_id or None, devices.get(key), key in wanted.pins)
        for key, each in sorted(chosen.items(), key=lambda item: item[0] in wanted.pins)
    ]
    empty = [MappedDisk(Role.DATA, None, disk.size_gib) for disk in data_disks.empty]
    is_consistent = group and of_run and all(each.id in group.snapshot_ids for each in of_run)
    return DiskSet(
        system=MappedDisk(Role.SYSTEM, system.id, system.size_gib, system.disk_id or None, devices.get(system.disk_id)),
        data=(*mapped, *empty),
        skew_seconds=int((max(moments) - min(moments)).total_seconds()),
        group_id=group.id if group and is_consistent else None,
    )
