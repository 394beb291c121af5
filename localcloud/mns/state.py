"""All queues of one account: who may touch them at once, how long a receive waits, and what their names may be."""

import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass

from localcloud.clock import MovableClock
from localcloud.mns.attributes import BATCH, WAIT, QueueAttributes
from localcloud.mns.errors import MnsError, out_of_range
from localcloud.mns.messages import Counts, StoredMessage, StoredQueue

LONGEST_NAME = 120
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*")


@dataclass(frozen=True)
class QueueStatus:
    name: str
    attributes: QueueAttributes
    counts: Counts
    created_at: int
    modified_at: int


class QueueStore:
    """Safe for threads. A long poll waits for a send, but looks every `wait` real seconds whether the clock moved."""

    def __init__(self, clock: MovableClock, wait: float = 0.05) -> None:
        self._clock = clock
        self._wait = wait
        self._changed = threading.Condition()
        self._queues: dict[str, StoredQueue] = {}
        self._closed = False

    def create(self, name: str, **attributes: int) -> bool:
        """True if it is new. help.aliyun.com 35129: making it again alike is no error, making it otherwise is one.

        The page does not say what an attribute left out is compared with; here it stands for its default.
        """
        check_name(name)
        wanted = QueueAttributes().with_changes(**attributes)
        with self._changed:
            existing = self._queues.get(name)
            if existing is None:
                self._queues[name] = StoredQueue(name, wanted, created_at=self._now(), modified_at=self._now())
                return True
            if existing.attributes != wanted:
                raise MnsError("QueueAlreadyExist")
            return False

    def set_attributes(self, name: str, **changes: int) -> None:
        """help.aliyun.com 35130: what is not named stays as it was."""
        with self._changed:
            queue = self._find(name)
            queue.attributes = queue.attributes.with_changes(**changes)
            queue.modified_at = self._now()

    def status(self, name: str) -> QueueStatus:
        with self._changed:
            queue = self._find(name)
            counts = queue.counts(self._now())
            return QueueStatus(name, queue.attributes, counts, queue.created_at, queue.modified_at)

    def delete(self, name: str) -> None:
        """help.aliyun.com 35132: its messages go with it. No page says whether deleting a missing queue is an error;
        the table of codes gives QueueNotExist for every name that is not there."""
        with self._changed:
            self._find(name)
            del self._queues[name]
            self._changed.notify_all()

    def empty(self) -> None:
        """Every queue is as new: for another world."""
        with self._changed:
            for name, queue in self._queues.items():
                self._queues[name] = StoredQueue(
                    name, queue.attributes, created_at=self._now(), modified_at=self._now()
                )
            self._changed.notify_all()

    def names(self, prefix: str = "") -> list[str]:
        with self._changed:
            return sorted(name for name in self._queues if name.startswith(prefix))

    def send(self, name: str, body: str) -> StoredMessage:
        """help.aliyun.com 35134 and 27477: a message takes the queue's delay."""
        with self._changed:
            queue = self._find(name)
            _check_size(body, queue.attributes.maximum_message_size)
            message = queue.add(body, self._now())
            self._changed.notify_all()
            return message

    def receive(self, name: str, count: int = 1, wait_seconds: int | None = None) -> Sequence[StoredMessage]:
        """help.aliyun.com 35136: the request's wait goes before the queue's; nothing by then is MessageNotExist."""
        BATCH.check(count)
        with self._changed:
            default = self._find(name).attributes.polling_wait_seconds
            seconds = default if wait_seconds is None else WAIT.check(wait_seconds)
            deadline = self._now() + seconds * 1000
            while True:
                taken = self._find(name).take(count, self._now())
                if taken:
                    return taken
                if self._closed or self._now() >= deadline:
                    raise MnsError("MessageNotExist")
                self._changed.wait(self._wait)

    def peek(self, name: str, count: int = 1) -> Sequence[StoredMessage]:
        """help.aliyun.com 35140: sees what a receive would get, changes nothing, never waits."""
        BATCH.check(count)
        with self._changed:
            seen = self._find(name).look(count, self._now())
        if not seen:
            raise MnsError("MessageNotExist")
        return seen

    def peek_all(self, name: str) -> list[StoredMessage]:
        """Every message in the order of sending, the hidden ones too. For tests; no request can ask this."""
        with self._changed:
            queue = self._find(name)
            queue.expire(self._now())
            return list(queue.messages.values())

    def delete_message(self, name: str, handle: str) -> None:
        with self._changed:
            self._find(name).remove(handle, self._now())

    def close(self) -> None:
        """Every long poll ends now, empty; later ones do not wait."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _find(self, name: str) -> StoredQueue:
        if name not in self._queues:
            raise MnsError("QueueNotExist")
        return self._queues[name]

    def _now(self) -> int:
        return int(self._clock.now() * 1000)


def check_name(name: str) -> None:
    """help.aliyun.com 128343: up to 120 letters, digits and hyphens, a letter or digit first.

    The error table, 27501, says up to 256 and a letter first. The shorter limit is the one that is safe.
    """
    if len(name) > LONGEST_NAME:
        raise MnsError("QueueNameLengthError", LONGEST_NAME)
    if not _NAME.fullmatch(name):
        raise MnsError("InvalidQueueName", name)


def _check_size(body: str, largest: int) -> None:
    """No page names the code for an oversize body; out of range is the documented one that fits."""
    if not 1 <= len(body.encode()) <= largest:
        raise out_of_range("MessageBody", 1, largest, "bytes")
