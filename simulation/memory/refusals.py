"""How ECS says no, in the SDK's own exceptions: the product's table makes its errors of them, here as on the real wire."""

from typing import Any

from alibabacloud_tea_openapi.exceptions import ClientException, ServerException, ThrottlingException
from darabonba.exceptions import RetryError, UnretryableException
from darabonba.policy.retry import RetryPolicyContext

from shared.adapters.aliyun_errors import translate
from shared.domain.errors import CloudError


def no_reply(why: str) -> UnretryableException:
    """Refused, cut off, timed out, not JSON: all arrive as this one class, without a code."""
    return UnretryableException(RetryPolicyContext(exception=RetryError(why)))


def refusal(
    status: int, code: str, said: str, retry_after: int | None = None, request_id: str = "request-refused"
) -> Exception:
    """An error in JSON. A throttled call is a ClientException like any other 4xx, unless it says when to come back (ms)."""
    words: dict[str, Any] = {
        "status_code": status,
        "code": code,
        "message": f"code: {status}, {said} request id: {request_id}",
        "request_id": request_id,
        "data": {"RequestId": request_id, "Code": code, "Message": said},
    }
    if retry_after is not None:
        words["retry_after"] = retry_after
        kind = ThrottlingException
    else:
        kind = ServerException if status >= 500 else ClientException
    made: Exception = kind(**words)
    return made


def refuse(action: str, status: int, code: str, said: str, request_id: str) -> CloudError:
    """The same as the flows meet it."""
    return translate(refusal(status, code, said, request_id=request_id), action)
