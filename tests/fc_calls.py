"""How the contract tests ask the local Function Compute: throw-away packages, and both unmodified SDKs."""

import json
from pathlib import Path
from textwrap import dedent
from typing import Any, NamedTuple

from alibabacloud_fc20230330 import models as new_models
from alibabacloud_fc20230330.client import Client as NewClient
from alibabacloud_fc_open20210406 import models as old_models
from alibabacloud_fc_open20210406.client import Client as OldClient
from alibabacloud_tea_openapi.exceptions import AlibabaCloudException
from darabonba.runtime import RuntimeOptions
from sdk_calls import Refusal, sdk_config

from localcloud.clock import MovableClock
from localcloud.fc.function import HostedFunction
from localcloud.fc.process import Invoked
from localcloud.fc.spec import FunctionSpec
from localcloud.server import LocalCloud

KEY = {"access_key_id": "LTAIfunction", "access_key_secret": "a-secret-of-the-function"}
TOKEN = "a-token-of-the-function"
HANDLER = """
import json, sys

def handler(event, context):
    asked = json.loads(event)
    print("asked to", asked["do"])
    if asked["do"] == "fail":
        raise ValueError("as asked")
    if asked["do"] == "exit":
        sys.exit(3)
    return {"did": asked["do"]}
"""
WORK, FAIL = b'{"do": "work"}', b'{"do": "fail"}'


def package(folder: Path, handler: str = HANDLER, **changes: Any) -> FunctionSpec:
    """A function whose package is one module."""
    folder.mkdir(exist_ok=True)
    (folder / "handler.py").write_text(dedent(handler))
    known: dict[str, Any] = {"name": "worker", "folder": folder, "credentials": KEY | {"security_token": TOKEN}}
    return FunctionSpec.model_validate(known | changes)


class FcAnswer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes


class Old:
    """FC 2.0: alibabacloud-fc-open20210406, on the service `batch`."""

    def __init__(self, cloud: LocalCloud, service: str = "batch", **changes: str) -> None:
        self.client = OldClient(sdk_config(cloud, **changes))
        self.service = service

    def invoke(self, event: bytes, name: str = "worker", task_id: str | None = None, **headers: str) -> FcAnswer:
        sent = old_models.InvokeFunctionHeaders(
            **{f"x_fc_{key}": value for key, value in headers.items()}, x_fc_stateful_async_invocation_id=task_id
        )
        request = old_models.InvokeFunctionRequest(body=event)
        answer = self.client.invoke_function_with_options(self.service, name, request, sent, RuntimeOptions())
        return FcAnswer(answer.status_code, answer.headers, answer.body)

    def task(self, task_id: str) -> dict[str, Any]:
        request = old_models.GetStatefulAsyncInvocationRequest()
        answer = self.client.get_stateful_async_invocation(self.service, "worker", task_id, request)
        found: dict[str, Any] = answer.body.to_map()
        return found

    @staticmethod
    def refusal(error: AlibabaCloudException) -> Refusal:
        """This SDK looks for a field `Code` and FC says `ErrorCode`."""
        assert error.code == "None"
        return Refusal(error.status_code, error.data["ErrorCode"])


class New:
    """FC 3.0: alibabacloud-fc20230330."""

    def __init__(self, cloud: LocalCloud, **changes: str) -> None:
        self.client = NewClient(sdk_config(cloud, **changes))

    def invoke(self, event: bytes, name: str = "worker", task_id: str | None = None, **headers: str) -> FcAnswer:
        sent = new_models.InvokeFunctionHeaders(
            **{f"x_fc_{key}": value for key, value in headers.items()}, x_fc_async_task_id=task_id
        )
        request = new_models.InvokeFunctionRequest(body=event)
        answer = self.client.invoke_function_with_options(name, request, sent, RuntimeOptions())
        return FcAnswer(answer.status_code, answer.headers, answer.body.read())

    def task(self, task_id: str) -> dict[str, Any]:
        found: dict[str, Any] = self.client.get_async_task(
            "worker", task_id, new_models.GetAsyncTaskRequest()
        ).body.to_map()
        return found

    @staticmethod
    def refusal(error: AlibabaCloudException) -> Refusal:
        return Refusal(error.status_code, error.code)


class HostedFunctions:
    def __init__(self) -> None:
        self.started: list[HostedFunction] = []
        self.clock = MovableClock(1_000_000_000)

    def start(self, spec: FunctionSpec) -> HostedFunction:
        self.started.append(HostedFunction(spec, "1234567890123456", "cn-hangzhou", self.clock))
        return self.started[-1]


def run(functions: HostedFunctions, folder: Path, handler: str, event: bytes = b"an event", **changes: Any) -> Invoked:
    return functions.start(package(folder, handler, **changes)).invoke(event, "1-request")


def failure(outcome: Invoked) -> tuple[str, str]:
    said = json.loads(outcome.body)
    assert outcome.error_type == "UnhandledInvocationError"
    return said.get("errorType", ""), said["errorMessage"]
