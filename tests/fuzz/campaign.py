"""A whole run: payloads guided by what they reach, then arrays of their descendants, until enough events were answered."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module

from files import places
from fuzz.guidance import Guided
from fuzz.judge import MOST_EVENTS, Judge
from fuzz.mutations import mutate, mutate_json
from fuzz.probes import Probes, lines_of

WATCHED = (
    "domain.events", "domain.arrival", "domain.decide", "domain.disk_set", "domain.selection", "domain.wanted", "domain.runs",
    "domain.answers", "flows.create_image", "flows.gather", "flows.answer", "flows.make",
)  # fmt: skip
GUIDED_SHARE = 0.07
"""Of the events: each of them is an invocation by itself, which costs more than one among others."""
TOO_DEEP = b"[" * 900, b'{"a": ' * 900


class Crash(AssertionError):
    """A payload that was not answered as every payload must be."""

    def __init__(self, payload: bytes, error: BaseException) -> None:
        super().__init__(f"{type(error).__name__}: {str(error)[:600]}\npayload: {payload[:2000]!r}")
        self.payload = payload


@dataclass(frozen=True)
class Report:
    events: int
    answers: dict[str, int]
    seeds: int
    corpus: Sequence[bytes]
    reached_by_seeds: int
    reached: int
    lines: dict[str, set[int]]
    """Where the statements begin that guided payloads ran, by the module's name in `shared`."""


def seeds() -> list[bytes]:
    """Every payload in events/, and some that are none."""
    payloads = [path.read_bytes() for path in sorted(places.EVENTS.iterdir()) if path.suffix in {".json", ".txt"}]
    return [*payloads, b"", b"null", b"[[]]", b'{"a":1,"a":2}', b"[" * 3_000]


def run(events: int, seed: int, start: Sequence[bytes] | None = None) -> Report:
    """Raises Crash. `start` replaces the seeds."""
    rng, judge = random.Random(seed), Judge()
    known = list(start or seeds())

    def judged(payload: bytes) -> list[object]:
        try:
            return list(judge.run(payload))
        except Exception as error:
            raise Crash(payload, error) from error

    with judge.listening():
        with Probes([import_module(f"shared.{name}") for name in WATCHED]) as probes:
            guided = Guided(judged, mutate, known, probes, rng)
            at_first = guided.width()
            while judge.events < events * GUIDED_SHARE:
                guided.step()
        for batch in _batches(guided.corpus, rng):
            judged(batch)
            if judge.events >= events:
                break
    lines = {name: lines_of(guided.steps, place) for place, name in enumerate(WATCHED)}
    return Report(judge.events, judge.answers, len(known), guided.corpus, at_first, guided.width(), lines)


def _batches(corpus: Sequence[bytes], rng: random.Random) -> Iterator[bytes]:
    """Arrays of mutants, most of a size that is read, some beyond it."""
    small = [payload for payload in corpus if len(payload) < 4_000]
    while True:
        size = rng.choice([1, 2, 16, MOST_EVENTS - 1, *[MOST_EVENTS] * 9, MOST_EVENTS + 1])
        mutants = (mutate_json(rng.choice(small), small, rng) for _ in range(size if size <= MOST_EVENTS else 3))
        entries = [mutant for mutant in mutants if mutant is not None and _may_stand_beside_others(mutant)]
        if size > MOST_EVENTS:
            entries = (entries * size)[:size]
        yield b"[" + b",".join(entries) + b"]"


def _may_stand_beside_others(entry: bytes) -> bool:
    """What is nested too deeply to be read makes one event of all of them."""
    return len(entry) < 100_000 and not any(opening in entry for opening in TOO_DEEP)
