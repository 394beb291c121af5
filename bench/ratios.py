"""The figures that count from machine to machine: ratios, and the goals that some of them have."""

from collections.abc import Mapping
from dataclasses import dataclass

from bench.cold import CREATE, NOTHING, REFUSE, Cold
from bench.trees import Trees
from bench.warm import WarmFigures

TIMES, MEGABYTES = "x", "MB"


@dataclass(frozen=True)
class Ratio:
    """`goal` is the most that it should be; None where none was set."""

    what: str
    value: float
    unit: str = TIMES
    goal: float | None = None

    @property
    def is_met(self) -> bool | None:
        return None if self.goal is None else self.value <= self.goal


def compare(cold: Cold, warm: Mapping[str, WarmFigures], trees: Trees) -> list[Ratio]:
    return [*compare_cold(cold), *compare_warm(warm), *compare_zips(trees)]


def compare_cold(cold: Cold) -> list[Ratio]:
    making, refusing, floor = cold["ours", CREATE], cold["ours", REFUSE], cold["floor", NOTHING]
    plain, plain_refusal = cold["plain", CREATE], cold["plain", REFUSE]
    return [
        Ratio("cold start to ready, ours : plain", making.ready_s / plain.ready_s, goal=0.35),
        Ratio("processor time to ready, ours : plain", making.ready_cpu_s / plain.ready_cpu_s),
        Ratio("cold start to ready, ours : floor", making.ready_s / floor.ready_s, goal=4),
        Ratio("processor time to ready, ours : floor", making.ready_cpu_s / floor.ready_cpu_s),
        Ratio("cold start to first answer, ours : plain", making.answer_s / plain.answer_s),
        Ratio("processor time to first answer, ours : plain", making.answer_cpu_s / plain.answer_cpu_s),
        Ratio("peak memory, ours : plain", making.peak_mib / plain.peak_mib, goal=0.6),
        Ratio("refusal, ours : floor", refusing.answer_s / floor.answer_s, goal=2.5),
        Ratio("processor time of a refusal, ours : floor", refusing.answer_cpu_s / floor.answer_cpu_s),
        Ratio("refusal, ours : plain", refusing.answer_s / plain_refusal.answer_s),
        Ratio("peak memory of a refusal, ours : plain", refusing.peak_mib / plain_refusal.peak_mib),
    ]


def compare_warm(warm: Mapping[str, WarmFigures]) -> list[Ratio]:
    ours, bare = warm["ours"], warm["bare"]
    return [
        Ratio("warm event, ours : bare SDK calls", ours.event_s / bare.event_s, goal=1.15),
        Ratio("processor time of a warm event, ours : bare", ours.event_cpu_s / bare.event_cpu_s),
    ]


def compare_zips(trees: Trees) -> list[Ratio]:
    return [Ratio("create_image.zip, with bytecode", trees.ours_zip.stat().st_size / 1e6, MEGABYTES, goal=8)]
