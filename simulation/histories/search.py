"""Runs many histories, and makes the first that breaks a promise small enough to read."""

import gc
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from shared.domain.facts import Role
from simulation.histories.draw import draw_history
from simulation.histories.execution import Execution, Product, run_history
from simulation.histories.history import History, ImageScript, TakenSnapshot
from simulation.histories.invariants import PROMISES, BrokenPromise, violations
from simulation.histories.shrink import shrink
from simulation.histories.trace import tell_steps

COLLECT_EVERY = 250
"""Histories between two collections of what they left."""


class Crashed(Exception):
    """A history in which something other than a refusal was raised; it holds the seed."""


@dataclass
class Tally:
    """What the histories of one search came to."""

    histories: int = 0
    events: int = 0
    images: int = 0
    messages: int = 0
    dead_letters: int = 0
    calls: Counter[str] = field(default_factory=Counter)
    seen: Counter[str] = field(default_factory=Counter)

    def add(self, execution: Execution) -> None:
        self.histories += 1
        self.events += sum(len(delivery.snapshot_ids) for delivery in execution.history.deliveries)
        self.images += len(execution.world.made)
        self.messages += len(execution.world.told)
        self.dead_letters += len(execution.dead_letters)
        self.calls += execution.injector.calls
        self.seen += execution.world.seen


@dataclass(frozen=True)
class Failure:
    seed: int
    violation: BrokenPromise
    smallest: History


def search(seeds: range, product: Product | None = None) -> tuple[Tally, Failure | None]:
    """Stops at the first history that breaks a promise."""
    tally = Tally()
    with _without_collector():
        for seed in seeds:
            history = draw_history(seed)
            try:
                execution = run_history(history, product)
            except Exception as crash:
                raise Crashed(seed) from crash
            tally.add(execution)
            if found := violations(execution):
                return tally, _shrink(history, found[0], product)
            if not tally.histories % COLLECT_EVERY:
                gc.collect()
    return tally, None


@contextmanager
def _without_collector() -> Iterator[None]:
    """A history is a few hundred kilobytes that refer to each other: to look through them again and again takes a fifth of
    the time."""
    was_on = gc.isenabled()
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        gc.unfreeze()
        if was_on:
            gc.enable()


def _shrink(history: History, violation: BrokenPromise, product: Product | None) -> Failure:
    """Keeps the broken promise, not the words: ids may go while the history shrinks."""

    def still_fails(smaller: History) -> bool:
        return any(each.promise == violation.promise for each in violations(run_history(smaller, product)))

    smallest = shrink(history, still_fails)
    found = next(each for each in violations(run_history(smallest, product)) if each.promise == violation.promise)
    return Failure(history.seed, found, smallest)


def explain(failure: Failure, product: Product | None = None) -> Iterator[str]:
    """The seed, the broken promise, what is left of the history, and what happened in it, line by line."""
    promise = next(each for each in PROMISES if each.__name__ == failure.violation.promise)
    yield f"seed {failure.seed} breaks a promise: {(promise.__doc__ or '').splitlines()[0]}"
    yield f"  {failure.violation.text}"
    yield from _describe(failure.smallest)
    yield "what happened:"
    execution = run_history(failure.smallest, product, traced=True)
    yield from (f"  {line}" for line in tell_steps(execution.trace))


def _describe(history: History) -> Iterator[str]:
    for taken in history.snapshots:
        yield from _describe_snapshot(taken)
    for delivery in history.deliveries:
        yield f"  {delivery.at:%d %H:%M:%S} {delivery.form} of {', '.join(delivery.snapshot_ids)}"
    for fault in history.faults:
        yield f"  {fault.action} number {fault.number}: {fault.kind.value}"
    for foreign in history.foreign:
        yield f"  somebody else's image takes {foreign.takes} of {foreign.snapshot_id}"
    for happening in history.happenings:
        yield f"  {happening.moves[0].at:%d %H:%M:%S} {happening.machine.id}: {happening.name}"
    for edit in history.edits:
        yield f"  {edit.at:%d %H:%M:%S} the plans are {edit.variant}"
    if history.other_groups:
        yield f"  every machine has {history.other_groups} other snapshot-consistent groups"
    if history.outage:
        yield f"  no instance of create_image from {history.outage.begin:%d %H:%M:%S} to {history.outage.end:%d %H:%M:%S}"


def _describe_snapshot(taken: TakenSnapshot) -> Iterator[str]:
    state = "fails" if taken.fails else "is finished"
    run = f", run {taken.run}" if taken.run else f", group {taken.group}" if taken.group else ""
    more = [f"shown {taken.lag} s later"] * bool(taken.lag) + ["ECS never makes an image of it"] * taken.is_hopeless
    text = "".join(f", {each}" for each in more + ["its tags are full"] * taken.is_full)
    yield f"  {taken.id} ({taken.kind}{run}) begins {taken.created:%d %H:%M:%S}, {state} {taken.ended:%H:%M:%S}{text}"
    if taken.role is Role.SYSTEM:
        changes = [
            f"{name} {value}" for name, value in vars(taken.script).items() if value != getattr(ImageScript(), name)
        ]
        yield f"    its image, if one is made: {', '.join(changes) or 'Available after 120 s'}"
