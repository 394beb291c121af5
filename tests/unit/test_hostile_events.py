"""Whatever arrives is answered: by properties, by near misses of every payload in events/, and by guided fuzzing."""

import ast
import inspect
import json
import logging
import random
from collections.abc import Hashable
from dataclasses import replace
from datetime import datetime, timezone
from functools import lru_cache
from typing import Any

import pytest
from fakes.builders import image, rules
from fakes.world import world
from fuzz.campaign import Crash, Report, run, seeds
from fuzz.guidance import Guided
from fuzz.hostile_values import KEYS, NUMBERS, TEXTS, nested
from fuzz.json_text import find_spots, splice
from fuzz.judge import FuzzViolation, Judge, Lines, Watched, check_message, expected_events
from fuzz.mutations import mutate, mutate_bytes, mutate_json
from fuzz.probes import Probes, lines_of
from hypothesis import given
from hypothesis import strategies as st
from properties import LETTERS, drawn
from support import SEARCH_SHARE

from files import places
from shared.domain import events as reading
from shared.domain.events import read_events
from shared.domain.facts import Image
from shared.domain.image_tags import ABOUT, DISKS, LEFT_OUT, OPEN, PLAN, SNAPSHOT, STATE
from shared.domain.message import StatusMessage, envelope
from shared.domain.message_fields import Reason, State
from shared.domain.rules import Subject
from shared.flows.track_images import track_images

pytestmark = pytest.mark.slow

EVENTS, PARTS = 100_000, 5
PAYLOADS = [path.read_bytes() for path in sorted(places.EVENTS.glob("*.json"))]
COMPLETED = "ecs:Snapshot:CreateSnapshotCompleted"
PROPERTY = drawn(400)

STRANGE = [
    "NaN",
    "Infinity",
    "-Infinity",
    "1e999",
    "-0",
    "5e-324",
    "1" * 4_301,
    "-" + "9" * 4_000,
    r'"\ud800"',
    r'"\udc00\ud800"',
    r'"\u0000"',
]
SCALARS = st.one_of(
    st.sampled_from([*STRANGE, "true", "false", "null", ""]),
    st.integers().map(str),
    st.text(LETTERS).map(json.dumps),
    st.sampled_from(TEXTS).map(json.dumps),
)
NAMES = st.sampled_from(KEYS).map(json.dumps) | st.text(LETTERS, max_size=5).map(json.dumps)


