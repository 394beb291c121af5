"""Finds what a plan's data disks are and which snapshots may serve: what is asked of ECS for one disk set, and nothing more."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from .attached import takes
from .disk_set import Wanted
from .facts import Snapshot, SnapshotGroup
from .outcome import Look
from .selection import Origin
from .view import View

if TYPE_CHECKING:
    from .plans import Plan

WHOLE_MINUTE = timedelta(minutes=1)
"""ECS filters creation times by whole minutes (API reference DescribeSnapshots, Filter)."""


def find_group(plan: "Plan", origin: Origin, view: View) -> SnapshotGroup | None:
    """Policies never make groups, so only a snapshot made otherwise is asked about: the group knows its disks, also those
    that have left since."""
    system = origin.snapshot
    if plan.data_disks.take == "none" or system.kind == "timer" or origin.instance_id is None:
        return None
    groups = view.groups_of_instance(origin.instance_id)
    return next((group for group in groups if system.id in group.snapshot_ids), None)


def wanted_disks(plan: "Plan", look: Look | None, view: View) -> Wanted:
    rules = plan.data_disks
    pins = {pin: view.snapshot(pin) for pin in rules.snapshots}
    if look is not None:
        seen = look
        view.disks_of_instance(look.instance_id)  # one call for all that are still there
        known = {disk_id: disk for disk_id in seen.disk_ids if (disk := view.disk(disk_id))}
        return Wanted(seen.disk_ids, known, pins, seen.doubtful, seen.released)
    listed = rules.take if isinstance(rules.take, tuple) else ()
    known = {disk_id: disk for disk_id in listed if (disk := view.disk(disk_id))}
    ranked = sorted(listed, key=lambda key: _device_rank(known[key].device if key in known else ""))
    return Wanted(tuple(key for key in ranked if takes(key, rules, view)), known, pins)


def _device_rank(device: str) -> tuple[bool, int, str]:
    return (not device, len(device), device)


def company(plan: "Plan", origin: Origin, wanted: Wanted, view: View) -> Sequence[Snapshot]:
    """Every snapshot that may serve: one call for the machine, one more for each disk that is not on it now."""
    since = window_start(plan, origin.snapshot)
    if not (wanted.disk_ids or wanted.released):
        return ()
    machine = origin.instance_id if plan.data_disks.take == "attached" or _is_one_here(origin, wanted) else None
    found = list(view.snapshots_of_instance(machine, since)) if machine else []
    here = {key for key, disk in wanted.disks.items() if machine and disk.instance_id == machine}
    away = [key for key in (*wanted.disk_ids, *wanted.released) if key not in here]
    system_disk_is_here = origin.disk is not None and machine is not None and origin.disk.instance_id == machine
    if origin.snapshot.policy and not system_disk_is_here:
        away.append(origin.snapshot.disk_id)
    for disk_id in away:
        found += view.snapshots_of_disk(disk_id, since)
    return tuple({each.id: each for each in found}.values())


def _is_one_here(origin: Origin, wanted: Wanted) -> bool:
    return (
        any(disk.instance_id == origin.instance_id for disk in wanted.disks.values()) if origin.instance_id else False
    )


def window_start(plan: "Plan", system: Snapshot) -> datetime:
    """Twice as far as a data disk's snapshot may lie, to see which run it belongs to."""
    return system.created - 2 * plan.data_disks.within - WHOLE_MINUTE
