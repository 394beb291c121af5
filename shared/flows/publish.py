"""Puts messages on the queue, several at a time: one takes as long as a call of ECS, and a night has tens of thousands."""

from collections import deque
from collections.abc import Sequence

from shared.domain.errors import Transient
from shared.domain.message import StatusMessage
from shared.ports import Cloud

AT_ONCE = 16


def publish_all(messages: Sequence[StatusMessage], cloud: Cloud) -> list[Transient | None]:
    """For each, why the queue did not take it, or None."""
    left = deque(enumerate(messages))
    troubles: dict[int, Transient] = {}

    def send() -> None:
        while left:
            try:
                number, message = left.popleft()
            except IndexError:  # another was quicker
                return
            try:
                cloud.queue.publish(message)
            except Transient as trouble:
                troubles[number] = trouble

    cloud.together(send, min(AT_ONCE, len(messages)))
    return [troubles.get(number) for number in range(len(messages))]
