"""Reading a request: which version speaks, what it asks of which function, and with which headers."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote

from localcloud.fc import errors
from localcloud.fc.tasks import AsyncTask, as_async_task, as_invocation
from localcloud.wire import Request


@dataclass(frozen=True)
class FcVersion:
    """What differs between the APIs of FC 2.0 and FC 3.0."""

    name: str
    task_id_header: str
    headers: frozenset[str]
    task_exists: str
    task_not_found: str
    show: Callable[[AsyncTask], dict[str, Any]]
    error_fields: tuple[str, ...]
    """Code, message and perhaps request id. 2021-04-06: as aliyun/fc-nodejs-sdk#39 quotes them; SDK 2.0.12 knows the
    code in `data` only. 2023-03-30: struct Error, which its SDK reads."""


@dataclass(frozen=True)
class FcCall:
    action: str
    version: FcVersion
    service: str | None
    function: str
    task_id: str
    """Only of the look-up of a task."""


# The models and clients of the two SDKs.
_COMMON = frozenset({"x-fc-invocation-type", "x-fc-log-type"})
_2021 = FcVersion(
    "2021-04-06",
    "x-fc-stateful-async-invocation-id",
    _COMMON
    | {
        "x-fc-account-id",
        "x-fc-code-checksum",
        "x-fc-date",
        "x-fc-stateful-async-invocation-enable",
        "x-fc-stateful-async-invocation-id",
        "x-fc-trace-id",
    },
    "StatefulAsyncInvocationAlreadyExists",
    "StatefulAsyncInvocationNotFound",
    as_invocation,
    ("ErrorCode", "ErrorMessage"),
)
_2023 = FcVersion(
    "2023-03-30",
    "x-fc-async-task-id",
    _COMMON | {"x-fc-async-task-id"},
    "AsyncTaskAlreadyExists",
    "AsyncTaskNotFound",
    as_async_task,
    ("Code", "Message", "RequestId"),
)
_VERSIONS = {version.name: version for version in (_2021, _2023)}
_OLD = "/2021-04-06/services/(?P<service>[^/]+)/functions/(?P<function>[^/]+)"
_NEW = "/2023-03-30/functions/(?P<function>[^/]+)"
_ROUTES = [
    ("POST", re.compile(f"{_OLD}/invocations"), "InvokeFunction"),
    ("GET", re.compile(f"{_OLD}/stateful-async-invocations/(?P<task>[^/]+)"), "GetStatefulAsyncInvocation"),
    ("POST", re.compile(f"{_NEW}/invocations"), "InvokeFunction"),
    ("GET", re.compile(f"{_NEW}/async-tasks/(?P<task>[^/]+)"), "GetAsyncTask"),
    ("GET", re.compile(_NEW), "GetFunction"),
    ("GET", re.compile(f"{_NEW}/triggers"), "ListTriggers"),
    ("GET", re.compile(f"{_NEW}/async-invoke-config"), "GetAsyncInvokeConfig"),
    ("POST", re.compile(f"{_NEW}/invoke/disable"), "DisableFunctionInvocation"),
    ("POST", re.compile(f"{_NEW}/invoke/enable"), "EnableFunctionInvocation"),
]


def speaks_fc(path: str) -> bool:
    """Every version's paths begin with its date, also those of the versions that are not served."""
    return re.match(r"/\d{4}-\d\d-\d\d(/|$)", path) is not None


def version_of(request: Request) -> FcVersion:
    """A version that is not served is refused in the words of the newest."""
    return _VERSIONS.get(request.path.split("/")[1], _2023)


def route(request: Request) -> FcCall:
    for method, pattern, action in _ROUTES:
        match = pattern.fullmatch(request.path)
        if match is not None and request.method == method:
            parts = {name: unquote(text) for name, text in match.groupdict().items()}
            version = version_of(request)
            return FcCall(action, version, parts.get("service"), parts["function"], parts.get("task", ""))
    raise errors.path_not_supported(request.path, request.method)


def check_headers(request: Request, call: FcCall) -> None:
    """Beyond what FC documents: whatever contradicts the path or is not known here is refused by name."""
    for name, right in (("x-acs-version", call.version.name), ("x-acs-action", call.action)):
        given = request.headers.get(name)
        if given != right:
            raise errors.invalid_argument(f"{name} is {given!r} and the path asks for {right!r}")
    for name in request.headers:
        if name.startswith("x-fc-") and name not in call.version.headers:
            raise errors.invalid_argument(f"the local cloud knows no header {name} of {call.version.name}")
    for name, value in parse_qsl(request.query, keep_blank_values=True):
        if name != "qualifier":
            raise errors.invalid_argument(f"the local cloud knows no parameter {name} of {call.action}")
        if value != "LATEST":
            raise errors.version_not_found(value)


def choice(headers: Mapping[str, str], name: str, first: str, second: str) -> bool:
    """Whether the header says the second; it says the first when it is not there."""
    value = headers.get(name, first)
    if value not in (first, second):
        raise errors.invalid_argument(f"{name} is {first} or {second}, not {value!r}")
    return value == second
