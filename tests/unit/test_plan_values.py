"""Spans, moments and placeholders of a plan."""

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from fakes.builders import data_disks, plan
from pydantic import ValidationError

CHINA = timezone(timedelta(hours=8))


def refusal(**parts: Any) -> str:
    """What is said about a plan with these parts."""
    with pytest.raises(ValidationError) as refused:
        plan(**parts)
    return str(refused.value)


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("45s", timedelta(seconds=45)),
        ("30m", timedelta(minutes=30)),
        ("6h", timedelta(hours=6)),
        (" 2 d ", timedelta(days=2)),
        ("0s", timedelta(0)),
        ("366d", timedelta(days=366)),
        (timedelta(minutes=90), timedelta(minutes=90)),
    ],
)
def test_a_span_is_a_number_and_a_unit(text: object, span: timedelta) -> None:
    assert data_disks(within=text).within == span


@pytest.mark.parametrize("text", ["soon", "6", "PT1H30M", "6 weeks", "h", "1.5h", "-1h", "", None, "367d", -1])
def test_what_is_no_span_is_refused_where_it_stands(text: object) -> None:
    assert refusal(overdue_after=text).splitlines()[1] == "overdue_after"


@pytest.mark.parametrize("key", ["enabled", "name"])
def test_a_plan_that_was_read_stays_as_it_is(key: str) -> None:
    with pytest.raises(ValidationError, match="frozen"):
        setattr(plan(), key, False)


def test_a_placeholder_inside_a_placeholder_is_refused() -> None:
    assert "placeholder" in refusal(image={"name": "{plan:{width}}-{snapshot_id}"})


def test_the_events_word_for_a_timer_snapshot_is_taken() -> None:
    kinds = plan(source={"snapshot_types": ["auto", "user", "copied", "imported"]}).source.snapshot_types

    assert kinds == {"timer", "user", "copied", "imported"}


@pytest.mark.parametrize("since", ["2026-11-20T00:00:00Z", datetime(2026, 11, 20, 8, tzinfo=CHINA)])
def test_a_moment_is_kept_in_utc(since: object) -> None:
    assert plan(since=since).model_dump(mode="json")["since"] == "2026-11-20T00:00:00Z"


@pytest.mark.parametrize("text", ["90s", "30m", "6h", "2d", "0s"])
def test_a_span_is_written_as_it_is_read(text: str) -> None:
    assert data_disks(within=text).model_dump(mode="json")["within"] == text


LETTERS = "x" * 129
AT_A_BOUND = [
    ({"name": LETTERS[:40]}, {"name": LETTERS[:41]}),
    ({"overdue_after": "366d"}, {"overdue_after": timedelta(days=366, seconds=1)}),
    ({"rpo": "1s"}, {"rpo": "0s"}),
    ({"source": {"disks": [f"d-{LETTERS[:62]}"]}}, {"source": {"disks": [f"d-{LETTERS[:63]}"]}}),
    ({"source": {"instances": [f"i-{LETTERS[:62]}"]}}, {"source": {"instances": [f"i-{LETTERS[:63]}"]}}),
    ({"source": {"except_names": ["x"]}}, {"source": {"except_names": [""]}}),
    ({"source": {"except_names": [LETTERS[:128]]}}, {"source": {"except_names": [LETTERS]}}),
    ({"source": {"tags": {"k": ["v"]}}}, {"source": {"tags": {"k": []}}}),
    ({"source": {"tags": {"k": "v"}}}, {"source": {"tags": {"": "v"}}}),
    ({"source": {"tags": {LETTERS[:128]: "v"}}}, {"source": {"tags": {LETTERS: "v"}}}),
    ({"source": {"tags": {"k": LETTERS[:128]}}}, {"source": {"tags": {"k": LETTERS}}}),
    ({"data_disks": {"snapshots": [f"s-{LETTERS[:62]}"]}}, {"data_disks": {"snapshots": [f"s-{LETTERS[:63]}"]}}),
    ({"data_disks": {"empty": [{"size_gib": 5}]}}, {"data_disks": {"empty": [{"size_gib": 4}]}}),
    ({"data_disks": {"empty": [{"size_gib": 32768}]}}, {"data_disks": {"empty": [{"size_gib": 32769}]}}),
    ({"data_disks": {"empty": [{}] * 16}}, {"data_disks": {"empty": [{}] * 17}}),
    ({"image": {"description": "xx"}}, {"image": {"description": "x"}}),
    ({"image": {"description": LETTERS[:100] * 2}}, {"image": {"description": LETTERS[:67] * 3}}),
    ({"image": {"family": "xx"}}, {"image": {"family": "x"}}),
    ({"image": {"family": LETTERS[:128]}}, {"image": {"family": LETTERS}}),
    ({"image": {"tags": dict.fromkeys("abcde", "v")}}, {"image": {"tags": dict.fromkeys("abcdef", "v")}}),
    ({"image": {"resource_group": "rg-" + LETTERS[:62]}}, {"image": {"resource_group": "rg-" + LETTERS[:63]}}),
    ({"image": {"tags": {"my-aliyun": "the acs:"}}}, {"image": {"tags": {"aliyun": "v"}}}),
    ({"image": {"tags": {"my-acs:": "v"}}}, {"image": {"tags": {"acs:k": "v"}}}),
    ({"image": {"tags": {"my-snapimage:": "v"}}}, {"image": {"tags": {"snapimage:k": "v"}}}),
    ({"image": {"tags": {"k": "http:/v"}}}, {"image": {"tags": {"k": "see http://v"}}}),
    ({"image": {"tags": {"https:k": "v"}}}, {"image": {"tags": {"https://k": "v"}}}),
    ({"image": {"tags": {"k": "my acs:v"}}}, {"image": {"tags": {"k": "acs:v"}}}),
    ({"image": {"description": "see http://here"}}, {"image": {"description": "http://here"}}),
    ({"image": {"description": "see https://here"}}, {"image": {"description": "https://here"}}),
]


@pytest.mark.parametrize(("within", "beyond"), AT_A_BOUND)
def test_a_bound_is_where_ecs_has_it(within: dict[str, Any], beyond: dict[str, Any]) -> None:
    plan(**within)

    refusal(**beyond)


@pytest.mark.parametrize("field", ["plan", "disk_id", "instance_id", "snapshot_time", "snapshot_name", "region"])
def test_a_description_may_hold_each_of_these(field: str) -> None:
    assert plan(image={"description": f"of {{{field}}}"}).image.description == f"of {{{field}}}"
