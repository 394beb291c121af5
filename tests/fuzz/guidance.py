"""Keeps what reached something new: a corpus that grows by the lines a payload makes the watched modules run, and in which order."""

import random
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field

from fuzz.probes import Probes, Step

Mutate = Callable[[bytes, Sequence[bytes], random.Random], bytes]
Run = Callable[[bytes], Iterable[Hashable]]
"""Runs one payload; what it returns counts as reached, beside the lines. Raises what is a crash."""


@dataclass
class Guided:
    """A loop without a clock: the same seeds and the same random numbers find the same."""

    run: Run
    mutate: Mutate
    seeds: Sequence[bytes]
    probes: Probes
    rng: random.Random
    corpus: list[bytes] = field(default_factory=list)
    reached: set[Hashable] = field(default_factory=set)
    steps: set[Step] = field(default_factory=set)

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

    def width(self) -> int:
        return len(self.reached) + len(self.steps)

    def _try(self, payload: bytes) -> bool:
        self.probes.steps.clear()
        told = set(self.run(payload))
        fresh = not (told <= self.reached and self.probes.steps <= self.steps)
        self.reached |= told
        self.steps |= self.probes.steps
        return fresh
