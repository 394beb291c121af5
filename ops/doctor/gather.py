"""Asks for every fact once. What fails is kept as what could not be read; nothing is asked with keys that are not confirmed."""

from collections.abc import Callable
from typing import TypeVar

from deploy.policies import DEAD_LETTER_QUEUE, STATUS_QUEUE
from ops.doctor.declared import EVENT_FUNCTION, SWEEPS, Declared
from ops.doctor.facts import Caller, CannotRead, Deployment, DeploymentReader
from ops.doctor.finding import Unread

T = TypeVar("T")
NOT_ASKED = Unread("NotAsked", "not asked, because the keys were not confirmed")


def look(read: Callable[[], T]) -> T | Unread:
    try:
        return read()
    except CannotRead as failure:
        return failure.unread


def gather(reader: DeploymentReader, caller: Caller | Unread, declared: Declared) -> Deployment:
    names = {function: declared.name(function) for function in declared.props}
    queues = (STATUS_QUEUE, DEAD_LETTER_QUEUE)
    if isinstance(caller, Unread):
        return _unread(caller, declared)
    return Deployment(
        caller=caller,
        disks=look(reader.disks),
        queues={queue: look(lambda: reader.queue(queue)) for queue in queues},  # noqa: B023 - called at once
        letters=look(lambda: reader.letters(DEAD_LETTER_QUEUE)),
        roles={each: look(lambda: reader.role(declared.role(each))) for each in names},  # noqa: B023 - called at once
        functions={each: look(lambda: reader.function(name)) for each, name in names.items()},  # noqa: B023 - likewise
        triggers={each: look(lambda: reader.triggers(name)) for each, name in names.items()},  # noqa: B023 - likewise
        destination=look(lambda: reader.failure_destination(names[EVENT_FUNCTION])),
        rule=look(lambda: reader.rule(declared.rule())),
        runs={each: look(lambda: reader.last_runs(names[each])) for each in SWEEPS},  # noqa: B023 - likewise
    )


def _unread(caller: Unread, declared: Declared) -> Deployment:
    return Deployment(
        caller=caller,
        disks=NOT_ASKED,
        queues=dict.fromkeys((STATUS_QUEUE, DEAD_LETTER_QUEUE), NOT_ASKED),
        letters=NOT_ASKED,
        roles=dict.fromkeys(declared.props, NOT_ASKED),
        functions=dict.fromkeys(declared.props, NOT_ASKED),
        triggers=dict.fromkeys(declared.props, NOT_ASKED),
        destination=NOT_ASKED,
        rule=NOT_ASKED,
        runs=dict.fromkeys(SWEEPS, NOT_ASKED),
    )
