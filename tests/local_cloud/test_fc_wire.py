"""Function Compute on the wire: what both unmodified SDKs get, asked for the same package."""

import base64
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from alibabacloud_fc20230330.models import InvokeFunctionRequest
from alibabacloud_tea_openapi.exceptions import ClientException
from fc_calls import FAIL, WORK, New, Old, package
from hand_signed import ask
from sdk_calls import Refusal

from localcloud.server import LocalCloud
from localcloud.world import WorldFile

Sdk = Old | New
OLD_PATH = "/2021-04-06/services/batch/functions/worker/invocations"
NEW_PATH = "/2023-03-30/functions/worker/invocations"


@pytest.fixture
def cloud(world: WorldFile, tmp_path: Path) -> Iterator[LocalCloud]:
    """One function in the service `batch` of FC 2.0, and one of FC 3.0, of the same name."""
    functions = [package(tmp_path / "old", service="batch"), package(tmp_path / "new")]
    with LocalCloud(world, functions=functions) as started:
        yield started


@pytest.fixture(params=[Old, New])
def connect(request: pytest.FixtureRequest) -> Callable[..., Sdk]:
    kind: Callable[..., Sdk] = request.param
    return kind


@pytest.fixture
def sdk(cloud: LocalCloud, connect: Callable[..., Sdk]) -> Sdk:
    return connect(cloud)


def refused(sdk: Sdk, call: Callable[[], Any]) -> Refusal:
    with pytest.raises(ClientException) as caught:
        call()
    return sdk.refusal(caught.value)


def test_a_synchronous_call_returns_what_the_handler_returned(sdk: Sdk) -> None:
    answer = sdk.invoke(WORK)

    assert (answer.status, answer.body) == (200, b'{\n    "did": "work"\n}')
    assert answer.headers["x-fc-request-id"].startswith("1-")
    assert "x-fc-error-type" not in answer.headers
    assert "x-fc-log-result" not in answer.headers


def test_an_error_of_the_function_is_a_200_with_a_header_that_the_sdk_does_not_look_at(sdk: Sdk) -> None:
    answer = sdk.invoke(FAIL)

    said = json.loads(answer.body)
    assert (answer.status, answer.headers["x-fc-error-type"]) == (200, "UnhandledInvocationError")
    assert (said["errorMessage"], said["errorType"]) == ("as asked", "ValueError")
    assert said["stackTrace"][0][1:] == ["line 8", "in handler", 'raise ValueError("as asked")']


def test_the_tail_of_the_log_comes_when_it_is_asked_for(sdk: Sdk) -> None:
    answer = sdk.invoke(WORK, log_type="Tail")

    request_id = answer.headers["x-fc-request-id"]
    assert base64.b64decode(answer.headers["x-fc-log-result"]).decode().splitlines() == [
        f"FC Invoke Start RequestId: {request_id}",
        "asked to work",
        f"FC Invoke End RequestId: {request_id}",
    ]


def test_an_asynchronous_call_is_accepted_and_runs_later(cloud: LocalCloud, sdk: Sdk) -> None:
    answer = sdk.invoke(WORK, invocation_type="Async", task_id="snap-1")
    before = sdk.task("snap-1")

    ran = cloud.fc.pump()

    after = sdk.task("snap-1")
    assert (answer.status, answer.body, ran) == (202, b"", 1)
    assert (before["status"], after["status"]) == ("Enqueued", "Succeeded")
    assert after["requestId"] == answer.headers["x-fc-request-id"]
    assert after["returnPayload"] == '{\n    "did": "work"\n}'


def test_without_a_task_id_the_request_id_is_the_task_id(cloud: LocalCloud, sdk: Sdk) -> None:
    answer = sdk.invoke(WORK, invocation_type="Async")

    assert sdk.task(answer.headers["x-fc-request-id"])["status"] == "Enqueued"


@pytest.mark.parametrize(
    ("connect", "code"),
    [(Old, "StatefulAsyncInvocationAlreadyExists"), (New, "AsyncTaskAlreadyExists")],
)
def test_a_task_id_is_accepted_once(cloud: LocalCloud, connect: Callable[..., Sdk], code: str) -> None:
    sdk = connect(cloud)
    sdk.invoke(WORK, invocation_type="Async", task_id="snap-1")

    refusal = refused(sdk, lambda: sdk.invoke(WORK, invocation_type="Async", task_id="snap-1"))

    assert refusal == Refusal(409, code)
    assert cloud.fc.pump() == 1


@pytest.mark.parametrize(("connect", "code"), [(Old, "StatefulAsyncInvocationNotFound"), (New, "AsyncTaskNotFound")])
def test_a_task_that_nobody_submitted_is_not_found(cloud: LocalCloud, connect: Callable[..., Sdk], code: str) -> None:
    sdk = connect(cloud)

    assert refused(sdk, lambda: sdk.task("snap-1")) == Refusal(404, code)


