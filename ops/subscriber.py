"""Takes messages off the status queue, whatever they are, one short poll at a time.

A new connection for every call: one that idled is closed by the server and fails the next call, and one that was
interrupted in a poll fails once more (MNS SDK, both distributions, measured).
"""

import base64
import binascii
import json
import re
from dataclasses import dataclass
from typing import Any

import mns.mns_client
from mns.account import Account
from mns.mns_exception import MNSExceptionBase, MNSServerException
from mns.queue import Queue

from shared.domain.message import TYPE_PREFIX

POLL_SECONDS = 5
"""Of one long poll: short, because SIGTERM waits for its end."""
SHOWN = 300
"""Characters of a body that cannot be read."""

FINAL = frozenset({"InvalidAccessKeyId", "SignatureDoesNotMatch", "AccessDenied", "QueueNotExist", "InvalidQueueName"})


class WatchError(Exception):
    """Trying again cannot help: a wrong key, a wrong signature, a missing queue."""


class Unreachable(Exception):
    """Worth another try after a pause."""


@dataclass(frozen=True)
class Access:
    endpoint: str
    access_key_id: str
    access_key_secret: str
    security_token: str
    queue: str


@dataclass(frozen=True)
class Received:
    """One message: `event` when it is one of ours, else `poison` says what is wrong with it."""

    handle: str | None
    message_id: str
    event: dict[str, Any] | None = None
    poison: str | None = None
    body: str = ""


def receive(access: Access, wait_seconds: int) -> Received | None:
    """The next message, which stays invisible to others for a while; None when there is none."""
    return _first(access, lambda queue: queue.receive_message(wait_seconds))


def receive_raw(access: Access) -> Received | None:
    """The next message with its whole body as it is on the queue, whoever wrote it."""
    message = _call(access, lambda queue: queue.receive_message(0))
    if message is None:
        return None
    return Received(message.receipt_handle, str(message.message_id), body=_text(message.message_body))


def plain_text(body: str) -> str:
    """The text in a body that may or may not be base64: Function Compute and the console write it as it is."""
    try:
        return base64.b64decode(body.strip(), validate=True).decode("utf-8")
    except ValueError:
        return body


def peek(access: Access) -> list[Received]:
    """Up to 16 messages, left where they are."""
    found = _call(access, lambda queue: queue.batch_peek_message(16)) or []
    return [_read(message) for message in found]


def delete(access: Access, received: Received) -> None:
    """A handle that has expired is no matter: the message comes again, and is known by its id."""
    _call(access, lambda queue: queue.delete_message(received.handle))


def _first(access: Access, action: Any) -> Received | None:
    message = _call(access, action)
    return None if message is None else _read(message)


def _call(access: Access, action: Any) -> Any:
    if not re.fullmatch(r"https?://[^/\s]+/?", access.endpoint):
        raise WatchError(f"endpoint {access.endpoint}: not of the form http(s)://HOST")
    mns.mns_client.print = lambda *_, **__: None  # the old distribution prints the secret on every call
    account = Account(access.endpoint, access.access_key_id, access.access_key_secret, access.security_token)
    account.get_client().set_keep_alive(False)
    queue: Queue = account.get_queue(access.queue)
    queue.set_encoding(False)  # decoded here: a body that is not base64 must not be lost inside the SDK
    try:
        return action(queue)
    except MNSServerException as error:
        if error.type == "MessageNotExist":
            return None
        if error.type in FINAL:
            raise WatchError(f"{error.type}: {error.message}") from None
        raise Unreachable(f"{error.type}: {error.message}") from None
    except MNSExceptionBase as error:
        raise Unreachable(f"{access.endpoint} does not answer ({error.type}: {error.message})") from None
    finally:
        account.get_client().close_connection()


def _read(message: Any) -> Received:
    handle, message_id = getattr(message, "receipt_handle", None), str(message.message_id)
    text = _text(message.message_body)
    event, poison = decode_body(text)
    return Received(handle or None, message_id, event, poison, text[:SHOWN])


def _text(raw: object) -> str:
    return raw.decode("utf-8", "replace") if isinstance(raw, bytes) else str(raw)


def decode_body(text: str) -> tuple[dict[str, Any] | None, str | None]:
    """The CloudEvent in a body, or what keeps it from being one of ours."""
    try:
        event = json.loads(base64.b64decode(text.strip(), validate=True).decode("utf-8"))
    except binascii.Error:
        return None, "not base64"
    except (ValueError, RecursionError):
        return None, "not JSON"
    if not isinstance(event, dict) or event.get("specversion") != "1.0" or not isinstance(event.get("id"), str):
        return None, "not a CloudEvent"
    status = event.get("data")
    version = status.get("schema_version") if isinstance(status, dict) else None
    if not str(event.get("type")).startswith(TYPE_PREFIX) or not str(version).startswith("1."):
        return None, "another schema"
    return event, None
