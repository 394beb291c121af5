"""Runs seeded histories over the real flows and tells what they came to; of one that breaks a promise, all there is to know."""

import time
from collections.abc import Callable, Iterator

from simulation.histories.draw_moves import HAPPENINGS
from simulation.histories.execution import Product
from simulation.histories.faults import FaultKind
from simulation.histories.search import Failure, Tally, explain, search

COMMAND = "snapimage simulate --seed {seed} --histories 1"


def simulate_histories(first: int, count: int, say: Callable[[str], None], product: Product | None = None) -> bool:
    """Whether every promise held in the histories of the seeds `first`, `first + 1`, ...; stops at one that breaks some."""
    began = time.perf_counter()
    tally, failure = search(range(first, first + count), product)
    for line in _table(tally, time.perf_counter() - began):
        say(line)
    for line in _report(failure, product) if failure else ():
        say(line)
    return failure is None


def _table(tally: Tally, seconds: float) -> Iterator[str]:
    rows = [
        ("histories", tally.histories),
        ("events delivered", tally.events),
        ("calls", tally.calls.total()),
        ("images made", tally.images),
        ("messages", tally.messages),
        ("dead letters", tally.dead_letters),
        ("invocations beside another", tally.seen["ran beside another"]),
        ("waits for the next minute", tally.seen["waited"]),
        *((f"fault: {kind.value}", tally.seen[kind.name.lower()]) for kind in FaultKind),
        *((f"done: {name}", tally.seen[name]) for name in HAPPENINGS),
    ]
    width = max(len(name) for name, _ in rows)
    yield from (f"{name:<{width}}  {number:>9,}" for name, number in rows)
    yield f"{'seconds':<{width}}  {seconds:>9.1f}"


def _report(failure: Failure, product: Product | None) -> Iterator[str]:
    yield ""
    yield from explain(failure, product)
    yield f"again: {COMMAND.format(seed=failure.seed)}"
