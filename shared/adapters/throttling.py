"""Waits out a throttled minute inside the function, as long as the function has the time.

ECS counts calls for each account, region, API and minute; who is refused in one minute is let in again in the next
(ECS help, "API throttling"). So nothing is gained by asking again sooner, and giving the event back to the platform
would repeat the calls that it has made already. Nothing but throttling is waited for.
"""

from collections import deque
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from threading import Lock
from typing import TypeVar

from shared.domain.errors import CloudError, Throttled
from shared.ports import Clock

T = TypeVar("T")

MINUTE = timedelta(minutes=1)
MARGIN = timedelta(seconds=20)
"""Left between the last waking and the deadline: the calls of one event that is still at its beginning."""
AT_ONCE = 32
"""Requests on their way at one time. At half a second each these are 3,800 a minute: the 1,000 that ECS may allow leave time
for all that is to be done beside them."""
SHORTEST = timedelta(seconds=1)
"""After a refusal at the most one call in a second (same page), however short a wait ECS asks for."""
EARLIEST, LATEST = 1.0, 6.0
"""Seconds into the new minute. A second, because a clock that is ahead of ECS's would wake in the minute that is spent
and wait for another; a spread, so that instances do not ask in one instant; a short one, because a few of them spend a
minute's 200 calls in some ten seconds, and what begins late in a minute is refused in it."""


def spread() -> float:
    import random  # only who must wait needs it

    return random.uniform(EARLIEST, LATEST)


class Throttling:
    """Sends a throttled call again in the next minute, or when ECS says. Without a deadline it never waits.

    `jitter` gives the seconds into the next minute at which one call wakes.
    """

    def __init__(self, clock: Clock, deadline: datetime | None, jitter: Callable[[], float] = spread) -> None:
        self._clock = clock
        self.deadline = deadline
        self._jitter = jitter
        self.waited = timedelta()

    def call(self, attempt: Callable[[], T]) -> T:
        """What the attempt returns; raises the refusal when the deadline leaves no time for another wait."""
        while True:
            try:
                return attempt()
            except Throttled as refusal:
                if not self.wait_out(refusal):
                    raise

    def wait_out(self, refusal: Throttled) -> bool:
        """Returns when another call may be let in; False, at once, when the deadline leaves no time for it."""
        now = self._clock.now()
        next_minute = now.replace(second=0, microsecond=0) + MINUTE + timedelta(seconds=self._jitter())
        span = next_minute - now if refusal.retry_after is None else max(refusal.retry_after, SHORTEST)
        if self.deadline is None or span > self.deadline - MARGIN - now:
            return False
        self._clock.sleep(span)
        self.waited += span
        return True


class CallRecord:
    """Sends calls, waits out their throttling, and keeps their names and waits. Every attempt is a call: each one travels to ECS."""

    def __init__(self, throttling: Throttling) -> None:
        self.actions: list[str] = []
        self.refusals: list[tuple[str, str]] = []
        """Action and code of every call that was refused or throttled, or that got no answer."""
        self.throttling = throttling
        self._waited_before: list[timedelta] = []
        self._lock = Lock()

    def mark(self) -> int:
        return len(self.actions)

    def since(self, mark: int) -> list[str]:
        return self.actions[mark:]

    def waited(self, mark: int) -> timedelta:
        """Waits lie between two attempts of one call, so the first call after the mark began with what was waited before."""
        now = self.throttling.waited
        return now - self._waited_before[mark] if mark < len(self._waited_before) else timedelta()

    def send(self, action: str, attempt: Callable[[], T]) -> T:
        return self.throttling.call(lambda: self.once(action, attempt))

    def once(self, action: str, attempt: Callable[[], T]) -> T:
        """Without waiting: a throttled call is raised."""
        with self._lock:  # several at a time create images
            self.actions.append(action)
            self._waited_before.append(self.throttling.waited)
        try:
            return attempt()
        except CloudError as refusal:
            self.refusals.append((action, refusal.code))
            raise

    def send_all(self, action: str, attempts: Sequence[Callable[[], T]]) -> list[T | CloudError]:
        """What each returns or raises, `AT_ONCE` at a time. When some are throttled, all wait, and one goes ahead alone."""
        results: dict[int, T | CloudError] = {}
        left, most = deque(range(len(attempts))), AT_ONCE
        while left:
            refusal = self._send_some(action, attempts, left, results, most)
            most = 1 if refusal else AT_ONCE
            if refusal and not self.throttling.wait_out(refusal):
                results.update(dict.fromkeys(left, refusal))
                break
        return [results[number] for number in range(len(attempts))]

    def _send_some(
        self, action: str, attempts: Sequence[Callable[[], T]], left: deque[int], results: dict[int, T | CloudError],
        most: int,
    ) -> Throttled | None:  # fmt: skip
        """Until nothing is left or one is throttled, which is what it returns; a single one goes alone."""
        throttled: list[Throttled] = []

        def send() -> None:
            while not throttled:
                try:
                    number = left.popleft()
                except IndexError:
                    return
                result = self._try(action, attempts[number])
                if isinstance(result, Throttled):
                    throttled.append(result)
                    left.appendleft(number)
                else:
                    results[number] = result
                if most == 1:
                    return

        self.together(send, min(most, len(left)))
        return throttled[0] if throttled else None

    def together(self, work: Callable[[], None], times: int) -> None:
        """Does the same so many times side by side; returns when all have returned."""
        do_together(work, times)

    def _try(self, action: str, attempt: Callable[[], T]) -> T | CloudError:
        try:
            return self.once(action, attempt)
        except CloudError as error:
            return error


def do_together(work: Callable[[], None], times: int) -> None:
    """In so many threads; returns when all have returned, and raises what the first of them raised."""
    if times <= 1:
        work()
        return
    from concurrent.futures import ThreadPoolExecutor  # of use to large runs only

    with ThreadPoolExecutor(times) as pool:
        for each in [pool.submit(work) for _ in range(times)]:
            each.result()
