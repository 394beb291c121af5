"""What arrives: the three shapes of one fact, what comes close to them, and anything at all."""

import json
import re
import sys
from dataclasses import replace
from datetime import datetime, timezone
from typing import Any

import pytest
from fakes.builders import NOW, rules
from hypothesis import given
from hypothesis import strategies as st
from properties import LETTERS, drawn

from files import places
from shared.domain.events import MAX_EVENTS, ArrivedEvent, SnapshotCompleted, UnreadableEvent, read_events
from shared.domain.rules import invalid, subject_of_event

GOLDEN: dict[str, Any] = json.loads((places.EVENTS / "user-snapshot.json").read_bytes())
NATIVE: dict[str, Any] = json.loads((places.EVENTS / "cloudmonitor-native.json").read_bytes())
USER_SNAPSHOT = SnapshotCompleted(
    event_id="4BEAE587-FCF0-1E1D-4F70-BBEB332B3C0A",
    account_ids=frozenset({"1234567890123456"}),
    region_ids=frozenset({"cn-hangzhou"}),
    snapshot_id="s-bp1buildsys",
    disk_id="d-bp1buildsys",
    result="accomplished",
    kind="user",
    begun=datetime(2026, 11, 20, 1, 30, tzinfo=timezone.utc),
    ended=datetime(2026, 11, 20, 1, 32, tzinfo=timezone.utc),
    time=datetime(2026, 11, 20, 2, 6, 1, tzinfo=timezone.utc),
)
GOLD_SNAPSHOT = replace(
    USER_SNAPSHOT,
    event_id="373FA4CD-24AE-D77F-F1D0-D8275429CA6F",
    snapshot_id="s-bp1goldsys",
    disk_id="d-bp1goldsys",
    begun=datetime(2026, 11, 20, 1, tzinfo=timezone.utc),
    ended=datetime(2026, 11, 20, 1, 3, tzinfo=timezone.utc),
    time=datetime(2026, 11, 20, 2, 6, 1, 709_000, tzinfo=timezone.utc),
)
NOTHING_BUT_ARN: dict[str, Any] = {"disk_id": None, "result": None, "kind": None, "ended": None, "begun": None}

PROPERTY = drawn(300)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(LETTERS),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(LETTERS, max_size=5), inner, max_size=4),
    max_leaves=8,
)


def golden(**changes: Any) -> dict[str, Any]:
    """The golden event with some of its own keys changed."""
    return GOLDEN | changes


def told(**changes: Any) -> dict[str, Any]:
    """The golden event with some keys inside `data` changed."""
    return GOLDEN | {"data": GOLDEN["data"] | changes}


def without(event: dict[str, Any], *keys: str) -> dict[str, Any]:
    return {key: value for key, value in event.items() if key not in keys}


def read(*events: object) -> tuple[ArrivedEvent, ...]:
    return read_events(json.dumps(events[0] if len(events) == 1 else events).encode())


def problem_of(event: ArrivedEvent) -> str:
    assert isinstance(event, UnreadableEvent)
    return event.problem


def is_digest(event_id: str) -> bool:
    return re.fullmatch(r"sha256-[0-9a-f]{32}", event_id) is not None


def answer_text(event: ArrivedEvent) -> str:
    """What a subscriber would be told if this were refused: it must always be possible to say it."""
    unreadable = UnreadableEvent(event.event_id, getattr(event, "problem", "none"))
    return invalid(subject_of_event(event, rules(), NOW), unreadable).explanation


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        pytest.param(GOLDEN, USER_SNAPSHOT, id="fields in data"),
        pytest.param(golden(data={"content": GOLDEN["data"]}), USER_SNAPSHOT, id="fields in data.content"),
        pytest.param(NATIVE, GOLD_SNAPSHOT, id="CloudMonitor"),
        pytest.param(
            without(NATIVE, "resourceId", "instanceName"), GOLD_SNAPSHOT, id="CloudMonitor without a resource"
        ),
    ],
)
def test_every_shape_tells_the_same_fact(event: dict[str, Any], expected: SnapshotCompleted) -> None:
    assert read(event) == (expected,)


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        pytest.param(golden(data={}), USER_SNAPSHOT, id="subject"),
        pytest.param(NATIVE | {"content": {}}, GOLD_SNAPSHOT, id="resourceId"),
        pytest.param(NATIVE | {"content": None}, GOLD_SNAPSHOT, id="resourceId beside content that is none"),
        pytest.param(
            without(golden(data={}), "aliyunaccountid", "aliyunregionid"), USER_SNAPSHOT, id="subject and nothing else"
        ),
    ],
)
def test_the_resource_name_stands_in_for_what_the_fields_leave_out(
    event: dict[str, Any], expected: SnapshotCompleted
) -> None:
    assert read(event) == (replace(expected, **NOTHING_BUT_ARN),)


