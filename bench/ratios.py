"""The figures that count from machine to machine: ratios, and the goals that some of them have."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bench.cold import BYTECODE, CREATE, NOTHING, REFUSE, SOURCE, Cold, ColdFigures
from bench.summary import Summary
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


Pick = Callable[[ColdFigures], Summary]


def compare(cold: Cold, warm: Mapping[str, WarmFigures], trees: Trees) -> list[Ratio]:
    return [*compare_cold(cold), *compare_warm(warm), *compare_zips(trees)]


def compare_cold(cold: Cold) -> list[Ratio]:
    def over(base: tuple[str, str, str], job: str, code: str, pick: Pick) -> float:
        return pick(cold["ours", job, code]).median / pick(cold[base]).median

    floor = ("floor", NOTHING, BYTECODE)
    quick, slow = ("plain", CREATE, BYTECODE), ("plain", CREATE, SOURCE)
    return [
        Ratio("cold start to ready, ours : plain", over(quick, CREATE, BYTECODE, _ready), goal=0.35),
        Ratio("processor time to ready, ours : plain", over(quick, CREATE, BYTECODE, _ready_cpu)),
        Ratio("cold start to ready, ours : floor", over(floor, CREATE, BYTECODE, _ready), goal=4),
        Ratio("processor time to ready, ours : floor", over(floor, CREATE, BYTECODE, _ready_cpu)),
        Ratio("cold start to first answer, ours : plain", over(quick, CREATE, BYTECODE, _answer)),
        Ratio("processor time to first answer, ours : plain", over(quick, CREATE, BYTECODE, _cpu)),
        Ratio("first answer without bytecode, ours : plain", over(slow, CREATE, SOURCE, _answer)),
        Ratio("first answer, ours with bytecode : without", over(("ours", CREATE, SOURCE), CREATE, BYTECODE, _answer)),
        Ratio("peak memory, ours : plain", over(quick, CREATE, BYTECODE, _peak), goal=0.6),
        Ratio("peak memory without bytecode, ours : plain", over(slow, CREATE, SOURCE, _peak)),
        Ratio("refusal, ours : floor", over(floor, REFUSE, BYTECODE, _answer), goal=2.5),
        Ratio("processor time of a refusal, ours : floor", over(floor, REFUSE, BYTECODE, _cpu)),
        Ratio("refusal, ours : plain", over(("plain", REFUSE, BYTECODE), REFUSE, BYTECODE, _answer)),
        Ratio("refusal without bytecode, ours : plain", over(("plain", REFUSE, SOURCE), REFUSE, SOURCE, _answer)),
        Ratio("peak memory of a refusal, ours : plain", over(("plain", REFUSE, BYTECODE), REFUSE, BYTECODE, _peak)),
    ]


def compare_warm(warm: Mapping[str, WarmFigures]) -> list[Ratio]:
    ours, bare = warm["ours"], warm["bare"]
    return [
        Ratio("warm event, ours : bare SDK calls", ours.event_s.median / bare.event_s.median, goal=1.15),
        Ratio("processor time of a warm event, ours : bare", ours.event_cpu_s.median / bare.event_cpu_s.median),
    ]


def compare_zips(trees: Trees) -> list[Ratio]:
    ours, plain = trees.ours_zip.stat().st_size, trees.plain_zip.stat().st_size
    return [
        Ratio("create_image.zip, with bytecode", ours / 1e6, MEGABYTES, goal=8),
        Ratio("create_image.zip : plain handler's, which has no bytecode", ours / plain),
    ]


def _ready(figures: ColdFigures) -> Summary:
    return figures.ready_s


def _ready_cpu(figures: ColdFigures) -> Summary:
    return figures.ready_cpu_s


def _answer(figures: ColdFigures) -> Summary:
    return figures.answer_s


def _cpu(figures: ColdFigures) -> Summary:
    return figures.answer_cpu_s


def _peak(figures: ColdFigures) -> Summary:
    return figures.peak_mib
