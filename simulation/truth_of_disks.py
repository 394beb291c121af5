"""What messages say about disks, compared with the fleet as it was built and the images as they were asked for."""

from collections.abc import Iterator
from datetime import datetime

from shared.domain.facts import Image, Role
from shared.domain.status import ImageStatus
from simulation.fleet import plans_by_name
from simulation.history import TakenSnapshot
from simulation.world import World


def disk_lies(said: ImageStatus, image: Image, world: World) -> Iterator[str]:
    """The disks that are told are those that were asked for, each of them a finished snapshot of a disk of this machine."""
    request = world.made.get(image.id)
    if request is None:
        yield f"{image.id} is not ours"
        return
    asked = [(disk.snapshot_id, disk.disk_id, disk.size_gib) for disk in request.disk_set.disks]
    if [(entry.snapshot_id, entry.disk_id, entry.size_gib) for entry in said.disks] != asked:
        yield f"{image.id} was asked for with other disks"
    if said.left_out != request.disk_set.left_out or said.partial != bool(said.left_out):
        yield f"{image.id} lacks other disks than are told"
    yield from _set_lies(said, world)


def _set_lies(said: ImageStatus, world: World) -> Iterator[str]:
    system = world.taken[said.snapshot_id or ""]
    rules = plans_by_name()[said.plan or ""].data_disks
    if _wanted_disks(system, world) != {
        entry.disk_id for entry in said.disks if entry.type == "data" and entry.disk_id
    } | set(said.left_out):
        yield "a disk that the plan wants is neither there nor left out"
    if sum(entry.snapshot_id is None for entry in said.disks) != len(rules.empty):
        yield "there are more or fewer empty disks than the plan wants"
    for entry in said.disks:
        taken = world.taken.get(entry.snapshot_id or "")
        if taken and not _serves(taken, system, world):
            yield f"{taken.id} does not belong to this image"
        if taken and entry.size_gib != taken.machine.disks[taken.number].size_gib:
            yield f"{taken.id} has another size"


def _wanted_disks(system: TakenSnapshot, world: World) -> set[str]:
    """Those of its consistent group, if there is one: a group says which disks were meant at its moment."""
    take = plans_by_name()[system.machine.plan or ""].data_disks.take
    if isinstance(take, tuple):
        return set(take)
    if take == "none":
        return set()
    group = {taken.disk_id for taken in world.taken.values() if taken.group == system.group and taken.number}
    if system.group and group:
        return group
    late = [move for move in world.moves if move.what == "data disk attached" and move.machine == system.machine]
    always = {disk.id for disk in system.machine.disks if disk.role is Role.DATA}
    return always | {move.machine.late_disk for move in late if move.at <= system.created}


def _serves(taken: TakenSnapshot, system: TakenSnapshot, world: World) -> bool:
    if taken.id == system.id:
        return True
    within = plans_by_name()[system.machine.plan or ""].data_disks.within
    is_near = abs(taken.created - system.created) <= within
    return is_near and not taken.fails and taken.shown <= world.now and taken.machine == system.machine


def has_snapshot(system: TakenSnapshot, disk_id: str, moment: datetime, world: World) -> bool:
    return any(not taken.fails and taken.shown <= moment for taken in _near(system, disk_id, world))


def gets_snapshot(system: TakenSnapshot, disk_id: str, moment: datetime, world: World) -> bool:
    """One that was being made at that moment may lie nearer, and is waited for."""
    return any(taken.created <= world.now and taken.shown > moment for taken in _near(system, disk_id, world))


def _near(system: TakenSnapshot, disk_id: str, world: World) -> list[TakenSnapshot]:
    """Those of a disk that the plan allows beside this system snapshot."""
    within = plans_by_name()[system.machine.plan or ""].data_disks.within
    return [
        taken
        for taken in world.taken.values()
        if taken.disk_id == disk_id and abs(taken.created - system.created) <= within
    ]


def is_adrift(taken: TakenSnapshot, world: World) -> bool:
    """Whether its disk has been taken off by now."""
    off = [move for move in world.moves if move.what == "system disk detached" and move.machine == taken.machine]
    return any(move.at <= world.now for move in off)
