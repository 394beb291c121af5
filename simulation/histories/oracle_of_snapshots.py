"""Which snapshots of a data disk belong to a system snapshot, and what anybody could know: by the record alone."""

from datetime import datetime, timedelta

from simulation.histories.excuses import was_run_unknown
from simulation.histories.history import TakenSnapshot
from simulation.histories.machines import data_disks_of
from simulation.histories.world import SimulatedWorld

MINUTE = timedelta(minutes=1)


def servants(system: TakenSnapshot, disk_id: str, moment: datetime, world: SimulatedWorld) -> list[TakenSnapshot]:
    """The snapshots of a data disk that may stand beside a system snapshot, as things were at a moment.

    The group's own; else this run's, which nothing replaces as long as it may come; else the nearest, never one of
    another run of the same policy.
    """
    plan = data_disks_of(system.machine)
    near = _near(system, disk_id, world)
    ready = [each for each in near if not each.fails and each.shown <= moment]
    if mates := [each for each in near if system.group and each.group == system.group and not each.fails]:
        return [each for each in mates if each in ready]
    own = [each for each in near if system.run and each.run == system.run]
    in_time = [each for each in own if each.created <= system.created + plan.wait_for]
    if in_time and (not in_time[0].fails or in_time[0].shown > moment):
        return [each for each in in_time if each in ready]
    late = [each for each in own if each in ready]
    others = [each for each in ready if not system.policy or each.policy != system.policy]
    return [*late, *_nearest(system, others, plan.wait_for)]


def _nearest(system: TakenSnapshot, others: list[TakenSnapshot], wait_for: timedelta) -> list[TakenSnapshot]:
    """Of those that began before the wait was over. It lasts from the end of the system snapshot for whoever knows that,
    else from its beginning; a whole minute is the least that a tag can hold of it."""
    surely = [each for each in others if each.created <= system.created + wait_for]
    least = min((_distance(each, system) for each in surely), default=timedelta.max)
    begun = [each for each in others if each.created <= system.ended + wait_for + MINUTE]
    return [each for each in begun if _distance(each, system) <= least]


def _distance(one: TakenSnapshot, other: TakenSnapshot) -> timedelta:
    return abs(one.created - other.created)


def is_served(
    system: TakenSnapshot, disk_id: str, moment: datetime, world: SimulatedWorld, *, is_awaited: bool = False
) -> bool:
    """Whether nobody can say that the disk's snapshot is missing. One that began after the wait was over may be.

    So may one of a group that failed. `is_awaited`: this run's may still come, so no other serves yet.
    """
    wait_ends = system.created + data_disks_of(system.machine).wait_for
    found = [each for each in servants(system, disk_id, moment, world) if each.created <= wait_ends]
    if any(each.fails and each.group == system.group for each in snapshots_of(disk_id, world) if system.group):
        return False
    return any(each.run == system.run or not (is_awaited and system.policy) for each in found)


def is_in_progress(system: TakenSnapshot, disk_id: str, moment: datetime, world: SimulatedWorld) -> bool:
    """One that was being made at that moment may lie nearer, and is waited for; not one of another run."""
    mine = [each for each in _near(system, disk_id, world) if not _is_of_another_run(each, system)]
    return _is_being_made(mine, moment, system.created + data_disks_of(system.machine).wait_for)


def may_be_in_progress(system: TakenSnapshot, disk_id: str, moment: datetime, world: SimulatedWorld) -> bool:
    """The same for whoever knows when the system snapshot ended: the wait lasts from then, to a whole minute in a tag."""
    near = _near(system, disk_id, world)
    mine = [
        each for each in near if not _is_of_another_run(each, system) or was_run_unknown(each, system, moment, world)
    ]
    return _is_being_made(mine, moment, system.ended + MINUTE + data_disks_of(system.machine).wait_for)


def _near(system: TakenSnapshot, disk_id: str, world: SimulatedWorld) -> list[TakenSnapshot]:
    within = data_disks_of(system.machine).within
    return [each for each in snapshots_of(disk_id, world) if abs(each.created - system.created) <= within]


def _is_of_another_run(one: TakenSnapshot, system: TakenSnapshot) -> bool:
    return system.policy is not None and one.policy == system.policy and one.run != system.run


def _is_being_made(snapshots: list[TakenSnapshot], moment: datetime, last: datetime) -> bool:
    return any(each.created <= min(moment, last) and moment < each.shown for each in snapshots)


def has_failed(system: TakenSnapshot, disk_id: str, world: SimulatedWorld) -> bool:
    """Whether this run's or this group's snapshot of the disk failed: nothing is to come then."""
    mine = [each for each in snapshots_of(disk_id, world) if each.run == system.run and each.group == system.group]
    return any(each.fails and each.shown <= world.now for each in mine)


def is_known(disk_id: str, system: TakenSnapshot, world: SimulatedWorld) -> bool:
    """Whether ECS can tell where this disk was when the system snapshot began: it has not left any place since.

    Of one that is gone nobody can tell when it went.
    """
    is_there = world.cloud.disks.known(disk_id) is not None
    return is_there and not world.attachments.came_from_elsewhere(disk_id, system.created, world.now)


def is_machine_known(system: TakenSnapshot, world: SimulatedWorld) -> bool:
    """Whether the system disk hangs where it hung."""
    return not world.attachments.was_moved(system.disk_id, system.created, world.now)


def is_excepted(disk_id: str, system: TakenSnapshot) -> bool:
    return any(disk.id == disk_id and disk.name.startswith("csi-") for disk in system.machine.disks)


def is_without_snapshots(disk_id: str, system: TakenSnapshot) -> bool:
    return any(disk.id == disk_id and not disk.can_have_snapshots for disk in system.machine.disks)


def snapshots_of(disk_id: str, world: SimulatedWorld) -> list[TakenSnapshot]:
    return [each for each in world.taken.values() if each.disk_id == disk_id]
