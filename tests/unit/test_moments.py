"""Moments as people write them on a command line."""

from datetime import datetime, timezone

import pytest

from files.errors import CommandError
from ops.moments import read_moment

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("text", "hour"),
    [("12h", 0), ("90m", 10), ("2026-11-20T02:00:00Z", 2), ("2026-11-20T10:00:00+08:00", 2)],
)
def test_a_moment_is_a_span_before_now_or_a_time_with_its_zone(text: str, hour: int) -> None:
    assert read_moment(text, NOW).replace(minute=0) == NOW.replace(hour=hour)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("yesterday", "is no time"),
        ("12", "is no time"),
        ("-3h", "is no time"),
        ("2026-11-20T02:00:00", "has no zone"),
        ("2026-11-21T02:00:00Z", "lies ahead"),
    ],
)
def test_what_is_no_moment_is_refused_in_words(text: str, problem: str) -> None:
    with pytest.raises(CommandError, match=problem):
        read_moment(text, NOW)
