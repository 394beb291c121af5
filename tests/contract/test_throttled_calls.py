"""Throttling as the real SDK meets it: a sweep waits it out in place, an event is left to the sweep; nothing else is waited for."""

import json
from datetime import datetime, timedelta, timezone
from types import SimpleNamespace
from typing import Any

import pytest
from fakes.builders import notice
from support import environment_of, published, settings_for

from functions.create_image.handler import handler
from localcloud.faults import PlantedFault
from localcloud.server import LocalCloud
from shared import wiring
from shared.adapters.ecs_client import EcsCalls
from shared.adapters.ecs_images import EcsImages
from shared.adapters.throttling import CallRecord, Throttling
from shared.domain.errors import CloudError, Throttled, Transient
from shared.domain.plans import Plans
from shared.domain.rules import rules_for
from shared.flows.create_image import Left, create_images
from shared.flows.reconcile_snapshots import reconcile_snapshots
from shared.flows.track_images import track_images
from shared.ports import Cloud, Warm
from shared.settings import compile_plans
from shared.wiring import connect, open_cloud
from simulation.memory.cloud import MemoryClock

NOW = datetime(2026, 3, 1, 1, 5, 20, tzinfo=timezone.utc)
USER_FLOW = {"status": 400, "code": "Throttling.User", "message": "Request was denied due to user flow control."}
EVERY_DISK = Plans.model_validate({"region": "cn-hangzhou", "plans": [{"name": "all", "image": {"check": False}}]})
RULES = rules_for("1234567890123456", "cn-hangzhou", EVERY_DISK)
EVENT = notice(
    snapshotId="s-web1sys", diskId="d-web1sys", startTime="2026-03-01T01:00:00Z", endTime="2026-03-01T01:02:00Z"
)


@pytest.fixture
def clock() -> MemoryClock:
    """Sleeping moves it and takes no time."""
    return MemoryClock(NOW)


@pytest.fixture
def function(cloud: LocalCloud, clock: MemoryClock) -> Cloud:
    """What a function with two minutes sees."""
    return open_cloud(settings_for(cloud), clock, NOW + timedelta(seconds=120))


@pytest.fixture
def event_function(cloud: LocalCloud, clock: MemoryClock) -> Cloud:
    """What `create_image` sees: it waits for nothing."""
    return open_cloud(settings_for(cloud), clock)


def plant(cloud: LocalCloud, action: str, **fault: Any) -> None:
    cloud.faults.plant([PlantedFault.model_validate({"action": action, **fault})])


def ecs_calls(cloud: LocalCloud) -> list[tuple[str, int | None]]:
    return [(call.action, call.status) for call in cloud.journal.calls() if call.service == "ecs"]


def test_a_call_that_was_throttled_once_is_sent_again_in_the_next_minute(cloud: LocalCloud, clock: MemoryClock) -> None:
    plant(cloud, "DescribeImages", error=USER_FLOW)
    calls = EcsCalls(settings_for(cloud), Throttling(clock, NOW + timedelta(seconds=120), jitter=lambda: 2.0))

    EcsImages(calls).tagged({"k": "v"})

    assert clock.now() == datetime(2026, 3, 1, 1, 6, 2, tzinfo=timezone.utc)
    assert ecs_calls(cloud) == [("DescribeImages", 400), ("DescribeImages", 200)]
    assert calls.since(0) == ["DescribeImages", "DescribeImages"]


@pytest.mark.parametrize("error", [
    {**USER_FLOW, "retry_after_ms": 7500},
    {"status": 503, "code": "ServiceUnavailable", "message": "Later.", "retry_after_ms": 7500},
])  # fmt: skip
def test_when_ecs_says_how_long_to_wait_exactly_that_is_waited(
    error: dict[str, Any], cloud: LocalCloud, clock: MemoryClock, function: Cloud
) -> None:
    plant(cloud, "DescribeImages", error=error)

    function.images.tagged({"k": "v"})

    assert clock.now() - NOW == timedelta(seconds=7.5)


def test_a_wait_that_ecs_asks_for_beyond_the_deadline_is_not_begun(
    cloud: LocalCloud, clock: MemoryClock, function: Cloud
) -> None:
    plant(cloud, "DescribeImages", error={**USER_FLOW, "retry_after_ms": 3_600_000})

    with pytest.raises(Throttled) as refusal:
        function.images.tagged({"k": "v"})

    assert refusal.value.retry_after == timedelta(hours=1)
    assert clock.now() == NOW


def test_a_throttled_event_is_left_to_the_sweep_at_once_and_the_log_names_the_code(
    cloud: LocalCloud, clock: MemoryClock, event_function: Cloud, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "snapimage")
    plant(cloud, "CreateImage", error=USER_FLOW)

    [left] = create_images(json.dumps(EVENT).encode(), RULES, event_function)

    [line] = [json.loads(text) for text in caplog.messages]
    assert isinstance(left, Left)
    assert (left.snapshot_id, left.code) == ("s-web1sys", "Throttling.User")
    assert (line["state"], line["code"]) == ("postponed", "Throttling.User")
    assert (clock.now(), published(cloud)) == (NOW, [])


