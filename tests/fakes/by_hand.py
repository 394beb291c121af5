"""Histories that show a planted bug which random ones meet too seldom: each needs a fault and a move within one minute."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from simulation.histories.faults import PUBLISH, FaultKind, InjectedFault
from simulation.histories.history import Delivery, Happening, History, Move, TakenSnapshot
from simulation.histories.machines import KINDS, Machine
from simulation.memory.cloud import START

WHOLE = Machine(next(kind for kind in KINDS if kind.name == "whole"), 0)
"""Its plan wants both data disks, and waits half an hour for them."""


def _at(minute: float) -> datetime:
    return START + timedelta(minutes=minute)


def _taken(number: int, minute: float, run: str = "one") -> TakenSnapshot:
    disk = WHOLE.disks[number]
    return TakenSnapshot(
        f"s-{number}-{run}", disk.id, WHOLE, disk.role, disk.size_gib, _at(minute), _at(minute + 1),
        policy=WHOLE.policy, run=run,
    )  # fmt: skip


def _taken_off(number: int, minute: float) -> Happening:
    return Happening("taken off", WHOLE, (Move(_at(minute), "taken off", WHOLE.disks[number].id),))


TOLD_AND_KILLED = History(
    0,
    (WHOLE,),
    (replace(_taken(0, 30), is_hopeless=True), _taken(1, 30), _taken(2, 30)),
    (Delivery(_at(32), ("s-0-one",)),),
    (InjectedFault(PUBLISH, 1, FaultKind.KILLED_AFTER),),
    happenings=(_taken_off(0, 32.5),),
    sweep_minute=5,
)
"""ECS refuses for good: that is told, the process is gone, and by the second try nobody knows the machine."""

KILLED_BEFORE_TELLING = History(
    0,
    (WHOLE,),
    (_taken(0, 30), _taken(1, 30)),
    (),
    (InjectedFault(PUBLISH, 1, FaultKind.KILLED_BEFORE),),
    sweep_minute=15,
)
"""A disk is missing, and the process is gone when that is to be told."""

LEFT_BEFORE_THE_FIRST_LOOK = History(
    0,
    (WHOLE,),
    tuple(_taken(number, minute, run) for run, minute in (("one", 30), ("two", 130)) for number in (0, 1, 2)),
    (Delivery(_at(32), ("s-0-one",)),),
    happenings=(_taken_off(2, 132),),
    sweep_minute=50,
)
"""The second run's event is lost, and a disk is taken off before the sweep: only the first run's image tells of it."""

BY_HAND: Mapping[str, tuple[History, str]] = {
    "a failure is told before it is marked": (TOLD_AND_KILLED, "end_is_last"),
    "an end is remembered before it is told": (KILLED_BEFORE_TELLING, "one_end"),
    "the last image's disks are not asked for": (LEFT_BEFORE_THE_FIRST_LOOK, "right_disks"),
}
"""By the planted bug, with the promise that it breaks."""
