"""Keeps what reached something new: a corpus that grows by the lines a payload makes the watched code run, and in which order."""

import random
import sys
from collections.abc import Callable, Collection, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

Mutate = Callable[[bytes, Sequence[bytes], random.Random], bytes]
Run = Callable[[bytes], Iterable[Hashable]]
"""Runs one payload; what it returns counts as reached, beside the lines. Raises what is a crash."""


class Trace:
    """Which line followed which, in the watched files."""

    def __init__(self, files: Collection[str]) -> None:
        self.steps: set[tuple[str, int, int]] = set()
        self._files = frozenset(files)

    def __enter__(self) -> "Trace":
        self._before = sys.gettrace()
        sys.settrace(self._enter)
        return self

    def __exit__(self, *_: object) -> None:
        sys.settrace(self._before)

    def _enter(self, frame: FrameType, event: str, argument: object) -> Any:
        name = frame.f_code.co_filename
        if name not in self._files:
            return None
        steps, last = self.steps, 0

        def line(frame: FrameType, event: str, argument: object) -> Any:
            nonlocal last
            steps.add((name, last, frame.f_lineno))
            last = frame.f_lineno
            return line

        return line


@dataclass
class Guided:
    """A loop without a clock: the same seeds and the same random numbers find the same."""

    run: Run
    mutate: Mutate
    seeds: Sequence[bytes]
    files: Collection[str]
    rng: random.Random
    corpus: list[bytes] = field(default_factory=list)
    reached: set[Hashable] = field(default_factory=set)

    def __post_init__(self) -> None:
        for seed in self.seeds:
            self._try(seed)
        self.corpus = list(self.seeds)

    def step(self) -> None:
        """One mutant; it joins the corpus when it reached what nothing before it did."""
        mutant = self.propose()
        if self._try(mutant):
            self.corpus.append(mutant)

    def propose(self) -> bytes:
        """From the latest finds, because what is new leads on; from the seeds, because finds drift away from sense."""
        pool = self.rng.choice([self.corpus[-40:], self.seeds, self.corpus])
        return self.mutate(self.rng.choice(pool), self.corpus, self.rng)

    def lines(self, file: str) -> set[int]:
        return {step[2] for step in self.reached if isinstance(step, tuple) and step[:1] == (file,)}

    def _try(self, payload: bytes) -> bool:
        with Trace(self.files) as trace:
            told = self.run(payload)
        found = trace.steps | set(told)
        fresh = not found <= self.reached
        self.reached |= found
        return fresh
