"""Draws a history from a seed: mostly small ones, with something odd about most of them."""

import random
from collections.abc import Sequence
from datetime import timedelta

from shared.domain.facts import Role
from simulation.histories.attachments import AttachmentLog
from simulation.histories.draw_moves import OTHER, draw_happenings
from simulation.histories.draw_snapshots import draw_snapshots
from simulation.histories.faults import CALLS, FaultKind, InjectedFault, kinds_of
from simulation.histories.history import (
    Delivery,
    Edit,
    ForeignImage,
    Form,
    Happening,
    History,
    Outage,
    TakenSnapshot,
    Variant,
)
from simulation.histories.machines import KINDS, SLOTS, Machine
from simulation.memory.cloud import START

FORMS: Sequence[Form] = ("event", "event", "notice", "sparse")
VARIANTS: Sequence[Variant] = ("renamed", "renamed", "reworded", "reworded", "disabled")
MACHINES = {(number, slot): Machine(kind, slot) for number, kind in enumerate(KINDS) for slot in range(SLOTS)}
"""Each knows its disks from the first history on."""
GROUPS = (0, 0, 0, 1, 99, 100, 151)


def draw_history(seed: int) -> History:
    """Equal seeds give equal histories, on every machine and Python."""
    chance = random.Random(seed)
    machines = _draw_machines(chance)
    begun = {machine: START + timedelta(seconds=chance.randrange(600, 7200)) for machine in machines}
    happenings = draw_happenings(begun, chance)
    if _is_elsewhere(happenings):
        begun[OTHER] = min(begun.values())
    machines = tuple(begun)
    attachments = AttachmentLog(machines, happenings)
    snapshots = tuple(
        each
        for machine in machines
        for each in draw_snapshots(machine, begun[machine], attachments, happenings, chance)
    )
    return History(
        seed=seed,
        machines=machines,
        snapshots=snapshots,
        deliveries=_draw_deliveries(snapshots, chance),
        faults=_draw_faults(chance),
        foreign=_draw_foreign(snapshots, chance),
        happenings=happenings,
        edits=_draw_edits(chance),
        outage=_draw_outage(chance),
        sweep_minute=chance.randrange(60),
        other_groups=chance.choice(GROUPS),
    )


def _draw_machines(chance: random.Random) -> tuple[Machine, ...]:
    drawn = {(chance.randrange(len(KINDS)), chance.randrange(SLOTS)) for _ in range(chance.choice((1, 1, 1, 1, 2)))}
    return tuple(MACHINES[each] for each in sorted(drawn))


def _is_elsewhere(happenings: Sequence[Happening]) -> bool:
    """Whether another machine has a part in it."""
    ids = {OTHER.id, *(disk.id for disk in OTHER.disks)}
    return any(move.instance_id in ids or move.disk_id in ids for each in happenings for move in each.moves)


def _draw_deliveries(snapshots: Sequence[TakenSnapshot], chance: random.Random) -> tuple[Delivery, ...]:
    """None at all, one, or several; at once, or long after; now and then two in one array."""
    drawn = [
        Delivery(taken.ended + timedelta(seconds=_draw_delay(chance)), (taken.id,), chance.choice(FORMS))
        for taken in snapshots
        for _ in range(chance.choices((0, 1, 2, 3), (12, 68, 16, 4))[0])
    ]
    if len(drawn) > 1 and chance.random() < 0.15:
        one, other = chance.sample(drawn, 2)
        drawn = [each for each in drawn if each is not one and each is not other]
        drawn.append(Delivery(max(one.at, other.at), one.snapshot_ids + other.snapshot_ids, one.form))
    return tuple(sorted(drawn, key=lambda each: (each.at, each.snapshot_ids)))


def _draw_delay(chance: random.Random) -> int:
    """The last of them is a dead letter that somebody replays when all is over."""
    return chance.randrange(*chance.choices(((0, 5), (5, 5000), (20_000, 40_000)), (75, 22, 3))[0])


def _draw_faults(chance: random.Random) -> tuple[InjectedFault, ...]:
    actions, weights = tuple(CALLS), tuple(CALLS.values())
    drawn: dict[tuple[str, int], FaultKind] = {}
    for _ in range(chance.choice((0, 1, 1, 2, 2, 3, 4, 6, 12))):
        action = chance.choices(actions, weights)[0]
        drawn[action, 1 + min(chance.randrange(8), chance.randrange(12))] = chance.choice(kinds_of(action))
    return tuple(InjectedFault(action, number, kind) for (action, number), kind in sorted(drawn.items()))


def _draw_foreign(snapshots: Sequence[TakenSnapshot], chance: random.Random) -> tuple[ForeignImage, ...]:
    systems = [taken.id for taken in snapshots if taken.role is Role.SYSTEM]
    if not systems or chance.random() > 0.06:
        return ()
    return (ForeignImage(chance.choice(systems), chance.choice(("our name", "our snapshot"))),)


def _draw_edits(chance: random.Random) -> tuple[Edit, ...]:
    if chance.random() > 0.12:
        return ()
    return (Edit(START + timedelta(seconds=chance.randrange(14_400)), chance.choice(VARIANTS)),)


def _draw_outage(chance: random.Random) -> Outage | None:
    if chance.random() > 0.03:
        return None
    begin = START + timedelta(seconds=chance.randrange(7200))
    return Outage(begin, begin + timedelta(seconds=chance.choice((300, 3600, 20_000))))
