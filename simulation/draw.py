"""Draws a history from a seed: mostly small ones, with something odd about most of them."""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta

from shared.domain.facts import Role
from simulation.faults import CALLS, Fault, FaultKind, kinds_of
from simulation.fleet import KINDS, SLOTS, Machine
from simulation.history import Delivery, Ending, Fate, ForeignImage, Form, History, Move, Outage, TakenSnapshot
from simulation.memory_cloud import START

FORMS: Sequence[Form] = ("event", "event", "notice", "sparse")


def draw_history(seed: int) -> History:
    """Equal seeds give equal histories, on every machine and Python."""
    chance = random.Random(seed)
    machines = _draw_machines(chance)
    snapshots = tuple(each for machine in machines for each in _draw_snapshots(machine, chance))
    return History(
        seed=seed,
        machines=machines,
        snapshots=snapshots,
        deliveries=_draw_deliveries(snapshots, chance),
        faults=_draw_faults(chance),
        foreign=_draw_foreign(snapshots, chance),
        moves=_draw_moves(machines, chance),
        outage=_draw_outage(chance),
        sweep_minute=chance.randrange(60),
    )


def _draw_machines(chance: random.Random) -> tuple[Machine, ...]:
    drawn = {(chance.randrange(len(KINDS)), chance.randrange(SLOTS)) for _ in range(chance.choice((1, 1, 1, 2, 2, 3)))}
    return tuple(Machine(KINDS[kind], slot) for kind, slot in sorted(drawn))


def _draw_snapshots(machine: Machine, chance: random.Random) -> list[TakenSnapshot]:
    """One or two runs over the disks of a machine."""
    begun = START + timedelta(seconds=chance.randrange(7200))
    taken = _draw_run(machine, 0, begun, chance)
    if chance.random() < 0.25:
        taken += _draw_run(machine, 1, begun + timedelta(seconds=chance.randrange(600, 9000)), chance)
    return taken


def _draw_run(machine: Machine, run: int, begun: datetime, chance: random.Random) -> list[TakenSnapshot]:
    kind = chance.choice(("timer", "timer", "user", "copied" if chance.random() < 0.2 else "user"))
    policy = chance.choice("aab")
    grouped = kind == "user" and machine.kind.data_disks > 0 and chance.random() < 0.5
    taken = []
    for number in range(1 + machine.kind.data_disks):
        if number and chance.random() < 0.08:
            continue
        late = 5400 if chance.random() < 0.04 else 0
        created = begun if grouped else begun + timedelta(seconds=chance.randrange(300) + late)
        taken.append(
            TakenSnapshot(
                id=f"s-{machine.kind.name}{machine.slot}-{number}-{run}",
                machine=machine,
                number=number,
                created=created,
                ended=created + timedelta(seconds=_either(chance, 0.8, (30, 120), (120, 2400))),
                kind=kind,
                policy=policy,
                group=f"ssg-{machine.kind.name}{machine.slot}-{run}" if grouped else None,
                fails=chance.random() < 0.06,
                lag=_either(chance, 0.9, (0, 1), (5, 400)),
                fate=Fate() if number else _draw_fate(machine, chance),
            )
        )
    return taken


def _draw_fate(machine: Machine, chance: random.Random) -> Fate:
    """Nothing can tell of an image that is not listed after its disk was taken off: such a disk's image is listed at once."""
    endings: Sequence[Ending] = ("CreateFailed", "UnAvailable", "lost disk", "wrong size")
    return Fate(
        ending="Available" if chance.random() < 0.75 else chance.choice(endings),
        ready_after=_either(chance, 0.85, (20, 900), (3000, 12000)),
        hidden_for=_either(chance, 0.6 if machine.kind.name != "adrift" else 1.0, (0, 1), (1, 90)),
        checked_after=chance.randrange(900) if chance.random() < 0.93 else None,
        has_risks=chance.random() < 0.25,
        retired_after=chance.randrange(3600) if chance.random() < 0.05 else None,
    )


def _draw_deliveries(snapshots: Sequence[TakenSnapshot], chance: random.Random) -> tuple[Delivery, ...]:
    """None at all, one, or several; at once, or long after; now and then two in one array."""
    drawn = [
        Delivery(
            taken.ended + timedelta(seconds=_either(chance, 0.75, (0, 5), (5, 5000))), (taken.id,), chance.choice(FORMS)
        )
        for taken in snapshots
        for _ in range(chance.choices((0, 1, 2, 3), (10, 65, 20, 5))[0])
    ]
    if len(drawn) > 1 and chance.random() < 0.15:
        one, other = chance.sample(drawn, 2)
        drawn = [each for each in drawn if each is not one and each is not other]
        drawn.append(Delivery(max(one.at, other.at), one.snapshot_ids + other.snapshot_ids, one.form))
    return tuple(sorted(drawn, key=lambda each: (each.at, each.snapshot_ids)))


def _draw_faults(chance: random.Random) -> tuple[Fault, ...]:
    actions, weights = tuple(CALLS), tuple(CALLS.values())
    drawn: dict[tuple[str, int], FaultKind] = {}
    for _ in range(chance.choice((0, 1, 1, 2, 2, 3, 4, 6, 12))):
        action = chance.choices(actions, weights)[0]
        drawn[action, 1 + min(chance.randrange(8), chance.randrange(12))] = chance.choice(kinds_of(action))
    return tuple(Fault(action, number, kind) for (action, number), kind in sorted(drawn.items()))


def _draw_foreign(snapshots: Sequence[TakenSnapshot], chance: random.Random) -> tuple[ForeignImage, ...]:
    systems = [taken.id for taken in snapshots if taken.role is Role.SYSTEM]
    if not systems or chance.random() > 0.06:
        return ()
    return (ForeignImage(chance.choice(systems), chance.choice(("our name", "our snapshot"))),)


def _draw_moves(machines: Sequence[Machine], chance: random.Random) -> tuple[Move, ...]:
    """A data disk that comes later, and a system disk that is taken off where the plan knows it by its own id."""
    moves: list[Move] = []
    for machine in machines:
        at = START + timedelta(seconds=chance.randrange(9000))
        if machine.kind.data_disks and chance.random() < 0.08:
            moves.append(Move(at, machine, "data disk attached"))
        if machine.kind.name == "adrift" and chance.random() < 0.5:
            moves.append(Move(at, machine, "system disk detached"))
    return tuple(moves)


def _draw_outage(chance: random.Random) -> Outage | None:
    if chance.random() > 0.03:
        return None
    begin = START + timedelta(seconds=chance.randrange(7200))
    return Outage(begin, begin + timedelta(seconds=chance.choice((300, 3600, 20_000))))


def _either(chance: random.Random, likely: float, usual: tuple[int, int], rare: tuple[int, int]) -> int:
    return chance.randrange(*(usual if chance.random() < likely else rare))
