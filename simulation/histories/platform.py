"""The platform as histories meet it: one invocation after the other on one clock, others while one of them hangs."""

import heapq
import itertools
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from shared.domain.errors import CloudError
from simulation.histories.faults import Killed
from simulation.histories.records import Invocation
from simulation.histories.trace import STARTS
from simulation.histories.world import SimulatedWorld
from simulation.memory.deployed import read_functions
from simulation.memory.function_compute import DeadLetter, Deployed, Later, QueuedEvent, Terms, after_failure, take_turn

TERMS = Terms()
DEEPEST = 8
"""Invocations that may be under way at once; beyond that a call that hangs keeps everybody waiting."""


class Platform:
    def __init__(
        self,
        world: SimulatedWorld,
        functions: Mapping[str, Callable[[bytes], object]],
        settings: Mapping[str, Deployed] | None = None,
    ) -> None:
        self.dead_letters: list[DeadLetter] = []
        self.beside = 0
        """Invocations that ran while another was under way."""
        self._world, self._functions, self._settings = world, functions, settings or read_functions()
        self._queue: list[tuple[datetime, int, str, QueuedEvent]] = []
        self._order = itertools.count()
        world.pass_time = self.pass_time

    def submit(self, function: str, payload: bytes, at: datetime) -> None:
        self._put(function, QueuedEvent(payload, at), at)

    def run_until(self, moment: datetime | None) -> None:
        """Everything that is due by then; None: until nothing is left. The clock ends no earlier than `moment`."""
        while self._queue and (moment is None or self._queue[0][0] <= moment):
            due, _, function, event = heapq.heappop(self._queue)
            self._move_to(due)
            self._start(function, event)
        if moment is not None:
            self._move_to(moment)

    def pass_time(self, span: timedelta) -> None:
        """One invocation hangs or sleeps, the others go on."""
        until = self._world.now + span
        if len(self._world.running) < DEEPEST:
            self.run_until(until)
        self._move_to(until)

    def _start(self, function: str, event: QueuedEvent) -> None:
        deployed, now = self._settings[function], self._world.now
        is_free = not (self._is_full(function, deployed) or self._is_out(function, now))
        became = take_turn(event, deployed, TERMS, now, is_free)
        if became is None and not self._run(function, event, deployed):
            became = after_failure(event, deployed, TERMS, self._world.now)
        if isinstance(became, Later):
            self._put(function, became.event, became.due)
        elif became is not None:
            self._give_up(function, became)

    def _run(self, function: str, event: QueuedEvent, deployed: Deployed) -> bool:
        """Whether the function returned."""
        now = self._world.now
        self.beside += bool(self._world.running)
        self._world.note(f"{function} {STARTS}, try {event.runs + 1}")
        invocation = Invocation(function, now, now + timedelta(seconds=deployed.timeout))
        self._world.running.append(invocation)
        try:
            self._functions[function](event.payload)
        except (CloudError, Killed) as trouble:
            self._world.note(f"  fails: {getattr(trouble, 'code', trouble)}")
            return False
        finally:
            self._world.running.pop()
        invocation.returned = self._world.now
        return True

    def _give_up(self, function: str, letter: DeadLetter) -> None:
        self._world.note(f"{function} is given up: {letter.condition}")
        if self._settings[function].has_dead_letters:
            self.dead_letters.append(letter)

    def _is_full(self, function: str, setting: Deployed) -> bool:
        return sum(each.function == function for each in self._world.running) >= setting.concurrency

    def _is_out(self, function: str, now: datetime) -> bool:
        outage = self._world.history.outage
        return function == "create_image" and outage is not None and outage.begin <= now < outage.end

    def _put(self, function: str, event: QueuedEvent, due: datetime) -> None:
        heapq.heappush(self._queue, (due, next(self._order), function, event))

    def _move_to(self, moment: datetime) -> None:
        if moment > (now := self._world.now):
            self._world.clock.advance(moment - now)
