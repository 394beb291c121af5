"""Planted faults, as the SDKs of ECS and MNS meet them."""

from collections.abc import Callable
from typing import Any

import pytest
from alibabacloud_tea_openapi.exceptions import ClientException, ServerException, ThrottlingException
from darabonba.exceptions import UnretryableException
from ecs_calls import DATA, SYSTEM, create_image, disk_map, disks, find_images, image, refusal
from hand_signed import ask
from pydantic import ValidationError

from localcloud.faults import Faults, PlantedFault
from localcloud.server import LocalCloud

THROTTLED = {"status": 400, "code": "Throttling.User", "message": "Request was denied due to user flow control."}


def plant(cloud: LocalCloud, **fault: Any) -> None:
    cloud.faults.plant([PlantedFault.model_validate({"action": "CreateImage", **fault})])


def ended_calls(cloud: LocalCloud) -> list[tuple[str, int | None, str | None]]:
    return [(call.action, call.status, call.code) for call in cloud.journal.calls()]


def test_an_error_is_answered_and_nothing_applied(cloud: LocalCloud) -> None:
    plant(cloud, error=THROTTLED)

    with pytest.raises(ClientException) as caught:
        create_image(cloud, snapshot_id="s-web1sys")

    assert refusal(caught.value) == (400, "Throttling.User")
    assert find_images(cloud, status="ALL").total_count == 2


def test_an_error_of_the_5xx_kind_is_a_server_exception(cloud: LocalCloud) -> None:
    plant(cloud, error={"status": 500, "code": "InternalError", "message": "An error on our side."})

    with pytest.raises(ServerException) as caught:
        create_image(cloud, snapshot_id="s-web1sys")

    assert refusal(caught.value) == (500, "InternalError")


def test_an_error_may_say_when_to_come_back(cloud: LocalCloud) -> None:
    plant(cloud, error={**THROTTLED, "retry_after_ms": 1500})

    with pytest.raises(ThrottlingException) as caught:
        create_image(cloud, snapshot_id="s-web1sys")

    assert caught.value.retry_after == 1500


def test_a_dropped_reply_hides_an_image_that_was_made(cloud: LocalCloud) -> None:
    plant(cloud, reply="dropped")

    with pytest.raises(UnretryableException):
        create_image(cloud, snapshot_id="s-web1sys")

    assert find_images(cloud, status="Creating").total_count == 1
    assert ended_calls(cloud) == [("CreateImage", None, "dropped"), ("DescribeImages", 200, None)]


def test_a_token_finds_the_image_whose_reply_was_dropped(cloud: LocalCloud) -> None:
    plant(cloud, reply="dropped")
    wanted = {"snapshot_id": "s-web1sys", "client_token": "token-1"}
    with pytest.raises(UnretryableException):
        create_image(cloud, **wanted)

    image_id = create_image(cloud, **wanted)

    assert [one.image_id for one in find_images(cloud, status="Creating").images.image] == [image_id]


def test_a_refused_connection_applies_nothing(cloud: LocalCloud) -> None:
    plant(cloud, reply="refused")

    with pytest.raises(UnretryableException):
        create_image(cloud, snapshot_id="s-web1sys")

    assert find_images(cloud, status="Creating").total_count == 0
    assert ended_calls(cloud)[0] == ("CreateImage", None, "refused")


def test_a_reply_that_is_not_json_hides_an_image_that_was_made(cloud: LocalCloud) -> None:
    plant(cloud, reply="not_json")

    with pytest.raises(UnretryableException):
        create_image(cloud, snapshot_id="s-web1sys")

    assert find_images(cloud, status="Creating").total_count == 1
    assert ended_calls(cloud)[0] == ("CreateImage", 200, None)


@pytest.mark.parametrize("outcome", ["CreateFailed", "UnAvailable"])
def test_an_image_may_end_badly(cloud: LocalCloud, outcome: str) -> None:
    plant(cloud, image=outcome)
    image_id = create_image(cloud, snapshot_id="s-web1sys")
    before = image(cloud, image_id).status

    cloud.clock.advance(180)

    assert (before, image(cloud, image_id).status) == ("Creating", outcome)


@pytest.mark.parametrize(
    ("fault", "last"), [("lose_disk", []), ("wrong_size", [("/dev/xvdb", "data", "101", "s-web1data")])]
)
def test_an_image_may_end_with_a_wrong_disk_map(
    cloud: LocalCloud, fault: str, last: list[tuple[str, str, str, str]]
) -> None:
    plant(cloud, image=fault)
    image_id = create_image(cloud, disk_device_mapping=disks(SYSTEM, DATA))
    before = disk_map(cloud, image_id)

    cloud.clock.advance(180)

    assert before == [("/dev/xvda", "system", "40", "s-web1sys"), ("/dev/xvdb", "data", "100", "s-web1data")]
    assert disk_map(cloud, image_id) == [before[0], *last]


def test_a_fault_spares_the_first_calls_and_hits_the_next_ones() -> None:
    fault = PlantedFault.model_validate({"action": "CreateImage", "after": 1, "times": 2, "reply": "dropped"})
    faults = Faults([fault])

    hits = [faults.take("CreateImage") for _ in range(5)]

    assert hits == [None, fault, fault, None, None]


def test_a_call_counts_against_every_fault_of_its_action_only() -> None:
    first = PlantedFault.model_validate({"action": "CreateImage", "reply": "dropped"})
    second = PlantedFault.model_validate({"action": "CreateImage", "after": 2, "reply": "refused"})
    faults = Faults([first, second])

    hits = [faults.take(action) for action in ("SendMessage", "CreateImage", "CreateImage", "CreateImage")]

    assert hits == [None, first, None, second]


def test_what_is_still_to_come_can_be_seen() -> None:
    faults = Faults(
        [PlantedFault.model_validate({"action": "CreateImage", "after": 1, "times": 3, "reply": "dropped"})]
    )
    for _ in range(2):
        faults.take("CreateImage")

    (left,) = faults.pending()

    assert (left.after, left.times) == (0, 2)


def test_a_world_may_begin_with_faults(serve: Callable[..., LocalCloud]) -> None:
    cloud = serve(faults=[{"action": "DescribeImages", "error": THROTTLED}])

    with pytest.raises(ClientException) as caught:
        find_images(cloud)

    assert refusal(caught.value) == (400, "Throttling.User")


def test_an_error_of_mns_has_the_shape_of_mns(cloud: LocalCloud) -> None:
    plant(cloud, action="SendMessage", error={"status": 503, "code": "InternalServerError", "message": "Later."})

    answer = ask(cloud, "POST", "/queues/snapimage-status/messages", b"")

    assert (answer.status, answer.headers["server"]) == (503, "AliyunMQS")
    assert b"<Code>InternalServerError</Code>" in answer.body
    assert ended_calls(cloud) == [("SendMessage", 503, "InternalServerError")]


@pytest.mark.parametrize(
    "fault",
    [
        {"action": "CreateImage"},
        {"action": "CreateImage", "reply": "dropped", "image": "lose_disk"},
        {"action": "CreateImage", "reply": "lost"},
        {"action": "CreateImage", "reply": "dropped", "times": 0},
        {"action": "CreateImage", "reply": "dropped", "after": -1},
        {"action": "CreateImage", "reply": "dropped", "colour": "red"},
        {"action": "create_image", "reply": "dropped"},
        {"action": "DescribeImages", "image": "CreateFailed"},
        {"action": "CreateImage", "error": {"status": 200, "code": "OK", "message": "fine"}},
    ],
)
def test_a_fault_that_makes_no_sense_is_refused(fault: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        PlantedFault.model_validate(fault)
