"""What crosses the wire, before anyone has judged it: one request, one response."""

from collections.abc import Mapping
from dataclasses import dataclass, field

LARGEST_BODY = 2 * 1024 * 1024
"""Far above a queue message (64 KiB) and an event."""


@dataclass(frozen=True)
class Request:
    """One HTTP request. `target` is path and query exactly as received, because signatures cover those bytes."""

    method: str
    target: str
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes = b""
    arrived: "Request | None" = None
    """What came over the wire, where this is another style of request in the terms of the newer one."""

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    @property
    def query(self) -> str:
        """The raw query string, still encoded."""
        return self.target.partition("?")[2]


@dataclass(frozen=True)
class Response:
    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


class ApiRefusal(Exception):
    """What a service answers instead of doing what it was asked."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}" if code else message)
        self.status = status
        self.code = code
        self.message = message


class ConnectionDropped(Exception):
    """The connection is to be closed without a byte of reply."""


def request_line(start: bytes) -> tuple[str, str]:
    """Method and target of what may be no request at all, to tell whose words refuse it."""
    words = start.lstrip(b"\r\n").partition(b"\r\n")[0].decode("latin-1").split(" ")
    return (words[0], words[1]) if len(words) > 1 else ("", "")
