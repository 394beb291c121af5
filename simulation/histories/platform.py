"""The platform as histories meet it: at least once, again after a failure, given up into the dead letters.

Rules: FC help, "Error handling" and "Asynchronous invocation"; how an event is called that found no instance in all the
time, no page says. The numbers are those of `s.yaml`, and the platform's own terms those of a night (`platform.Terms`).
"""

import heapq
import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from shared.domain.errors import CloudError
from simulation.histories.fault_injector import FaultInjector, Invocation
from simulation.histories.faults import Killed
from simulation.histories.history import Outage
from simulation.histories.trace import STARTS
from simulation.memory.cloud import MemoryClock
from simulation.nights.deployed import read_functions
from simulation.nights.platform import Deployed, Terms

TERMS = Terms()
DEEPEST = 8
"""Invocations that may be under way at once; beyond that a call that hangs keeps everybody waiting."""


@dataclass(frozen=True)
class Task:
    function: str
    payload: bytes
    submitted: datetime
    tries: int = 0
    held_up: int = 0
    """How often it could not be started, since when it is waiting for an instance."""
    held_since: datetime | None = None


@dataclass(frozen=True)
class DeadLetter:
    payload: bytes
    condition: str
    tries: int


class Platform:
    def __init__(
        self,
        clock: MemoryClock,
        injector: FaultInjector,
        functions: Mapping[str, Callable[[bytes], object]],
        outage: Outage | None = None,
        settings: Mapping[str, Deployed] | None = None,
        note: Callable[[str], None] = lambda text: None,
    ) -> None:
        self.dead_letters: list[DeadLetter] = []
        self.beside = 0
        """Invocations that ran while another was under way."""
        self._clock, self._injector, self._functions = clock, injector, functions
        self._outage, self._settings, self._note = outage, settings or read_functions(), note
        self._queue: list[tuple[datetime, int, Task]] = []
        self._order = itertools.count()
        injector.pass_time = self.pass_time

    def submit(self, function: str, payload: bytes, at: datetime) -> None:
        self._put(Task(function, payload, at), at)

    def run_until(self, moment: datetime | None) -> None:
        """Everything that is due by then; None: until nothing is left. The clock ends no earlier than `moment`."""
        while self._queue and (moment is None or self._queue[0][0] <= moment):
            due, _, task = heapq.heappop(self._queue)
            self._move_to(due)
            self._start(task)
        if moment is not None:
            self._move_to(moment)

    def pass_time(self, span: timedelta) -> None:
        """One invocation hangs or sleeps, the others go on."""
        until = self._clock.now() + span
        if len(self._injector.running) < DEEPEST:
            self.run_until(until)
        self._move_to(until)

    def _start(self, task: Task) -> None:
        setting, now = self._settings[task.function], self._clock.now()
        if now - task.submitted > timedelta(seconds=setting.max_age):
            self._give_up(task, "Expired")
        elif self._is_full(task.function, setting) or self._is_out(task.function, now):
            self._hold_up(task, now)
        elif not self._run(task, setting):
            tried = replace(task, tries=task.tries + 1, held_up=0, held_since=None)
            if tried.tries > setting.retries:
                self._give_up(tried, "UnhandledInvocationError")
            else:
                self._put(tried, self._clock.now() + timedelta(seconds=TERMS.retry_after))

    def _hold_up(self, task: Task, now: datetime) -> None:
        since = task.held_since or now
        given_up = since + timedelta(seconds=TERMS.gives_up_after)
        if now >= given_up:
            self._give_up(task, "NoInstance")
        else:
            later = now + timedelta(seconds=TERMS.wait_after(task.held_up))
            held = replace(task, held_up=task.held_up + 1, held_since=since)
            self._put(held, min(later, given_up))

    def _run(self, task: Task, setting: Deployed) -> bool:
        """Whether the function returned."""
        now = self._clock.now()
        self.beside += bool(self._injector.running)
        self._note(f"{task.function} {STARTS}, try {task.tries + 1}")
        self._injector.running.append(Invocation(task.function, now, now + timedelta(seconds=setting.timeout)))
        try:
            self._functions[task.function](task.payload)
        except (CloudError, Killed) as trouble:
            self._note(f"  fails: {getattr(trouble, 'code', trouble)}")
            return False
        finally:
            self._injector.running.pop()
        return True

    def _give_up(self, task: Task, condition: str) -> None:
        self._note(f"{task.function} is given up: {condition}")
        if self._settings[task.function].has_dead_letters:
            self.dead_letters.append(DeadLetter(task.payload, condition, task.tries))

    def _is_full(self, function: str, setting: Deployed) -> bool:
        return sum(each.function == function for each in self._injector.running) >= setting.concurrency

    def _is_out(self, function: str, now: datetime) -> bool:
        outage = self._outage
        return function == "create_image" and outage is not None and outage.begin <= now < outage.end

    def _put(self, task: Task, due: datetime) -> None:
        heapq.heappush(self._queue, (due, next(self._order), task))

    def _move_to(self, moment: datetime) -> None:
        self._clock.advance(max(timedelta(0), moment - self._clock.now()))
