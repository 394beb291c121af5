"""Function Compute's asynchronous side: reserved concurrency, retries, the age of events, dead letters, timers.

FC help, "Configure a retry mechanism": an invocation that finds no free instance is tried again after 0.5, 1, 2, 4 ...
seconds, for up to 5 hours; one that fails is tried again as often as is configured. How far apart, no page says.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from shared.domain.errors import Transient
from shared.ports import Warm
from simulation.nights.timeline import OutOfTime, Timeline


@dataclass(frozen=True)
class Terms:
    """What the platform does without being asked. Assumptions: `retry_after`, `cold_start` (both seconds)."""

    first_backoff: float = 0.5
    longest_backoff: float = float("inf")
    gives_up_after: float = 5 * 3600
    retry_after: float = 60
    cold_start: float = 2

    def wait_after(self, refusals: int) -> float:
        """Seconds until one that found no free instance so often before is tried again."""
        return float(min(self.first_backoff * 2**refusals, self.longest_backoff))


@dataclass(frozen=True)
class Deployed:
    """A function as s.yaml declares it."""

    name: str
    concurrency: int
    timeout: int
    retries: int
    max_age: int
    memory_gib: float
    vcpu: float
    has_dead_letters: bool = True


@dataclass
class NightInvocation:
    payload: bytes
    submitted: float
    runs: int = 0
    refusals: int = 0
    refused_since: float = 0


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


class Function:
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
        self._try(NightInvocation(payload, self._timeline.seconds))

    def _try(self, invocation: NightInvocation) -> None:
        now = self._timeline.seconds
        if now - invocation.submitted > self.deployed.max_age:
            self._give_up(invocation)
        elif self._busy >= self.deployed.concurrency:
            self._turn_away(invocation, now)
        else:
            self._busy += 1
            warm = self._idle.pop() if self._idle else None
            self._timeline.begin(lambda: self._run(invocation, warm))

    def _turn_away(self, invocation: NightInvocation, now: float) -> None:
        self.spent.turned_away += 1
        if not invocation.refusals:
            invocation.refused_since = now
        if now - invocation.refused_since > self._terms.gives_up_after:
            self._give_up(invocation)
            return
        wait = self._terms.wait_after(invocation.refusals)
        invocation.refusals += 1
        self._timeline.after(wait, lambda: self._try(invocation))

    def _run(self, invocation: NightInvocation, warm: Warm | None) -> None:
        begun = self._timeline.seconds
        invocation.runs += 1
        self.spent.runs += 1
        memory = warm or Warm()
        is_done = self._attempt(invocation, memory, is_cold=warm is None)
        self._busy -= 1
        self._idle.append(memory)
        self.spent.billed_seconds += self._timeline.seconds - begun
        if is_done:
            self.open -= 1
        elif invocation.runs > self.deployed.retries:
            self._give_up(invocation)
        else:
            self.spent.retries += 1
            invocation.refusals = 0
            self._timeline.after(self._terms.retry_after, lambda: self._try(invocation))

    def _attempt(self, invocation: NightInvocation, memory: Warm, is_cold: bool) -> bool:
        try:
            self._timeline.limit(self.deployed.timeout)
            if is_cold:
                self._timeline.pause(self._terms.cold_start)
            self._work(invocation.payload, memory)
        except OutOfTime:
            self.spent.timeouts += 1
            return False
        except Transient:
            return False
        return True

    def _give_up(self, invocation: NightInvocation) -> None:
        self.open -= 1
        if self.deployed.has_dead_letters:
            self.spent.dead_letters.append(invocation.payload)


def every(
    timeline: Timeline, first: float, seconds: float, function: Function, payload: bytes, goes_on: Callable[[], bool]
) -> None:
    """A timer; what it starts is asynchronous, as with FC's own."""

    def tick() -> None:
        if goes_on():
            function.submit(payload)
            timeline.after(seconds, tick)

    timeline.after(first, tick)
