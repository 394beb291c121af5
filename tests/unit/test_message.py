"""The envelope of an answer: one id for one fact, a size that the queue takes, a form that others can read."""

import base64
import json
from dataclasses import replace
from datetime import timedelta, timezone
from typing import Any

import pytest
from cloudevents.core.formats.json import JSONFormat
from fakes.builders import ACCOUNT, NOW, REGION, SUBJECT, disk_set, image_request
from pydantic import TypeAdapter

from localcloud.mns.attributes import QueueAttributes
from shared.domain.answers import requested
from shared.domain.message import (
    Cause,
    CheckResult,
    DiskEntry,
    ImageStatus,
    RiskEntry,
    StatusMessage,
    envelope,
    fact_id,
)
from shared.domain.message_fields import Reason, State

REQUESTED = requested(SUBJECT, image_request(), "m-1")
READER = TypeAdapter(ImageStatus)
"""As a subscriber with pydantic reads it."""

WIDE = "\U0001f4be"
"""One character, four bytes."""


def status(**changes: Any) -> ImageStatus:
    return replace(REQUESTED, **changes)


def on_the_queue(answer: ImageStatus) -> bytes:
    """The body as the SDK sends it."""
    return base64.b64encode(envelope(answer, "create_image", NOW).to_json().encode())


def test_a_message_is_the_answer_in_an_envelope() -> None:
    message = json.loads(envelope(REQUESTED, "create_image", NOW).to_json())

    assert message == {
        "specversion": "1.0",
        "id": fact_id(REQUESTED),
        "source": "/snapimage/1234567890123456/cn-hangzhou/create_image",
        "type": "snapimage.image.creating",
        "time": "2026-11-20T02:10:00Z",
        "datacontenttype": "application/json",
        "dataschema": "urn:snapimage:schema:status-message:1.0",
        "subject": "s-sys",
        "data": {
            "schema_version": "1.0",
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
            "disks": [
                {"type": "system", "snapshot_id": "s-sys", "disk_id": "d-sys", "size_gib": 40, "device": None},
                {"type": "data", "snapshot_id": "s-data", "disk_id": "d-data", "size_gib": 100, "device": None},
                {"type": "data", "snapshot_id": None, "disk_id": None, "size_gib": 5, "device": None},
            ],
            "partial": False,
            "left_out": [],
            "without_snapshots": [],
            "missing": [],
            "waiting_for": [],
            "skew_seconds": 5,
            "snapshot_group_id": None,
            "seconds_since_snapshot": 360,
            "cause": None,
            "check": None,
            "event_id": "event-1",
        },
    }


def test_a_message_without_a_snapshot_has_no_subject() -> None:
    message = envelope(status(state=State.INVALID, snapshot_id=None), "create_image", NOW)

    assert "subject" not in json.loads(message.to_json())


def test_a_moment_is_told_in_utc() -> None:
    local = NOW.astimezone(timezone(timedelta(hours=8)))

    assert envelope(REQUESTED, "create_image", local) == envelope(REQUESTED, "create_image", NOW)


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"reason": Reason.IMAGE_ADOPTED, "explanation": "m-1 is being made already"}, id="adopted"),
        pytest.param({"event_id": "event-2"}, id="told by another event"),
        pytest.param({"seconds_since_snapshot": 720}, id="told later"),
        pytest.param({"image_status": "Waiting"}, id="seen in another status"),
        pytest.param({"instance_id": None}, id="without its instance"),
        pytest.param({"plan": "other"}, id="for a plan that was renamed"),
        pytest.param({"left_out": ("d-logs",)}, id="with what it will lack, which lost tags do not tell"),
    ],
)
def test_one_fact_has_one_id_however_it_is_told(changes: dict[str, Any]) -> None:
    assert fact_id(status(**changes)) == fact_id(REQUESTED)


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"state": State.AVAILABLE}, id="state"),
        pytest.param({"snapshot_id": "s-other"}, id="snapshot"),
        pytest.param({"image_id": "m-2"}, id="image"),
        pytest.param({"account_id": "99"}, id="account"),
        pytest.param({"region_id": "cn-beijing"}, id="region"),
    ],
)
def test_another_fact_has_another_id(changes: dict[str, Any]) -> None:
    assert fact_id(status(**changes)) != fact_id(REQUESTED)


