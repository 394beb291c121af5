"""Makes a failing history small: takes away whatever the failure does not need."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from simulation.histories.attachments import AttachmentLog
from simulation.histories.faults import InjectedFault
from simulation.histories.history import Happening, History, ImageScript, TakenSnapshot
from simulation.histories.machines import Machine


def shrink(history: History, still_fails: Callable[[History], bool]) -> History:
    """A history that fails and of which no single part can be taken away. Greedy: the first smaller one that fails counts."""
    while (smaller := next(filter(still_fails, smaller_ones(history)), None)) is not None:
        history = smaller
    return history


def smaller_ones(history: History) -> Iterator[History]:
    """Every history with one thing less, the largest things first."""
    for machine in history.machines if len(history.machines) > 1 else ():
        if not any(_touches(each, machine) for each in history.happenings):
            yield _without_machine(history, machine)
    for taken in history.snapshots:
        yield _without_snapshots(history, {taken.id})
    for number in range(len(history.deliveries)):
        yield replace(history, deliveries=history.deliveries[:number] + history.deliveries[number + 1 :])
    for fault in history.faults:
        yield _without_fault(history, fault, closer=False)
        yield _without_fault(history, fault, closer=True)
    yield from _earlier_faults(history)
    yield from _calmer(history)
    for taken in history.snapshots:
        for plainer in _plainer(taken):
            plain = replace(history, snapshots=tuple(plainer if each is taken else each for each in history.snapshots))
            yield plain
            yield from _earlier_faults(plain)


def _calmer(history: History) -> Iterator[History]:
    """With less that people do."""
    for happening in history.happenings:
        yield _without_happening(history, happening)
        if len(happening.moves) > 1:
            shorter = replace(happening, moves=happening.moves[:-1])
            others = tuple(shorter if each is happening else each for each in history.happenings)
            yield _possible(replace(history, happenings=others))
    if history.foreign:
        yield replace(history, foreign=())
    if history.edits:
        yield replace(history, edits=())
    if history.other_groups:
        yield replace(history, other_groups=0)
    if history.outage:
        yield replace(history, outage=None)


def _touches(happening: Happening, machine: Machine) -> bool:
    ids = {machine.id, *(disk.id for disk in machine.disks)}
    return any(move.disk_id in ids or move.instance_id in ids for move in happening.moves)


def _without_machine(history: History, machine: Machine) -> History:
    smaller = replace(history, machines=tuple(each for each in history.machines if each != machine))
    return _without_snapshots(smaller, {taken.id for taken in history.snapshots if taken.machine == machine})


def _without_happening(history: History, happening: Happening) -> History:
    return _possible(replace(history, happenings=tuple(each for each in history.happenings if each is not happening)))


def _possible(history: History) -> History:
    """Without the snapshots of disks that are not where they were when they were drawn."""
    attachments = AttachmentLog(history.machines, history.happenings)
    stays = {
        taken.id: attachments.last_on(taken.disk_id, taken.machine.id, taken.created) for taken in history.snapshots
    }
    roles = {taken.id: taken.role for taken in history.snapshots}
    return _without_snapshots(
        history, {key for key, stay in stays.items() if stay is None or stay.role is not roles[key]}
    )


def _without_fault(history: History, fault: InjectedFault, *, closer: bool) -> History:
    """`closer`: faults of the same action move up by one, because a call less may be made without this one."""
    step = 1 if closer else 0
    return replace(
        history,
        faults=tuple(
            replace(each, number=each.number - step)
            if each.action == fault.action and each.number > fault.number
            else each
            for each in history.faults
            if each is not fault
        ),
    )


def _earlier_faults(history: History) -> Iterator[History]:
    for fault in history.faults:
        for number in range(1, fault.number):
            earlier = replace(fault, number=number)
            yield replace(history, faults=tuple(earlier if each is fault else each for each in history.faults))


def _without_snapshots(history: History, gone: set[str]) -> History:
    kept = [
        replace(delivery, snapshot_ids=tuple(each for each in delivery.snapshot_ids if each not in gone))
        for delivery in history.deliveries
    ]
    return replace(
        history,
        snapshots=tuple(taken for taken in history.snapshots if taken.id not in gone),
        deliveries=tuple(delivery for delivery in kept if delivery.snapshot_ids),
        foreign=tuple(image for image in history.foreign if image.snapshot_id not in gone),
    )


def _plainer(taken: TakenSnapshot) -> Iterator[TakenSnapshot]:
    """The same snapshot with one oddity less."""
    plain = ImageScript()
    for name, value in (("lag", 0), ("fails", False), ("is_hopeless", False), ("is_full", False), ("script", plain)):
        if getattr(taken, name) != value:
            yield replace(taken, **{name: value})  # type: ignore[arg-type]
    for name, value in vars(plain).items():
        if getattr(taken.script, name) != value:
            yield replace(taken, script=replace(taken.script, **{name: value}))
