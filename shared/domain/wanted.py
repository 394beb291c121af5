"""Finds the data disks that a plan wants of a machine, and the snapshots that may serve; asks for nothing more.

Which disks were on the machine when its system disk's snapshot began: ECS tells where a disk is now, since when, and when
it was last taken off; not where it was before. So a disk is in the set when it has been here since before; or when it was
taken off somewhere since, and an earlier look at this set or the last image of this system disk held it. What may have
been there is named. Another machine's disk is never taken.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from .decision import View
from .disk_set import Wanted
from .facts import Disk, Role, Snapshot, SnapshotGroup
from .image_tags import is_image_of, recall_about, recall_disks
from .outcome import Look, read_look
from .runs import LAST_RUN, is_policy_told
from .selection import Origin, carries_any, matches_any

if TYPE_CHECKING:
    from .facts import Image
    from .plans import DataDisks, Plan


def look_at_machine(origin: Origin, group: SnapshotGroup | None, view: View, now: datetime) -> Look | None:
    """The data disks of the machine at the time of the snapshot; None when nobody can tell which machine it was.

    What was seen first stands. A disk that was away then and is back now may have been there, too; unless it hung on another
    machine then, from which it was taken later.
    """
    if origin.instance_id is None:
        return None
    look = read_look(origin.snapshot.tags)
    if look is None:
        return replace(_look_now(origin, origin.instance_id, group, view), at=now)
    known, began = {*look.disk_ids, *look.doubtful, *look.released}, origin.snapshot.created
    here = [each for each in view.disks_of_instance(look.instance_id) if each.role is Role.DATA]
    back = [each for each in here if each.attached and each.attached > began and _was_somewhere(each, began)]
    back = [each for each in back if each.id not in known and not _was_away(each, look)]
    return replace(look, doubtful=(*look.doubtful, *_in_device_order(back))) if back else look


def without_excepted(look: Look, data_disks: DataDisks, view: View) -> Look:
    """The look without the disks that the plan leaves aside. A disk that is gone has neither tags nor a name."""

    def wanted(disk_ids: Iterable[str]) -> tuple[str, ...]:
        return tuple(disk_id for disk_id in disk_ids if takes(disk_id, data_disks, view))

    return replace(look, disk_ids=wanted(look.disk_ids), doubtful=wanted(look.doubtful), released=wanted(look.released))


def takes(disk_id: str, data_disks: DataDisks, view: View) -> bool:
    """Whether the plan does not leave the disk aside."""
    if disk_id in data_disks.except_:
        return False
    disk = view.disk(disk_id) if data_disks.except_tags or data_disks.except_names else None
    return disk is None or not (
        carries_any(disk.tags, data_disks.except_tags) or matches_any(disk.name, data_disks.except_names)
    )


def _look_now(origin: Origin, instance_id: str, group: SnapshotGroup | None, view: View) -> Look:
    began = origin.snapshot.created
    here = {disk.id: disk for disk in view.disks_of_instance(instance_id) if disk.role is Role.DATA}
    in_group = _disks_of_group(group, view)
    earlier = _disks_of_last_image(origin, instance_id, view)
    away = {disk_id: view.disk(disk_id) for disk_id in sorted((earlier | in_group) - set(here))}
    held: list[Disk] = []
    doubtful: list[Disk] = []
    released: list[str] = []
    for disk_id, disk in {**here, **away}.items():
        if disk_id in in_group:
            held.append(disk or Disk(disk_id, Role.DATA, 0, None))
        elif disk is None:
            released.append(disk_id)
        elif disk_id in here and (disk.attached is None or disk.attached <= began):
            held.append(disk)
        elif _was_somewhere(disk, began) and not (disk.attached and disk.attached <= began and disk.instance_id):
            (held if disk_id in earlier else doubtful).append(disk)
    return Look(instance_id, _in_device_order(held), _in_device_order(doubtful), tuple(released))


def _was_away(disk: Disk, look: Look) -> bool:
    """It was taken off a machine after the look, which did not find it on this one."""
    return look.at is not None and disk.detached is not None and disk.detached > look.at


def _was_somewhere(disk: Disk, began: datetime) -> bool:
    """It hung on some machine when the snapshot began: it was taken off later than that."""
    return disk.detached is not None and disk.detached > began


def _in_device_order(disks: Iterable[Disk]) -> tuple[str, ...]:
    """`/dev/xvdb` before `/dev/xvdaa`; disks whose device nobody tells come last."""
    return tuple(disk.id for disk in sorted(disks, key=lambda disk: (*_device_rank(disk.device), disk.id)))


def _disks_of_last_image(origin: Origin, instance_id: str, view: View) -> set[str]:
    """The data disks of this machine in the last image that was made of this system disk."""
    snapshot = origin.snapshot
    images = [each for each in view.images_of_disk(snapshot.disk_id) if _is_evidence(each, snapshot, instance_id)]
    last = max(images, key=lambda each: (each.created or snapshot.created, each.id), default=None)
    intended = recall_disks(last.tags) if last else None
    return {disk.disk_id for disk in intended.data if disk.disk_id and not disk.is_pinned} if intended else set()


def _is_evidence(image: Image, snapshot: Snapshot, instance_id: str) -> bool:
    """Of the same machine, and surely made of an earlier snapshot: what came later to the machine says nothing of this one."""
    about = recall_about(image.tags)
    if about is None or not about.of_machine or about.instance_id != instance_id:
        return False
    if image.is_copy or image.created is None or is_image_of(image, snapshot.id):
        return False
    ended_before = about.ended is not None and about.ended <= snapshot.created.timestamp()
    return image.created <= snapshot.created or ended_before


def _disks_of_group(group: SnapshotGroup | None, view: View) -> set[str]:
    """A consistent group knows which disks were there at its moment."""
    members = [view.snapshot(snapshot_id) for snapshot_id in sorted(group.snapshot_ids)] if group else []
    return {each.disk_id for each in members if each is not None and each.role is Role.DATA}


WHOLE_MINUTE = timedelta(minutes=1)
"""ECS filters creation times by whole minutes (API reference DescribeSnapshots, Filter)."""


def find_group(plan: Plan, origin: Origin, view: View) -> SnapshotGroup | None:
    """Policies never make groups, so only a snapshot made otherwise is asked about: the group knows its disks, also those
    that have left since."""
    system = origin.snapshot
    if plan.data_disks.take == "none" or system.kind == "timer" or origin.instance_id is None:
        return None
    groups = view.groups_of_instance(origin.instance_id)
    return next((group for group in groups if system.id in group.snapshot_ids), None)


def wanted_disks(plan: Plan, look: Look | None, view: View) -> Wanted:
    data_disks = plan.data_disks
    pins = {pin: view.snapshot(pin) for pin in data_disks.snapshots}
    if look is not None:
        view.disks_of_instance(look.instance_id)  # one call for all that are still there
        known = {disk_id: disk for disk_id in look.disk_ids if (disk := view.disk(disk_id))}
        return Wanted(look.disk_ids, known, pins, look.doubtful, look.released)
    listed = data_disks.take if isinstance(data_disks.take, tuple) else ()
    known = {disk_id: disk for disk_id in listed if (disk := view.disk(disk_id))}
    ranked = sorted(listed, key=lambda key: _device_rank(known[key].device if key in known else ""))
    return Wanted(tuple(key for key in ranked if takes(key, data_disks, view)), known, pins)


def _device_rank(device: str) -> tuple[bool, int, str]:
    return (not device, len(device), device)


def candidate_snapshots(plan: Plan, origin: Origin, wanted: Wanted, view: View) -> Sequence[Snapshot]:
    """Every snapshot that may serve: one call for the machine, one more for each disk that is not on it now."""
    since = window_start(origin.snapshot.created, plan.data_disks.within)
    if not (wanted.disk_ids or wanted.released):
        return ()
    is_one_here = any(disk.instance_id == origin.instance_id for disk in wanted.disks.values())
    machine = origin.instance_id if is_one_here else None
    found = view.snapshots_of_instance(machine, since) if machine else ()
    here = {key for key, disk in wanted.disks.items() if machine and disk.instance_id == machine}
    away = [key for key in (*wanted.disk_ids, *wanted.released) if key not in here]
    system_disk_is_here = origin.disk is not None and machine is not None and origin.disk.instance_id == machine
    if origin.snapshot.policy and not system_disk_is_here:
        away.append(origin.snapshot.disk_id)
    for disk_id in away:
        found += view.snapshots_of_disk(disk_id, since)
    for disk_id in _of_untold_policy(origin.snapshot, wanted, found):
        found += view.snapshots_of_disk(disk_id, origin.snapshot.created - LAST_RUN)
    return tuple({each.id: each for each in found}.values())


def _of_untold_policy(system: Snapshot, wanted: Wanted, found: Sequence[Snapshot]) -> list[str]:
    """Disks of which something lies near that would serve, unless they are under the policy of the run, which nothing tells yet."""
    policies: dict[str, set[str | None]] = {}
    for each in found:
        policies.setdefault(each.disk_id, set()).add(each.policy)
    near = [key for key in wanted.disk_ids if key in policies and system.policy not in policies[key]]
    return [key for key in near if system.policy and not is_policy_told(wanted.disks.get(key))]


def window_start(began: datetime, within: timedelta) -> datetime:
    """Twice as far back as a data disk's snapshot may lie, to see which run it belongs to."""
    return began - 2 * within - WHOLE_MINUTE
