"""Draws the snapshots of a machine: the runs of its policy, those made by hand, and some beside them."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from shared.domain.facts import Disk, Role
from simulation.draw_fate import draw_fate
from simulation.fleet import Machine
from simulation.history import Fate, Happening, TakenSnapshot
from simulation.record import Record

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@dataclass
class Camera:
    """Takes the snapshots of one machine."""

    machine: Machine
    disks: Sequence[Disk]
    """All that are ever on it."""
    record: Record
    chance: random.Random
    taken: int = 0

    def shoot(self, disk: Disk, created: datetime, **more: object) -> TakenSnapshot | None:
        """None when the disk is not on the machine then, or cannot have one."""
        stay = self.record.last_on(disk.id, self.machine.id, created)
        if stay is None or not disk.can_have_snapshots:
            return None
        chance, self.taken = self.chance, self.taken + 1
        span = _either(chance, 0.8, (30, 120), (120, 2400)) if chance.random() < 0.97 else 9000
        return TakenSnapshot(
            id=f"s-{disk.id[2:]}-{self.taken}{'' if disk in self.machine.disks else 'x'}",
            disk_id=disk.id,
            machine=self.machine,
            role=stay.role,
            size_gib=disk.size_gib,
            created=created,
            ended=created + timedelta(seconds=span),
            fails=chance.random() < 0.05,
            lag=_either(chance, 0.9, (0, 1), (5, 400)),
            is_hopeless=stay.role is Role.SYSTEM and chance.random() < 0.03,
            is_full=stay.role is Role.SYSTEM and chance.random() < 0.03,
            fate=draw_fate(chance) if stay.role is Role.SYSTEM else Fate(),
            **more,  # type: ignore[arg-type]
        )


def draw_snapshots(
    machine: Machine, begun: datetime, record: Record, happenings: Sequence[Happening], chance: random.Random
) -> list[TakenSnapshot]:
    others = {disk.id: disk for happening in happenings for disk in happening.new}
    others |= {disk.id: disk for each in happenings for disk in each.machine.disks}
    camera = Camera(
        machine, (*machine.disks, *(each for each in others.values() if each.instance_id != machine.id)), record, chance
    )
    taken = list(PATTERNS[chance.choices(range(4), (40, 25, 20, 15))[0]](camera, begun))
    if chance.random() < 0.12:  # of a time before the plans count
        taken += _run(camera, "old", begun - chance.choice((2, 3, 24)) * HOUR - timedelta(seconds=7200))
    if chance.random() < 0.2:
        taken += _stray(camera, begun)
    return taken


def _daily(camera: Camera, begun: datetime) -> Iterator[TakenSnapshot]:
    yield from _run(camera, "1", begun)


def _hourly(camera: Camera, begun: datetime) -> Iterator[TakenSnapshot]:
    """The disks of a run start minutes apart, in nearly the same way each time."""
    offsets = {disk.id: camera.chance.randrange(600) for disk in camera.disks}
    for number in range(camera.chance.choice((2, 2, 3))):
        yield from _run(camera, str(number + 1), begun + number * HOUR, offsets)


def _by_hand(camera: Camera, begun: datetime) -> Iterator[TakenSnapshot]:
    kind = "copied" if camera.chance.random() < 0.1 else "user"
    for disk in camera.disks:
        if camera.chance.random() < 0.92:
            yield from _one(camera.shoot(disk, begun + timedelta(seconds=camera.chance.randrange(60)), kind=kind))


def _group(camera: Camera, begun: datetime) -> Iterator[TakenSnapshot]:
    """Now and then a group leaves out a disk, which is taken by hand."""
    group = f"ssg-{camera.machine.id[2:]}"
    for disk in camera.disks:
        if disk.role is Role.SYSTEM or camera.chance.random() < 0.85:
            yield from _one(camera.shoot(disk, begun, kind="user", group=group))
        elif camera.chance.random() < 0.7:
            yield from _one(
                camera.shoot(disk, begun + timedelta(seconds=camera.chance.randrange(20, 400)), kind="user")
            )


PATTERNS = (_daily, _hourly, _by_hand, _group)


def _run(
    camera: Camera, number: str, begun: datetime, offsets: dict[str, int] | None = None
) -> Iterator[TakenSnapshot]:
    """A disk that is busy is skipped; one under no policy is taken by hand, or not at all."""
    policy, chance = camera.machine.policy, camera.chance
    for disk in camera.disks:
        offset = chance.randrange(300) if offsets is None else offsets[disk.id] + chance.randrange(20)
        late = (1500 if offsets else 5400) if disk.role is Role.DATA and chance.random() < 0.03 else 0
        created = begun + timedelta(seconds=offset + late)
        if policy in disk.policies and chance.random() < 0.92:
            yield from _one(camera.shoot(disk, created, policy=policy, run=f"{policy} {number}"))
        elif policy not in disk.policies and chance.random() < 0.7:
            yield from _one(camera.shoot(disk, created, kind="user"))


def _stray(camera: Camera, begun: datetime) -> Iterator[TakenSnapshot]:
    """One more of a data disk, by hand."""
    data = [disk for disk in camera.disks if disk.role is Role.DATA]
    if data:
        moment = begun + timedelta(seconds=camera.chance.randrange(-5400, 5400))
        yield from _one(camera.shoot(camera.chance.choice(data), moment, kind="user"))


def _one(taken: TakenSnapshot | None) -> Iterator[TakenSnapshot]:
    if taken is not None:
        yield replace(taken, is_hopeless=taken.is_hopeless and not taken.fails)


def _either(chance: random.Random, likely: float, usual: tuple[int, int], rare: tuple[int, int]) -> int:
    return chance.randrange(*(usual if chance.random() < likely else rare))
