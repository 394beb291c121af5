"""How the cloud and our own tags spell a moment."""

from datetime import datetime, timedelta, timezone

import pytest

from shared.domain.moments import read_moment, recall_moment, write_minute, write_next_minute, write_second

TEN_PAST_TWO = datetime(2026, 11, 20, 2, 10, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        pytest.param("2026-11-20T02:10:00Z", TEN_PAST_TWO, id="ECS and CloudEvents"),
        pytest.param("2026-11-20T02:10Z", TEN_PAST_TWO, id="without seconds"),
        pytest.param("2026-11-20T02:10:00.5Z", TEN_PAST_TWO.replace(microsecond=500_000), id="a part of a second"),
        pytest.param("2026-11-20T10:10:00+08:00", TEN_PAST_TWO, id="ahead of UTC"),
        pytest.param("2026-11-19T22:40:00-0330", TEN_PAST_TWO, id="behind UTC, without a colon"),
        pytest.param("20261120T101000.007+0800", TEN_PAST_TWO.replace(microsecond=7_000), id="CloudMonitor"),
    ],
)
def test_a_moment_is_read_in_each_spelling(text: str, moment: datetime) -> None:
    assert read_moment(text) == moment


def test_a_moment_keeps_the_zone_that_it_was_told_in() -> None:
    assert read_moment("2026-11-20T10:10:00+08:00").utcoffset() == timedelta(hours=8)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "2026-11-20",
        "2026-11-20T02:10:00",
        "2026-11-20T02:10:00Z\n",
        "2026-13-20T02:10:00Z",
        "2026-11-20T25:10:00Z",
        "2026-11-20T02:10:00+99:00",
        "２０２６-11-20T02:10:00Z",  # noqa: RUF001 - digits of another script
    ],
)
def test_what_is_no_moment_or_has_no_zone_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_moment(text)


def test_what_our_tags_hold_can_be_read_again() -> None:
    assert read_moment(write_minute(TEN_PAST_TWO)) == TEN_PAST_TWO
    assert recall_moment("2026-11-20T02:10Z") == TEN_PAST_TWO


def test_what_somebody_wrote_over_a_moment_is_none() -> None:
    assert recall_moment("soon") is None


def test_a_moment_is_written_as_ecs_and_events_have_it() -> None:
    assert write_second(TEN_PAST_TWO.astimezone(timezone(timedelta(hours=8)))) == "2026-11-20T02:10:00Z"


@pytest.mark.parametrize(("more", "written"), [(0, "2026-11-20T02:10Z"), (1, "2026-11-20T02:11Z")])
def test_a_wait_is_written_in_whole_minutes_and_never_ends_early(more: int, written: str) -> None:
    assert write_next_minute(TEN_PAST_TWO + timedelta(microseconds=more)) == written