def test_the_end_of_the_snapshot_is_read_as_a_moment() -> None:
    assert USER_SNAPSHOT.ended == datetime(2026, 11, 20, 1, 32, tzinfo=timezone.utc)


def test_an_array_gives_one_answer_for_each_entry_in_order() -> None:
    found = read(NATIVE, GOLDEN, {"hello": "world"})

    assert found[:2] == (GOLD_SNAPSHOT, USER_SNAPSHOT)
    assert problem_of(found[2]) == "type (none) is not ecs:Snapshot:CreateSnapshotCompleted"


ELSEWHERE = frozenset({"1234567890123456", "99"})


@pytest.mark.parametrize(
    ("event", "accounts", "regions"),
    [
        pytest.param(
            golden(subject="acs:ecs:cn-beijing:99:snapshot/s-other"),
            ELSEWHERE,
            {"cn-hangzhou", "cn-beijing"},
            id="of the subject",
        ),
        pytest.param(golden(aliyunoriginalaccountid="99"), ELSEWHERE, {"cn-hangzhou"}, id="of the origin"),
        pytest.param(golden(aliyunaccountid="99"), ELSEWHERE, {"cn-hangzhou"}, id="of the bus"),
        pytest.param(told(regionId="cn-beijing"), None, {"cn-hangzhou", "cn-beijing"}, id="of the notice"),
        pytest.param(told(userId="99"), ELSEWHERE, {"cn-hangzhou"}, id="of the user"),
        pytest.param(
            told(resourceId="acs:ecs:cn-beijing:99:snapshot/s-other"),
            ELSEWHERE,
            {"cn-hangzhou", "cn-beijing"},
            id="of a resource beside the subject",
        ),
        pytest.param(golden(regionId="cn-beijing"), None, {"cn-hangzhou", "cn-beijing"}, id="beside the bus's"),
        pytest.param(
            golden(data={"content": GOLDEN["data"] | {"userId": "99", "regionId": "cn-beijing"}}),
            ELSEWHERE,
            {"cn-hangzhou", "cn-beijing"},
            id="of the content",
        ),
        pytest.param(
            golden(data={"content": GOLDEN["data"] | {"resourceId": "acs:ecs:cn-beijing:99:snapshot/s-other"}}),
            ELSEWHERE,
            {"cn-hangzhou", "cn-beijing"},
            id="of a resource in the content",
        ),
    ],
)
def test_every_account_and_region_that_an_event_names_is_kept(event: Any, accounts: Any, regions: set[str]) -> None:
    [found] = read(event)

    assert isinstance(found, SnapshotCompleted)
    assert found.account_ids == (accounts or USER_SNAPSHOT.account_ids)
    assert found.region_ids == regions


def test_the_fields_name_the_snapshot_before_the_subject() -> None:
    [found] = read(golden(subject="acs:ecs:cn-hangzhou:1234567890123456:snapshot/s-other"))

    assert found.snapshot_id == "s-bp1buildsys"


def queued(body: object, **changes: Any) -> dict[str, Any]:
    """The event as the body of a queue's message."""
    return {
        "id": "queue-1",
        "type": "mns:Queue:SendMessage",
        "aliyunaccountid": "1234567890123456",
        "data": {"messageBody": body},
    } | changes


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        pytest.param(queued(GOLDEN), USER_SNAPSHOT, id="an object in a queue"),
        pytest.param(queued(json.dumps(GOLDEN)), USER_SNAPSHOT, id="text in a queue"),
        pytest.param(queued(json.dumps(NATIVE)), GOLD_SNAPSHOT, id="CloudMonitor in a queue"),
        pytest.param(
            queued(GOLDEN, data=json.dumps({"messageBody": json.dumps(GOLDEN)})), USER_SNAPSHOT, id="all text"
        ),
        pytest.param(json.dumps(GOLDEN), USER_SNAPSHOT, id="text"),
        pytest.param(golden(data=json.dumps(GOLDEN["data"])), USER_SNAPSHOT, id="text in data"),
        pytest.param(NATIVE | {"content": json.dumps(NATIVE["content"])}, GOLD_SNAPSHOT, id="text in content"),
    ],
)
def test_json_text_in_the_place_of_an_object_is_read(event: object, expected: SnapshotCompleted) -> None:
    assert read(event) == (expected,)


def test_an_array_as_text_is_an_array() -> None:
    assert read(json.dumps([GOLDEN, json.dumps(NATIVE)])) == (USER_SNAPSHOT, GOLD_SNAPSHOT)


