"""Codes that Alibaba Cloud documents, each with what it must ask for whatever its HTTP status; the ECS adapters' tests have the rest."""

from datetime import timedelta
from typing import Any

import pytest
from alibabacloud_tea_openapi.exceptions import ClientException
from Tea.exceptions import UnretryableException

from shared.adapters.aliyun_errors import classify, translate
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

LATER = """
InternalError ServiceUnavailable UnknownError LastTokenProcessing IdempotentProcessing InvalidSnapshotId.NotReady
SnapshotNotReady QuotaExceed.ConcurrentSnapshotQuota TooManySnapshot.Unfinished IncorrectDiskStatus.CreatingSnapshot
IncorrectDiskStatus.Transferring IncorrectInstanceStatus OperationDenied.ImageCopying OperationDenied.ImageCopyConflict
InvalidOperation.Conflict
"""
SOMEBODY_HELPS = """
QuotaExceed.Image QuotaExceed.Snapshot QuotaExceed.Tags ImageQuotaExceed.ImageFamily ImageFamilyQuotaExceed Forbidden
Forbidden.RAM NoPermission InvalidAccessKeyId.NotFound InvalidAccessKeyId.Inactive UserNotInTheWhiteList
InvalidResourceGroup.NotFound NoPermission.SLR InvalidAccountStatus.NotEnoughBalance
InvalidAccountStatus.SnapshotServiceUnavailable Account.Arrearage AccountForbidden.CreateOrder
InvalidParameter.KMSKeyId.CMKUnauthorized InvalidParameter.KMSKeyId.CMKNotEnabled InvalidParameter.KMSKeyId.KMSUnauthorized
InvalidImageName.Malformed InvalidDescription.Malformed InvalidTagKey.Malformed InvalidTagValue.Malformed
InvalidSize.ValueNotSupported InvalidSnapshotId.NotFound
"""
NEVER = """
OperationDenied InvalidSnapshot.TooOld InvalidSnapshotCategory.NotSupportImageCreation
OperationDenied.InvalidSnapshotCategory InvalidOperation.SnapshotStorageLocationUnsupported
InvalidDiskCategory.CreateImage InvalidOperation.DiskCategoryUnsupported
"""
TOKENS = "IdempotentParameterMismatch IdempotenceParamNotMatch InvalidParamter.Conflict"


@pytest.mark.parametrize("code", LATER.split())
def test_what_passes_by_itself_is_transient(code: str) -> None:
    assert classify(code, 400, "CreateImage") is Transient


@pytest.mark.parametrize("code", SOMEBODY_HELPS.split())
def test_what_somebody_can_put_right_is_curable_even_with_the_status_of_a_server_at_fault(code: str) -> None:
    assert classify(code, 503, "CreateImage") is Curable


@pytest.mark.parametrize("code", NEVER.split())
def test_what_is_so_for_ever_is_final(code: str) -> None:
    assert classify(code, 403, "CreateImage") is Final


def test_a_name_that_is_taken_asks_for_a_look() -> None:
    assert classify("InvalidImageName.Duplicated", 403, "CreateImage") is AlreadyExists


@pytest.mark.parametrize("code", TOKENS.split())
def test_a_token_that_is_taken_says_that_ecs_took_another_request_with_it(code: str) -> None:
    assert classify(code, 403, "CreateImage") is TokenTaken


@pytest.mark.parametrize("code", ["InvalidNonce.X", "InvalidTimestamp.X", "ClockSkew", "SIGNATURE", "Token"])
def test_a_code_that_speaks_of_the_signing_is_signed_anew(code: str) -> None:
    assert classify(code, 400, "CreateImage") is Transient


def refused(**parts: Any) -> CloudError:
    known: dict[str, Any] = {"code": "New", "message": "code: 400, no request id: None", "status_code": 400}
    return translate(ClientException(**(known | parts)), "CreateImage")


@pytest.mark.parametrize("found", ["", None, "None"])
def test_a_request_id_that_is_none_is_not_made_one(found: str | None) -> None:
    """The SDK writes `None` where the reply had no request id."""
    assert refused(request_id=found).request_id is None


def test_the_request_id_of_the_reply_is_kept_to_64_letters() -> None:
    assert refused(request_id="r" * 65).request_id == "r" * 64


@pytest.mark.parametrize(
    ("data", "message"),
    [({"Message": "no"}, "no"), ({}, "code: 400, no request id: None"), (None, "code: 400, no request id: None")],
)
def test_the_words_are_those_of_ecs_and_else_those_of_the_sdk(data: object, message: str) -> None:
    assert refused(data=data).message == f"CreateImage: {message}"


def test_without_a_reply_the_first_line_of_the_cause_is_told_and_no_status() -> None:
    error = translate(UnretryableException(None, ConnectionError("cut off\nat byte 7")), "CreateImage")

    assert type(error) is OutcomeUnknown
    assert (error.code, error.message, error.http_status) == (
        "NoReply", "CreateImage: no usable reply (ConnectionError: cut off)", 0,
    )  # fmt: skip


@pytest.mark.parametrize("status", [500, 502])
def test_a_server_at_fault_may_have_done_it(status: int) -> None:
    assert classify("New", status, "CreateImage") is OutcomeUnknown


@pytest.mark.parametrize("told", [0, -1, "1000", None])
def test_no_time_to_wait_for_is_none(told: object) -> None:
    busy, throttled = refused(code="InternalError", retry_after=told), refused(code="Throttling", retry_after=told)

    assert type(busy) is Transient
    assert isinstance(throttled, Throttled)
    assert throttled.retry_after is None


@pytest.mark.parametrize(("told", "after"), [(1, timedelta(milliseconds=1)), (86_400_001, timedelta(days=1))])
def test_a_time_to_wait_for_is_at_most_a_day(told: int, after: timedelta) -> None:
    error = refused(code="InternalError", retry_after=told)

    assert isinstance(error, Throttled)
    assert error.retry_after == after
