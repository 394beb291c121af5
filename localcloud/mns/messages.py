"""One queue's messages: which may be seen at an instant, and what receiving, postponing and deleting do to them."""

import base64
import binascii
import hashlib
import re
import secrets
from dataclasses import dataclass, field, replace

from localcloud.mns.attributes import QueueAttributes
from localcloud.mns.errors import MnsError

# help.aliyun.com 35136 shows handles with '/', '+' and '='. Every handle made here holds all three, so that a client
# which mangles one of them in a URL fails each time and not now and then.
_AWKWARD_PREFIX = b"\xfb\xff\xbf"  # "+/+/" in base64
_HANDLE = re.compile(r"[0-9]+-([A-Za-z0-9+/]+={0,2})")


@dataclass(frozen=True)
class StoredMessage:
    """All times are milliseconds since the epoch."""

    message_id: str
    body: str
    enqueued_at: int
    visible_at: int
    receipt_handle: str | None = None
    first_dequeued_at: int | None = None
    dequeue_count: int = 0

    @property
    def body_md5(self) -> str:
        # help.aliyun.com 35134: upper-case hex, over the body as it is stored. Base64 is the clients' own affair.
        return hashlib.md5(self.body.encode(), usedforsecurity=False).hexdigest().upper()

    def is_visible(self, now: int) -> bool:
        return self.visible_at <= now

    def is_delayed(self, now: int) -> bool:
        return self.visible_at > now and self.dequeue_count == 0


@dataclass(frozen=True)
class Counts:
    active: int
    inactive: int
    delayed: int


@dataclass
class StoredQueue:
    """The caller holds the lock and says what time it is."""

    name: str
    attributes: QueueAttributes
    created_at: int
    modified_at: int
    messages: dict[str, StoredMessage] = field(default_factory=dict)

    def add(self, body: str, now: int) -> StoredMessage:
        visible_at = now + self.attributes.delay_seconds * 1000
        return self._put(StoredMessage(secrets.token_hex(16).upper(), body, enqueued_at=now, visible_at=visible_at))

    def look(self, count: int, now: int) -> list[StoredMessage]:
        """The next messages to be served, unchanged.

        The service promises no order (help.aliyun.com 35136); here it is the order of sending, so that tests repeat.
        """
        self.expire(now)
        return [m for m in self.messages.values() if m.is_visible(now)][:count]

    def take(self, count: int, now: int) -> list[StoredMessage]:
        """help.aliyun.com 35136: out of sight for the visibility timeout, under a handle that replaces any earlier."""
        hidden_until = now + self.attributes.visibility_timeout * 1000
        return [
            self._put(
                replace(
                    message,
                    visible_at=hidden_until,
                    receipt_handle=_new_handle(),
                    first_dequeued_at=message.first_dequeued_at or now,
                    dequeue_count=message.dequeue_count + 1,
                )
            )
            for message in self.look(count, now)
        ]

    def remove(self, handle: str, now: int) -> None:
        del self.messages[self._held(handle, now).message_id]

    def expire(self, now: int) -> None:
        """help.aliyun.com 35129: after the retention period a message is gone, received or not."""
        oldest = now - self.attributes.message_retention_period * 1000
        for message in [m for m in self.messages.values() if m.enqueued_at <= oldest]:
            del self.messages[message.message_id]

    def counts(self, now: int) -> Counts:
        self.expire(now)
        visible = sum(m.is_visible(now) for m in self.messages.values())
        delayed = sum(m.is_delayed(now) for m in self.messages.values())
        return Counts(visible, len(self.messages) - visible - delayed, delayed)

    def _held(self, handle: str, now: int) -> StoredMessage:
        """help.aliyun.com 35138: a handle works until NextVisibleTime, and only the newest one does."""
        _check_form(handle)
        self.expire(now)
        for message in self.messages.values():
            if message.receipt_handle == handle and not message.is_visible(now):
                return message
        raise MnsError("MessageNotExist")

    def _put(self, message: StoredMessage) -> StoredMessage:
        self.messages[message.message_id] = message
        return message


def _new_handle() -> str:
    return "1-" + base64.b64encode(_AWKWARD_PREFIX + secrets.token_bytes(16)).decode()


def _check_form(handle: str) -> None:
    """help.aliyun.com 27501: a handle that no receive could have given is ReceiptHandleError, not MessageNotExist."""
    form = _HANDLE.fullmatch(handle)
    if form is None:
        raise MnsError("ReceiptHandleError")
    try:
        base64.b64decode(form[1], validate=True)
    except binascii.Error as error:
        raise MnsError("ReceiptHandleError") from error
