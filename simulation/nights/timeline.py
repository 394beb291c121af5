"""Simulated time that many invocations share. They are ordinary code in threads, but only one of them ever runs.

Whoever pauses puts itself among what is due and wakes whatever is due next, so that everything happens in the order of
simulated time, at a speed that has nothing to do with it, and the same way in every run.
"""

import heapq
import itertools
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime, timedelta


class OutOfTime(BaseException):
    """The platform ends an invocation that ran too long. Not an Exception: nothing that it runs may catch it."""


class Abandoned(BaseException):
    """The run is over because something else failed."""


class Baton:
    """Who holds it, runs."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._lock.acquire()

    def hand_over(self) -> None:
        self._lock.release()

    def wait(self) -> None:
        self._lock.acquire()


class Timeline:
    """`threads` is the most that may be under way at once. A Clock for the flows."""

    def __init__(self, start: datetime, threads: int) -> None:
        self.seconds = 0.0
        self._start = start
        self._threads = threads
        self._due: list[tuple[float, int, Baton | Callable[[], None]]] = []
        self._order = itertools.count()
        self._here = threading.local()
        self._main = Baton()
        self._trouble: BaseException | None = None
        self._pool: ThreadPoolExecutor | None = None
        self._joining: set[Baton] = set()
        """Of those who wait until others have returned."""

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self.seconds)

    def sleep(self, span: timedelta) -> None:
        self.pause(span.total_seconds())

    def after(self, seconds: float, action: Callable[[], None]) -> None:
        """Runs the action then; it may not pause."""
        self._put(self.seconds + seconds, action)

    def begin(self, work: Callable[[], None]) -> None:
        """Starts, now, something that may pause."""
        if self._pool is None:
            raise RuntimeError("what pauses is begun by what is due, once the timeline runs")
        baton = Baton()
        self._put(self.seconds, baton)
        self._pool.submit(self._live, work, baton).add_done_callback(self._end)

    def limit(self, seconds: float) -> None:
        """Raises OutOfTime in whoever calls this now, as soon as it pauses beyond so many seconds from now."""
        self._here.limit = self.seconds + seconds

    def pause(self, seconds: float) -> None:
        until = self.seconds + seconds
        limit = self._here.limit
        self._put(min(until, limit), self._here.baton)
        self._go_on(self._here.baton)
        if self._trouble is not None:
            raise Abandoned
        if until > limit:
            raise OutOfTime

    def together(self, work: Callable[[], None], times: int) -> None:
        """Does the same so many times side by side; returns when all have returned."""
        if times <= 1:
            work()
            return
        mine, left = self._here.baton, times

        def one() -> None:
            nonlocal left
            work()
            left -= 1
            if not left:
                self._put(self.seconds, mine)

        self._joining.add(mine)
        for _ in range(times):
            self.begin(one)
        self._go_on(mine)
        self._joining.discard(mine)
        if self._trouble is not None:
            raise Abandoned

    def run(self) -> None:
        """Until nothing is due any more; raises what anything has raised."""
        with ThreadPoolExecutor(self._threads) as self._pool:
            try:
                self._go_on(self._main)
            finally:
                self._abandon()
        if self._trouble is not None and not isinstance(self._trouble, Abandoned):
            raise self._trouble

    def _put(self, moment: float, what: Baton | Callable[[], None]) -> None:
        heapq.heappush(self._due, (moment, next(self._order), what))

    def _go_on(self, mine: Baton | None) -> None:
        """Lets happen what is due, until it is the caller's turn; at the end it is the main thread's."""
        while self._due and self._trouble is None:
            self.seconds, _, what = heapq.heappop(self._due)
            if what is mine:
                return
            if not isinstance(what, Baton):
                what()
                continue
            what.hand_over()
            if mine is not None:
                mine.wait()
            return
        if mine is not self._main:
            self._main.hand_over()
            if mine is not None:
                mine.wait()

    def _live(self, work: Callable[[], None], baton: Baton) -> None:
        self._here.baton, self._here.limit = baton, float("inf")
        baton.wait()
        if self._trouble is None:
            work()

    def _end(self, ended: "Future[None]") -> None:
        if self._trouble is None:
            self._trouble = ended.exception()
            self._go_on(None)

    def _abandon(self) -> None:
        """Wakes whoever still pauses, to end."""
        self._trouble = self._trouble or (Abandoned() if self._due else None)
        due = {what for _, _, what in self._due if isinstance(what, Baton)}
        for baton in due | self._joining:
            baton.hand_over()
