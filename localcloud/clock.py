"""The local cloud's own time: it runs by itself and can be pushed forward."""

import threading
import time
from datetime import datetime, timezone


class MovableClock:
    """Seconds since the epoch; ticks in real time from `start` and never runs backwards."""

    def __init__(self, start: float | None = None) -> None:
        self._lock = threading.Lock()
        self._offset = 0.0 if start is None else start - time.time()

    def now(self) -> float:
        with self._lock:
            return time.time() + self._offset

    def utc(self) -> datetime:
        return datetime.fromtimestamp(self.now(), timezone.utc)

    def start_at(self, moment: float) -> None:
        """For another world: the only way back."""
        with self._lock:
            self._offset = moment - time.time()

    def advance(self, seconds: float) -> None:
        if seconds < 0:
            raise ValueError(f"the clock cannot go back: {seconds} s")
        with self._lock:
            self._offset += seconds
