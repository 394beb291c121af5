"""Asks for every fact once. What fails is kept as what could not be read; nothing is asked with keys that are not confirmed."""

from collections.abc import Callable
from typing import TypeVar

from deploy.policies import DEAD_LETTER_QUEUE, STATUS_QUEUE
from ops.doctor.declared import EVENT_FUNCTION, SWEEPS, Declared
from ops.doctor.facts import Caller, CannotRead, Deployment
from ops.doctor.finding import Unread
from ops.doctor.reader import CloudReader

T = TypeVar("T")
NOT_ASKED = Unread("NotAsked", "not asked, because the keys were not confirmed")


def look(read: Callable[[], T]) -> T | Unread:
    try:
        return read()
    except CannotRead as failure:
        return failure.unread


def gather(reader: CloudReader, caller: Caller | Unread, declared: Declared) -> Deployment:
    def ask(read: Callable[..., T], *about: str) -> T | Unread:
        return NOT_ASKED if isinstance(caller, Unread) else look(lambda: read(*about))

    names = {function: declared.name(function) for function in declared.props}
    return Deployment(
        caller=caller,
        disks=ask(reader.disks),
        queues={queue: ask(reader.queue, queue) for queue in (STATUS_QUEUE, DEAD_LETTER_QUEUE)},
        letters=ask(reader.letters, DEAD_LETTER_QUEUE),
        roles={each: ask(reader.role, declared.role(each)) for each in names},
        functions={each: ask(reader.function, name) for each, name in names.items()},
        triggers={each: ask(reader.triggers, name) for each, name in names.items()},
        destination=ask(reader.failure_destination, names[EVENT_FUNCTION]),
        rule=ask(reader.rule, declared.rule()),
        runs={each: ask(reader.last_runs, names[each]) for each in SWEEPS},
    )
