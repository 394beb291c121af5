"""What may go wrong at the boundary of one call."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache


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
    BUSY = "429 with a code of the gateway's own"
    CLOCK = "400, the clock is off"
    NONCE = "400, the nonce is used"
    NONCE_AFTER = "took effect, sent again by the way, then 400, the nonce is used"
    STRANGE = "403 with a code that nobody knows"
    STRANGE_404 = "404 with a code that nobody knows"
    FORBIDDEN = "403 Forbidden.RAM"
    FORBIDDEN_LONG = "403 Forbidden.RAM until somebody sees to it after two hours"
    UNPAID = "403 InvalidAccountStatus.NotEnoughBalance until the next day"
    QUOTA = "403 QuotaExceed.Image until the hour is over"
    QUOTA_LONG = "403 QuotaExceed.Image for longer than any snapshot is of interest"


SHUTS = {
    FaultKind.THROTTLED: 60, FaultKind.THROTTLED_LONG: 300, FaultKind.QUOTA: 3600, FaultKind.FORBIDDEN_LONG: 7200,
    FaultKind.UNPAID: 43_200, FaultKind.QUOTA_LONG: 43_200,
}  # fmt: skip
"""These refuse every call of the action until a span (seconds) of the clock is over."""
KILLS = frozenset({FaultKind.KILLED_BEFORE, FaultKind.KILLED_AFTER})
SILENT = frozenset({
    FaultKind.REFUSED, FaultKind.TIMEOUT_BEFORE, FaultKind.TIMEOUT_AFTER, FaultKind.NOT_JSON,
})  # fmt: skip
"""These are no reply."""
LONG = frozenset({
    FaultKind.TIMEOUT_BEFORE, FaultKind.TIMEOUT_AFTER, FaultKind.SLOW_BEFORE, FaultKind.SLOW_AFTER,
})  # fmt: skip
"""These take as long as the read time-out of a call, or nearly so."""
AFTER = frozenset({
    FaultKind.TIMEOUT_AFTER, FaultKind.NOT_JSON, FaultKind.UNKNOWN_ERROR, FaultKind.KILLED_AFTER, FaultKind.SLOW_AFTER,
    FaultKind.NONCE_AFTER,
})  # fmt: skip
"""The call has taken effect by then."""

REFUSALS: Mapping[FaultKind, tuple[int, str, str] | tuple[int, str, str, int]] = {
    FaultKind.THROTTLED: (400, "Throttling.User", "Request was denied due to user flow control."),
    FaultKind.THROTTLED_LONG: (400, "Throttling", "Request was denied due to request throttling."),
    FaultKind.THROTTLED_BRIEFLY: (400, "Throttling.User", "Request was denied due to user flow control.", 3000),
    FaultKind.SERVER_ERROR: (500, "InternalError", "An error on our side."),
    FaultKind.UNKNOWN_ERROR: (502, "BadGateway", "The gateway had no answer in time."),
    FaultKind.BUSY: (429, "ServiceBusy", "Come back later."),
    FaultKind.CLOCK: (400, "InvalidTimeStamp.Expired", "The specified time stamp is expired."),
    FaultKind.NONCE: (400, "SignatureNonceUsed", "The signature nonce was used."),
    FaultKind.NONCE_AFTER: (400, "SignatureNonceUsed", "The signature nonce was used."),
    FaultKind.STRANGE: (403, "OperationDenied.SomethingNew", "Not now."),
    FaultKind.STRANGE_404: (404, "InvalidSomething.NotFound", "Nobody knows what is meant."),
    FaultKind.FORBIDDEN: (403, "Forbidden.RAM", "User not authorized to operate on the resource."),
    FaultKind.FORBIDDEN_LONG: (403, "Forbidden.RAM", "User not authorized to operate on the resource."),
    FaultKind.UNPAID: (403, "InvalidAccountStatus.NotEnoughBalance", "The bill is not paid."),
    FaultKind.QUOTA: (403, "QuotaExceed.Image", "The quota of custom images is used up."),
    FaultKind.QUOTA_LONG: (403, "QuotaExceed.Image", "The quota of custom images is used up."),
}

HOPELESS = (403, "InvalidSnapshot.TooOld", "The snapshot is from before 2013-07-15.")
"""What CreateImage says of a snapshot that can never be an image (API reference CreateImage)."""

PUBLISH = "SendMessage"
CALLS = {
    "CreateImage": 8, PUBLISH: 6, "DescribeImages": 5, "DescribeSnapshots": 5, "TagResources": 5, "DescribeDisks": 3,
    "ModifyImageAttribute": 1, "DescribeSnapshotGroups": 1, "DescribeInstances": 1,
}  # fmt: skip
"""How often a fault is drawn for an action. For UntagResources none is: what it leaves the next sweep takes off."""


@dataclass(frozen=True)
class InjectedFault:
    """Hits the call of this action that is the `number`-th of the history, counted from 1."""

    action: str
    number: int
    kind: FaultKind


@cache
def kinds_of(action: str) -> tuple[FaultKind, ...]:
    """What this action can meet. The queue has no quota that counts here, and refuses nobody for good."""
    creates_only = {FaultKind.QUOTA, FaultKind.QUOTA_LONG, FaultKind.UNPAID, FaultKind.FORBIDDEN_LONG}
    ecs_only = {kind for kind in FaultKind if kind in SHUTS or kind in REFUSALS} - {
        FaultKind.SERVER_ERROR,
        FaultKind.UNKNOWN_ERROR,
    }
    if action == PUBLISH:
        return tuple(kind for kind in FaultKind if kind not in ecs_only)
    kinds = tuple(kind for kind in FaultKind if kind not in creates_only)
    return (*kinds, *sorted(creates_only) * 2) if action == "CreateImage" else kinds
