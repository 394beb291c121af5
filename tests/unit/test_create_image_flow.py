"""The flow over a cloud in memory: one answer and one message for every event, one image for every snapshot."""

import json
from datetime import timedelta
from typing import Any

import pytest
from fakes.builders import (
    BEGUN,
    ENDED,
    NOW,
    data_disk,
    data_snapshot,
    image,
    image_request,
    notice,
    payload,
    plan,
    rules,
    system_disk,
    system_snapshot,
)
from pydantic import TypeAdapter

from shared.domain.errors import AlreadyExists, OutcomeUnknown, Permanent, Transient
from shared.domain.facts import Image, MappedDisk, Role, SnapshotGroup
from shared.domain.rules import Rules
from shared.domain.status import Cause, DiskEntry, ImageStatus
from shared.flows.create_image import create_images
from simulation.memory_cloud import Fault, MemoryCloud, memory_cloud

ALONE = rules(plan())
ATTACHED = rules(plan(data_disks={"take": "attached"}))
LISTED = rules(plan(data_disks={"take": ["d-data"]}))
LENIENT = rules(plan(data_disks={"take": ["d-data"], "on_missing": "leave_out"}))
QUIET = rules(plan(notify={"skipped": False}))
EVENT = payload(notice())
DATA_EVENT = payload(notice("event-2", snapshotId="s-data", diskId="d-data"))
SYSTEM_ENTRY = DiskEntry(type="system", snapshot_id="s-sys", disk_id="d-sys", size_gib=40)
DATA_ENTRY = DiskEntry(type="data", snapshot_id="s-data", disk_id="d-data", size_gib=100)
LOST_REPLY = OutcomeUnknown("NoReply", "CreateImage: no usable reply from ECS")
THROTTLED = Transient("Throttling.User", "too many calls", 400, "request-1")
BROKEN_QUEUE = Transient("MNS.InternalError", "message not published")


def web_cloud(**changes: Any) -> MemoryCloud:
    """A web server with one data disk; both disks were snapshotted in one run."""
    usual: dict[str, Any] = {
        "snapshots": [system_snapshot(), data_snapshot(created=BEGUN + timedelta(seconds=5))],
        "disks": [system_disk(), data_disk()],
    }
    return memory_cloud(**(usual | changes))


def deliver(cloud: MemoryCloud, raw: bytes = EVENT, known: Rules = ALONE) -> list[tuple[str, str]]:
    """States and reasons of the answers."""
    return [(answer.state.value, answer.reason.value) for answer in create_images(raw, known, cloud)]


def answer_to(cloud: MemoryCloud, raw: bytes = EVENT, known: Rules = ALONE) -> ImageStatus:
    [answer] = create_images(raw, known, cloud)
    return answer


def deliver_in_vain(cloud: MemoryCloud, raw: bytes = EVENT, known: Rules = ALONE) -> Transient:
    with pytest.raises(Transient) as raised:
        create_images(raw, known, cloud)
    return raised.value


def told(cloud: MemoryCloud) -> list[tuple[str, str]]:
    return [(message.data.state.value, message.data.reason.value) for message in cloud.queue.messages]


def message_ids(cloud: MemoryCloud) -> list[str]:
    return [message.id for message in cloud.queue.messages]


def test_a_finished_snapshot_becomes_an_image_and_says_so() -> None:
    cloud = web_cloud()

    answer = answer_to(cloud, known=LISTED)

    assert answer == TypeAdapter(ImageStatus).validate_python({
        "state": "creating",
        "reason": "ImageRequested",
        "terminal": False,
        "explanation": "m-1 is being made",
        "account_id": "1234567890123456",
        "region_id": "cn-hangzhou",
        "plan": "web",
        "snapshot_id": "s-sys",
        "disk_id": "d-sys",
        "instance_id": "i-web",
        "image_id": "m-1",
        "image_name": "snapimage-s-sys",
        "image_status": "Creating",
        "disks": (SYSTEM_ENTRY, DATA_ENTRY),
        "skew_seconds": 5,
        "seconds_since_snapshot": 360,
        "event_id": "event-1",
    })  # fmt: skip
    assert [message.data for message in cloud.queue.messages] == [answer]


