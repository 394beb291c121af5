"""One line of log for each answer, and one for each trouble."""

import json
import logging

from shared.domain.errors import CloudError
from shared.domain.message import ImageStatus
from shared.ports import CallLog

LOGGER = logging.getLogger("snapimage")


def log(**fields: object) -> None:
    """ASCII only and on one line, so that nothing in an id can forge a second line."""
    if LOGGER.isEnabledFor(logging.INFO):
        LOGGER.info("%s", json.dumps({key: value for key, value in fields.items() if value is not None}))


def log_answer(status: ImageStatus, function: str, calls: CallLog, mark: int) -> None:
    """`mark` is where the calls of this answer begin."""
    log(
        function=function,
        event=status.event_id,
        snapshot=status.snapshot_id,
        plan=status.plan,
        state=status.state.value,
        reason=status.reason.value,
        image=status.image_id,
        ecs_calls=len(calls.since(mark)),
        waited_seconds=_waited(calls, mark),
        seconds_since_snapshot=status.seconds_since_snapshot,
        code=status.cause.code if status.cause else None,
    )


def log_postponed(
    event_id: str | None, snapshot_id: str | None, function: str, trouble: CloudError, calls: CallLog, mark: int
) -> None:
    """Nothing was decided: the platform brings the event again, or the sweep looks at the snapshot."""
    log(
        function=function,
        event=event_id,
        snapshot=snapshot_id,
        state="postponed",
        code=trouble.code[:128],
        request=trouble.request_id,
        ecs_calls=len(calls.since(mark)),
        waited_seconds=_waited(calls, mark),
    )


def log_trouble(function: str, subject: str, code: str, text: str) -> None:
    """Something that keeps nobody from going on. `subject` is the id of what it is about, how many of what, or a step of a
    plan."""
    log(function=function, subject=subject, state="trouble", code=code[:128], text=text[:200])


def _waited(calls: CallLog, mark: int) -> int | None:
    """Most events wait for nothing, and their lines need not say so."""
    return round(calls.waited(mark).total_seconds()) or None
