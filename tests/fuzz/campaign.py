"""A whole run: payloads guided by what they reach, then arrays of their descendants, until enough events were answered."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import shared
from files import places
from fuzz.guidance import Guided
from fuzz.judge import MOST_EVENTS, Judge
from fuzz.mutations import mutate, mutate_json

WATCHED = (
    "domain/events.py", "domain/arrival.py", "domain/decide.py", "domain/disk_set.py", "domain/selection.py",
    "domain/wanted.py", "domain/runs.py", "domain/answers.py", "flows/create_image.py", "flows/gather.py",
    "flows/answer.py", "flows/make.py",
)  # fmt: skip
GUIDED_SHARE = 0.07
"""Of the events: tracing makes each of them several times as slow."""


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
    """Which lines of the watched files were run."""


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
        guided = Guided(judged, mutate, known, files(), rng)
        at_first = len(guided.reached)
        while judge.events < events * GUIDED_SHARE:
            guided.step()
        for batch in _batches(guided, rng):
            judged(batch)
            if judge.events >= events:
                break
    lines = {Path(file).name: guided.lines(file) for file in files()}
    return Report(judge.events, judge.answers, len(known), guided.corpus, at_first, len(guided.reached), lines)


def files() -> list[str]:
    root = Path(shared.__file__ or "").parent
    return [str(root / name) for name in WATCHED]


def _batches(guided: Guided, rng: random.Random) -> Iterator[bytes]:
    """Arrays of mutants, most of a size that is read, some beyond it."""
    small = [payload for payload in guided.corpus if len(payload) < 4_000]
    while True:
        size = rng.choice([1, 2, 16, MOST_EVENTS - 1, MOST_EVENTS, MOST_EVENTS, MOST_EVENTS, MOST_EVENTS + 1, 200])
        mutants = (mutate_json(rng.choice(small), small, rng) for _ in range(size if size <= MOST_EVENTS else 3))
        entries = [mutant for mutant in mutants if mutant is not None and len(mutant) < 100_000]
        if size > MOST_EVENTS:
            entries = (entries * size)[:size]
        yield b"[" + b",".join(entries) + b"]"