def test_the_image_is_made_of_the_chosen_disks_and_remembers_them() -> None:
    cloud = web_cloud()

    create_images(EVENT, LISTED, cloud)

    assert cloud.images.images == {
        "m-1": Image(
            id="m-1",
            name="snapimage-s-sys",
            status="Creating",
            created=NOW,
            disks=(MappedDisk(Role.SYSTEM, "s-sys", 40), MappedDisk(Role.DATA, "s-data", 100)),
            tags={
                "snapimage:snapshot": "s-sys",
                "snapimage:plan": "web",
                "snapimage:state": "creating",
                "snapimage:open": "yes",
                "snapimage:about": "disk=d-sys on=i-web end=1795140240 due=14400 check=1 skew=5",
                "snapimage:disks": "s-sys/40/d-sys s-data/100/d-data",
            },
        )
    }


EXPIRED = BEGUN + timedelta(hours=2)
FAILED_IMAGE = image("m-old", status="CreateFailed")


@pytest.mark.parametrize(
    ("raw", "known", "cloud", "answer"),
    [
        (EVENT, ALONE, web_cloud(), ("creating", "ImageRequested")),
        (b"hello", ALONE, web_cloud(), ("invalid", "InvalidEvent")),
        (payload(notice(snapshotId="x")), ALONE, web_cloud(), ("invalid", "InvalidEvent")),
        (payload(notice() | {"aliyunaccountid": "99"}), ALONE, web_cloud(), ("skipped", "WrongAccount")),
        (payload(notice() | {"aliyunregionid": "cn-beijing"}), ALONE, web_cloud(), ("skipped", "WrongRegion")),
        (payload(notice(snapshotType="copied")), ALONE, web_cloud(), ("skipped", "SnapshotTypeExcluded")),
        (payload(notice(result="failed")), ALONE, web_cloud(), ("failed", "SnapshotFailed")),
        (EVENT, ALONE, memory_cloud(), ("failed", "SnapshotNotFound")),
        (EVENT, ALONE, web_cloud(snapshots=[system_snapshot(status="failed")]), ("failed", "SnapshotFailed")),
        (EVENT, ALONE, web_cloud(snapshots=[system_snapshot(kind="copied")]), ("skipped", "SnapshotTypeExcluded")),
        (EVENT, rules(plan(source={"disks": ["d-x"]})), web_cloud(), ("skipped", "NoPlan")),
        (EVENT, rules(plan(enabled=False)), web_cloud(), ("skipped", "PlanDisabled")),
        (EVENT, LISTED, web_cloud(snapshots=[system_snapshot()]), ("waiting", "DataDiskSnapshotPending")),
        (EVENT, LISTED, web_cloud(snapshots=[system_snapshot()], now=EXPIRED), ("failed", "DataDiskSnapshotMissing")),
        (EVENT, LENIENT, web_cloud(snapshots=[system_snapshot()], now=EXPIRED), ("creating", "ImageRequested")),
        (EVENT, ATTACHED, web_cloud(disks=[system_disk(instance_id=None)]), ("failed", "DataDisksUnknown")),
        (EVENT, ATTACHED, web_cloud(disks=[]), ("failed", "DataDisksUnknown")),
        (
            EVENT,
            ATTACHED,
            web_cloud(disks=[system_disk(), *(data_disk(f"d-{number}") for number in range(17))]),
            ("failed", "TooManyDataDisks"),
        ),
        (EVENT, ALONE, web_cloud(images=[image(status="Creating")]), ("creating", "ImageAdopted")),
        (EVENT, ALONE, web_cloud(images=[image()]), ("available", "ImageAvailable")),
        (EVENT, ALONE, web_cloud(images=[image(disks=())]), ("failed", "DiskMapMismatch")),
        (EVENT, ALONE, web_cloud(images=[FAILED_IMAGE]), ("failed", "ImageCreateFailed")),
        (EVENT, ALONE, web_cloud(images=[image(status="Waiting")], now=BEGUN + timedelta(hours=5)), ("overdue", "ImageOverdue")),
        (DATA_EVENT, ALONE, web_cloud(), ("skipped", "NotSystemDisk")),
        (DATA_EVENT, LISTED, web_cloud(), ("creating", "ImageRequested")),
    ],
)  # fmt: skip
def test_every_decision_is_answered_and_told_once(
    raw: bytes, known: Rules, cloud: MemoryCloud, answer: tuple[str, str]
) -> None:
    answers = deliver(cloud, raw, known)

    assert answers == [answer]
    assert told(cloud) == [answer]


