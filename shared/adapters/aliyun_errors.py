"""Which refusal of ECS is final and which is not: the one table, by error code.

The SDK's classes do not tell: a throttled call arrives as ClientException, an unreachable host as an exception without
a code (alibabacloud-tea-openapi 0.4.6, measured). So the code decides, and for an unknown code the HTTP status.
Codes: ECS API reference, CreateImage and DescribeSnapshots; ECS help "API throttling" (437902) and "Ensure idempotence" (25693).
"""

import re
from collections.abc import Sequence
from datetime import timedelta

from darabonba.exceptions import RequiredArgumentException, ValidateException
from Tea.exceptions import TeaException, UnretryableException

from shared.adapters.ecs_replies import NO_REPLY
from shared.adapters.redaction import redact
from shared.domain.errors import AlreadyExists, CloudError, OutcomeUnknown, Permanent, Throttled, Transient

TRANSIENT = frozenset({
    "InternalError", "ServiceUnavailable", "UnknownError", "LastTokenProcessing", "IdempotentProcessing",
    "InvalidSnapshotId.NotReady", "SnapshotNotReady",  # the disk may have another snapshot in the making
    "QuotaExceed.ConcurrentSnapshotQuota", "TooManySnapshot.Unfinished",
    "IncorrectDiskStatus.CreatingSnapshot", "IncorrectDiskStatus.Transferring", "IncorrectInstanceStatus",
    "InvalidSecurityToken.Expired",  # the next invocation is handed fresh credentials
})  # fmt: skip

TAKEN = frozenset({
    "InvalidImageName.Duplicated",
    # One condition, three names: the idempotence page has the first, CreateImage's own list the other two.
    "IdempotentParameterMismatch", "IdempotenceParamNotMatch", "InvalidParamter.Conflict",
})  # fmt: skip

SDK_ERRORS = (TeaException, UnretryableException, RequiredArgumentException, ValidateException)
"""Everything that a call of the SDK raises on purpose."""


CODE = re.compile(r"[!-~]{1,128}")


def translate(error: Exception, action: str, secrets: Sequence[str] = ()) -> CloudError:
    """The domain's error for an exception of the SDK; none of `secrets` is in it."""
    code, status = getattr(error, "code", None), _status(error)
    body = getattr(error, "data", None)
    if not isinstance(code, str) or code == "None" or not CODE.fullmatch(code):  # the SDK writes None as text
        text = f"{action}: no usable reply from ECS ({redact(_first_line(error), secrets, 300)})"
        return OutcomeUnknown(NO_REPLY, text, status)
    said = body.get("Message") if isinstance(body, dict) else None
    message = f"{action}: {said or getattr(error, 'message', None) or error}"
    known, words, request_id = redact(code, secrets), redact(message, secrets), _request_id(error, secrets)
    kind, retry_after = classify(known, status), _retry_after(error)
    if kind is Throttled or (kind is Transient and retry_after):
        return Throttled(known, words, status, request_id, retry_after)
    return kind(known, words, status, request_id)


def classify(code: str, status: int) -> type[CloudError]:
    """Unknown codes are final unless the server itself was at fault."""
    if code in TAKEN:
        return AlreadyExists
    if code.startswith("Throttling"):
        return Throttled
    if code in TRANSIENT:
        return Transient
    if status >= 500:
        return OutcomeUnknown
    return Permanent


def _status(error: Exception) -> int:
    for name in ("status_code", "statusCode"):
        value = getattr(error, name, None)
        if isinstance(value, int):
            return value
    return 0


def _retry_after(error: Exception) -> timedelta | None:
    """The header `x-acs-retry-after`, which the SDK reads as milliseconds; with it, any code arrives as throttled."""
    told = getattr(error, "retry_after", None)
    return timedelta(milliseconds=min(told, 86_400_000)) if isinstance(told, int) and told > 0 else None


def _request_id(error: Exception, secrets: Sequence[str]) -> str | None:
    body = getattr(error, "data", None)
    found = getattr(error, "request_id", None) or (body.get("RequestId") if isinstance(body, dict) else None)
    return redact(found, secrets, 64) if found and found != "None" else None


def _first_line(error: Exception) -> str:
    cause = getattr(error, "inner_exception", None) or error
    return f"{type(cause).__name__}: {cause}".partition("\n")[0]
