"""What runs by itself: the asynchronous queue with its retries and dead letters, event patterns and timers."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from fc_calls import FAIL, WORK, New, Old, package
from hand_signed import HttpAnswer, ask
from pydantic import ValidationError

from localcloud.server import LocalCloud
from localcloud.world import WorldFile

DEAD_LETTERS = "snapimage-dead-letters"
FLAKY = """
from pathlib import Path

def handler(event, context):
    tries = Path("tries")
    tries.write_text(tries.read_text() + "x" if tries.exists() else "x")
    if len(tries.read_text()) < 3:
        raise ValueError("not yet")
    return "at last"
"""
ECHO = "def handler(event, context):\n    print(event.decode())"
SNAPSHOT_EVENTS = {"source": ["acs.ecs"], "type": ["ecs:Snapshot:CreateSnapshotCompleted", "ecs:Image:StateChange"]}
EVENT = {
    "id": "e-1",
    "source": "acs.ecs",
    "specversion": "1.0",
    "type": "ecs:Snapshot:CreateSnapshotCompleted",
    "aliyunregionid": "cn-hangzhou",
    "data": {"snapshotId": "s-1"},
}

Serve = Callable[..., LocalCloud]


@pytest.fixture
def serve(world: WorldFile, tmp_path: Path) -> Iterator[Serve]:
    """A cloud with one function that differs from the usual in the parts that are given by name."""
    with ExitStack() as stack:

        def start(*more: Any, **changes: Any) -> LocalCloud:
            functions = [package(tmp_path / "worker", **changes), *more]
            return stack.enter_context(LocalCloud(world, functions=functions))

        yield start


def submit(cloud: LocalCloud, event: bytes, task_id: str = "snap-1") -> None:
    New(cloud).invoke(event, invocation_type="Async", task_id=task_id)


def task(cloud: LocalCloud) -> tuple[str, int]:
    found = New(cloud).task("snap-1")
    return found["status"], found["alreadyRetriedTimes"]


def after_minutes(cloud: LocalCloud, *minutes: float) -> list[int]:
    """How many ran each time, when the clock was pushed on by so many minutes."""
    ran = []
    for each in minutes:
        cloud.clock.advance(each * 60)
        ran.append(cloud.fc.pump())
    return ran


def dead_letters(cloud: LocalCloud) -> list[dict[str, Any]]:
    return [json.loads(message.body) for message in cloud.mns.queues.peek_all(DEAD_LETTERS)]


def publish(cloud: LocalCloud, event: Any) -> HttpAnswer:
    return ask(cloud, "POST", "/_local/events", json.dumps(event).encode())


def test_a_failed_call_is_retried_a_minute_later_until_it_succeeds(serve: Serve) -> None:
    cloud = serve(handler=FLAKY)
    submit(cloud, b"{}")

    ran = after_minutes(cloud, 0, 0.5, 0.6, 1, 1)

    assert ran == [1, 0, 1, 1, 0]
    assert task(cloud) == ("Succeeded", 2)


@pytest.mark.parametrize("max_retries", [0, 1, 3])
def test_a_call_that_never_succeeds_is_retried_as_often_as_configured(serve: Serve, max_retries: int) -> None:
    cloud = serve(async_config={"max_retries": max_retries})
    submit(cloud, FAIL)

    ran = after_minutes(cloud, 0, 2, 2, 2, 2, 2)

    assert sum(ran) == 1 + max_retries
    assert task(cloud) == ("Failed", max_retries)


def test_a_retry_to_come_is_told(serve: Serve) -> None:
    cloud = serve()
    submit(cloud, FAIL)

    cloud.fc.pump()

    assert task(cloud) == ("Retrying", 0)


def test_what_is_given_up_goes_to_the_failure_destination_whole(serve: Serve) -> None:
    cloud = serve(async_config={"max_retries": 1, "on_failure_queue": DEAD_LETTERS})
    submit(cloud, FAIL)
    request_id = New(cloud).task("snap-1")["requestId"]

    after_minutes(cloud, 0, 2)

    (letter,) = dead_letters(cloud)
    payload = json.loads(letter.pop("responsePayload"))
    assert abs(letter.pop("timestamp") - cloud.clock.now() * 1000) < 10000
    assert letter == {
        "requestContext": {
            "requestId": request_id,
            "functionArn": "acs:fc:cn-hangzhou:1234567890123456:functions/worker",
            "condition": "UnhandledInvocationError",
            "approximateInvokeCount": 2,
        },
        "requestPayload": '{"do": "fail"}',
        "responseContext": {"statusCode": 200, "functionError": "UnhandledInvocationError"},
    }
    assert (payload["errorMessage"], payload["errorType"]) == ("as asked", "ValueError")
    assert New(cloud).task("snap-1")["destinationStatus"] == "Succeeded"


def test_a_function_of_a_service_is_named_as_fc_2_0_does(serve: Serve) -> None:
    cloud = serve(service="batch", async_config={"max_retries": 0, "on_failure_queue": DEAD_LETTERS})
    Old(cloud).invoke(FAIL, invocation_type="Async")

    cloud.fc.pump()

    assert dead_letters(cloud)[0]["requestContext"]["functionArn"] == "acs:fc:::services/batch.LATEST/functions/worker"


def test_a_call_that_succeeds_leaves_no_dead_letter(serve: Serve) -> None:
    cloud = serve(async_config={"on_failure_queue": DEAD_LETTERS})
    submit(cloud, WORK)

    cloud.fc.pump()

    assert dead_letters(cloud) == []


def test_a_destination_that_does_not_exist_is_told_at_the_task(serve: Serve) -> None:
    cloud = serve(async_config={"max_retries": 0, "on_failure_queue": "nobody"})
    submit(cloud, FAIL)

    cloud.fc.pump()

    assert task(cloud) == ("Failed", 0)
    assert New(cloud).task("snap-1")["destinationStatus"].startswith("Failed: ")


def test_an_event_that_waited_too_long_expires_unseen(serve: Serve) -> None:
    cloud = serve(async_config={"max_age_seconds": 3600, "on_failure_queue": DEAD_LETTERS})
    submit(cloud, WORK)

    ran = after_minutes(cloud, 61)

    assert (ran, task(cloud)) == ([0], ("Expired", 0))
    assert cloud.fc.functions()[0].invocations == 0
    (letter,) = dead_letters(cloud)
    assert (letter["requestContext"]["condition"], letter["requestContext"]["approximateInvokeCount"]) == (
        "EventAgeExceeded",
        0,
    )


def test_retries_end_with_the_age_of_the_event(serve: Serve) -> None:
    cloud = serve(async_config={"max_age_seconds": 90})
    submit(cloud, FAIL)

    ran = after_minutes(cloud, 0, 1.1, 1.1)

    assert (ran, task(cloud)) == ([1, 1, 0], ("Expired", 1))


def test_a_replaced_function_runs_nothing_that_was_meant_for_the_old_one(serve: Serve, tmp_path: Path) -> None:
    cloud = serve()
    submit(cloud, WORK)

    cloud.fc.deploy([package(tmp_path / "worker", ECHO)])

    assert (cloud.fc.pump(), task(cloud)) == (0, ("Invalid", 0))


def test_calls_are_pumped_in_the_background_when_asked_for(serve: Serve) -> None:
    cloud = serve()
    submit(cloud, WORK)

    cloud.fc.start_pumping(0.01)

    deadline = time.monotonic() + 50
    while task(cloud)[0] != "Succeeded" and time.monotonic() < deadline:
        time.sleep(0.02)
    assert task(cloud) == ("Succeeded", 0)


def test_an_event_reaches_the_functions_whose_patterns_it_matches(serve: Serve, tmp_path: Path) -> None:
    other = package(tmp_path / "other", ECHO, name="other", event_patterns=[{"source": ["acs.oss"]}])
    cloud = serve(other, handler=ECHO, event_patterns=[SNAPSHOT_EVENTS])

    answer = publish(cloud, EVENT)
    ran = ask(cloud, "POST", "/_local/pump").json

    assert (answer.json, ran) == ({"called": ["worker"]}, {"ran": 1})
    assert json.loads(cloud.fc.functions()[0].log().splitlines()[1]) == EVENT


@pytest.mark.parametrize(
    ("changes", "called"),
    [
        ({"type": "ecs:Image:StateChange"}, ["worker"]),
        ({"type": "ecs:Snapshot:CreateSnapshotInitiated"}, []),
        ({"source": "acs.oss"}, []),
    ],
)
def test_every_field_of_a_pattern_must_match(serve: Serve, changes: dict[str, str], called: list[str]) -> None:
    cloud = serve(event_patterns=[SNAPSHOT_EVENTS])

    assert publish(cloud, EVENT | changes).json == {"called": called}


def test_an_event_that_matches_two_patterns_calls_once(serve: Serve) -> None:
    cloud = serve(event_patterns=[SNAPSHOT_EVENTS, {"source": ["acs.ecs"]}])

    assert publish(cloud, EVENT).json == {"called": ["worker"]}


@pytest.mark.parametrize(
    ("event", "says"),
    [
        ({"id": "e-1", "source": "acs.ecs", "specversion": "1.0"}, "type: Field required"),
        (EVENT | {"specversion": "0.3"}, "specversion"),
        ([EVENT], "object"),
        (EVENT | {"data": "x" * 131072}, "EntityTooLarge"),
    ],
)
def test_what_is_no_cloud_event_is_refused_by_name(serve: Serve, event: Any, says: str) -> None:
    cloud = serve(event_patterns=[SNAPSHOT_EVENTS])

    answer = publish(cloud, event)

    assert answer.status == 400
    assert says in answer.json["error"]


@pytest.mark.parametrize(
    ("pattern", "says"),
    [
        ({"source": [{"prefix": "acs."}]}, "not the operator prefix"),
        ({"source": ["acs.ecs"], "subject": ["x"]}, "subject"),
        ({}, "needs source or type"),
        ({"type": []}, "type"),
    ],
)
def test_a_pattern_that_is_not_understood_is_refused_by_name(
    tmp_path: Path, pattern: dict[str, Any], says: str
) -> None:
    with pytest.raises(ValidationError, match=says):
        package(tmp_path, event_patterns=[pattern])


def test_a_timer_calls_with_fc_s_payload_at_every_tick(serve: Serve) -> None:
    cloud = serve(handler=ECHO, timers=[{"name": "every-minute", "every_seconds": 60, "payload": "sweep"}])

    ran = after_minutes(cloud, 0, 0.99, 0.02, 1)

    event = json.loads(cloud.fc.functions()[0].log().splitlines()[1])
    assert ran == [0, 0, 1, 1]
    assert event.pop("triggerTime").startswith("2026-03-01T01:06:0")
    assert event == {"triggerName": "every-minute", "payload": "sweep"}


def test_a_timer_whose_ticks_were_jumped_over_calls_once(serve: Serve) -> None:
    cloud = serve(handler=ECHO, timers=[{"name": "every-minute", "every_seconds": 60}])
    cloud.clock.advance(3630)

    fired = [cloud.fc.triggers.fire_timers(), cloud.fc.triggers.fire_timers()]
    cloud.clock.advance(31)

    assert (fired, cloud.fc.triggers.fire_timers()) == ([1, 0], 1)
