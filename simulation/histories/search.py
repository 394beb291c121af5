"""Runs many histories, and makes the first that breaks a promise small enough to read."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from shared.domain.facts import Role
from simulation.collector import collected_after_each
from simulation.histories.draw import draw_history
from simulation.histories.execution import Execution, Product, run_history
from simulation.histories.history import History, ImageScript, TakenSnapshot
from simulation.histories.invariants import PROMISES, BrokenPromise, violations
from simulation.histories.shrink import shrink
from simulation.histories.trace import tell_steps


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
    history: History


def search(seeds: range, product: Product | None = None) -> tuple[Tally, Failure | None]:
    """Stops at the first history that breaks a promise."""
    tally = Tally()
    failures = (_try(seed, product, tally) for seed in collected_after_each(seeds))
    return tally, next(filter(None, failures), None)


def _try(seed: int, product: Product | None, tally: Tally) -> Failure | None:
    """Keeps nothing of the history but its failure."""
    history = draw_history(seed)
    try:
        execution = run_history(history, product)
    except Exception as crash:
        raise Crashed(seed) from crash
    tally.add(execution)
    return next((Failure(seed, found, history) for found in violations(execution)), None)


def make_small(failure: Failure, product: Product | None = None) -> Failure:
    """With as little as the broken promise needs. The words may be others: ids may go while the history shrinks."""
    promise = next(each for each in PROMISES if each.__name__ == failure.violation.promise)

    def find(smaller: History) -> list[BrokenPromise]:
        return [BrokenPromise(promise.__name__, text) for text in promise(run_history(smaller, product))]

    smallest = shrink(failure.history, lambda smaller: bool(find(smaller)))
    return Failure(failure.seed, find(smallest)[0], smallest)


def explain(failure: Failure, product: Product | None = None) -> Iterator[str]:
    """The seed, the broken promise, what is left of the history, and what happened in it, line by line."""
    failure = make_small(failure, product)
    promise = next(each for each in PROMISES if each.__name__ == failure.violation.promise)
    yield f"seed {failure.seed} breaks a promise: {(promise.__doc__ or '').splitlines()[0]}"
    yield f"  {failure.violation.text}"
    yield from _describe(failure.history)
    yield "what happened:"
    execution = run_history(failure.history, product, traced=True)
    yield from (f"  {line}" for line in tell_steps(execution.world.trace))


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
