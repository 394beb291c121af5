"""Invokes a deployed function, in either generation of Function Compute.

The 2021-04-06 API addresses functions inside services (FC 2.0); it has no address for a function of FC 3.0, which the
2023-03-30 API invokes. A function's own error is no error of the call: it comes as HTTP 200 with a header.
"""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from Tea.exceptions import TeaException

FUNCTIONS_ENDPOINT = "SNAPIMAGE_FC_ENDPOINT"
ALREADY_SUBMITTED = 409
"""FC help, "Deduplication of asynchronous tasks": a task id that is known is refused with this status."""

READ_SECONDS = 130
"""Longer than an event's function may take, but not for ever."""


class InvokeError(Exception):
    """The call itself was refused: code and message of Function Compute, or that there was no answer."""

    def __init__(self, code: str, message: str, status: int) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.status = status


@dataclass(frozen=True)
class FunctionPlace:
    """`endpoint` with its scheme, as in `https://ACCOUNT.cn-hangzhou.fc.aliyuncs.com`."""

    endpoint: str
    region: str
    access_key_id: str
    access_key_secret: str
    security_token: str = ""


@dataclass(frozen=True)
class FunctionReply:
    """`error_type` is set when the function failed; `body` then holds FC's error envelope."""

    body: bytes
    request_id: str
    error_type: str | None
    log: str


class Invoker(Protocol):
    def invoke(self, payload: bytes, task_id: str | None) -> FunctionReply:
        """Synchronously, or as the asynchronous task `task_id`."""

    def task_state(self, task_id: str) -> str: ...


class Fc2:
    """FC 2.0, through alibabacloud-fc-open20210406."""

    def __init__(self, where: FunctionPlace, service: str, function: str) -> None:
        from alibabacloud_fc_open20210406.client import Client
        from alibabacloud_tea_openapi.utils_models import Config

        self._client = Client(Config(**_options(where)))
        self._names = (service, function)

    def invoke(self, payload: bytes, task_id: str | None) -> FunctionReply:
        from alibabacloud_fc_open20210406.models import InvokeFunctionHeaders, InvokeFunctionRequest
        from alibabacloud_tea_util.models import RuntimeOptions

        headers = InvokeFunctionHeaders(x_fc_invocation_type="Sync", x_fc_log_type="Tail")
        if task_id is not None:
            headers = InvokeFunctionHeaders(
                x_fc_invocation_type="Async",
                x_fc_stateful_async_invocation_enable="true",
                x_fc_stateful_async_invocation_id=task_id,
            )
        request = InvokeFunctionRequest(body=payload)
        with translated():
            answer = self._client.invoke_function_with_options(*self._names, request, headers, RuntimeOptions())
        return _reply(answer.headers, answer.body or b"")

    def task_state(self, task_id: str) -> str:
        from alibabacloud_fc_open20210406 import models
        from alibabacloud_tea_util.models import RuntimeOptions

        request, headers = models.GetStatefulAsyncInvocationRequest(), models.GetStatefulAsyncInvocationHeaders()
        with translated():
            answer = self._client.get_stateful_async_invocation_with_options(
                *self._names, task_id, request, headers, RuntimeOptions()
            )
        return str(answer.body.status)


class Fc3:
    """FC 3.0, through alibabacloud-fc20230330."""

    def __init__(self, where: FunctionPlace, function: str, read_seconds: int = READ_SECONDS) -> None:
        from alibabacloud_fc20230330.client import Client
        from alibabacloud_tea_openapi.utils_models import Config

        self.client = Client(Config(**_options(where) | {"read_timeout": read_seconds * 1000}))
        self._function = function

    def invoke(self, payload: bytes, task_id: str | None) -> FunctionReply:
        from alibabacloud_fc20230330.models import InvokeFunctionHeaders, InvokeFunctionRequest
        from darabonba.runtime import RuntimeOptions

        headers = InvokeFunctionHeaders(x_fc_invocation_type="Sync", x_fc_log_type="Tail")
        if task_id is not None:
            headers = InvokeFunctionHeaders(x_fc_invocation_type="Async", x_fc_async_task_id=task_id)
        request = InvokeFunctionRequest(body=payload)
        with translated():
            answer = self.client.invoke_function_with_options(self._function, request, headers, RuntimeOptions())
            return _reply(answer.headers, answer.body.read() if answer.body else b"")

    def task_state(self, task_id: str) -> str:
        from alibabacloud_fc20230330.models import GetAsyncTaskRequest

        with translated():
            return str(self.client.get_async_task(self._function, task_id, GetAsyncTaskRequest()).body.status)


class translated:  # noqa: N801 - reads as a word of the with statement
    """Turns what the SDKs raise into InvokeError. The code stands in the body: the exception itself has none."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> None:
        if not isinstance(error, TeaException):
            return
        body = error.data if isinstance(getattr(error, "data", None), dict) else {}
        code = body.get("ErrorCode") or body.get("Code") or body.get("code") or error.code or "NoReply"
        message = body.get("ErrorMessage") or body.get("Message") or str(error).partition("\n")[0][:300]
        status = getattr(error, "status_code", None) or body.get("statusCode") or 0
        raise InvokeError(str(code), str(message), int(status)) from error


def _options(where: FunctionPlace) -> dict[str, Any]:
    scheme, _, host = where.endpoint.rpartition("://")
    return {
        "access_key_id": where.access_key_id,
        "access_key_secret": where.access_key_secret,
        "security_token": where.security_token or None,
        "region_id": where.region,
        "endpoint": host.rstrip("/"),
        "protocol": (scheme or "https").upper(),
        "read_timeout": READ_SECONDS * 1000,
    }


def _reply(headers: Mapping[str, str], body: bytes) -> FunctionReply:
    lower = {name.lower(): value for name, value in headers.items()}
    return FunctionReply(
        body, lower.get("x-fc-request-id", ""), lower.get("x-fc-error-type"), _log(lower.get("x-fc-log-result"))
    )


def _log(encoded: str | None) -> str:
    try:
        return base64.b64decode(encoded or "").decode("utf-8", "replace")
    except binascii.Error:
        return ""