def test_a_queue_of_another_account_is_named() -> None:
    [found] = read(queued(GOLDEN, aliyunaccountid="99"))

    assert isinstance(found, SnapshotCompleted)
    assert found.account_ids == ELSEWHERE


@pytest.mark.parametrize("body", [None, "hello", 5, [], "{"])
def test_a_queues_message_that_holds_no_event_is_none(body: object) -> None:
    [found] = read(queued(body))

    assert problem_of(found) == "type (none) is not ecs:Snapshot:CreateSnapshotCompleted"


@pytest.mark.parametrize("time", [None, "yesterday", 5])
def test_an_event_without_its_time_happened_when_the_snapshot_ended(time: object) -> None:
    assert read(golden(time=time)) == (replace(USER_SNAPSHOT, time=USER_SNAPSHOT.ended),)


@pytest.mark.parametrize("year", ["1970", "2008", "2200", "9999"])
def test_a_clock_that_was_never_set_tells_no_time(year: str) -> None:
    assert read(told(endTime=f"{year}-11-20T01:32:00Z")) == (replace(USER_SNAPSHOT, ended=None),)


@pytest.mark.parametrize("year", [2009, 2199])
def test_a_clock_of_any_other_year_is_believed(year: int) -> None:
    [found] = read(told(endTime=f"{year}-11-20T01:32:00Z"))

    assert isinstance(found, SnapshotCompleted)
    assert found.ended == datetime(year, 11, 20, 1, 32, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    "event",
    [
        pytest.param(golden(brand="new"), id="beside data"),
        pytest.param(told(brand="new"), id="inside data"),
        pytest.param(golden(subject="acs:ecs:snapshot"), id="subject that is no resource name"),
        pytest.param(told(result="Accomplished", snapshotType="USER"), id="capital letters"),
        pytest.param(told(endTime="2026-11-20T09:32:00+08:00"), id="local time"),
        pytest.param(golden(aliyunaccountid=1234567890123456), id="account as a number"),
    ],
)
def test_what_does_not_change_the_fact_does_not_change_the_event(event: dict[str, Any]) -> None:
    assert read(event) == (USER_SNAPSHOT,)


@pytest.mark.parametrize("end", [None, 5, "", "yesterday", "2026-11-20", "2026-11-20T01:32:00", {"at": 1}])
def test_a_time_that_cannot_be_read_is_left_to_ecs(end: object) -> None:
    assert read(told(endTime=end)) == (replace(USER_SNAPSHOT, ended=None),)
    assert read(told(startTime=end)) == (replace(USER_SNAPSHOT, begun=None),)


@pytest.mark.parametrize(
    ("event", "problem"),
    [
        (golden(type="ecs:Snapshot:SnapshotDeleted"), 'type "ecs:Snapshot:SnapshotDeleted" is not'),
        (golden(type="ecs:snapshot:createsnapshotcompleted"), 'type "ecs:snapshot:createsnapshotcompleted" is not'),
        (without(GOLDEN, "type"), "type (none) is not"),
        (golden(type=5), "type int is not"),
        (golden(type="x" * 500), 'type "' + "x" * 79 + " is not"),
        (without(golden(data={}), "subject"), "missing or malformed: snapshotId"),
        (without(golden(data=None), "subject"), "missing or malformed: snapshotId"),
        (told(snapshotId="d-bp1buildsys"), "missing or malformed: snapshotId"),
        (told(snapshotId="s-bp1'; drop\n"), "missing or malformed: snapshotId"),
        (told(snapshotId="s-bp1buildsys\n"), "missing or malformed: snapshotId"),
        (told(snapshotId="s-" + "x" * 63), "missing or malformed: snapshotId"),
        (told(snapshotId=5), "missing or malformed: snapshotId"),
        (told(diskId="buildsys"), "missing or malformed: diskId"),
        (told(diskId=["d-bp1buildsys"]), "missing or malformed: diskId"),
        (told(result=5), "missing or malformed: result"),
        (told(result="x" * 65), "missing or malformed: result"),
        (told(result="accomplished\n"), "missing or malformed: result"),
        (told(snapshotType={}), "missing or malformed: snapshotType"),
        (told(snapshotType="user\x1b[31m"), "missing or malformed: snapshotType"),
        (golden(aliyunaccountid="mine"), "missing or malformed: account_id"),
        (golden(aliyunregionid="CN HANGZHOU"), "missing or malformed: region_id"),
        (golden(aliyunregionid=5), "missing or malformed: region_id"),
    ],
)
def test_a_near_miss_is_refused_by_the_name_of_what_is_wrong(event: dict[str, Any], problem: str) -> None:
    ending = " ecs:Snapshot:CreateSnapshotCompleted" if problem.endswith("is not") else ""

    assert read(event) == (UnreadableEvent(GOLDEN["id"], problem + ending),)


