"""Which calls reached the cloud and how they ended; never what they carried."""

import re
import threading
from dataclasses import asdict, dataclass
from typing import Any

from localcloud.clock import MovableClock
from localcloud.wire import Response

_CODE = re.compile(rb'"(?:Error)?Code": ?"([^"]+)"|<Code>([^<]+)</Code>')


@dataclass(frozen=True)
class JournalEntry:
    service: str
    action: str
    status: int | None
    """None when the connection was closed without a reply."""
    code: str | None
    """The service's error code, or the kind of fault that ate the reply."""
    time: float

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


class Journal:
    def __init__(self, clock: MovableClock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._calls: list[JournalEntry] = []

    def record(self, service: str, action: str, status: int | None, code: str | None = None) -> None:
        with self._lock:
            self._calls.append(JournalEntry(service, action, status, code, self._clock.now()))

    def calls(self, since: int = 0) -> list[JournalEntry]:
        with self._lock:
            return self._calls[since:]

    def actions(self) -> list[str]:
        return [call.action for call in self.calls()]


def code_of(response: Response) -> str | None:
    if "X-Fc-Error-Type" in response.headers:  # the function failed, and FC answers 200
        return response.headers["X-Fc-Error-Type"]
    match = _CODE.search(response.body) if response.status >= 400 else None
    return (match[1] or match[2]).decode() if match else None