@pytest.mark.parametrize("task_id", ["1-snap", "snap:1", "s" * 129])
def test_a_task_id_that_is_wrongly_formed_is_refused(sdk: Sdk, task_id: str) -> None:
    refusal = refused(sdk, lambda: sdk.invoke(WORK, invocation_type="Async", task_id=task_id))

    assert refusal == Refusal(400, "InvalidArgument")


def test_an_asynchronous_payload_fits_in_128_kib(cloud: LocalCloud, sdk: Sdk) -> None:
    accepted = sdk.invoke(b"x" * 131072, invocation_type="Async")

    refusal = refused(sdk, lambda: sdk.invoke(b"x" * 131073, invocation_type="Async"))

    assert (accepted.status, refusal) == (202, Refusal(400, "EntityTooLarge"))


def test_an_unknown_function_is_refused(sdk: Sdk) -> None:
    assert refused(sdk, lambda: sdk.invoke(WORK, name="nobody")) == Refusal(404, "FunctionNotFound")


def test_an_unknown_service_is_refused(cloud: LocalCloud) -> None:
    sdk = Old(cloud, service="nobody")

    assert refused(sdk, lambda: sdk.invoke(WORK)) == Refusal(404, "ServiceNotFound")


def test_the_newer_api_reaches_a_function_of_a_service_by_both_names(cloud: LocalCloud) -> None:
    New(cloud).invoke(WORK, name="batch$worker")

    assert [function.invocations for function in cloud.fc.functions()] == [1, 0]


def test_a_wrong_signature_is_refused(cloud: LocalCloud, connect: Callable[..., Sdk]) -> None:
    sdk = connect(cloud, access_key_secret="not the secret")

    assert refused(sdk, lambda: sdk.invoke(WORK)) == Refusal(403, "SignatureNotMatch")
    assert [function.invocations for function in cloud.fc.functions()] == [0, 0]


def test_an_unknown_key_is_refused(cloud: LocalCloud, connect: Callable[..., Sdk]) -> None:
    sdk = connect(cloud, access_key_id="LTAInobody")

    assert refused(sdk, lambda: sdk.invoke(WORK)) == Refusal(403, "InvalidAccessKeyID")


@pytest.mark.parametrize("headers", [{"invocation_type": "Later"}, {"log_type": "All"}])
def test_a_header_with_an_unknown_value_is_refused(sdk: Sdk, headers: dict[str, str]) -> None:
    assert refused(sdk, lambda: sdk.invoke(WORK, **headers)) == Refusal(400, "InvalidArgument")


def test_a_task_id_on_a_synchronous_call_is_refused(sdk: Sdk) -> None:
    assert refused(sdk, lambda: sdk.invoke(WORK, task_id="snap-1")) == Refusal(400, "InvalidArgument")


@pytest.mark.parametrize(
    ("method", "path", "says"),
    [
        ("POST", "/2023-03-30/functions", "'/2023-03-30/functions' against 'POST' is not supported"),
        ("DELETE", NEW_PATH, f"'{NEW_PATH}' against 'DELETE' is not supported"),
        ("GET", "/2023-03-30/", "'/2023-03-30/' against 'GET' is not supported"),
    ],
)
def test_a_path_that_is_not_served_is_refused_by_name(cloud: LocalCloud, method: str, path: str, says: str) -> None:
    answer = ask(cloud, method, path)

    assert (answer.status, answer.json["Code"], answer.json["Message"]) == (400, "PathNotSupported", says)


def test_each_version_words_its_errors_in_its_own_way(cloud: LocalCloud) -> None:
    old, new = ask(cloud, "POST", OLD_PATH), ask(cloud, "POST", NEW_PATH)

    assert (old.status, old.json) == (
        400,
        {
            "ErrorCode": "MissingRequiredHeader",
            "ErrorMessage": "required HTTP header x-acs-date was not specified",
        },
    )
    assert (new.json["Code"], sorted(new.json)) == ("MissingRequiredHeader", ["Code", "Message", "RequestId"])


def test_a_planted_fault_is_worded_like_the_version_that_meets_it(cloud: LocalCloud, sdk: Sdk) -> None:
    fault = {"action": "InvokeFunction", "error": {"status": 403, "code": "AccessDenied", "message": "no"}}
    ask(cloud, "POST", "/_local/faults", json.dumps([fault]).encode())

    assert refused(sdk, lambda: sdk.invoke(WORK)) == Refusal(403, "AccessDenied")


def test_the_journal_tells_calls_that_failed_in_the_function(cloud: LocalCloud, sdk: Sdk) -> None:
    sdk.invoke(FAIL)
    refused(sdk, lambda: sdk.invoke(WORK, name="nobody"))

    assert [(call.service, call.action, call.status, call.code) for call in cloud.journal.calls()] == [
        ("fc", "InvokeFunction", 200, "UnhandledInvocationError"),
        ("fc", "InvokeFunction", 404, "FunctionNotFound"),
    ]


def test_only_the_latest_version_exists(cloud: LocalCloud) -> None:
    sdk = New(cloud)
    request = InvokeFunctionRequest(qualifier="prod", body=WORK)

    refusal = refused(sdk, lambda: sdk.client.invoke_function("worker", request))

    assert refusal == Refusal(404, "VersionNotFound")
