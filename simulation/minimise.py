"""Makes a failing history small: takes away whatever the failure does not need."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from simulation.faults import Fault
from simulation.history import Fate, History, TakenSnapshot


def minimise(history: History, still_fails: Callable[[History], bool]) -> History:
    """A history that fails and of which no single part can be taken away. Greedy: the first smaller one that fails counts."""
    while (smaller := next(filter(still_fails, smaller_ones(history)), None)) is not None:
        history = smaller
    return history


def smaller_ones(history: History) -> Iterator[History]:
    """Every history with one thing less, the largest things first."""
    for machine in history.machines if len(history.machines) > 1 else ():
        yield _without_snapshots(
            replace(
                history,
                machines=tuple(each for each in history.machines if each != machine),
                moves=tuple(move for move in history.moves if move.machine != machine),
            ),
            {taken.id for taken in history.snapshots if taken.machine == machine},
        )
    for taken in history.snapshots:
        yield _without_snapshots(history, {taken.id})
    for number in range(len(history.deliveries)):
        yield replace(history, deliveries=history.deliveries[:number] + history.deliveries[number + 1 :])
    for fault in history.faults:
        yield _without_fault(history, fault, closer=False)
        yield _without_fault(history, fault, closer=True)
    yield from _earlier_faults(history)
    if history.foreign:
        yield replace(history, foreign=())
    for move in history.moves:
        yield replace(history, moves=tuple(each for each in history.moves if each is not move))
    if history.outage:
        yield replace(history, outage=None)
    for taken in history.snapshots:
        for plainer in _plainer(taken):
            plain = replace(history, snapshots=tuple(plainer if each is taken else each for each in history.snapshots))
            yield plain
            yield from _earlier_faults(plain)


def _without_fault(history: History, fault: Fault, *, closer: bool) -> History:
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
    plain = Fate()
    if taken.lag:
        yield replace(taken, lag=0)
    if taken.fails:
        yield replace(taken, fails=False)
    if taken.fate != plain:
        yield replace(taken, fate=plain)
    if taken.fate.ending != plain.ending:
        yield replace(taken, fate=replace(taken.fate, ending=plain.ending))
    if taken.fate.ready_after != plain.ready_after:
        yield replace(taken, fate=replace(taken.fate, ready_after=plain.ready_after))
    if taken.fate.retired_after is not None:
        yield replace(taken, fate=replace(taken.fate, retired_after=None))
    if taken.fate.hidden_for:
        yield replace(taken, fate=replace(taken.fate, hidden_for=0))
    if taken.fate.has_risks or taken.fate.checked_after != plain.checked_after:
        yield replace(taken, fate=replace(taken.fate, has_risks=False, checked_after=plain.checked_after))
