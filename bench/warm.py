"""Warm events: every contender in one process with everything loaded, taking turns event by event.

A process for each, because the bare calls run from the whole packages and ours from what is staged. The time is that of
the handler alone, by the clock in its process, with the local cloud's part in it; the processor's is without.
"""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from statistics import median

from bench.cold import check_state
from bench.process import ContenderProcess, MeasuredAnswer
from bench.stage import Stage
from bench.trees import Trees
from bench.world import ORDINARY, Machines

LOADING = 2
"""Events before those that count: the first loads what is loaded late, the second finds connections as they will be."""
EVENTS_A_ROUND = 10
CONTENDERS = 3


@dataclass(frozen=True)
class WarmFigures:
    """Medians of one event that makes an image: four calls, and one more of the plain handler."""

    event_s: float
    event_cpu_s: float
    peak_mib: float
    calls: tuple[str, ...]


def events_needed(rounds: int) -> int:
    return CONTENDERS * (LOADING + rounds * EVENTS_A_ROUND)


def measure_warm(
    trees: Trees, machines: Machines, stage: Stage, rounds: int, say: Callable[[str], None]
) -> dict[str, WarmFigures]:
    contenders = [trees.ours(), trees.bare(), trees.plain()]
    say(f"warm events: {rounds * EVENTS_A_ROUND} for each of {len(contenders)}")
    with ExitStack() as stack:
        processes = [stack.enter_context(ContenderProcess(each, stage.environment)) for each in contenders]
        for process in processes:
            process.read_start()
        answers: dict[str, list[MeasuredAnswer]] = {contender.name: [] for contender in contenders}
        calls: dict[str, tuple[str, ...]] = {}
        for number in range(LOADING + rounds * EVENTS_A_ROUND):
            turn = number % len(contenders)
            order = list(zip(contenders, processes, strict=True))
            for contender, process in (*order[turn:], *order[:turn]):
                mark = len(stage.control.calls()) if number < LOADING else 0
                answer = process.ask(machines.event(ORDINARY))
                check_state(contender, answer, "creating")
                if number < LOADING:
                    calls[contender.name] = tuple(call["action"] for call in stage.control.calls(mark))
                else:
                    answers[contender.name].append(answer)
    return {name: _summarize(some, calls[name]) for name, some in answers.items()}


def _summarize(answers: list[MeasuredAnswer], calls: tuple[str, ...]) -> WarmFigures:
    return WarmFigures(
        event_s=median([each.seconds for each in answers]),
        event_cpu_s=median([each.cpu_seconds for each in answers]),
        peak_mib=median([each.peak_mib for each in answers]),
        calls=calls,
    )
