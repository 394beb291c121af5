"""The one injector between the flows and the world in memory: every call passes it, and every fault waits here.

What the SDK would raise is raised here, and becomes the domain's error through the product's own table.
"""

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
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
    SILENT,
    FaultKind,
    Killed,
)
from simulation.histories.world import SimulatedWorld
from simulation.memory.refusals import no_reply, refusal

T = TypeVar("T")
READ_TIMEOUT = timedelta(seconds=20)


class FaultInjector:
    def __init__(self, world: SimulatedWorld) -> None:
        self.calls: Counter[str] = Counter()
        """How often each action was called."""
        self.changes = 0
        """Calls that changed something."""
        self._world = world
        self._faults = {(fault.action, fault.number): fault.kind for fault in world.history.faults}
        self._shut: dict[str, tuple[datetime, FaultKind]] = {}

    def calm(self) -> None:
        """No more faults."""
        self._faults.clear()
        self._shut.clear()

    def send(self, action: str, attempt: Callable[[], T]) -> T:
        """With the real patience of who calls: what is throttled comes here again. When all is over, everybody is let in."""
        running = self._world.running
        return running[-1].calls.send(action, partial(self.ask, action, attempt)) if running else attempt()

    def ask(self, action: str, attempt: Callable[[], T]) -> T:
        """One call of ECS."""
        try:
            return self._pass(action, attempt)
        except SDK_ERRORS as error:
            trouble = translate(error, action)
            self._world.refusals.add(trouble.code)
            self._world.caller.refused.add(action)
            raise trouble from error

    def publish(self, fact: str, attempt: Callable[[], None]) -> None:
        """One message to the queue: every refusal is Transient there, as in the adapter."""
        try:
            self._pass(PUBLISH, attempt, fact)
        except SDK_ERRORS as error:
            code = getattr(error, "code", None) or "NetWorkException"
            raise Transient(f"MNS.{code}", "message not published") from error

    def _pass(self, action: str, attempt: Callable[[], T], fact: str = "") -> T:
        """`fact` is what a trace says of the call beside its name."""
        self.calls[action] += 1
        self._check_alive(action)
        fault = self._faults.get((action, self.calls[action]))
        if fault is None or fault in SHUTS:
            if self._shut or fault:
                self._check_shut(action, fault)
            return self._carry_out(action, attempt, fact)
        self._world.seen[fault.name.lower()] += 1
        if fault not in AFTER:
            self._meet(action, fault)
            return self._carry_out(action, attempt, fact)
        result = self._carry_out(action, attempt, fact)
        self._meet(action, fault)
        return result

    def _meet(self, action: str, fault: FaultKind) -> None:
        """Raises unless the call or its reply is only held up."""
        self._world.note(f"{action}: {fault.value}")
        if fault in KILLS:
            self._world.seen[f"killed after {action}"] += fault in AFTER
            raise Killed(fault.value)
        if fault in LONG:
            self._world.pass_time(READ_TIMEOUT)
            self._check_alive(action)
        if fault in SILENT:
            raise no_reply(fault.value)
        if fault in REFUSALS:
            raise refusal(*REFUSALS[fault])

    def _check_shut(self, action: str, fault: FaultKind | None) -> None:
        """A throttled action stays so until its minute is over; a used-up quota, for an hour."""
        now = self._world.now
        if fault is not None:
            self._world.note(f"{action}: {fault.value}")
            self._shut[action] = _next(now, SHUTS[fault]), fault
        until, why = self._shut.get(action, (now, FaultKind.THROTTLED))
        if until <= now:
            return
        self._world.seen[why.name.lower()] += 1
        raise refusal(*REFUSALS[why])

    def _carry_out(self, action: str, attempt: Callable[[], T], fact: str) -> T:
        self._world.catch_up()
        self.changes += not action.startswith("Describe")
        try:
            result = attempt()
        except CloudError as error:
            self._world.note(f"{action}: {error.code}")
            self._world.seen[error.code] += 1
            self._world.refusals.add(error.code)
            raise
        fact = result if isinstance(result, str) else fact
        self._world.note(f"{action} -> {fact}" if fact else action)
        return result

    def _check_alive(self, action: str) -> None:
        if self._world.running and self._world.now >= self._world.caller.deadline:
            self._world.note(f"{action}: killed at the function's time-out")
            self._world.seen["function timed out"] += 1
            raise Killed("time-out of the function")


def _next(moment: datetime, seconds: int) -> datetime:
    """The beginning of the next minute or hour."""
    since = moment.timestamp() % seconds
    return moment + timedelta(seconds=seconds - since)
