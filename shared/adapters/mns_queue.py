"""The one way to a queue of MNS, on either distribution of its SDK: bounded, silent, and without our credentials.

`aliyun-mns-sdk` is the vendor's. `aliyun-mns` 1.1.5 is an old repackage with the same module name, preinstalled in FC's
python3.10, and prints the secret on every call; it must work too, and must be silent. Neither bounds a reply.
"""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.client import HTTPResponse, IncompleteRead, InvalidURL
from typing import TYPE_CHECKING, TypeVar

from shared.adapters.replies import credentials, redact
from shared.domain.errors import Transient
from shared.settings import Settings

if TYPE_CHECKING:
    from mns.account import Account
    from mns.queue import Queue

    from shared.domain.message import StatusMessage
    from shared.domain.report_envelope import ReportMessage

T = TypeVar("T")

TIMEOUT_SECONDS = 15.0
ODD_XML = (AttributeError, KeyError, TypeError, ValueError, RecursionError)
LARGEST_REPLY = 64 * 1024
"""Of an answer to who sends: a few hundred bytes."""
LONGEST_REPLY_SECONDS = 15.0
DECLARES = re.compile(rb"<!(DOCTYPE|ENTITY)|\0", re.IGNORECASE)
"""A zero byte, because in UTF-16 the letters would stand apart."""


class BoundedResponse(HTTPResponse):
    largest = LARGEST_REPLY

    def read(self, amt: int | None = None) -> bytes:
        """The whole body, as the SDK asks for it; OSError when it cannot be an answer of MNS."""
        body, deadline = bytearray(), time.monotonic() + LONGEST_REPLY_SECONDS
        while piece := self.read1(LARGEST_REPLY):
            body += piece
            if len(body) > self.largest or time.monotonic() > deadline:
                raise OSError(f"a reply of more than {len(body)} bytes, too large or too slow")
        if self.length:
            raise IncompleteRead(b"", self.length)
        if DECLARES.search(body):
            raise OSError("a reply that declares a document type or is not UTF-8")
        return bytes(body)


@dataclass(frozen=True)
class QueueAccess:
    """The credentials are in no representation of it."""

    endpoint: str
    access_key_id: str = field(repr=False)
    access_key_secret: str = field(repr=False)
    security_token: str = field(repr=False)
    queue: str


class QueueError(Exception):
    """A call that failed, in words that may be repeated. `is_refusal` when MNS itself said no, with a code of its own."""

    def __init__(self, code: str, said: str, request_id: str | None, is_refusal: bool) -> None:
        super().__init__(f"{code}: {said}")
        self.code = code
        self.said = said
        self.request_id = request_id
        self.is_refusal = is_refusal


def call_queue(
    access: QueueAccess,
    action: Callable[["Queue"], T],
    timeout_seconds: float = TIMEOUT_SECONDS,
    response_class: type[BoundedResponse] = BoundedResponse,
) -> T:
    """What the SDK returns for this action; every failure is a QueueError. The timeout is for connecting and for each wait for
    bytes, over http and https."""
    from mns.mns_exception import MNSExceptionBase, MNSServerException

    is_refusal = False
    try:
        return action(_open(access, timeout_seconds, response_class).get_queue(access.queue))
    except MNSExceptionBase as error:
        code, said, request_id = error.type, error.message, getattr(error, "req_id", None)
        is_refusal = isinstance(error, MNSServerException)
    except InvalidURL as error:
        code, said, request_id = "InvalidHost", error, None
    except ODD_XML as error:  # well-formed XML of another shape than documented: the SDK does not look
        code, said, request_id = "RespDataDamaged", type(error).__name__, None
    # Raised out here, so that no traceback shows the SDK's exception: it quotes whole replies and headers.
    secrets = credentials(access)
    known = redact(request_id, secrets, 64) if request_id else None
    raise QueueError(redact(code, secrets, 64), redact(said, secrets, 300), known, is_refusal)


def _open(access: QueueAccess, timeout_seconds: float, response_class: type[BoundedResponse]) -> "Account":
    """A new connection for every call, which the SDK closes: one that idled is closed by the other side and fails the next one."""
    import mns.mns_client
    from mns.account import Account

    mns.mns_client.print = _silence  # a module's own name comes before the builtin: 1.1.5 prints the secret
    keys = (access.access_key_id, access.access_key_secret, access.security_token)
    account = Account(access.endpoint.rstrip("/"), *keys)
    client = account.get_client()
    client.set_keep_alive(False)
    client.set_connection_timeout(timeout_seconds)
    client.http.conn.response_class = response_class
    client.http.conn.timeout = timeout_seconds  # over https the SDK's own setting has no effect
    return account


def _silence(*_: object, **__: object) -> None:
    return None


class MnsQueue:
    """The status queue."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def publish(self, message: "StatusMessage | ReportMessage") -> None:
        """Every refusal is Transient: a queue that is missing or forbidden must cost a retry, never a fact."""
        settings = self._settings
        keys = (settings.access_key_id, settings.access_key_secret, settings.security_token)
        access = QueueAccess(settings.mns_endpoint, *keys, settings.status_queue)
        from mns.queue import Message

        body = Message(message.to_json())
        try:
            call_queue(access, lambda queue: queue.send_message(body))
        except QueueError as error:
            text = f"message not published: {error.said}"
            raise Transient(f"MNS.{error.code}", text, 0, error.request_id) from None
