"""Follows the status queue for as long as somebody wants: shows each fact once, and takes it off the queue if asked to."""

import random
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import Enum

from ops.queues import subscriber
from ops.queues.subscriber import QueueRefused, QueueUnreachable, Received
from shared.adapters.mns_queue import QueueAccess

REMEMBERED = 10_000
"""Ids of facts that were shown: far more than the queue repeats, little enough for any machine."""
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
FIRST_TRIES = 5
"""Until the server has answered once. One that never did is more likely a wrong endpoint than a bad minute."""


class Mode(Enum):
    SHOW = "leave every message where it is"
    TAKE = "take what is shown off the queue"
    DRAIN = "take, and stop when the queue is empty"


@dataclass(frozen=True)
class Filter:
    """Each empty set lets everything pass. What is not one of ours has neither state, plan nor instance."""

    states: frozenset[str] = frozenset()
    plans: frozenset[str] = frozenset()
    instances: frozenset[str] = frozenset()

    def lets_pass(self, received: Received) -> bool:
        fact = received.event["data"] if received.event else {}
        wanted = (("state", self.states), ("plan", self.plans), ("instance_id", self.instances))
        return all(not names or fact.get(key) in names for key, names in wanted)


@dataclass(frozen=True)
class WatchOptions:
    mode: Mode = Mode.SHOW
    wait_seconds: int = subscriber.POLL_SECONDS
    most: int | None = None
    once: bool = False
    """One look, and no waiting."""
    filter: Filter = field(default_factory=Filter)


class Seen:
    """Which facts were met already. Delivery is at least once, and a repeat carries the same id."""

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


def watch(
    access: QueueAccess, options: WatchOptions, show: Callable[[Received], None], say: Callable[[str], None]
) -> int:
    """Shows messages until the options are met; returns how many. Raises QueueRefused when trying again cannot help."""
    seen, shown = Seen(), 0
    for received in _messages(access, options, say):
        is_new, is_wanted = seen.is_new(received), options.filter.lets_pass(received)
        if is_new and is_wanted:
            show(received)
            shown += 1
        if is_wanted and options.mode is not Mode.SHOW:
            _delete(access, received, say)
        if options.most is not None and shown >= options.most:
            break
        if options.mode is Mode.DRAIN and not is_wanted and not is_new:
            break  # what is left for others has become visible again: everything was looked at
    return shown


def _messages(access: QueueAccess, options: WatchOptions, say: Callable[[str], None]) -> Iterator[Received]:
    """Every message that a look finds; after trouble on the way the pauses grow, with jitter."""
    pause, tries, answered, told = FIRST_PAUSE, 0, False, ""
    while True:
        try:
            found = _look(access, options)
            rest = _tell_rest(access, len(found)) if options.mode is Mode.SHOW else ""
        except QueueUnreachable as trouble:
            tries += 1
            if not answered and (tries >= FIRST_TRIES or not trouble.is_passing):
                raise QueueRefused(str(trouble)) from None
            say(f"{trouble}; trying again in {pause:.0f} s")
            time.sleep(pause * random.uniform(0.5, 1.0))
            pause = min(pause * 2, LONGEST_PAUSE)
            continue
        pause, answered = FIRST_PAUSE, True
        yield from found
        if rest and rest != told:
            say(rest)
        told = rest
        if options.once or (options.mode is Mode.DRAIN and not found):
            return
        if options.mode is Mode.SHOW or (not found and options.wait_seconds == 0):
            time.sleep(max(1, options.wait_seconds))


def _look(access: QueueAccess, options: WatchOptions) -> list[Received]:
    if options.mode is Mode.SHOW:
        return subscriber.peek(access)
    received = subscriber.receive(access, options.wait_seconds)
    return [received] if received else []


def _tell_rest(access: QueueAccess, found: int) -> str:
    """What a look cannot reach: it always sees the first messages only."""
    if found < subscriber.MOST_AT_ONCE:
        return ""
    try:
        there = subscriber.count(access)
    except QueueRefused:  # a reader need not be allowed to ask
        there = 0
    if there == found:
        return ""
    more = f"{found} of {there}" if there > found else f"{found}, perhaps of more"
    return f"{more}: MNS shows no others until these are taken (--take, --drain)"


def _delete(access: QueueAccess, received: Received, say: Callable[[str], None]) -> None:
    """A delete that fails costs a repeat, which is known by its id."""
    try:
        subscriber.delete(access, received)
    except QueueUnreachable as trouble:
        say(f"{trouble}; the message will come again")
