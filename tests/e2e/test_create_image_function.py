"""The create_image function over real HTTP, with the trouble that a real cloud makes."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from made_up import MADE_UP_PLANS, MADE_UP_WORLD
from support import CloudClock, environment_of, published, settings_for

from files import places
from functions.create_image.handler import handler
from localcloud.faults import PlantedFault
from localcloud.server import LocalCloud
from shared import wiring
from shared.domain.errors import ConfigurationError, Transient
from shared.domain.message import ImageStatus
from shared.domain.plans import Plans
from shared.domain.rules import rules_for
from shared.flows.create_image import Left, create_images
from shared.ports import Warm
from shared.settings import compile_plans
from shared.wiring import open_cloud

EVENT = (places.EVENTS / "timer-with-data-disk.json").read_bytes()
SENTINEL = "sentinel-secret-5f2b"


@pytest.fixture
def cloud() -> Iterator[LocalCloud]:
    with LocalCloud(MADE_UP_WORLD, access_key_secret=SENTINEL) as started:
        yield started


@pytest.fixture
def plans() -> Plans:
    return MADE_UP_PLANS


@pytest.fixture
def environment(cloud: LocalCloud, plans: Plans, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """The variables that FC and s.yaml would set."""
    compiled = tmp_path / "plans.json"
    compiled.write_text(compile_plans(plans))
    settings = settings_for(cloud, plans_file=str(compiled))
    for name, text in environment_of(settings).items():
        monkeypatch.setenv(name, text)
    monkeypatch.setattr(wiring, "WARM", Warm())
    return monkeypatch


def answer(cloud: LocalCloud, plans: Plans, payload: bytes = EVENT) -> list[ImageStatus | Left]:
    """One invocation."""
    rules = rules_for("1234567890123456", "cn-hangzhou", plans)
    return create_images(payload, rules, open_cloud(settings_for(cloud), CloudClock(cloud)))


def deliver(cloud: LocalCloud, plans: Plans, payload: bytes = EVENT) -> list[str]:
    """One invocation: the images of its answers."""
    return [str(each.image_id) for each in answer(cloud, plans, payload) if isinstance(each, ImageStatus)]


def plant(cloud: LocalCloud, **fault: Any) -> None:
    cloud.faults.plant([PlantedFault.model_validate(fault)])


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


def test_a_throttled_event_is_left_to_the_sweep(cloud: LocalCloud, plans: Plans) -> None:
    plant(cloud, action="DescribeSnapshots", error={"status": 400, "code": "Throttling.User", "message": "slow down"})

    (left,) = answer(cloud, plans)
    assert isinstance(left, Left)
    assert (left.snapshot_id, left.code, published(cloud)) == ("s-bp1websys20", "Throttling.User", [])


def test_after_a_failed_publish_the_repeat_adopts_and_publishes(cloud: LocalCloud, plans: Plans) -> None:
    plant(cloud, action="SendMessage", error={"status": 500, "code": "InternalError", "message": "broken"})

    with pytest.raises(Transient):
        deliver(cloud, plans)
    deliver(cloud, plans)
    assert (made(cloud), len(published(cloud))) == (1, 1)


QUOTA = {"status": 403, "code": "QuotaExceed.Image", "message": "too many"}


def test_a_refusal_whose_cause_can_go_away_is_told_with_what_ecs_said_and_is_no_end(
    cloud: LocalCloud, plans: Plans
) -> None:
    plant(cloud, action="CreateImage", error=QUOTA)

    deliver(cloud, plans)
    (message,) = published(cloud)
    cause = message["data"]["cause"]
    told = (message["data"]["state"], message["data"]["reason"], message["data"]["terminal"])
    assert told == ("failed", "QuotaExceeded", False)
    assert (cause["code"], cause["http_status"], cause["message"]) == (
        "QuotaExceed.Image",
        403,
        "CreateImage: too many",
    )
    assert cause["request_id"]


def test_a_refused_snapshot_rests_for_an_hour_and_is_then_made(cloud: LocalCloud, plans: Plans) -> None:
    plant(cloud, action="CreateImage", error=QUOTA)
    deliver(cloud, plans)

    soon = deliver(cloud, plans)
    cloud.clock.advance(3660)
    later = deliver(cloud, plans)
    assert (soon, made(cloud), later) == (["None"], 1, [str(published(cloud)[-1]["data"]["image_id"])])
    assert [message["data"]["state"] for message in published(cloud)] == ["failed", "creating"]


def test_a_refusal_for_good_is_told_once(cloud: LocalCloud, plans: Plans) -> None:
    payload = (places.EVENTS / "archived-snapshot.json").read_bytes()

    for _ in range(2):
        deliver(cloud, plans, payload)
    assert [(each["data"]["reason"], each["data"]["terminal"]) for each in published(cloud)] == [("EcsRefused", True)]


def test_after_a_used_nonce_the_first_request_is_looked_for_before_another_is_made(
    cloud: LocalCloud, plans: Plans
) -> None:
    """Something on the way sent the request twice: the first may have taken effect."""
    plant(cloud, action="CreateImage", error={"status": 400, "code": "SignatureNonceUsed", "message": "sent before"})

    with pytest.raises(Transient):
        deliver(cloud, plans)
    looked = [call.action for call in cloud.journal.calls()]
    deliver(cloud, plans)
    assert looked[-3:] == ["CreateImage", "DescribeImages", "DescribeImages"]
    assert (made(cloud), len(published(cloud))) == (1, 1)


@pytest.mark.parametrize("action", ["DescribeSnapshots", "DescribeDisks", "DescribeImages"])
def test_a_question_that_is_refused_is_told_and_decides_nothing(action: str, cloud: LocalCloud, plans: Plans) -> None:
    event = (places.EVENTS / "attached-data-disks.json").read_bytes()
    plant(cloud, action=action, error={"status": 403, "code": "OperationDenied", "message": "no"})

    deliver(cloud, plans, event)
    deliver(cloud, plans, event)
    told = [(each["data"]["state"], each["data"]["terminal"]) for each in published(cloud)]
    assert told == [("failed", False), ("creating", False)]


def test_one_event_that_must_wait_does_not_keep_the_others_from_their_answers(cloud: LocalCloud, plans: Plans) -> None:
    events = [json.loads((places.EVENTS / f"{name}.json").read_text()) for name in ("snapshot-not-ready", "no-plan")]

    answers = answer(cloud, plans, json.dumps(events).encode())
    assert [each.to_plain()["state"] for each in answers] == ["left", "skipped"]
    assert [message["data"]["reason"] for message in published(cloud)] == ["NoPlan"]


def test_one_event_that_fails_does_not_keep_the_others_from_their_answers(cloud: LocalCloud, plans: Plans) -> None:
    plant(cloud, action="CreateImage", reply="refused")
    events = [json.loads(EVENT), json.loads((places.EVENTS / "user-snapshot.json").read_text())]

    with pytest.raises(Transient):
        answer(cloud, plans, json.dumps(events).encode())
    assert len(published(cloud)) == 1  # they are asked for side by side, and either may be the first


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