def test_a_disk_that_was_left_out_makes_the_answer_partial() -> None:
    answer = answer_to(web_cloud(snapshots=[system_snapshot()], now=EXPIRED), known=LENIENT)

    assert (answer.partial, answer.left_out, answer.disks) == (True, ("d-data",), (SYSTEM_ENTRY,))


def test_a_set_that_is_not_complete_says_what_it_waits_for() -> None:
    answer = answer_to(web_cloud(snapshots=[system_snapshot()]), known=LISTED)

    assert (answer.waiting_for, answer.terminal) == (("d-data",), False)


def test_the_last_event_of_a_set_completes_it() -> None:
    cloud = web_cloud(snapshots=[system_snapshot(), data_snapshot(status="progressing")])
    before = deliver(cloud, EVENT, LISTED)
    cloud.snapshots.put(data_snapshot())

    after = deliver(cloud, DATA_EVENT, LISTED)

    assert (before, after) == ([("waiting", "DataDiskSnapshotPending")], [("creating", "ImageRequested")])
    assert cloud.queue.messages[-1].subject == "s-sys"


def test_both_events_of_a_complete_set_give_one_image() -> None:
    cloud = web_cloud()

    answers = deliver(cloud, EVENT, LISTED) + deliver(cloud, DATA_EVENT, LISTED)

    assert answers == [("creating", "ImageRequested"), ("creating", "ImageAdopted")]
    assert len(cloud.images.images) == 1
    assert len(set(message_ids(cloud))) == 1


def test_a_consistent_group_is_recognised() -> None:
    members = [system_snapshot(kind="user", name=""), data_snapshot(kind="user", name="")]
    group = SnapshotGroup("ssg-1", frozenset({"s-sys", "s-data"}))
    cloud = web_cloud(snapshots=members, groups={"i-web": [group]})

    answer = answer_to(cloud, payload(notice(snapshotType="user")), ATTACHED)

    assert (answer.snapshot_group_id, answer.disks) == ("ssg-1", (SYSTEM_ENTRY, DATA_ENTRY))


def test_a_member_of_the_group_is_not_lost_with_its_disk() -> None:
    members = [system_snapshot(kind="user"), data_snapshot(kind="user"), data_snapshot("s-gone", disk_id="d-gone")]
    group = SnapshotGroup("ssg-1", frozenset({"s-sys", "s-data", "s-gone"}))
    cloud = web_cloud(snapshots=members, groups={"i-web": [group]})

    answer = answer_to(cloud, payload(notice(snapshotType="user")), ATTACHED)

    assert [disk.snapshot_id for disk in answer.disks] == ["s-sys", "s-data", "s-gone"]


def test_of_two_plans_that_match_the_one_that_the_snapshot_alone_tells_counts() -> None:
    first, second = plan("first", source={"instances": ["i-web"]}), plan("second")

    assert answer_to(web_cloud(), known=rules(first, second)).plan == "second"


def test_a_snapshot_has_one_plan_whichever_event_tells_of_it() -> None:
    by_instance = plan("fleet", source={"instances": ["i-web"]}, data_disks={"take": ["d-data"]})
    cloud = web_cloud()

    create_images(EVENT, rules(by_instance, plan("one")), cloud)
    create_images(DATA_EVENT, rules(by_instance, plan("one")), cloud)

    assert len(cloud.images.images) == 1


def test_a_snapshot_that_was_taken_of_no_disk_is_answered() -> None:
    imports = rules(plan(source={"snapshot_types": ["imported"]}))
    cloud = memory_cloud([system_snapshot(disk_id="", kind="user", name="")])

    answers = deliver(cloud, payload(notice(snapshotType="imported", diskId=None)), imports)

    assert told(cloud) == answers


def test_twenty_deliveries_give_one_image_and_one_message_id() -> None:
    cloud = web_cloud()

    answers = deliver(cloud, payload(*[notice()] * 20))

    assert answers == [("creating", "ImageRequested")] + [("creating", "ImageAdopted")] * 19
    assert len(cloud.images.images) == 1
    assert (len(message_ids(cloud)), len(set(message_ids(cloud)))) == (20, 1)


