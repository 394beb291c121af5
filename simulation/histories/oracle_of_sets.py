"""Whether an image has the right disks: judged when ECS is asked for it, by the record of what was attached where."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from shared.domain.facts import MappedDisk, Role
from simulation.histories.attachments import Stay
from simulation.histories.excuses import is_nameless, was_run_unknown
from simulation.histories.history import TakenSnapshot
from simulation.histories.machines import data_disks_of
from simulation.histories.oracle_of_snapshots import is_excepted, is_known, is_served, servants
from simulation.histories.records import Invocation, MadeImage
from simulation.histories.world import SimulatedWorld


def set_lies(made: MadeImage, caller: Invocation, world: SimulatedWorld) -> Iterator[str]:
    system, disk_set = made.taken, made.request.disk_set
    if system.role is not Role.SYSTEM or (disk_set.system.disk_id, disk_set.system.size_gib) != (
        system.disk_id,
        system.size_gib,
    ):
        yield f"{system.id} is not what it is said to be"
        return
    plan = data_disks_of(system.machine) if system.machine.plan else None
    if plan is None:
        yield f"no plan wants {system.id}"
        return
    data = [disk for disk in disk_set.data if disk.snapshot_id]
    if len(disk_set.data) - len(data) != len(plan.empty):
        yield "there are more or fewer empty disks than the plan wants"
    for disk in data:
        yield from _disk_lies(disk, system, caller.began, world)
    yield from _moment_lies(made, world)
    if plan.take == "attached":
        yield from _attached_lies(made, caller, world)
        yield from _order_lies(made, data, world)
    else:
        listed = plan.take if isinstance(plan.take, tuple) else ()
        found = {disk.disk_id for disk in data} | set(disk_set.left_out)
        if found != set(listed):
            yield f"the plan wants {sorted(listed)}, and not {sorted(map(str, found))}"


def _disk_lies(disk: MappedDisk, system: TakenSnapshot, began: datetime, world: SimulatedWorld) -> Iterator[str]:
    """Of one data disk: whose it was, and whether this is the snapshot that belongs to the system disk's."""
    taken = world.taken.get(disk.snapshot_id or "")
    if taken is None or taken.disk_id != disk.disk_id or taken.size_gib != disk.size_gib:
        yield f"{disk.snapshot_id} is not what it is said to be"
        return
    if taken.role is not Role.DATA or taken.fails or taken.shown > world.now:
        yield f"{taken.id} cannot be a data disk now"
    fitting = (*servants(system, taken.disk_id, began, world), *servants(system, taken.disk_id, world.now, world))
    if taken not in fitting and not was_run_unknown(taken, system, began, world):
        yield f"{taken.id} does not belong to {system.id}"


def _moment_lies(made: MadeImage, world: SimulatedWorld) -> Iterator[str]:
    """How far apart the snapshots are, and whether they are a group of one moment."""
    disk_set, system = made.request.disk_set, made.taken
    company = [world.taken[disk.snapshot_id] for disk in disk_set.data if disk.snapshot_id in world.taken]
    moments = [system.created, *(each.created for each in company)]
    if disk_set.skew_seconds != int((max(moments) - min(moments)).total_seconds()):
        yield f"{disk_set.skew_seconds} s are not between the snapshots of {made.id}"
    is_group = bool(company) and system.group is not None and all(each.group == system.group for each in company)
    is_calm = not any(
        world.attachments.was_moved(each.disk_id, system.created, world.now) for each in (system, *company)
    )
    if disk_set.group_id != (system.group if is_group else None) and (is_calm or disk_set.group_id):
        yield f"the snapshots of {made.id} are not the group {disk_set.group_id}, but {system.group}"


def _attached_lies(made: MadeImage, caller: Invocation, world: SimulatedWorld) -> Iterator[str]:
    system, disk_set = made.taken, made.request.disk_set
    there = {stay.disk_id: stay for stay in world.attachments.data_disks_on(system.machine.id, system.created)}
    taken = {disk.disk_id for disk in disk_set.data if disk.disk_id}
    named = {*disk_set.left_out, *disk_set.without_snapshots}
    for disk_id in sorted(taken - set(there)):
        yield f"{disk_id} was not on {system.machine.id} when {system.id} began"
    for disk_id in sorted(named - set(there)):
        if is_known(disk_id, system, world):
            yield f"{disk_id} is named, and was not on {system.machine.id} when {system.id} began"
    for disk_id, stay in there.items():
        if is_excepted(disk_id, system):
            if disk_id in taken and not is_nameless(disk_id, world):
                yield f"{disk_id} is left aside by the plan"
        elif disk_id not in taken | named and not _is_beyond_knowing(stay, made, caller, world):
            yield f"{disk_id} was on {system.machine.id} when {system.id} began, and is neither there nor named"
        elif (
            disk_id in disk_set.left_out
            and is_known(disk_id, system, world)
            and is_served(system, disk_id, caller.began, world)
        ):
            yield f"{disk_id} is left out, and its snapshot was there"


def _order_lies(made: MadeImage, data: list[MappedDisk], world: SimulatedWorld) -> Iterator[str]:
    """Of the disks that have stayed where they were, each must stand where its device had it."""
    system = made.taken
    stays = [world.attachments.last_on(disk.disk_id or "", system.machine.id, system.created) for disk in data]
    calm = [stay for stay in stays if stay and not world.attachments.was_moved(stay.disk_id, system.created, world.now)]
    devices = [stay.device for stay in calm]
    if devices != sorted(devices):
        yield f"the devices of the data disks were {devices}"
    told = {disk.disk_id: disk.device for disk in data}
    for stay in calm:
        if told[stay.disk_id] not in {None, stay.device}:
            yield f"{stay.disk_id} was {stay.device}, not {told[stay.disk_id]}"


def _is_beyond_knowing(stay: Stay, made: MadeImage, caller: Invocation, world: SimulatedWorld) -> bool:
    """A disk that left before the first look, and stood in no earlier set of its system disk.

    A group tells, if there is another of its disks by which it is found.
    """
    system = made.taken
    seen = caller.saw.get(system.machine.id, frozenset())
    mates = {each.disk_id for each in world.taken.values() if system.group and each.group == system.group}
    if stay.disk_id in mates and mates & seen - {system.disk_id}:
        return False
    was_seen = stay.disk_id in seen
    looked, remembered = world.looks.get(system.id, (made.at, frozenset[str]()))
    return not (was_seen or stay.disk_id in remembered or stay.disk_id in _last_set(made, looked, world))


def _is_earlier(one: MadeImage, other: MadeImage) -> bool:
    """Made before the other's snapshot began; or of one that ended before that, if the image says when it ended."""
    is_end_told = " end=" in one.request.tags.get("snapimage:about", "")
    return one.at <= other.taken.created or (is_end_told and one.taken.ended <= other.taken.created)


def _last_set(made: MadeImage, looked: datetime, world: SimulatedWorld) -> set[str]:
    """The disks of the last image of this system disk, if it could be found and read at the first look.

    What came to the machine after this snapshot says nothing of it: only snapshots that had ended by then count.
    """
    earlier = [
        each
        for each in world.made.values()
        if each.taken.disk_id == made.taken.disk_id and _is_earlier(each, made) and each.deleted is None
        and not each.is_meddled and (each.shown or each.at) < looked - timedelta(minutes=5)
    ]  # fmt: skip
    last = max(earlier, key=lambda each: (each.at, each.id), default=None)
    return {disk.disk_id for disk in last.request.disk_set.data if disk.disk_id} if last else set()
