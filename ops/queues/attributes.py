"""Queues and their attributes, by the MNS SDK: every attribute is always given.

What is left out becomes a default of the SDK's, and in the old distribution that is a limit of 2 KB a message.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from files.errors import CommandError
from shared.adapters.mns_queue import QueueAccess, QueueError, call_queue

if TYPE_CHECKING:
    from mns.queue import Queue, QueueMeta


@dataclass(frozen=True)
class Attributes:
    visibility_timeout: int
    maximum_message_size: int
    message_retention_period: int
    delay_seconds: int = 0
    polling_wait_seconds: int = 0
    logging_enabled: bool = False


def find_queue(access: QueueAccess) -> Attributes | None:
    """None when there is no such queue."""
    meta = _call(access, lambda queue: queue.get_attributes())
    return None if meta is None else Attributes(**{each.name: getattr(meta, each.name) for each in fields(Attributes)})


def create_queue(access: QueueAccess, attributes: Attributes) -> None:
    _call(access, lambda queue: queue.create(_meta(attributes)))


def change_queue(access: QueueAccess, attributes: Attributes) -> None:
    _call(access, lambda queue: queue.set_attributes(_meta(attributes)))


def _meta(wanted: Attributes) -> "QueueMeta":
    from mns.queue import QueueMeta

    return QueueMeta(
        vis_timeout=wanted.visibility_timeout,
        max_msg_size=wanted.maximum_message_size,
        msg_ttl=wanted.message_retention_period,
        delay_sec=wanted.delay_seconds,
        polling_wait_sec=wanted.polling_wait_seconds,
        logging_enabled=wanted.logging_enabled,
    )


def _call(access: QueueAccess, action: Callable[["Queue"], Any]) -> Any:
    """None for a queue that is not there; every other failure is one line for people."""
    try:
        return call_queue(access, action)
    except QueueError as error:
        if error.code == "QueueNotExist":
            return None
        raise CommandError(f"{access.queue if error.is_refusal else access.endpoint}: {error}") from None
