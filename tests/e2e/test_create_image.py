"""The create_image function over real HTTP, with the trouble that a real cloud makes."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from support import CloudClock, environment_of, published, settings_for

from functions.create_image.handler import handler
from localcloud.faults import Fault
from localcloud.server import LocalCloud
from localcloud.world import World
from ops import places
from ops.yaml_model import read_model
from shared.domain.errors import ConfigurationError, Transient
from shared.domain.plans import Plans, rules_for
from shared.flows.create_image import create_images
from shared.plans_file import compile_plans
from shared.wiring import open_cloud

EVENT = (places.EVENTS / "timer-with-data-disk.json").read_bytes()
SENTINEL = "sentinel-secret-5f2b"


@pytest.fixture
def cloud() -> Iterator[LocalCloud]:
    with LocalCloud(read_model(places.WORLD, World), access_key_secret=SENTINEL) as started:
        yield started


@pytest.fixture
def plans() -> Plans:
    return read_model(places.PLANS, Plans)


@pytest.fixture
def environment(cloud: LocalCloud, plans: Plans, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """The variables that FC and s.yaml would set."""
    compiled = tmp_path / "plans.json"
    compiled.write_text(compile_plans(plans))
    settings = settings_for(cloud, plans_file=str(compiled))
    for name, text in environment_of(settings).items():
        monkeypatch.setenv(name, text)
    return monkeypatch


def deliver(cloud: LocalCloud, plans: Plans, payload: bytes = EVENT) -> list[str]:
    """One invocation: the images of its answers."""
    rules = rules_for("1234567890123456", "cn-hangzhou", plans)
    answers = create_images(payload, rules, open_cloud(settings_for(cloud), CloudClock(cloud)))
    return [str(answer.image_id) for answer in answers]


def plant(cloud: LocalCloud, **fault: Any) -> None:
    cloud.faults.plant([Fault.model_validate(fault)])


def made(cloud: LocalCloud) -> int:
    return len(cloud.ecs.store.images)


def test_the_handler_makes_the_image_and_returns_its_answer(cloud: LocalCloud, environment: pytest.MonkeyPatch) -> None:
    answer = handler(EVENT, None)

    (status,) = json.loads(json.dumps(answer))["answers"]
    assert (status["state"], status["reason"]) == ("creating", "ImageRequested")
    assert [message["data"]["image_id"] for message in published(cloud)] == [status["image_id"]]


def test_twenty_deliveries_ten_of_them_at_once_leave_one_image_and_one_fact(cloud: LocalCloud, plans: Plans) -> None:
    with ThreadPoolExecutor(10) as pool:
        at_once = list(pool.map(lambda _: deliver(cloud, plans), range(10)))
    one_by_one = [deliver(cloud, plans) for _ in range(10)]

    assert made(cloud) == 1
    assert len({image for answer in at_once + one_by_one for image in answer}) == 1
    assert len(published(cloud)) == 20
    assert len({message["id"] for message in published(cloud)}) == 1


def test_an_image_whose_reply_was_lost_is_adopted(cloud: LocalCloud, plans: Plans) -> None:
    plant(cloud, action="CreateImage", reply="dropped")

    deliver(cloud, plans)
    assert made(cloud) == 1
    assert [message["data"]["reason"] for message in published(cloud)] == ["ImageAdopted"]


def test_a_refused_connection_goes_back_to_the_platform_and_the_repeat_makes_the_image(
    cloud: LocalCloud, plans: Plans
) -> None:
    plant(cloud, action="CreateImage", reply="refused")

    with pytest.raises(Transient):
        deliver(cloud, plans)
    assert (made(cloud), published(cloud)) == (0, [])
    deliver(cloud, plans)
    assert (made(cloud), len(published(cloud))) == (1, 1)


def test_a_throttled_call_goes_back_to_the_platform(cloud: LocalCloud, plans: Plans) -> None:
    plant(cloud, action="DescribeImages", error={"status": 400, "code": "Throttling.User", "message": "slow down"})

    with pytest.raises(Transient) as trouble:
        deliver(cloud, plans)
    assert trouble.value.code == "Throttling.User"


def test_after_a_failed_publish_the_repeat_adopts_and_publishes(cloud: LocalCloud, plans: Plans) -> None:
    plant(cloud, action="SendMessage", error={"status": 500, "code": "InternalError", "message": "broken"})

    with pytest.raises(Transient):
        deliver(cloud, plans)
    deliver(cloud, plans)
    assert (made(cloud), len(published(cloud))) == (1, 1)


def test_a_refusal_for_good_is_published_with_what_ecs_said(cloud: LocalCloud, plans: Plans) -> None:
    plant(cloud, action="CreateImage", error={"status": 403, "code": "QuotaExceed.Image", "message": "too many"})

    deliver(cloud, plans)
    (message,) = published(cloud)
    cause = message["data"]["cause"]
    assert (message["data"]["state"], message["data"]["reason"]) == ("failed", "QuotaExceeded")
    assert (cause["code"], cause["http_status"], cause["message"]) == (
        "QuotaExceed.Image",
        403,
        "CreateImage: too many",
    )
    assert cause["request_id"]


def test_one_event_that_must_wait_does_not_keep_the_others_from_their_answers(cloud: LocalCloud, plans: Plans) -> None:
    events = [json.loads((places.EVENTS / f"{name}.json").read_text()) for name in ("snapshot-not-ready", "no-plan")]

    with pytest.raises(Transient):
        deliver(cloud, plans, json.dumps(events).encode())
    assert [message["data"]["reason"] for message in published(cloud)] == ["NoPlan"]


def test_a_missing_variable_is_named_and_no_value_is_shown(environment: pytest.MonkeyPatch) -> None:
    environment.delenv("SNAPIMAGE_STATUS_QUEUE")

    with pytest.raises(ConfigurationError) as trouble:
        handler(EVENT, None)
    assert str(trouble.value) == "environment variable not set: SNAPIMAGE_STATUS_QUEUE"


def test_a_malformed_variable_is_named_and_no_value_is_shown(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("SNAPIMAGE_MNS_ENDPOINT", SENTINEL)

    with pytest.raises(ConfigurationError) as trouble:
        handler(EVENT, None)
    assert str(trouble.value) == "environment variable malformed: SNAPIMAGE_MNS_ENDPOINT"


def test_no_secret_is_in_what_a_whole_invocation_writes_logs_and_publishes(
    cloud: LocalCloud,
    environment: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    environment.setenv("DEBUG", "sdk")
    caplog.set_level("DEBUG")

    answer = handler(EVENT, None)
    plant(cloud, action="DescribeSnapshots", reply="refused")
    with pytest.raises(Transient) as trouble:
        handler(EVENT, None)

    written = capfd.readouterr()
    everything = [written.out, written.err, caplog.text, str(answer), str(published(cloud)), repr(trouble.value)]
    assert SENTINEL not in "".join(everything)
    assert "ImageRequested" in caplog.text
