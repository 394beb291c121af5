"""Cold starts: a fresh process for every sample, from before it is made until its handler is imported and has answered.

`ready` alone would flatter whoever imports late, so the first answer stands beside it. Contenders take turns, and each
round begins with another one: a machine that slows down slows all of them. The local cloud speaks HTTP, so nobody's
figures have TLS in them: its context and handshake come on top of every contender's first calls in the real cloud.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

from bench.process import Contender, ContenderProcess, MeasuredAnswer, MeasuredStart
from bench.stage import Stage
from bench.trees import Trees
from bench.world import ORDINARY, Machines
from files.errors import CommandError

NOTHING, CREATE, REFUSE = "nothing", "create", "refuse"
STATES = {NOTHING: "nothing", CREATE: "creating", REFUSE: "skipped"}
"""What the handler must answer, or the sample would be one of something else."""


@dataclass(frozen=True)
class Case:
    contender: Contender
    job: str

    @property
    def key(self) -> tuple[str, str]:
        return self.contender.name, self.job


@dataclass(frozen=True)
class Sample:
    start: MeasuredStart
    answer: MeasuredAnswer
    calls: tuple[str, ...]


@dataclass(frozen=True)
class ColdFigures:
    """Medians. Seconds since the process was asked for; the processor's are those of the process alone."""

    ready_s: float
    answer_s: float
    ready_cpu_s: float
    answer_cpu_s: float
    peak_mib: float
    calls: tuple[str, ...]


Cold = dict[tuple[str, str], ColdFigures]


def cases(trees: Trees) -> list[Case]:
    return [Case(trees.floor(), NOTHING)] + [
        Case(contender, job) for job in (CREATE, REFUSE) for contender in (trees.plain(), trees.ours())
    ]


def events_needed(rounds: int) -> int:
    """Machines for the events that make an image: two contenders."""
    return 2 * rounds


def measure_cold(
    all_cases: Sequence[Case], machines: Machines, stage: Stage, rounds: int, say: Callable[[str], None]
) -> Cold:
    samples: dict[tuple[str, str], list[Sample]] = defaultdict(list)
    for number in range(rounds):
        say(f"cold starts: round {number + 1} of {rounds}")
        first = number % len(all_cases)
        for case in (*all_cases[first:], *all_cases[:first]):
            samples[case.key].append(start_once(case, machines, stage))
    return {case.key: _summarize(samples[case.key]) for case in all_cases}


def start_once(case: Case, machines: Machines, stage: Stage) -> Sample:
    event = machines.event(ORDINARY) if case.job == CREATE else machines.refused_event()
    mark = len(stage.control.calls())
    with ContenderProcess(case.contender, stage.environment) as process:
        process.give(event)
        start = process.read_start()
        answer = process.read_answer()
    check_state(case.contender, answer, STATES[case.job])
    return Sample(start, answer, tuple(call["action"] for call in stage.control.calls(mark)))


def check_state(contender: Contender, answer: MeasuredAnswer, wanted: str) -> None:
    """Raises CommandError when the handler did something else: a fast refusal is no fast image."""
    told = answer.body.get("answers", [answer.body])
    states = [each["state"] for each in told]
    if states != [wanted]:
        raise CommandError(f"bench: {contender.name} answered {states}, not {wanted}")


def _summarize(samples: Sequence[Sample]) -> ColdFigures:
    ways = {sample.calls for sample in samples}
    if len(ways) > 1:
        raise CommandError(f"bench: the calls differ from start to start: {sorted(ways)}")
    return ColdFigures(
        ready_s=median([each.start.seconds for each in samples]),
        answer_s=median([each.answer.since_start for each in samples]),
        ready_cpu_s=median([each.start.cpu_seconds for each in samples]),
        answer_cpu_s=median([each.answer.cpu_since_start for each in samples]),
        peak_mib=median([each.answer.peak_mib for each in samples]),
        calls=ways.pop(),
    )
