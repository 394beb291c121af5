"""Stopping and starting a function by the unmodified SDK of FC 3.0, and what a stopped one misses in the local cloud."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alibabacloud_fc20230330 import models
from alibabacloud_tea_openapi.exceptions import ClientException
from fc_calls import WORK, New, package
from sdk_calls import Refusal

from localcloud.fc.errors import FcError
from localcloud.fc.restriction import read_restriction
from localcloud.fc.spec import EventPattern, Timer
from localcloud.server import LocalCloud
from localcloud.world import WorldFile

EVENT = json.dumps({"id": "1", "source": "acs.ecs", "type": "t", "specversion": "1.0", "do": "work"}).encode()


@pytest.fixture
def cloud(world: WorldFile, tmp_path: Path) -> Iterator[LocalCloud]:
    """One function that a rule and a timer call."""
    timer = Timer(name="minute", every_seconds=60, payload="x")
    spec = package(tmp_path / "new", event_patterns=[EventPattern(source=["acs.ecs"])], timers=[timer])
    with LocalCloud(world, functions=[spec]) as started:
        yield started


@pytest.fixture
def sdk(cloud: LocalCloud) -> New:
    return New(cloud)


def disable(sdk: New, reason: str = "a test") -> Any:
    request = models.DisableFunctionInvocationRequest(abort_ongoing_request=False, reason=reason)
    return sdk.client.disable_function_invocation("worker", request).body.success


def restriction(sdk: New) -> dict[str, Any]:
    found: dict[str, Any] = sdk.client.get_function("worker", models.GetFunctionRequest()).body.to_map()
    restricted: dict[str, Any] = found["invocationRestriction"]
    return restricted


def test_a_function_that_is_disabled_says_why_and_since_when(sdk: New) -> None:
    assert disable(sdk)

    assert restriction(sdk) == {"disable": True, "reason": "a test", "lastModifiedTime": "2026-03-01T01:05:00Z"}


def test_a_function_that_was_never_disabled_is_not_restricted(sdk: New) -> None:
    assert restriction(sdk) == {"disable": False}


def test_an_invocation_of_a_disabled_function_is_refused(sdk: New) -> None:
    disable(sdk)

    with pytest.raises(ClientException) as caught:
        sdk.invoke(WORK)
    assert sdk.refusal(caught.value) == Refusal(403, "FunctionInvocationDisabled")


def test_a_function_that_is_enabled_again_answers(sdk: New) -> None:
    disable(sdk)

    assert sdk.client.enable_function_invocation("worker").body.success
    assert (restriction(sdk), sdk.invoke(WORK).status) == ({"disable": False}, 200)


def test_events_and_timers_do_not_reach_a_disabled_function_even_afterwards(cloud: LocalCloud, sdk: New) -> None:
    disable(sdk)
    called = cloud.fc.triggers.publish(EVENT)
    cloud.clock.advance(61)
    cloud.fc.pump()
    sdk.client.enable_function_invocation("worker")

    assert (called, cloud.fc.pump(), cloud.fc.functions()[0].invocations) == ([], 0, 0)


def test_what_was_queued_before_waits_until_the_function_is_enabled(cloud: LocalCloud, sdk: New) -> None:
    cloud.fc.triggers.publish(EVENT)
    disable(sdk)
    while_disabled = cloud.fc.pump()
    sdk.client.enable_function_invocation("worker")

    assert (while_disabled, cloud.fc.pump()) == (0, 1)


def test_what_was_queued_before_grows_too_old_in_a_long_pause(cloud: LocalCloud, sdk: New) -> None:
    cloud.fc.triggers.publish(EVENT)
    disable(sdk)
    cloud.clock.advance(86401)
    cloud.fc.pump()
    sdk.client.enable_function_invocation("worker")

    assert (cloud.fc.pump(), cloud.fc.functions()[0].invocations) == (0, 0)


def test_a_new_package_leaves_a_disabled_function_disabled(cloud: LocalCloud, sdk: New) -> None:
    disable(sdk)
    cloud.fc.deploy([cloud.fc.functions()[0].spec])

    assert restriction(sdk)["reason"] == "a test"


@pytest.mark.parametrize(
    "body",
    [b"no json", b"[]", b'{"reasons": "x"}', b'{"reason": 1}', b'{"abortOngoingRequest": "no"}', b'{"abortOngoingRequest": true}'],
)  # fmt: skip
def test_a_body_that_is_not_as_documented_or_not_played_is_refused(body: bytes) -> None:
    with pytest.raises(FcError, match="InvalidArgument"):
        read_restriction(body, now=0)


def test_a_function_that_is_not_there_can_be_neither_stopped_nor_started(sdk: New) -> None:
    with pytest.raises(ClientException) as caught:
        sdk.client.enable_function_invocation("nobody")

    assert sdk.refusal(caught.value) == Refusal(404, "FunctionNotFound")