def _objects(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """A key may come twice, which no dict can say."""
    return st.lists(st.tuples(NAMES, inner).map(":".join), max_size=6).map(lambda pairs: "{" + ",".join(pairs) + "}")


def _arrays(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.lists(inner, max_size=5).map(lambda entries: "[" + ",".join(entries) + "]")


INNER_JSON = st.recursive(SCALARS, lambda inner: _objects(inner) | _arrays(inner), max_leaves=8)
TIMES = st.sampled_from([1, 2, 3, 0, 1, 2, 3, 100, 101, 200])
"""Of one entry in an array: what is at a border of what is read."""
JSON = INNER_JSON | st.tuples(INNER_JSON, TIMES).map(lambda pair: "[" + ",".join([pair[0]] * pair[1]) + "]")
DROP = ""
VALUES = st.sampled_from([*TEXTS, *NUMBERS, None, True, False, [], {}]) | st.text(LETTERS, max_size=300)


@st.composite
def near_misses(draw: st.DrawFn) -> bytes:
    """A payload of events/ with one to four things changed, alone or up to 200 times in an array."""
    text = draw(st.sampled_from(PAYLOADS)).decode()
    for _ in range(draw(st.integers(1, 4))):
        spots = find_spots(text)
        spot = spots[draw(st.integers(0, len(spots) - 1))]
        other = spots[draw(st.integers(0, len(spots) - 1))]
        value = draw(VALUES)
        old, others = text[spot.start : spot.end], text[other.start : other.end]
        choices = [
            json.dumps(value),
            f'{{"content": {old}}}',
            f"[{old}]",
            json.dumps(old),
            others,
            json.dumps(f"{old}{value}"),
            DROP,
        ]
        chosen = choices[draw(st.integers(0, len(choices) - 1))]
        if chosen is not DROP:
            text = splice(text, [(spot.start, spot.end, chosen)])
        elif spot.gap:
            text = splice(text, [(*spot.gap, "")])
    raw = text.encode()
    return b"[" + b",".join([raw] * draw(TIMES)) + b"]" if draw(st.booleans()) else raw


def judge(payload: bytes) -> Judge:
    with Judge().listening() as judging:
        judging.run(payload)
    return judging


@PROPERTY
@given(
    st.binary(max_size=2_000)
    | st.sampled_from(PAYLOADS).flatmap(lambda raw: st.integers(0, len(raw)).map(lambda at: raw[:at]))
)
def test_any_bytes_get_one_answer(raw: bytes) -> None:
    assert judge(raw).events == 1


@PROPERTY
@given(JSON)
def test_any_json_is_answered_entry_by_entry(text: str) -> None:
    assert judge(text.encode()).events >= 1


@PROPERTY
@given(near_misses())
def test_any_near_miss_is_answered_entry_by_entry(payload: bytes) -> None:
    assert judge(payload).events >= 1


def seeded(seed: int) -> Any:
    """What was found with one seed is found once, even when the tests run on several processes."""
    return pytest.param(seed, marks=pytest.mark.xdist_group(f"fuzzing-{seed}"))


@lru_cache
def searched(seed: int) -> Report:
    return run(EVENTS // PARTS, seed)


@pytest.fixture(params=[seeded(seed) for seed in range(max(1, PARTS // SEARCH_SHARE))])
def report(request: pytest.FixtureRequest) -> Report:
    return searched(request.param)


def test_100_000_fuzzed_events_are_answered_without_a_crash(report: Report) -> None:
    """Each of the parts has its share of them."""
    assert report.events >= EVENTS // PARTS
    assert sum(report.answers.values()) == report.events
    assert set(report.answers) == {"invalid", "skipped", "failed", "waiting", "creating", "postponed"}


def test_guidance_finds_ways_that_no_payload_of_ours_goes(report: Report) -> None:
    assert len(report.corpus) > report.seeds + 80
    assert report.reached > report.reached_by_seeds + 80


def test_fuzzing_reaches_every_line_that_reads_an_event(report: Report) -> None:
    functions = [node for node in ast.walk(ast.parse(inspect.getsource(reading))) if isinstance(node, ast.FunctionDef)]
    bodies = {
        inner.lineno
        for node in functions
        for each in node.body
        for inner in ast.walk(each)
        if isinstance(inner, ast.stmt)
    }

    missed = bodies - report.lines["domain.events"]
    assert len(missed) <= len(bodies) // 20, sorted(missed)


def maze(payload: bytes) -> list[Hashable]:
    """Six doors, one behind the other; only the way through them tells how far somebody came."""
    doors = b"snap!!"
    for number, door in enumerate(doors):
        if payload[number : number + 1] != bytes([door]):
            return [number]
    raise FuzzViolation("through")


def test_guidance_goes_where_chance_does_not() -> None:
    def replace_a_byte(payload: bytes, others: object, rng: random.Random) -> bytes:
        at = rng.randrange(6)
        return payload[:at] + bytes([rng.randrange(256)]) + payload[at + 1 :]

    guided = Guided(maze, replace_a_byte, [b"......"], Probes([]), random.Random(1))
    blind = random.Random(1)

    with pytest.raises(FuzzViolation):
        _steps(guided, 200_000)
    assert max(maze(replace_a_byte(b"......", (), blind))[0] for _ in range(200_000)) == 1  # type: ignore[type-var]


def _steps(guided: Guided, number: int) -> None:
    for _ in range(number):
        guided.step()


def test_the_same_seed_finds_the_same() -> None:
    first, second, other = (run(500, seed, seeds()[:8]) for seed in (1, 1, 2))

    assert first == second
    assert first.corpus != other.corpus


def test_a_crash_names_its_payload(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(self: Judge, payload: bytes) -> list[Hashable]:
        raise KeyError("boom")

    monkeypatch.setattr(Judge, "run", broken)

    with pytest.raises(Crash) as crash:
        run(10, 1)
    assert crash.value.payload == seeds()[0]
    assert str(crash.value).startswith("KeyError: 'boom'\npayload: b'{")


PLACES = ["id", "type", "subject", "aliyunaccountid", "aliyunregionid", "data", "userId", "resourceId"]
INNER = ["snapshotId", "diskId", "result", "snapshotType", "endTime", "content"]


@lru_cache
def _deepest() -> int:
    """How deep JSON may be nested here: Python versions differ."""
    least, most = 1, 200_000
    while most - least > 1:
        middle = (least + most) // 2
        try:
            json.loads("[" * middle + "]" * middle)
            least = middle
        except RecursionError:
            most = middle
    return least


@pytest.mark.parametrize("key", [*PLACES, *INNER])
def test_nesting_of_any_depth_in_any_place_is_answered(key: str) -> None:
    deepest = _deepest()
    for depth in range(max(1, deepest - 120), deepest + 5):
        value = "[" * depth + "]" * depth
        inside = f'"snapshotId": "s-1", "{key}": {value}' if key in INNER else '"snapshotId": "s-1"'
        outside = "" if key in INNER else f', "{key}": {value}'
        event = f'{{"type": "{COMPLETED}", "data": {{{inside}}}{outside}}}'

        assert [len(read_events(raw.encode())) for raw in (event, f"[{event}]")] == [1, 1]


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
def test_an_entry_that_is_nested_too_deeply_costs_the_others_nothing(opening: str, closing: str) -> None:
    """There are depths at which an entry can be read and not be written again; they differ between Python versions."""
    deepest, good = _deepest(), PAYLOADS[0].decode()
    for depth in range(max(1, deepest - 60), deepest + 5):
        payload = f"[{good}, {opening * depth}1{closing * depth}, {good}]".encode()

        assert len(read_events(payload)) == expected_events(payload)


def message(**changes: Any) -> StatusMessage:
    subject = Subject(account_id="1", region_id="cn-hangzhou", event_id="e")
    status = subject.answer(State.INVALID, Reason.INVALID_EVENT, "no", **changes)
    return envelope(status, "create_image", datetime(2026, 3, 1, tzinfo=timezone.utc))


class Altered:
    """A message whose body somebody changed."""

    def __init__(self, **changes: Any) -> None:
        self._changes = changes

    def to_json(self) -> str:
        body = json.loads(message().to_json())
        return json.dumps({**body, "data": body["data"] | self._changes})


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"state": "done"}, '"done" is not one of'),
        ({"explanation": "x" * 601}, "is longer than 600 characters"),
        ({"snapshot_id": "s-1\n"}, "is not valid under any of the schemas"),
        ({"terminal": 1}, '1 is not of type "boolean"'),
        ({"skew_seconds": True}, "true is not valid under any of the schemas"),
        ({"missing": ["s-1"] * 65}, "has more than 64 items"),
        (
            {"disks": [{"type": "system"}]},
            '"snapshot_id" is a required property',
        ),
        ({"explanation": "é" * 60_000}, "a message that the queue would refuse"),
    ],
)
def test_the_judge_refuses_a_message_that_is_not_like_its_schema(changes: dict[str, Any], problem: str) -> None:
    with pytest.raises(FuzzViolation) as violation:
        check_message(Altered(**changes))  # type: ignore[arg-type]
    assert problem in str(violation.value)


@pytest.mark.parametrize("snapshot_id", ["s-1\n", "s-'", "d-1", "s-" + "x" * 63, "", "s-\u0661"])
def test_the_judge_refuses_a_call_with_an_id_that_is_none(snapshot_id: str) -> None:
    port = Watched(world().cloud.snapshots, "snapshot")

    with pytest.raises(FuzzViolation):
        port.find([snapshot_id])


@pytest.mark.parametrize("line", ["two\nlines", "é", "x" * 4_097, "\x1b[31m"])
def test_the_judge_refuses_a_line_that_could_be_taken_for_another(line: str) -> None:
    record = logging.LogRecord("snapimage", logging.INFO, "here", 1, line, (), None)

    with pytest.raises(FuzzViolation):
        Lines().emit(record)


def test_the_judge_misses_no_answer() -> None:
    with pytest.raises(FuzzViolation) as violation:
        Judge().run(b"{}")  # nobody listens, so no line arrives
    assert str(violation.value) == "1 events, 0 lines, 1 messages"


def test_mutants_are_many_and_most_of_them_are_json() -> None:
    rng = random.Random(1)
    mutants = [mutate(rng.choice(PAYLOADS), PAYLOADS, rng) for _ in range(2_000)]
    broken = [mutate_bytes(PAYLOADS[0], PAYLOADS, rng) for _ in range(200)]

    assert len(set(mutants)) > 1_900
    assert 0.75 < sum(map(_is_json, mutants)) / len(mutants) < 0.99
    assert sum(map(_is_json, broken)) < 100


def test_what_was_json_stays_json() -> None:
    rng = random.Random(1)
    mutants = [mutate_json(rng.choice(PAYLOADS), PAYLOADS, rng) for _ in range(1_000)]

    shallow = [raw for raw in mutants if raw is not None and b"[" * 300 not in raw and b'{"a": ' * 300 not in raw]
    assert len(shallow) > 900
    assert all(map(_is_json, shallow))


def test_every_value_goes_with_its_name_and_a_comma() -> None:
    text = '{"a": 1, "b": [2, {"c": null}, "x"], "d": {}}'

    left = [json.loads(splice(text, [(*spot.gap, "")])) for spot in find_spots(text) if spot.gap]
    assert sorted(json.dumps(each) for each in left) == sorted(
        [
            '{"b": [2, {"c": null}, "x"], "d": {}}',
            '{"a": 1, "b": [{"c": null}, "x"], "d": {}}',
            '{"a": 1, "b": [2, {}, "x"], "d": {}}',
            '{"a": 1, "b": [2, "x"], "d": {}}',
            '{"a": 1, "b": [2, {"c": null}], "d": {}}',
            '{"a": 1, "d": {}}',
            '{"a": 1, "b": [2, {"c": null}, "x"]}',
        ]
    )


def test_an_edit_of_what_another_one_took_out_is_left_out() -> None:
    assert splice("[1, 2, 3]", [(4, 5, "x"), (1, 6, ""), (7, 8, "y")]) == "[ y]"


def test_probes_follow_the_statements_as_long_as_they_are_there() -> None:
    with Probes([reading]) as probes:
        reading.read_events(b"[")
    seen = set(probes.steps)
    reading.read_events(b"[]")

    source = inspect.getsource(reading).splitlines()
    lines = [source[line - 1].strip() for line in sorted(lines_of(seen, 0))]
    assert lines[0] == '"""The events in one invocation, in order, at least one; never raises."""'
    assert lines[1] == "try:"
    assert any(line.startswith('return (UnreadableEvent(_digest(payload), f"not JSON') for line in lines)
    assert probes.steps == seen


def _is_json(raw: bytes) -> bool:
    try:
        json.loads(raw)
    except (ValueError, RecursionError):
        return False
    return True


TAG_KEYS = [
    SNAPSHOT,
    PLAN,
    STATE,
    OPEN,
    ABOUT,
    DISKS,
    DISKS + ".1",
    DISKS + ".2",
    LEFT_OUT,
    LEFT_OUT + ".1",
    LEFT_OUT + ".2",
]
TAG_WORDS = [
    "s-1/40/d-1", "+20", "s-1/40/", "/40/", "s-1/99999999999/d-1", "+0", "d-1", "due=14400", "due=9999999999", "due=x", "end=9999999999",
    "group=ü", "group=" + "x" * 65, "group=", "skew=1", "skew=-1", "disk=d-1", "on=i-1", "check=1", "=", "yes", "no", "creating", "available", "ü",
    "a b", "\n", "\u0663", "+1 " * 42, "d " * 64, "x" * 128, "s-" + "x" * 62 + "/9999999999/d-" + "x" * 50,
]  # fmt: skip


ALTERED = st.dictionaries(st.sampled_from(TAG_KEYS), st.lists(st.sampled_from(TAG_WORDS), max_size=3), max_size=4)
GOOD = image("m-good")


def _altered(image_id: str, altered: dict[str, list[str]], status: str) -> Image:
    tags = {key: " ".join([*words, GOOD.tags.get(key, "")])[:128] for key, words in altered.items()}
    return replace(GOOD, id=image_id, tags={**GOOD.tags, **tags}, status=status)


@drawn(300)
@given(st.lists(st.tuples(ALTERED, st.sampled_from(["Available", "CreateFailed"])), min_size=5, max_size=5))
def test_whatever_somebody_wrote_into_the_tags_of_images_the_others_are_told(
    odd: list[tuple[dict[str, list[str]], str]],
) -> None:
    images = [_altered(f"m-odd{number}", *each) for number, each in enumerate(odd)]
    there = world(*images, GOOD)

    told = track_images(rules(), there.cloud)
    assert "m-good" in {status.image_id for status in told}
    assert len(there.messages) == len(told)
    for each in there.messages:
        check_message(each)


def test_deep_values_are_as_deep_as_they_are_told_to_be() -> None:
    assert [nested(3, True), nested(2, False)] == ["[[[0]]]", '{"a": {"a": 0}}']