def test_an_image_whose_reply_was_lost_is_adopted() -> None:
    cloud = web_cloud()
    cloud.images.faults.append(Fault(LOST_REPLY, applied=True))

    answer = answer_to(cloud)

    assert (answer.reason.value, answer.image_id) == ("ImageAdopted", "m-1")
    assert len(cloud.images.images) == 1


def test_an_image_whose_reply_was_lost_has_the_message_id_of_one_that_was_not() -> None:
    smooth, rough = web_cloud(), web_cloud()
    rough.images.faults.append(Fault(LOST_REPLY, applied=True))

    create_images(EVENT, ALONE, smooth)
    create_images(EVENT, ALONE, rough)

    assert message_ids(rough) == message_ids(smooth)


def test_a_lost_call_is_tried_again_by_the_platform() -> None:
    cloud = web_cloud()
    cloud.images.faults.append(Fault(LOST_REPLY))

    trouble = deliver_in_vain(cloud)
    again = deliver(cloud)

    assert trouble is LOST_REPLY
    assert again == [("creating", "ImageRequested")]
    assert told(cloud) == [("creating", "ImageRequested")]


def untagged(**changes: Any) -> Image:
    """Our image after somebody took off its tags: it is found by its name and its snapshot only."""
    return image(**({"name": "snapimage-s-sys", "tags": {}, "status": "Creating"} | changes))


def test_an_image_with_our_name_and_snapshot_is_adopted() -> None:
    cloud = web_cloud(images=[untagged()])

    answer = answer_to(cloud)

    assert (answer.state.value, answer.reason.value, answer.image_id) == ("creating", "ImageAdopted", "m-1")
    assert len(cloud.images.images) == 1


def test_an_image_that_another_attempt_made_meanwhile_is_adopted() -> None:
    """Its disk has been detached since: the token is another one, the name is the same."""
    cloud = web_cloud(disks=[])
    cloud.images.create(image_request(disk=system_disk()))
    cloud.images.change("m-1", tags={})

    assert answer_to(cloud).image_id == "m-1"
    assert len(cloud.images.images) == 1


def test_a_name_that_is_taken_by_a_stranger_is_a_failure_with_its_cause() -> None:
    stranger = untagged(disks=(MappedDisk(Role.SYSTEM, "s-theirs", 40),))
    cloud = web_cloud(images=[stranger])

    answer = answer_to(cloud)

    text = "image name snapimage-s-sys is taken by m-1, which was not made from s-sys"
    assert (answer.state.value, answer.reason.value) == ("failed", "EcsRefused")
    assert answer.explanation == f"InvalidImageName.Duplicated: {text}"
    assert answer.cause == Cause(
        code="InvalidImageName.Duplicated", message=text, http_status=400, request_id="request-name"
    )
    assert told(cloud) == [("failed", "EcsRefused")]


def test_a_taken_token_whose_image_is_not_listed_yet_is_tried_again() -> None:
    cloud = web_cloud()
    cloud.images.faults.append(Fault(AlreadyExists("IdempotenceParamNotMatch", "token used", 400, "request-2")))

    trouble = deliver_in_vain(cloud)

    assert (type(trouble), trouble.code, trouble.http_status) == (Transient, "ImageNotVisibleYet", 400)


@pytest.mark.parametrize(
    ("code", "reason", "terminal"),
    [
        ("QuotaExceed.Image", "QuotaExceeded", False),
        ("ImageQuotaExceed", "QuotaExceeded", False),
        ("Forbidden.RAM", "PermissionDenied", False),
        ("NoPermission", "PermissionDenied", False),
        ("InvalidParameter", "EcsRefused", True),
    ],
)
def test_a_refusal_is_an_answer_with_its_cause_and_the_last_unless_it_can_be_cured(
    code: str, reason: str, terminal: bool
) -> None:
    cloud = web_cloud()
    cloud.images.faults.append(Fault(Permanent(code, "CreateImage: no", 403, "request-3")))

    answer = answer_to(cloud)

    assert (answer.reason.value, answer.explanation, answer.terminal) == (reason, f"{code}: CreateImage: no", terminal)
    assert answer.cause == Cause(code=code, message="CreateImage: no", http_status=403, request_id="request-3")
    assert told(cloud) == [("failed", reason)]


