"""A client of the vendor's SDK: quiet, with our credentials, and with bounds that the SDK does not set: size, time and
destination of a reply.

Measured on darabonba-core 1.0.9: its session follows redirects and sends the headers with the security token to wherever
they point; it reads a body of any length, unpacks gzip of any ratio, and its time-out begins anew with every byte.
"""

import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar

import darabonba.core
from alibabacloud_tea_openapi.utils_models import Config
from requests import PreparedRequest, Response, Session

from shared.settings import Settings

C = TypeVar("C")
CONNECT_MS, READ_MS = 5_000, 20_000
"""CreateImage answers before the image exists; a reply later than this is a lost one, and is looked for."""

LARGEST_REPLY = 8 * 1024 * 1024
"""Bytes after unpacking. A page of 100 images with all their disks and tags is a tenth of it."""
LONGEST_REPLY_SECONDS = 30.0
"""From the end of the headers to the end of the body."""


def open_client(kind: Callable[[Any], C], settings: Settings, endpoint: str | None) -> C:
    """A client of this class of the SDK, quiet, and with bounded replies. Without an endpoint the SDK's own is taken."""
    for name in ("darabonba-core", "alibabacloud-tea"):  # with DEBUG=sdk they would log every header, token included
        logging.getLogger(name).setLevel(logging.CRITICAL)
    bound_replies()
    keys = OurCredential(settings.access_key_id, settings.access_key_secret, settings.security_token or None)
    place: dict[str, str] = {}
    if endpoint:
        scheme, _, host = endpoint.rpartition("://")
        place = {"endpoint": host, "protocol": (scheme or "https").upper()}
    times = {"connect_timeout": CONNECT_MS, "read_timeout": READ_MS}
    return kind(Config(credential=keys, region_id=settings.region_id, **times, **place))


@dataclass(frozen=True)
class OurCredential:
    """A credential as the SDK asks for one (alibabacloud-tea-openapi, `Config.credential`).

    The vendor's credentials package is not used: it reads the environment once, at import (1.0.12, measured), and FC
    changes the keys under a warm instance. It also takes long to import.
    """

    access_key_id: str
    access_key_secret: str = field(repr=False)
    security_token: str | None = field(repr=False)
    type: str = "sts"
    provider_name: str | None = None

    def get_credential(self) -> "OurCredential":
        return self


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


class EncodedRequest(PreparedRequest):
    """A request whose URL the SDK has encoded (`DaraCore.compose_url`), as it was signed."""

    def prepare_url(self, url: Any, params: Any) -> None:
        """As it is. Taking it apart and encoding it once more is a twelfth of what an event costs."""
        self.url = url

    def prepare_cookies(self, cookies: Any) -> None:
        """None: ECS sends none."""


class _Bounded:
    """urllib3's response, as far as requests reads it."""

    def __init__(self, raw: Any, deadline: float) -> None:
        self._raw = raw
        self._deadline = deadline

    def __getattr__(self, name: str) -> Any:
        return getattr(self._raw, name)

    def stream(self, amount: int, decode_content: bool) -> Iterator[bytes]:
        """`read1` returns with whatever has arrived, so that a reply of single bytes meets its deadline, too."""
        size = 0
        while piece := self._raw.read1(amount, decode_content=decode_content):
            size += len(piece)
            if size > LARGEST_REPLY or time.monotonic() > self._deadline:
                self._raw.close()
                raise UnboundedReply(f"a reply of more than {size} bytes, too large or too slow")
            yield piece


def bound_replies() -> None:
    """The SDK has no setting for its session and its requests; it makes them of these names."""
    darabonba.core.Session = BoundedSession
    darabonba.core.PreparedRequest = EncodedRequest