def test_all_that_is_wrong_is_named_at_once() -> None:
    [event] = read(told(snapshotId=5, diskId=5))

    assert problem_of(event) == "missing or malformed: diskId, snapshotId"


def test_an_id_of_the_greatest_length_is_taken() -> None:
    snapshot_id = "s-" + "x" * 62

    assert read(told(snapshotId=snapshot_id)) == (replace(USER_SNAPSHOT, snapshot_id=snapshot_id),)


@pytest.mark.parametrize("own", [None, "", 5, "x" * 257, "two\nlines", "\ud800"])
def test_an_event_without_a_usable_id_gets_one_from_its_content(own: object) -> None:
    [first], [again], [other] = read(golden(id=own)), read(golden(id=own)), read(golden(id=own, subject="other"))

    assert first.event_id == again.event_id
    assert first.event_id != other.event_id
    assert is_digest(first.event_id)


@pytest.mark.parametrize("length", [1, 256])
def test_an_id_of_the_least_and_of_the_greatest_length_is_kept(length: int) -> None:
    [event] = read(golden(id="é" * length))

    assert event.event_id == "é" * length


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        (b"", "not JSON: Expecting value: line 1 column 1 (char 0)"),
        (b"snapshot s-1 is done", "not JSON: Expecting value: line 1 column 1 (char 0)"),
        (b"\xff\xfe", "not JSON: 'utf-8' codec can't decode byte 0xff in position 0: invalid start byte"),
        (b"null", "not a JSON object but NoneType"),
        (b'"text"', "not a JSON object but str"),
        (b'"{text"', "not a JSON object but str"),
        (b"NaN", "not a JSON object but float"),
        (b"[]", "an array of 0 events; 1 to 100 are read"),
        (b"[[]]", "not a JSON object but list"),
    ],
)
def test_what_is_no_event_at_all_is_one_refusal(raw: bytes, problem: str) -> None:
    [event] = read_events(raw)

    assert problem_of(event) == problem
    assert is_digest(event.event_id)


def test_an_array_of_the_greatest_length_is_read() -> None:
    assert read(*[GOLDEN] * MAX_EVENTS) == (USER_SNAPSHOT,) * MAX_EVENTS


def test_an_array_beyond_the_bound_is_refused_as_a_whole() -> None:
    [event] = read(*[GOLDEN] * (MAX_EVENTS + 1))

    assert problem_of(event) == "an array of 101 events; 1 to 100 are read"
    assert is_digest(event.event_id)


def test_an_entry_of_an_array_that_comes_again_has_the_same_id_in_whatever_order_its_keys_are() -> None:
    assert read_events(b'[{"a": 1, "b": 2}]') == read_events(b'[{"b": 2, "a": 1}]')


def test_nesting_without_end_is_refused() -> None:
    [event] = read_events(b"[" * 200_000)

    assert problem_of(event).startswith("not JSON: maximum recursion depth exceeded")


def test_nesting_of_any_depth_is_refused() -> None:
    depths = range(1, sys.getrecursionlimit() + 100)

    found = [read_events(b"[" * depth + b"]" * depth) for depth in depths]

    assert {(len(events), type(events[0]), is_digest(events[0].event_id)) for events in found} == {
        (1, UnreadableEvent, True)
    }


@PROPERTY
@given(st.sampled_from(sorted(GOLDEN)), st.sampled_from(sorted(GOLDEN["data"])), JSON, JSON)
def test_any_value_in_any_place_is_answered(key: str, inner: str, value: object, other: object) -> None:
    [wrong_outside] = read(golden(**{key: value}))
    [wrong_inside] = read(told(**{inner: value}))
    [wrong_both] = read({**told(**{inner: other}), key: value})

    assert answer_text(wrong_outside)
    assert answer_text(wrong_inside)
    assert answer_text(wrong_both)


@pytest.mark.parametrize(("word", "kind"), [("auto", "timer"), ("TIMER", "timer"), ("User", "user"), ("", None)])
def test_a_type_has_one_spelling(word: str, kind: str | None) -> None:
    assert read(told(snapshotType=word)) == (replace(USER_SNAPSHOT, kind=kind),)


def test_a_long_word_of_why_it_is_no_json_is_cut() -> None:
    [event] = read_events(b"9" * 5000)

    assert isinstance(event, UnreadableEvent)
    assert len(event.problem) == len("not JSON: ") + 120