def test_the_sweep_answers_for_an_event_that_was_throttled(cloud: LocalCloud, event_function: Cloud) -> None:
    plant(cloud, "CreateImage", error=USER_FLOW)
    create_images(json.dumps(EVENT).encode(), RULES, event_function)

    reconcile_snapshots(RULES, event_function)

    assert [message["data"]["snapshot_id"] for message in published(cloud)] == ["s-web1sys"]


def test_a_sweep_that_is_throttled_at_its_last_call_repeats_none_of_the_calls_before_it(
    cloud: LocalCloud, function: Cloud
) -> None:
    plant(cloud, "CreateImage", error=USER_FLOW)

    counts = reconcile_snapshots(RULES, function)

    asked = [action for action, _ in ecs_calls(cloud)]
    assert counts["creating"] == 1
    assert asked[: asked.index("CreateImage") + 2].count("DescribeSnapshots") == 1
    assert asked.count("CreateImage") == 2


def test_throttled_past_its_deadline_a_sweep_says_so(cloud: LocalCloud, clock: MemoryClock, function: Cloud) -> None:
    plant(cloud, "CreateImage", times=3, error=USER_FLOW)

    with pytest.raises(Throttled):
        reconcile_snapshots(RULES, function)

    assert clock.now() - NOW > timedelta(seconds=40)
    assert cloud.faults.pending()[0].times == 1
    assert published(cloud) == []


@pytest.mark.parametrize("fault", [
    {"error": {"status": 500, "code": "InternalError", "message": "An error on our side."}},
    {"error": {"status": 503, "code": "ServiceUnavailable", "message": "Later."}},
    {"error": {"status": 403, "code": "SnapshotNotReady", "message": "Being created."}},
    {"error": {"status": 409, "code": "SomethingNew", "message": "Nobody knows."}},
    {"reply": "refused"},
])  # fmt: skip
def test_nothing_else_is_sent_a_second_time(
    fault: dict[str, Any], cloud: LocalCloud, clock: MemoryClock, function: Cloud
) -> None:
    plant(cloud, "DescribeImages", **fault)

    with pytest.raises(CloudError):
        function.images.tagged({"k": "v"})

    assert [action for action, _ in ecs_calls(cloud)] == ["DescribeImages"]
    assert clock.now() == NOW


def test_a_message_that_the_queue_refuses_is_not_sent_a_second_time(
    cloud: LocalCloud, clock: MemoryClock, function: Cloud
) -> None:
    plant(cloud, "SendMessage", error={"status": 503, "code": "Throttling", "message": "Later."})

    with pytest.raises(Transient) as trouble:
        create_images(b"not json", RULES, function)

    assert (trouble.value.code, isinstance(trouble.value, Throttled)) == ("MNS.Throttling", False)
    assert [call.action for call in cloud.journal.calls() if call.service == "mns"] == ["SendMessage"]
    assert clock.now() == NOW


def test_a_sweep_that_is_throttled_between_telling_and_remembering_tells_nothing_twice(
    cloud: LocalCloud, function: Cloud
) -> None:
    create_images(json.dumps(EVENT).encode(), RULES, function)
    cloud.clock.advance(600)
    plant(cloud, "TagResources", error=USER_FLOW)

    track_images(RULES, function)

    assert [message["data"]["state"] for message in published(cloud)] == ["creating", "available"]


@pytest.fixture
def environment(cloud: LocalCloud, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "plans.json").write_text(compile_plans(EVERY_DISK))
    for name, text in environment_of(settings_for(cloud, plans_file=str(tmp_path / "plans.json"))).items():
        monkeypatch.setenv(name, text)
    monkeypatch.setattr(wiring, "WARM", Warm())


TWO_MINUTES = SimpleNamespace(function=SimpleNamespace(timeout=120))


@pytest.mark.usefixtures("environment")
def test_a_function_that_waits_does_so_within_the_time_that_its_context_tells() -> None:
    before = datetime.now(timezone.utc)

    _, opened = connect(TWO_MINUTES, waits=True)

    calls = opened.calls
    assert isinstance(calls, CallRecord)
    assert calls.throttling.deadline is not None
    assert timedelta(seconds=120) <= calls.throttling.deadline - before < timedelta(seconds=130)


@pytest.mark.usefixtures("environment")
def test_a_function_that_was_not_told_to_wait_has_no_time_for_it() -> None:
    _, opened = connect(TWO_MINUTES)

    assert isinstance(opened.calls, CallRecord)
    assert opened.calls.throttling.deadline is None


@pytest.mark.usefixtures("environment")
def test_the_handler_of_events_answers_a_throttled_one_without_a_wait(cloud: LocalCloud) -> None:
    plant(cloud, "DescribeSnapshots", error=USER_FLOW)
    begun = f"{datetime.now(timezone.utc) - timedelta(minutes=5):%Y-%m-%dT%H:%M:%SZ}"

    answers = handler(json.dumps(notice(snapshotId="s-web1sys", startTime=begun)).encode(), TWO_MINUTES)["answers"]

    assert isinstance(answers, list)
    assert [(answer["state"], answer["reason"]) for answer in answers] == [("left", "Throttling.User")]
    assert ecs_calls(cloud) == [("DescribeSnapshots", 400)]
