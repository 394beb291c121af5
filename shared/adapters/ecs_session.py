"""The HTTP session under the ECS SDK, with bounds that the SDK does not set: size, time and destination of a reply.

Measured on darabonba-core 1.0.9: its session follows redirects and sends the headers with the security token to wherever
they point; it reads a body of any length, unpacks gzip of any ratio, and its time-out begins anew with every byte.
"""

import time
from collections.abc import Iterator
from typing import Any

import darabonba.core
from requests import PreparedRequest, Response, Session

LARGEST_REPLY = 8 * 1024 * 1024
"""Bytes after unpacking. A page of 100 images with all their disks and tags is a tenth of it."""
LONGEST_REPLY_SECONDS = 30.0
"""From the end of the headers to the end of the body."""


class UnboundedReply(OSError):
    """The reply is too large or too slow to be one of ECS."""


class BoundedSession(Session):
    """Every reply comes from the address that was asked, within the bounds."""

    def __init__(self, seconds: float = LONGEST_REPLY_SECONDS) -> None:
        super().__init__()
        self._seconds = seconds

    def send(self, request: PreparedRequest, **options: Any) -> Response:
        """By the adapter alone. The session's own way reads the whole body even of a redirect that it does not follow,
        keeps cookies, which ECS does not send, and takes time for both.
        """
        response = self.get_adapter(str(request.url)).send(request, **{**options, "stream": True})
        response.raw = _Bounded(response.raw, time.monotonic() + self._seconds)
        return response


class _Bounded:
    """urllib3's response, as far as requests reads it."""

    def __init__(self, raw: Any, deadline: float) -> None:
        self._raw = raw
        self._deadline = deadline

    def __getattr__(self, name: str) -> Any:
        return getattr(self._raw, name)

    def stream(self, amount: int, decode_content: bool = True) -> Iterator[bytes]:
        """`read1` returns with whatever has arrived, so that a reply of single bytes meets its deadline, too."""
        size = 0
        while piece := self._raw.read1(amount, decode_content=decode_content):
            size += len(piece)
            if size > LARGEST_REPLY or time.monotonic() > self._deadline:
                self._raw.close()
                raise UnboundedReply(f"a reply of more than {size} bytes, too large or too slow")
            yield piece


def bound_replies() -> None:
    """The SDK has no setting for its session; it makes it of this name."""
    darabonba.core.Session = BoundedSession