def test_a_refusal_to_show_the_snapshot_is_an_answer_too() -> None:
    cloud = web_cloud()
    cloud.snapshots.faults.append(Permanent("Forbidden.RAM", "DescribeSnapshots: no", 403, "request-4"))

    assert deliver(cloud) == [("failed", "PermissionDenied")]


def test_a_throttled_call_leaves_nothing_behind() -> None:
    cloud = web_cloud()
    cloud.images.faults.append(Fault(THROTTLED))

    trouble = deliver_in_vain(cloud)

    assert trouble is THROTTLED
    assert (cloud.images.images, told(cloud)) == ({}, [])


def test_a_snapshot_that_is_not_ready_is_left_to_the_platform() -> None:
    cloud = web_cloud(snapshots=[system_snapshot(status="progressing")])

    trouble = deliver_in_vain(cloud)

    assert (trouble.code, told(cloud)) == ("SnapshotNotReady", [])


def test_an_event_whose_message_was_not_taken_is_tried_again_with_the_same_id() -> None:
    smooth, rough = web_cloud(), web_cloud()
    rough.queue.faults.append(Fault(BROKEN_QUEUE))
    create_images(EVENT, ALONE, smooth)

    trouble = deliver_in_vain(rough)
    again = deliver(rough)

    assert trouble is BROKEN_QUEUE
    assert again == [("creating", "ImageAdopted")]
    assert message_ids(rough) == message_ids(smooth)
    assert len(rough.images.images) == 1


def test_a_message_whose_receipt_was_lost_is_told_twice_under_one_id() -> None:
    cloud = web_cloud()
    cloud.queue.faults.append(Fault(BROKEN_QUEUE, applied=True))

    deliver_in_vain(cloud)
    create_images(EVENT, ALONE, cloud)

    assert (len(message_ids(cloud)), len(set(message_ids(cloud)))) == (2, 1)


def test_trouble_with_one_event_does_not_keep_the_others_waiting() -> None:
    cloud = web_cloud()
    cloud.snapshots.faults.append(THROTTLED)

    trouble = deliver_in_vain(cloud, payload(notice("event-1"), notice("event-2"), {"hello": "world"}))

    assert trouble is THROTTLED
    assert told(cloud) == [("creating", "ImageRequested"), ("invalid", "InvalidEvent")]


def test_of_several_troubles_the_first_is_raised() -> None:
    cloud = web_cloud()
    cloud.snapshots.faults += [THROTTLED, LOST_REPLY]

    assert deliver_in_vain(cloud, payload(notice("event-1"), notice("event-2"))) is THROTTLED


@pytest.mark.parametrize(
    ("raw", "known"),
    [
        pytest.param(payload(notice(snapshotType="copied")), QUIET, id="no plan is concerned and all are silent"),
        pytest.param(DATA_EVENT, QUIET, id="a data disk"),
        pytest.param(EVENT, rules(plan(enabled=False, notify={"skipped": False}), plan("b", source={"disks": ["d-b"]})),
                     id="the plan that is concerned is silent"),
    ],
)  # fmt: skip
def test_a_skip_that_nobody_wants_to_hear_of_is_not_told(raw: bytes, known: Rules) -> None:
    cloud = web_cloud()

    [answer] = deliver(cloud, raw, known)

    assert (answer[0], told(cloud)) == ("skipped", [])


def test_a_skip_that_one_plan_wants_to_hear_of_is_told() -> None:
    cloud = web_cloud()

    deliver(cloud, payload(notice(snapshotType="copied")), rules(plan(notify={"skipped": False}), plan("loud")))

    assert told(cloud) == [("skipped", "SnapshotTypeExcluded")]


@pytest.mark.parametrize("raw", [b"hello", payload(notice(result="failed")), EVENT])
def test_only_skips_can_be_silenced(raw: bytes) -> None:
    cloud = web_cloud()

    answers = deliver(cloud, raw, QUIET)

    assert told(cloud) == answers


