"""Function Compute in a night: reserved concurrency, warm instances, time-outs, what it costs; timers."""

from collections.abc import Callable
from dataclasses import dataclass, field

from shared.domain.errors import Transient
from shared.ports import Warm
from simulation.memory.function_compute import DeadLetter, Deployed, Later, QueuedEvent, Terms, after_failure, take_turn
from simulation.nights.timeline import OutOfTime, Timeline


@dataclass
class Spending:
    """What a function has cost: runs, seconds that are billed, and what went wrong."""

    runs: int = 0
    billed_seconds: float = 0
    retries: int = 0
    turned_away: int = 0
    """Times that no instance was free."""
    timeouts: int = 0
    dead_letters: list[bytes] = field(default_factory=list)


class NightFunction:
    """Runs `work` on each payload, as often and as late as the platform would."""

    def __init__(
        self, timeline: Timeline, deployed: Deployed, terms: Terms, work: Callable[[bytes, Warm], None]
    ) -> None:
        self.deployed = deployed
        self.spent = Spending()
        self.open = 0
        """Invocations that are neither done nor given up."""
        self._timeline = timeline
        self._terms = terms
        self._work = work
        self._busy = 0
        self._idle: list[Warm] = []
        """What the instances remember that do nothing now; who worked last works next."""

    def submit(self, payload: bytes) -> None:
        self.open += 1
        self._try(QueuedEvent(payload, self._timeline.now()))

    def _try(self, event: QueuedEvent) -> None:
        is_free = self._busy < self.deployed.concurrency
        became = take_turn(event, self.deployed, self._terms, self._timeline.now(), is_free)
        self.spent.turned_away += isinstance(became, Later)
        if became is not None:
            self._go_on(became)
            return
        self._busy += 1
        warm = self._idle.pop() if self._idle else None
        self._timeline.begin(lambda: self._run(event, warm))

    def _run(self, event: QueuedEvent, warm: Warm | None) -> None:
        begun = self._timeline.seconds
        self.spent.runs += 1
        memory = warm or Warm()
        is_done = self._attempt(event.payload, memory, is_cold=warm is None)
        self._busy -= 1
        self._idle.append(memory)
        self.spent.billed_seconds += self._timeline.seconds - begun
        if is_done:
            self.open -= 1
            return
        became = after_failure(event, self.deployed, self._terms, self._timeline.now())
        self.spent.retries += isinstance(became, Later)
        self._go_on(became)

    def _go_on(self, became: Later | DeadLetter) -> None:
        if isinstance(became, Later):
            wait = (became.due - self._timeline.now()).total_seconds()
            self._timeline.after(wait, lambda: self._try(became.event))
            return
        self.open -= 1
        if self.deployed.has_dead_letters:
            self.spent.dead_letters.append(became.payload)

    def _attempt(self, payload: bytes, memory: Warm, is_cold: bool) -> bool:
        try:
            self._timeline.limit(self.deployed.timeout)
            if is_cold:
                self._timeline.pause(self._terms.cold_start)
            self._work(payload, memory)
        except OutOfTime:
            self.spent.timeouts += 1
            return False
        except Transient:
            return False
        return True


def every(
    timeline: Timeline,
    first: float,
    seconds: float,
    function: NightFunction,
    payload: bytes,
    goes_on: Callable[[], bool],
) -> None:
    """A timer; what it starts is asynchronous, as with FC's own."""

    def tick() -> None:
        if goes_on():
            function.submit(payload)
            timeline.after(seconds, tick)

    timeline.after(first, tick)
