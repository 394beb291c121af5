"""What a refusal of ECS asks of us: the one table, by error code.

The SDK's classes do not tell: a throttled call arrives as ClientException, an unreachable host as an exception without
a code (alibabacloud-tea-openapi 0.4.6, measured). So the code decides, then the HTTP status. Final is only what is known
to be final; a code that nobody knows may be cured, so it is tried again. What a question is refused with says nothing of
the snapshot: it is never final.

Sources: ECS API reference, CreateImage, CopyImage, DescribeSnapshots and ModifyImageAttribute; ECS help "API throttling"
(437902), "Ensure idempotence" (25693); OpenAPI "Common error codes".
"""

import re
from collections.abc import Sequence
from datetime import timedelta

from darabonba.exceptions import RequiredArgumentException, ValidateException
from Tea.exceptions import TeaException, UnretryableException

from shared.adapters.replies import NO_REPLY, redact
from shared.domain.errors import (
    AlreadyExists,
    CloudError,
    Curable,
    Final,
    OutcomeUnknown,
    Throttled,
    TokenTaken,
    Transient,
)

TRANSIENT = frozenset({
    "InternalError", "ServiceUnavailable", "UnknownError", "IdempotentProcessing",
    "InvalidSnapshotId.NotReady", "SnapshotNotReady",  # the disk may have another snapshot in the making
    "QuotaExceed.ConcurrentSnapshotQuota", "TooManySnapshot.Unfinished",
    "IncorrectDiskStatus.CreatingSnapshot", "IncorrectDiskStatus.Transferring", "IncorrectInstanceStatus",
    "OperationDenied.ImageCopying", "OperationDenied.ImageCopyConflict", "InvalidOperation.Conflict",
})  # fmt: skip

SENT_AGAIN = "SignatureNonceUsed"
"""Something on the way sent the request twice: the first may have taken effect, so look before trying again."""

OF_THE_REQUEST = re.compile(r"nonce|timestamp|clock|signature|token", re.IGNORECASE)
"""Codes that speak of how a request was signed: the next one is signed anew (OpenAPI "Common error codes")."""

BAD_MOMENT = frozenset({408, 409, 425})
"""RFC 9110 15.5.9 and 15.5.10, RFC 8470 5.2: the same request may be taken later."""
TOO_MANY_REQUESTS = 429
"""RFC 6585 4."""

NAME_TAKEN = "InvalidImageName.Duplicated"
TOKEN_TAKEN = frozenset({"IdempotentParameterMismatch", "IdempotenceParamNotMatch", "InvalidParamter.Conflict"})
"""One condition, three names: the idempotence page has the first, CreateImage's own list the other two."""

CURABLE = frozenset({
    # Quotas can be raised and images deleted (CreateImage; ECS help "Limits").
    "QuotaExceed.Image", "QuotaExceed.Snapshot", "QuotaExceed.Tags", "ImageQuotaExceed.ImageFamily", "ImageFamilyQuotaExceed",
    # Permissions and roles can be granted (OpenAPI "Common error codes"; CreateImage).
    "Forbidden", "Forbidden.RAM", "NoPermission", "InvalidAccessKeyId.NotFound", "InvalidAccessKeyId.Inactive",
    "UserNotInTheWhiteList", "InvalidResourceGroup.NotFound", "NoPermission.SLR",
    # Bills can be paid, keys enabled (CreateImage, CopyImage).
    "InvalidAccountStatus.NotEnoughBalance", "InvalidAccountStatus.SnapshotServiceUnavailable", "Account.Arrearage",
    "AccountForbidden.CreateOrder", "InvalidParameter.KMSKeyId.CMKUnauthorized", "InvalidParameter.KMSKeyId.CMKNotEnabled",
    "InvalidParameter.KMSKeyId.KMSUnauthorized",
    # Plans can be edited; snapshots that are gone are decided about anew (CreateImage).
    "InvalidImageName.Malformed", "InvalidDescription.Malformed", "InvalidTagKey.Malformed", "InvalidTagValue.Malformed",
    "InvalidSize.ValueNotSupported", "InvalidSnapshotId.NotFound",
})  # fmt: skip

FINAL = frozenset({
    # CreateImage, all of one snapshot for ever: not of a system disk, shared, encrypted where that is not allowed.
    "OperationDenied",
    "InvalidSnapshot.TooOld",  # before 2013-07-15
    "InvalidSnapshotCategory.NotSupportImageCreation", "OperationDenied.InvalidSnapshotCategory",  # archived
    "InvalidOperation.SnapshotStorageLocationUnsupported",  # of a CloudBox
    "InvalidDiskCategory.CreateImage", "InvalidOperation.DiskCategoryUnsupported",
})  # fmt: skip

SDK_ERRORS = (TeaException, UnretryableException, RequiredArgumentException, ValidateException)
"""Everything that a call of the SDK raises on purpose."""


CODE = re.compile(r"[!-~]{1,128}")


def translate(error: Exception, action: str, secrets: Sequence[str] = ()) -> CloudError:
    """The domain's error for an exception of the SDK; none of `secrets` is in it."""
    code, status = getattr(error, "code", None), _status(error)
    body = getattr(error, "data", None)
    if not isinstance(code, str) or code == "None" or not CODE.fullmatch(code):  # the SDK writes None as text
        text = f"{action}: no usable reply ({redact(_first_line(error), secrets, 300)})"
        return OutcomeUnknown(NO_REPLY, text, status)
    said = body.get("Message") if isinstance(body, dict) else None
    message = f"{action}: {said or getattr(error, 'message', None) or error}"
    known, words, request_id = redact(code, secrets), redact(message, secrets), _request_id(error, secrets)
    kind, retry_after = classify(known, status, action), _retry_after(error)
    if kind is Throttled or (kind is Transient and retry_after):
        return Throttled(known, words, status, request_id, retry_after)
    return kind(known, words, status, request_id)


def classify(code: str, status: int, action: str) -> type[CloudError]:
    """What to raise for a code. A code in no table is curable unless the server itself was at fault."""
    if code == NAME_TAKEN:
        return AlreadyExists
    if code in TOKEN_TAKEN:
        return TokenTaken
    if code == SENT_AGAIN:
        return OutcomeUnknown
    if code.startswith("Throttling") or status == TOO_MANY_REQUESTS:
        return Throttled
    if code in CURABLE:
        return Curable
    if code in TRANSIENT or status in BAD_MOMENT or OF_THE_REQUEST.search(code):
        return Transient
    if status >= 500:
        return OutcomeUnknown
    return Final if code in FINAL and action == "CreateImage" else Curable


def _status(error: Exception) -> int:
    status = getattr(error, "status_code", None)
    return status if isinstance(status, int) else 0


def _retry_after(error: Exception) -> timedelta | None:
    """The header `x-acs-retry-after`, which the SDK reads as milliseconds; with it, any code arrives as throttled."""
    told = getattr(error, "retry_after", None)
    return timedelta(milliseconds=min(told, 86_400_000)) if isinstance(told, int) and told > 0 else None


def _request_id(error: Exception, secrets: Sequence[str]) -> str | None:
    found = getattr(error, "request_id", None)
    return redact(found, secrets, 64) if found and found != "None" else None


def _first_line(error: Exception) -> str:
    cause = getattr(error, "inner_exception", None) or error
    return f"{type(cause).__name__}: {cause}".partition("\n")[0]
