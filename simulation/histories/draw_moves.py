"""What is done to the disks of a machine, one thing or another, in the hours of a history."""

import random
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from shared.domain.facts import Disk, Role
from simulation.histories.history import Happening, Move
from simulation.histories.machines import RESCUE, Machine, device
from simulation.memory.cloud import START

OTHER = Machine(RESCUE, 0)


def draw_happenings(begun: Mapping[Machine, datetime], chance: random.Random) -> tuple[Happening, ...]:
    """At most one for each machine, mostly about the time of its snapshots; none to a disk that another has in hand."""
    drawn: dict[frozenset[str], Happening] = {}
    for machine, moment in begun.items():
        if chance.random() < 0.4:
            name = chance.choice(OF_SYSTEM + (OF_DATA * 2 if _movable(machine) else ()))
            at = max(START, moment + timedelta(seconds=chance.randrange(-1800, 5400)))
            happening = HAPPENINGS[name](name, machine, at, chance)
            drawn.setdefault(frozenset(move.disk_id for move in happening.moves), happening)
    return tuple(drawn.values())


def _movable(machine: Machine) -> list[Disk]:
    """Its data disks; a local one goes where its machine goes."""
    return [disk for disk, letter in zip(machine.disks[1:], machine.kind.data, strict=True) if letter != "l"]


def _taken_off(name: str, machine: Machine, at: datetime, chance: random.Random) -> Happening:
    disk = chance.choice(_movable(machine))
    return Happening(name, machine, (Move(at, "taken off", disk.id),))


def _put_back(name: str, machine: Machine, at: datetime, chance: random.Random) -> Happening:
    disk = chance.choice(_movable(machine))
    other = chance.choice((disk.device, device(7)))
    return Happening(name, machine, (
        Move(at, "taken off", disk.id),
        Move(_later(at, chance), "put on", disk.id, machine.id, Role.DATA, other),
    ))  # fmt: skip


def _moved(name: str, machine: Machine, at: datetime, chance: random.Random) -> Happening:
    disk = chance.choice(_movable(machine))
    return Happening(name, machine, (
        Move(at, "taken off", disk.id),
        Move(_later(at, chance), "put on", disk.id, OTHER.id, Role.DATA, device(5)),
    ))  # fmt: skip


def _released(name: str, machine: Machine, at: datetime, chance: random.Random) -> Happening:
    disk = chance.choice(_movable(machine))
    return Happening(name, machine, (Move(at, "taken off", disk.id), Move(_later(at, chance), "released", disk.id)))


def _added(name: str, machine: Machine, at: datetime, chance: random.Random) -> Happening:
    disk = replace(machine.disk(8, chance.choice("pm")), instance_id=None, device="")
    return Happening(name, machine, (Move(at, "put on", disk.id, machine.id, Role.DATA, device(8)),), (disk,))


def _arrived(name: str, machine: Machine, at: datetime, chance: random.Random) -> Happening:
    """A data disk of the other machine is put on this one."""
    disk = OTHER.disks[1]
    return Happening(name, machine, (
        Move(at, "taken off", disk.id),
        Move(_later(at, chance), "put on", disk.id, machine.id, Role.DATA, device(6)),
    ))  # fmt: skip


def _rescued(name: str, machine: Machine, at: datetime, chance: random.Random) -> Happening:
    """The system disk hangs on another machine as a data disk, and mostly comes back."""
    disk, there = machine.disks[0], _later(at, chance)
    moves = [Move(at, "taken off", disk.id), Move(there, "put on", disk.id, OTHER.id, Role.DATA, device(4))]
    if chance.random() < 0.7:
        back = _later(there, chance)
        moves.append(Move(back, "taken off", disk.id))
        moves.append(Move(_later(back, chance), "put on", disk.id, machine.id, Role.SYSTEM, device(0)))
    return Happening(name, machine, tuple(moves))


def _unplugged(name: str, machine: Machine, at: datetime, chance: random.Random) -> Happening:
    return Happening(name, machine, (Move(at, "taken off", machine.disks[0].id),))


def _replaced(name: str, machine: Machine, at: datetime, chance: random.Random) -> Happening:
    """ReplaceSystemDisk: the old one is released, unless the operator keeps it."""
    old, new = machine.disks[0], replace(machine.disk(9, "p", Role.SYSTEM), instance_id=None, device="", size_gib=40)
    moves = [Move(at, "taken off", old.id), Move(at, "put on", new.id, machine.id, Role.SYSTEM, device(0))]
    if chance.random() < 0.7:
        moves.append(Move(at, "released", old.id))
    return Happening(name, machine, tuple(moves), (new,))


def _machine_released(name: str, machine: Machine, at: datetime, chance: random.Random) -> Happening:
    """Its system disk goes with it; data disks may stay behind."""
    moves = [Move(at, "taken off", disk.id) for disk in machine.disks]
    kept = {disk.id for disk in _movable(machine) if chance.random() < 0.5}
    moves += [Move(at, "released", disk.id) for disk in machine.disks if disk.id not in kept]
    return Happening(name, machine, (*moves, Move(at, "machine released", machine.id)))


def _later(moment: datetime, chance: random.Random) -> datetime:
    return moment + timedelta(seconds=chance.randrange(20, 1800))


HAPPENINGS: dict[str, Callable[[str, Machine, datetime, random.Random], Happening]] = {
    "data disk taken off": _taken_off,
    "data disk put back": _put_back,
    "data disk moved": _moved,
    "data disk released": _released,
    "data disk added": _added,
    "data disk arrived": _arrived,
    "system disk on a rescue machine": _rescued,
    "system disk taken off": _unplugged,
    "system disk replaced": _replaced,
    "machine released": _machine_released,
}
OF_SYSTEM = (
    "system disk on a rescue machine", "system disk on a rescue machine", "system disk taken off", "system disk replaced", "machine released",
)  # fmt: skip
OF_DATA = (
    "data disk taken off", "data disk put back", "data disk moved", "data disk released", "data disk added",
    "data disk arrived",
)  # fmt: skip