def refused_with(code: str) -> ImageStatus:
    cause = Cause(code=code, message="no", http_status=403, request_id=None)
    return status(state=State.FAILED, reason=Reason.ECS_REFUSED, image_id=None, cause=cause)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(
            status(state=State.FAILED, reason=Reason.IMAGE_CREATE_FAILED),
            status(state=State.FAILED, reason=Reason.DISK_MAP_MISMATCH),
            id="reason",
        ),
        pytest.param(refused_with("Forbidden.RAM"), refused_with("InvalidParameter"), id="cause"),
        pytest.param(
            status(state=State.WAITING, waiting_for=("d-data",)),
            status(state=State.WAITING, waiting_for=("d-logs",)),
            id="what is waited for",
        ),
        pytest.param(
            status(state=State.FAILED, reason=Reason.DATA_DISK_SNAPSHOT_MISSING, missing=("d-data",)),
            status(state=State.FAILED, reason=Reason.DATA_DISK_SNAPSHOT_MISSING, missing=("d-logs",)),
            id="what is missing",
        ),
        pytest.param(
            status(state=State.AVAILABLE, partial=True, left_out=("d-data",)),
            status(state=State.AVAILABLE, partial=True, left_out=("d-logs",)),
            id="what is left out",
        ),
        pytest.param(
            status(state=State.WAITING, waiting_for=("d-data",)),
            status(state=State.WAITING, missing=("d-data",)),
            id="whether it is waited for or missing",
        ),
        pytest.param(
            status(state=State.INVALID, snapshot_id=None, event_id="event-1"),
            status(state=State.INVALID, snapshot_id=None, event_id="event-2"),
            id="event of which nothing else is known",
        ),
    ],
)
def test_what_a_subscriber_would_act_on_counts(one: ImageStatus, other: ImageStatus) -> None:
    assert fact_id(one) != fact_id(other)


GONE = status(state=State.FAILED, reason=Reason.IMAGE_DELETED, image_id=None)


def test_the_same_end_of_another_attempt_is_another_fact() -> None:
    assert len({fact_id(GONE), fact_id(GONE, 2), fact_id(GONE, 3)}) == 3


def test_an_image_is_of_one_attempt_whoever_knows_of_which() -> None:
    assert fact_id(REQUESTED, 2) == fact_id(REQUESTED)


@pytest.mark.parametrize("field", ["waiting_for", "missing", "left_out"])
def test_the_order_of_ids_does_not_count(field: str) -> None:
    one = status(state=State.WAITING, **{field: ("d-data", "d-logs")})
    other = status(state=State.WAITING, **{field: ("d-logs", "d-data")})

    assert fact_id(one) == fact_id(other)


def test_the_function_that_tells_does_not_count() -> None:
    by_event, by_sweep = envelope(REQUESTED, "create_image", NOW), envelope(REQUESTED, "reconcile_snapshots", NOW)

    assert (by_event.id, by_event.source) == (
        by_sweep.id,
        by_sweep.source.replace("reconcile_snapshots", "create_image"),
    )


def fullest(schema: dict[str, Any], kinds: dict[str, Any], letter: str) -> Any:
    """A value that is as long as its schema allows; a text without a bound is a KeyError."""
    match schema:
        case {"$ref": where}:
            return fullest(kinds[where.rpartition("/")[2]], kinds, letter)
        case {"anyOf": [full, *_]}:
            return fullest(full, kinds, letter)
        case {"const": value}:
            return value
        case {"enum": values}:
            return max(values, key=len)
        case {"type": "object", "properties": parts}:
            return {name: fullest(part, kinds, letter) for name, part in parts.items()}
        case {"type": "array", "items": item}:
            return [fullest(item, kinds, letter)] * schema["maxItems"]
        case {"type": "string"}:
            return ("x" if "pattern" in schema else letter) * schema["maxLength"]
    return {"integer": 10**9, "boolean": False}[schema["type"]]


