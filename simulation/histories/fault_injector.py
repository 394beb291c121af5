"""The one injector between the flows and the world in memory: every call passes it, and every fault waits here.

What the SDK would raise is raised here, and becomes the domain's error through the product's own table.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import TypeVar

from shared.adapters.aliyun_errors import SDK_ERRORS, translate
from shared.domain.errors import CloudError, Transient
from simulation.histories.faults import (
    AFTER,
    KILLS,
    LONG,
    PUBLISH,
    REFUSALS,
    SHUTS,
    SILENT_AFTER,
    SILENT_BEFORE,
    FaultKind,
    InjectedFault,
    Killed,
)
from simulation.histories.world import Invocation, SimulatedWorld
from simulation.memory.refusals import no_reply, refusal

T = TypeVar("T")
READ_TIMEOUT = timedelta(seconds=20)


class FaultInjector:
    def __init__(self, world: SimulatedWorld, faults: Iterable[InjectedFault], note: Callable[[str], None]) -> None:
        self.running: list[Invocation] = []
        self.pass_time: Callable[[timedelta], None] = world.clock.advance
        """How time goes by while a call hangs; the platform puts its own in, which lets others run meanwhile."""
        self._world = world
        self._now = world.clock.now
        self._faults = {(fault.action, fault.number): fault.kind for fault in faults}
        self._calls: Counter[str] = Counter()
        self.changes = 0
        """Calls that changed something."""
        self._shut: dict[str, tuple[datetime, FaultKind]] = {}
        self.note = note

    @property
    def calls(self) -> Counter[str]:
        """How often each action was called."""
        return self._calls

    @property
    def caller(self) -> Invocation:
        """Who calls now."""
        return self.running[-1]

    def calm(self) -> None:
        """No more faults."""
        self._faults.clear()
        self._shut.clear()

    def ask(self, action: str, carry_out: Callable[[], T]) -> T:
        """One call of ECS."""
        try:
            return self._pass(action, carry_out)
        except SDK_ERRORS as error:
            trouble = translate(error, action)
            self._world.refusals.add(trouble.code)
            self.caller.refused.add(action)
            raise trouble from error

    def publish(self, fact: str, carry_out: Callable[[], None]) -> None:
        """One message to the queue: every refusal is Transient there, as in the adapter."""
        try:
            self._pass(PUBLISH, carry_out, fact)
        except SDK_ERRORS as error:
            code = getattr(error, "code", None) or "NetWorkException"
            raise Transient(f"MNS.{code}", "message not published") from error

    def _pass(self, action: str, carry_out: Callable[[], T], fact: str = "") -> T:
        """`fact` is what a trace says of the call beside its name."""
        self._calls[action] += 1
        self._check_alive(action)
        fault = self._faults.get((action, self._calls[action]))
        if fault is None or fault in SHUTS:
            if self._shut or fault:
                self._check_shut(action, fault)
            return self._carry_out(action, carry_out, fact)
        self._world.seen[fault.name.lower()] += 1
        if fault not in AFTER:
            self.note(f"{action}: {fault.value}")
            self._before(action, fault)
            return self._carry_out(action, carry_out, fact)
        result = self._carry_out(action, carry_out, fact)
        self.note(f"{action}: {fault.value}")
        self._after(action, fault)
        return result

    def _before(self, action: str, fault: FaultKind) -> None:
        """Raises unless the call is only held up."""
        if fault in KILLS:
            raise Killed(fault.value)
        if fault in LONG:
            self._hang(action)
        if fault in SILENT_BEFORE:
            raise no_reply(fault.value)
        if fault in REFUSALS:
            raise refusal(*REFUSALS[fault])

    def _after(self, action: str, fault: FaultKind) -> None:
        """Raises unless the reply is only late."""
        if fault in KILLS:
            self._world.seen[f"killed after {action}"] += 1
            raise Killed(fault.value)
        if fault in LONG:
            self._hang(action)
        if fault in SILENT_AFTER:
            raise no_reply(fault.value)
        if fault in REFUSALS:
            raise refusal(*REFUSALS[fault])

    def _check_shut(self, action: str, fault: FaultKind | None) -> None:
        """A throttled action stays so until its minute is over; a used-up quota, for an hour."""
        now = self._now()
        if fault is not None:
            self.note(f"{action}: {fault.value}")
            self._shut[action] = _next(now, SHUTS[fault]), fault
        until, why = self._shut.get(action, (now, FaultKind.THROTTLED))
        if until <= now:
            return
        self._world.seen[why.name.lower()] += 1
        raise refusal(*REFUSALS[why])

    def _carry_out(self, action: str, carry_out: Callable[[], T], fact: str) -> T:
        self._world.catch_up()
        self.changes += not action.startswith("Describe")
        try:
            result = carry_out()
        except CloudError as error:
            self.note(f"{action}: {error.code}")
            self._world.seen[error.code] += 1
            self._world.refusals.add(error.code)
            raise
        fact = result if isinstance(result, str) else fact
        self.note(f"{action} -> {fact}" if fact else action)
        return result

    def _hang(self, action: str) -> None:
        self.pass_time(READ_TIMEOUT)
        self._check_alive(action)

    def _check_alive(self, action: str) -> None:
        if self.running and self._now() >= self.running[-1].deadline:
            self.note(f"{action}: killed at the function's time-out")
            self._world.seen["function timed out"] += 1
            raise Killed("time-out of the function")


def _next(moment: datetime, seconds: int) -> datetime:
    """The beginning of the next minute or hour."""
    since = moment.timestamp() % seconds
    return moment + timedelta(seconds=seconds - since)
