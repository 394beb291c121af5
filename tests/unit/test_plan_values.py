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


def test_a_placeholder_inside_a_placeholder_is_refused() -> None:
    assert "placeholder" in refusal(image={"name": "{plan:{width}}-{snapshot_id}"})


def test_the_events_word_for_a_timer_snapshot_is_taken() -> None:
    assert plan(source={"snapshot_types": ["auto", "imported"]}).source.snapshot_types == {"timer", "imported"}


@pytest.mark.parametrize("since", ["2026-11-20T00:00:00Z", datetime(2026, 11, 20, 8, tzinfo=CHINA)])
def test_a_moment_is_kept_in_utc(since: object) -> None:
    assert plan(since=since).model_dump(mode="json")["since"] == "2026-11-20T00:00:00Z"


@pytest.mark.parametrize("text", ["90s", "30m", "6h", "2d", "0s"])
def test_a_span_is_written_as_it_is_read(text: str) -> None:
    assert data_disks(within=text).model_dump(mode="json")["within"] == text