@pytest.mark.parametrize("letter", ["x", WIDE, "\x01"])
def test_a_message_at_every_bound_fits_the_queue(letter: str) -> None:
    schema = READER.json_schema()
    filled = READER.validate_python(fullest(schema, schema["$defs"], letter))

    body = on_the_queue(replace(filled, account_id=ACCOUNT, region_id=REGION))

    assert len(body) <= QueueAttributes().maximum_message_size


def test_the_greatest_message_that_ecs_can_cause_fits_the_queue() -> None:
    """Ids of 64 characters, 17 disks, 16 of them named four times, texts of 600 characters of four bytes, 20 risks."""
    name = "s-" + "x" * 62
    entry = DiskEntry(type="system", snapshot_id=name, disk_id=name, size_gib=32768, device=name[:32])
    risk = RiskEntry(name="x" * 48, level="x" * 16, code="x" * 64)
    known = dict.fromkeys(("plan", "snapshot_id", "disk_id", "instance_id", "image_id", "event_id"), name)
    largest = status(
        **known,
        explanation=WIDE * 600,
        disks=(entry,) * 17,
        left_out=(name,) * 16,
        without_snapshots=(name,) * 16,
        waiting_for=(name,) * 16,
        missing=(name,) * 16,
        cause=Cause(code="x" * 128, message=WIDE * 600, http_status=599, request_id=name),
        check=CheckResult(finished=True, risks=(risk,) * 20),
    )

    assert len(on_the_queue(largest)) <= QueueAttributes().maximum_message_size


@pytest.mark.parametrize("state", State)
def test_others_can_read_a_message(state: State) -> None:
    sent = envelope(status(state=state), "create_image", NOW)

    event = JSONFormat().read(None, sent.to_json())

    assert event.get_attributes() == {
        "specversion": "1.0",
        "id": sent.id,
        "source": sent.source,
        "type": f"snapimage.image.{state.value}",
        "time": NOW,
        "datacontenttype": "application/json",
        "dataschema": "urn:snapimage:schema:status-message:1.0",
        "subject": "s-sys",
    }
    assert READER.validate_python(event.get_data()) == sent.data


def test_others_can_read_a_message_without_a_subject() -> None:
    sent = envelope(status(state=State.INVALID, snapshot_id=None), "create_image", NOW)

    event = JSONFormat().read(None, sent.to_json())

    assert (event.get_id(), event.get_subject()) == (sent.id, None)


def test_a_message_survives_being_written_and_read() -> None:
    sent = envelope(status(disks=disk_entries()), "create_image", NOW)

    assert TypeAdapter(StatusMessage).validate_json(sent.to_json()) == sent


def disk_entries() -> tuple[DiskEntry, ...]:
    return tuple(
        DiskEntry(type=disk.role.value, snapshot_id=disk.snapshot_id, disk_id=disk.disk_id, size_gib=disk.size_gib)
        for disk in disk_set().disks
    )


def test_a_reader_with_pydantic_does_not_mind_a_field_of_a_later_version() -> None:
    assert READER.validate_python(REQUESTED.to_plain() | {"comment": "new"}) == REQUESTED


@pytest.mark.parametrize("source", ["", "/snapimage/1 2"])
def test_a_source_is_neither_empty_nor_in_parts(source: str) -> None:
    with pytest.raises(ValueError, match=r"StatusMessage\.source"):
        replace(envelope(REQUESTED, "create_image", NOW), source=source)


def test_half_a_surrogate_pair_does_not_stop_a_message() -> None:
    sent = envelope(status(explanation="disk \ud800"), "create_image", NOW)

    assert json.loads(sent.to_json().encode())["data"]["explanation"] == "disk ?"
