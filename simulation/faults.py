"""What may go wrong at the boundary of one call."""

from dataclasses import dataclass
from enum import Enum


class Killed(BaseException):
    """The process is gone. Not an Exception, so that nothing in the product can catch it."""


class FaultKind(str, Enum):
    """The value is how a trace tells it."""

    REFUSED = "connection refused"
    THROTTLED = "throttled until the minute is over"
    THROTTLED_LONG = "throttled for five minutes"
    THROTTLED_BRIEFLY = "throttled, and asked to come back in three seconds"
    SERVER_ERROR = "500 InternalError"
    UNKNOWN_ERROR = "took effect, then 502 with an unknown code"
    NOT_JSON = "took effect, reply is not JSON"
    TIMEOUT_BEFORE = "timed out without effect"
    TIMEOUT_AFTER = "took effect, reply lost"
    KILLED_BEFORE = "killed before it"
    KILLED_AFTER = "took effect, then killed"
    SLOW_BEFORE = "held up, then carried out; others run meanwhile"
    SLOW_AFTER = "carried out, reply held up; others run meanwhile"
    FORBIDDEN = "403 Forbidden.RAM"
    QUOTA = "403 QuotaExceed.Image until the hour is over"


SHUTS = {FaultKind.THROTTLED: 60, FaultKind.THROTTLED_LONG: 300, FaultKind.QUOTA: 3600}
"""These refuse every call of the action until a span (seconds) of the clock is over: a minute, an hour."""
KILLS = frozenset({FaultKind.KILLED_BEFORE, FaultKind.KILLED_AFTER})
SILENT_BEFORE = frozenset({FaultKind.REFUSED, FaultKind.TIMEOUT_BEFORE})
SILENT_AFTER = frozenset({FaultKind.TIMEOUT_AFTER, FaultKind.NOT_JSON})
LONG = frozenset({
    FaultKind.TIMEOUT_BEFORE, FaultKind.TIMEOUT_AFTER, FaultKind.SLOW_BEFORE, FaultKind.SLOW_AFTER,
})  # fmt: skip
"""These take as long as the read time-out of a call, or nearly so."""
AFTER = SILENT_AFTER | {FaultKind.UNKNOWN_ERROR, FaultKind.KILLED_AFTER, FaultKind.SLOW_AFTER}
"""The call has taken effect by then."""

PUBLISH = "SendMessage"
CALLS = {
    "CreateImage": 6, PUBLISH: 6, "DescribeImages": 5, "DescribeSnapshots": 5, "TagResources": 4, "DescribeDisks": 2,
    "ModifyImageAttribute": 1, "DescribeSnapshotGroups": 1,
}  # fmt: skip
"""Every action there is, and how often a fault is drawn for it."""


@dataclass(frozen=True)
class Fault:
    """Hits the call of this action that is the `number`-th of the history, counted from 1."""

    action: str
    number: int
    kind: FaultKind


def kinds_of(action: str) -> tuple[FaultKind, ...]:
    """What this action can meet. The queue has no quota that counts here, and refuses nobody for good."""
    ecs_only = {*SHUTS, FaultKind.THROTTLED_BRIEFLY, FaultKind.FORBIDDEN}
    if action == PUBLISH:
        return tuple(kind for kind in FaultKind if kind not in ecs_only)
    return tuple(kind for kind in FaultKind if kind is not FaultKind.QUOTA or action == "CreateImage")
