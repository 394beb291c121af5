"""What calls functions by itself: the default event bus, by the patterns of each function, and its timers."""

import json
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from localcloud.clock import MovableClock
from localcloud.ecs.times import iso
from localcloud.fc.asynchronous import AsyncQueue
from localcloud.fc.function import HostedFunction
from localcloud.fc.spec import EventPattern, Timer

_Text = Annotated[str, Field(min_length=1)]


class CloudEvent(BaseModel):
    """CloudEvents 1.0: the four attributes that every event has. Whatever else it carries travels along."""

    model_config = ConfigDict(frozen=True)

    id: _Text
    source: _Text
    type: _Text
    specversion: Literal["1.0"]


@dataclass
class EventRule:
    """FC help, "Event triggers": FC makes a rule FUNCTION-TRIGGER on the default bus."""

    name: str
    function: str
    pattern: EventPattern
    enabled: bool


class Triggers:
    """FC calls functions asynchronously for both, so nothing runs before the queue is pumped."""

    def __init__(
        self,
        clock: MovableClock,
        queue: AsyncQueue,
        functions: Callable[[], Iterable[HostedFunction]],
        new_request_id: Callable[[], str],
    ) -> None:
        self._clock = clock
        self._queue = queue
        self._functions = functions
        self._new_request_id = new_request_id
        self._lock = threading.Lock()
        self._started: dict[tuple[str, str], float] = {}
        self.rules: dict[str, EventRule] = {}

    def publish(self, body: bytes) -> list[str]:
        """The names of the functions that get the event, as it is: a default-bus rule delivers one CloudEvent object.

        FC help, "Event formats" (FC 3.0); a rule reaches a function once, however many of its values match.
        """
        event = CloudEvent.model_validate_json(body)
        matching = {rule.function for rule in self.rules.values() if rule.enabled and _matches(rule.pattern, event)}
        wanted = [function for function in self._functions() if function.spec.key in matching]
        called = [function for function in wanted if not function.restriction]
        for function in called:
            self._queue.submit(function, body, self._new_request_id())
        return [function.spec.name for function in called]

    def make_rules(self, function: HostedFunction) -> None:
        """Those of an earlier deployment go."""
        key = function.spec.key
        self.drop_rules(key)
        made = [
            EventRule(f"{key}-{_trigger_name(pattern, place)}", key, pattern, pattern.enabled)
            for place, pattern in enumerate(function.spec.event_patterns)
        ]
        self.rules |= {rule.name: rule for rule in made}

    def drop_rules(self, key: str) -> None:
        self.rules = {name: rule for name, rule in self.rules.items() if rule.function != key}

    def start_timers(self, function: HostedFunction) -> None:
        with self._lock:
            for timer in function.spec.timers:
                self._started[function.spec.key, timer.name] = self._clock.now()

    def fire_timers(self) -> int:
        """Call for every timer that is due; return how many. A clock that was pushed over several ticks of a timer
        makes it fire once, at the last of them: a day's jump is not to be 1,440 calls."""
        fired = 0
        for function in self._functions():
            for timer in function.spec.timers:
                tick = self._tick(function, timer)
                if tick is not None and timer.enabled and not function.restriction:
                    self._queue.submit(function, _timer_event(timer, tick), self._new_request_id())
                    fired += 1
        return fired

    def _tick(self, function: HostedFunction, timer: Timer) -> float | None:
        key = (function.spec.key, timer.name)
        with self._lock:
            ticks = int((self._clock.now() - self._started[key]) // timer.every_seconds)
            if ticks < 1:
                return None
            self._started[key] += ticks * timer.every_seconds
            return self._started[key]


def _trigger_name(pattern: EventPattern, place: int) -> str:
    return pattern.trigger if place == 0 else f"{pattern.trigger}-{place + 1}"


def _matches(pattern: EventPattern, event: CloudEvent) -> bool:
    return (pattern.source is None or event.source in pattern.source) and (
        pattern.type is None or event.type in pattern.type
    )


def _timer_event(timer: Timer, tick: float) -> bytes:
    """FC help, "Time trigger", event format."""
    return json.dumps({"triggerTime": iso(tick), "triggerName": timer.name, "payload": timer.payload}).encode()
