"""Follows the status queue for as long as somebody wants: prints each fact once, then takes it off the queue."""

import random
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ops import subscriber
from ops.subscriber import Access, Received, Unreachable

REMEMBERED = 10_000
"""Ids of facts that were shown: far more than the queue repeats, little enough for any machine."""
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0


@dataclass(frozen=True)
class Wishes:
    wait_seconds: int = subscriber.POLL_SECONDS
    most: int | None = None
    peek: bool = False
    drain: bool = False
    """Stop at the first look that finds nothing."""


class Seen:
    """Which facts were shown already. Delivery is at least once, and a repeat carries the same id."""

    def __init__(self) -> None:
        self._ids: OrderedDict[str, None] = OrderedDict()

    def is_new(self, received: Received) -> bool:
        key = str(received.event["id"]) if received.event else f"poison-{received.message_id}"
        if key in self._ids:
            return False
        self._ids[key] = None
        if len(self._ids) > REMEMBERED:
            self._ids.popitem(last=False)
        return True


def watch(access: Access, wishes: Wishes, show: Callable[[Received], None], say: Callable[[str], None]) -> int:
    """Shows messages until the wishes are met; returns how many. Raises WatchError when trying again cannot help."""
    seen, shown = Seen(), 0
    for received in _messages(access, wishes, say):
        if seen.is_new(received):
            show(received)
            shown += 1
        if not wishes.peek:
            _delete(access, received, say)
        if wishes.most is not None and shown >= wishes.most:
            break
    return shown


def _messages(access: Access, wishes: Wishes, say: Callable[[str], None]) -> Iterator[Received]:
    """Every message that a look finds; after trouble on the way the pauses grow, with jitter."""
    pause = FIRST_PAUSE
    while True:
        try:
            found = _look(access, wishes)
        except Unreachable as trouble:
            say(f"{trouble}; trying again in {pause:.0f} s")
            time.sleep(pause * random.uniform(0.5, 1.0))
            pause = min(pause * 2, LONGEST_PAUSE)
            continue
        pause = FIRST_PAUSE
        yield from found
        if wishes.drain and (wishes.peek or not found):
            return
        if wishes.peek or (not found and wishes.wait_seconds == 0):
            time.sleep(max(1, wishes.wait_seconds))


def _look(access: Access, wishes: Wishes) -> list[Received]:
    if wishes.peek:
        return subscriber.peek(access)
    received = subscriber.receive(access, wishes.wait_seconds)
    return [received] if received else []


def _delete(access: Access, received: Received, say: Callable[[str], None]) -> None:
    """A delete that fails costs a repeat, which is known by its id."""
    try:
        subscriber.delete(access, received)
    except Unreachable as trouble:
        say(f"{trouble}; the message will come again")
