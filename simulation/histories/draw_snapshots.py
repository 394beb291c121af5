"""Draws the snapshots of a machine: the runs of its policy, those made by hand, and some beside them."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.domain.facts import Disk, Role
from simulation.histories.attachments import AttachmentLog
from simulation.histories.draw_image_script import draw_image_script, either
from simulation.histories.history import Happening, ImageScript, TakenSnapshot
from simulation.histories.machines import Machine

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@dataclass
class SnapshotTaker:
    """Takes the snapshots of one machine."""

    machine: Machine
    disks: Sequence[Disk]
    """All that are ever on it."""
    attachments: AttachmentLog
    chance: random.Random
    taken: int = 0

    def take(self, disk: Disk, created: datetime, **more: object) -> TakenSnapshot | None:
        """None when the disk is not on the machine then, or cannot have one."""
        stay = self.attachments.last_on(disk.id, self.machine.id, created)
        if stay is None or not disk.can_have_snapshots:
            return None
        chance, self.taken = self.chance, self.taken + 1
        span = either(chance, 0.8, (30, 120), (120, 2400)) if chance.random() < 0.97 else 9000
        fails = chance.random() < 0.05
        return TakenSnapshot(
            id=f"s-{disk.id[2:]}-{self.taken}{'' if disk in self.machine.disks else 'x'}",
            disk_id=disk.id,
            machine=self.machine,
            role=stay.role,
            size_gib=disk.size_gib,
            created=created,
            ended=created + timedelta(seconds=span),
            fails=fails,
            lag=either(chance, 0.9, (0, 1), (5, 400)),
            is_hopeless=stay.role is Role.SYSTEM and chance.random() < 0.03 and not fails,
            is_full=stay.role is Role.SYSTEM and chance.random() < 0.03,
            script=draw_image_script(chance) if stay.role is Role.SYSTEM else ImageScript(),
            **more,  # type: ignore[arg-type]
        )


def draw_snapshots(
    machine: Machine,
    begun: datetime,
    attachments: AttachmentLog,
    happenings: Sequence[Happening],
    chance: random.Random,
) -> list[TakenSnapshot]:
    others = {disk.id: disk for happening in happenings for disk in happening.new}
    others |= {disk.id: disk for each in happenings for disk in each.machine.disks}
    taker = SnapshotTaker(
        machine,
        (*machine.disks, *(each for each in others.values() if each.instance_id != machine.id)),
        attachments,
        chance,
    )
    taken = list(PATTERNS[chance.choices(range(4), (40, 25, 20, 15))[0]](taker, begun))
    if chance.random() < 0.12:  # of a time before the plans count
        taken += _run(taker, "old", begun - chance.choice((2, 3, 24)) * HOUR - timedelta(seconds=7200))
    if chance.random() < 0.2:
        taken += _stray(taker, begun)
    return taken


def _daily(taker: SnapshotTaker, begun: datetime) -> Iterator[TakenSnapshot]:
    yield from _run(taker, "1", begun)


def _hourly(taker: SnapshotTaker, begun: datetime) -> Iterator[TakenSnapshot]:
    """The disks of a run start minutes apart, in nearly the same way each time."""
    offsets = {disk.id: taker.chance.randrange(600) for disk in taker.disks}
    for number in range(taker.chance.choice((2, 2, 3))):
        yield from _run(taker, str(number + 1), begun + number * HOUR, offsets)


def _by_hand(taker: SnapshotTaker, begun: datetime) -> Iterator[TakenSnapshot]:
    kind = "copied" if taker.chance.random() < 0.1 else "user"
    for disk in taker.disks:
        if taker.chance.random() < 0.92:
            yield from _one(taker.take(disk, begun + timedelta(seconds=taker.chance.randrange(60)), kind=kind))


def _group(taker: SnapshotTaker, begun: datetime) -> Iterator[TakenSnapshot]:
    """Now and then a group leaves out a disk, which is taken by hand."""
    group = f"ssg-{taker.machine.id[2:]}"
    for disk in taker.disks:
        if disk.role is Role.SYSTEM or taker.chance.random() < 0.85:
            yield from _one(taker.take(disk, begun, kind="user", group=group))
        elif taker.chance.random() < 0.7:
            yield from _one(taker.take(disk, begun + timedelta(seconds=taker.chance.randrange(20, 400)), kind="user"))


PATTERNS = (_daily, _hourly, _by_hand, _group)


def _run(
    taker: SnapshotTaker, number: str, begun: datetime, offsets: dict[str, int] | None = None
) -> Iterator[TakenSnapshot]:
    """A disk that is busy is skipped; one under no policy is taken by hand, or not at all."""
    policy, chance = taker.machine.policy, taker.chance
    for disk in taker.disks:
        offset = chance.randrange(300) if offsets is None else offsets[disk.id] + chance.randrange(20)
        late = (1500 if offsets else 5400) if disk.role is Role.DATA and chance.random() < 0.03 else 0
        created = begun + timedelta(seconds=offset + late)
        if policy in disk.policies and chance.random() < 0.92:
            yield from _one(taker.take(disk, created, policy=policy, run=f"{policy} {number}"))
        elif policy not in disk.policies and chance.random() < 0.7:
            yield from _one(taker.take(disk, created, kind="user"))


def _stray(taker: SnapshotTaker, begun: datetime) -> Iterator[TakenSnapshot]:
    """One more of a data disk, by hand."""
    data = [disk for disk in taker.disks if disk.role is Role.DATA]
    if data:
        moment = begun + timedelta(seconds=taker.chance.randrange(-5400, 5400))
        yield from _one(taker.take(taker.chance.choice(data), moment, kind="user"))


def _one(taken: TakenSnapshot | None) -> Iterator[TakenSnapshot]:
    if taken is not None:
        yield taken
