"""Reads messages on a queue, whatever they are: looks at them, or takes them one short poll at a time."""

import base64
import binascii
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from files.errors import CommandError
from shared.adapters.mns_queue import TIMEOUT_SECONDS, BoundedResponse, QueueAccess, QueueError, call_queue
from shared.adapters.replies import credentials, hide
from shared.domain.message import TYPE_PREFIX
from shared.domain.report_envelope import REPORT_TYPE

if TYPE_CHECKING:
    from mns.queue import Queue

POLL_SECONDS = 5
"""Of one long poll: short, because SIGTERM waits for its end."""
SHOWN = 300
"""Characters of a body that cannot be read."""
MOST_AT_ONCE = 16
"""Messages in one look: the limit of MNS (help, "BatchPeekMessage"), and always the first ones of the queue."""


class BoundedBatch(BoundedResponse):
    """16 messages of 64 KiB, the most that MNS gives at once, every letter of them escaped."""

    largest = 8 * 1024 * 1024


FINAL = frozenset({"InvalidAccessKeyId", "SignatureDoesNotMatch", "AccessDenied", "QueueNotExist", "InvalidQueueName"})
PASSING = frozenset({"TooManyRequests", "QpsLimitExceeded"})
"""MNS help, "Error codes": the server is there and asks for patience."""


class QueueRefused(CommandError):
    """Trying again cannot help: a wrong key, a wrong signature, a missing queue."""


class QueueUnreachable(CommandError):
    """Worth another try after a pause. `is_passing` when the server itself said so."""

    def __init__(self, text: str, is_passing: bool) -> None:
        super().__init__(text)
        self.is_passing = is_passing


@dataclass(frozen=True)
class Received:
    """One message: `event` when it is one of ours, else `poison` says what is wrong with it."""

    handle: str | None
    message_id: str
    event: dict[str, Any] | None = None
    poison: str | None = None
    body: str = ""
    """Fit to be shown: its beginning, without our credentials."""
    text: str = field(default="", repr=False)
    """The whole body as it is on the queue, whoever wrote it."""


def receive(access: QueueAccess, wait_seconds: int) -> Received | None:
    """The next message, which stays invisible to others for a while; None when there is none."""
    message = _call(access, lambda queue: queue.receive_message(wait_seconds), wait_seconds)
    return None if message is None else _read(message, credentials(access))


def plain_text(body: str) -> str:
    """The text in a body that may or may not be base64: Function Compute and the console write it as it is."""
    try:
        return base64.b64decode(body.strip(), validate=True).decode("utf-8")
    except ValueError:
        return body


def peek(access: QueueAccess) -> list[Received]:
    """Up to 16 messages, left where they are."""
    found = _call(access, lambda queue: queue.batch_peek_message(MOST_AT_ONCE)) or []
    return [_read(message, credentials(access)) for message in found]


def count(access: QueueAccess) -> int:
    """How many messages can be seen now, as far as MNS tells: newer accounts are told 0 (help, "GetQueueAttributes")."""
    return _call(access, lambda queue: int(queue.get_attributes().active_messages)) or 0


def delete(access: QueueAccess, received: Received) -> None:
    """A handle that has expired is no matter: the message comes again, and is known by its id."""
    _call(access, lambda queue: queue.delete_message(received.handle))


def _call(access: QueueAccess, action: Callable[["Queue"], Any], wait_seconds: int = 0) -> Any:
    """None when there is no message."""
    if not re.fullmatch(r"https?://[^/\s]+/?", access.endpoint):
        raise QueueRefused(f"endpoint {hide(access.endpoint, credentials(access))}: not of the form http(s)://HOST")
    try:
        return call_queue(access, lambda queue: action(_undecoded(queue)), wait_seconds + TIMEOUT_SECONDS, BoundedBatch)
    except QueueError as error:
        if error.code == "MessageNotExist":
            return None
        if error.code in FINAL:
            raise QueueRefused(str(error)) from None
        if error.is_refusal:
            raise QueueUnreachable(str(error), error.code in PASSING) from None
        raise QueueUnreachable(
            f"{hide(access.endpoint, credentials(access))} does not answer ({error})", is_passing=False
        ) from None


def _undecoded(queue: "Queue") -> "Queue":
    """Bodies are decoded here: one that is not base64 must not be lost inside the SDK."""
    queue.set_encoding(False)
    return queue


def _read(message: Any, secrets: Sequence[str]) -> Received:
    handle, message_id = getattr(message, "receipt_handle", None), hide(str(message.message_id), secrets)
    text = _text(message.message_body)
    event, poison = decode_body(text, secrets)
    return Received(handle or None, message_id, event, poison, hide(text, secrets)[:SHOWN], text)


def _text(raw: object) -> str:
    return raw.decode("utf-8", "replace") if isinstance(raw, bytes) else str(raw)


def decode_body(text: str, secrets: Sequence[str] = ()) -> tuple[dict[str, Any] | None, str | None]:
    """The CloudEvent in a body, or what keeps it from being one of ours."""
    try:
        event = json.loads(hide(base64.b64decode(text.strip(), validate=True).decode("utf-8"), secrets))
    except binascii.Error:
        return None, "not base64"
    except (ValueError, RecursionError):
        return None, "not JSON"
    if not isinstance(event, dict) or event.get("specversion") != "1.0" or not isinstance(event.get("id"), str):
        return None, "not a CloudEvent"
    status = event.get("data")
    version = status.get("schema_version") if isinstance(status, dict) else None
    if not str(event.get("type")).startswith((TYPE_PREFIX, REPORT_TYPE)) or not str(version).startswith("1."):
        return None, "another schema"
    return event, None