@pytest.mark.parametrize(
    ("raw", "known", "calls"),
    [
        pytest.param(b"hello", ALONE, [], id="no event"),
        pytest.param(payload(notice(snapshotType="copied")), ALONE, [], id="refused by the event"),
        pytest.param(EVENT, ALONE, ["DescribeSnapshots", "DescribeImages", "CreateImage"], id="by disk"),
        pytest.param(
            EVENT,
            rules(plan(source={"instances": ["i-web"]})),
            ["DescribeSnapshots", "DescribeDisks", "DescribeImages", "CreateImage"],
            id="by instance",
        ),
        pytest.param(
            EVENT,
            LISTED,
            ["DescribeSnapshots", "DescribeDisks", "DescribeImages", "DescribeSnapshots", "CreateImage"],
            id="listed data disks",
        ),
        pytest.param(
            EVENT,
            ATTACHED,
            ["DescribeSnapshots", "DescribeDisks", "DescribeImages", "DescribeSnapshots", "DescribeDisks",
             "CreateImage"],
            id="attached data disks",
        ),
        pytest.param(
            EVENT,
            rules(plan(data_disks={"snapshots": ["s-data"]})),
            ["DescribeSnapshots", "DescribeImages", "DescribeSnapshots", "CreateImage"],
            id="a pinned snapshot",
        ),
        pytest.param(DATA_EVENT, ALONE, ["DescribeSnapshots"], id="a data disk that no plan wants"),
        pytest.param(
            DATA_EVENT,
            ATTACHED,
            ["DescribeSnapshots", "DescribeDisks", "DescribeSnapshots", "DescribeImages", "DescribeDisks",
             "CreateImage"],
            id="a data disk that completes a set",
        ),
    ],
)  # fmt: skip
def test_no_more_is_asked_of_ecs_than_needed(raw: bytes, known: Rules, calls: list[str]) -> None:
    cloud = web_cloud()

    create_images(raw, known, cloud)

    assert cloud.calls.actions == calls


def test_an_image_that_is_there_costs_two_calls() -> None:
    cloud = web_cloud(images=[image()])

    create_images(EVENT, ALONE, cloud)

    assert cloud.calls.actions == ["DescribeSnapshots", "DescribeImages"]


@pytest.fixture(autouse=True)
def _written(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "snapimage")


def test_an_answer_is_one_line_of_documented_fields(caplog: pytest.LogCaptureFixture) -> None:
    create_images(EVENT, ALONE, web_cloud())

    assert [json.loads(line) for line in caplog.messages] == [
        {
            "function": "create_image",
            "event": "event-1",
            "snapshot": "s-sys",
            "plan": "web",
            "state": "creating",
            "reason": "ImageRequested",
            "image": "m-1",
            "ecs_calls": 3,
            "seconds_since_snapshot": int((NOW - ENDED).total_seconds()),
        }
    ]


def test_a_refusal_adds_its_code_to_the_line_and_not_its_words(caplog: pytest.LogCaptureFixture) -> None:
    cloud = web_cloud()
    cloud.images.faults.append(Fault(Permanent("Forbidden.RAM", "the secret is sesame", 403, "request-5")))

    create_images(EVENT, ALONE, cloud)

    [line] = caplog.messages
    assert json.loads(line)["code"] == "Forbidden.RAM"
    assert "sesame" not in line


def test_an_event_that_goes_back_is_one_line_too(caplog: pytest.LogCaptureFixture) -> None:
    cloud = web_cloud()
    cloud.images.faults.append(Fault(THROTTLED))

    deliver_in_vain(cloud)

    assert [json.loads(line) for line in caplog.messages] == [
        {
            "function": "create_image",
            "event": "event-1",
            "snapshot": "s-sys",
            "state": "postponed",
            "code": "Throttling.User",
            "request": "request-1",
            "ecs_calls": 3,
        }
    ]


@pytest.mark.parametrize(
    "event_id", ['"}\n{"forged": "yes"}', "one\r\ntwo", "\u2028next", "\x85next", "\x1b[31mred", "\ud800", "é💾" * 128]
)
def test_an_odd_id_does_not_make_a_second_line(event_id: str, caplog: pytest.LogCaptureFixture) -> None:
    create_images(payload(notice(event_id)), ALONE, web_cloud())

    [line] = caplog.messages
    assert (line.isascii(), line.isprintable(), len(line.splitlines())) == (True, True, 1)


def test_an_event_that_cannot_be_read_is_one_line_without_its_content(caplog: pytest.LogCaptureFixture) -> None:
    create_images(b'{"id": "event-1", "type": "x", "password": "sesame"}', ALONE, web_cloud())

    assert [json.loads(line) for line in caplog.messages] == [
        {"function": "create_image", "event": "event-1", "state": "invalid", "reason": "InvalidEvent", "ecs_calls": 0}
    ]
