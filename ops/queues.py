"""Queues and their attributes, by the MNS SDK: every attribute is always given.

What is left out becomes a default of the SDK's, and in the old distribution that is a limit of 2 KB a message.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any

import mns.mns_client
from mns.account import Account
from mns.mns_exception import MNSExceptionBase, MNSServerException
from mns.queue import Queue, QueueMeta

from ops.subscriber import Access
from ops.yaml_model import FileError

TIMEOUT_SECONDS = 15


@dataclass(frozen=True)
class Attributes:
    visibility_timeout: int
    maximum_message_size: int
    message_retention_period: int
    delay_seconds: int = 0
    polling_wait_seconds: int = 0
    logging_enabled: bool = False


def find_queue(access: Access) -> Attributes | None:
    """None when there is no such queue."""
    meta = _call(access, lambda queue: queue.get_attributes())
    return None if meta is None else Attributes(**{each.name: getattr(meta, each.name) for each in fields(Attributes)})


def create_queue(access: Access, attributes: Attributes) -> None:
    _call(access, lambda queue: queue.create(_meta(attributes)))


def change_queue(access: Access, attributes: Attributes) -> None:
    _call(access, lambda queue: queue.set_attributes(_meta(attributes)))


def _meta(wanted: Attributes) -> QueueMeta:
    return QueueMeta(
        vis_timeout=wanted.visibility_timeout,
        max_msg_size=wanted.maximum_message_size,
        msg_ttl=wanted.message_retention_period,
        delay_sec=wanted.delay_seconds,
        polling_wait_sec=wanted.polling_wait_seconds,
        logging_enabled=wanted.logging_enabled,
    )


def _call(access: Access, action: Callable[[Queue], Any]) -> Any:
    """None for a queue that is not there; every other refusal is one line for people."""
    mns.mns_client.print = lambda *_, **__: None  # the old distribution prints the secret on every call
    try:
        account = Account(access.endpoint, access.access_key_id, access.access_key_secret, access.security_token)
        client = account.get_client()
        client.set_keep_alive(False)
        client.http.conn.timeout = TIMEOUT_SECONDS  # over https the SDK's own setting has no effect
        return action(account.get_queue(access.queue))
    except MNSServerException as error:
        if error.type == "QueueNotExist":
            return None
        raise FileError(f"{access.queue}: {error.type}: {error.message}") from None
    except MNSExceptionBase as error:
        raise FileError(f"{access.endpoint}: {error.type}: {error.message}") from None
