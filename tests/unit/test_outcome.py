"""What a snapshot remembers of itself: written, read again, and whatever somebody else wrote there."""

from datetime import datetime, timedelta, timezone
from string import ascii_letters

import pytest
from fakes.builders import NOW
from hypothesis import given
from hypothesis import strategies as st
from properties import LETTERS, drawn

from shared.domain.message_fields import Reason
from shared.domain.outcome import (
    ATTEMPT,
    OUTCOME,
    TAG_LIMIT,
    Look,
    Outcome,
    Word,
    has_room,
    holds_spent_look,
    pack,
    read_attempt,
    read_look,
    read_outcome,
)

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
PROPERTY = drawn(300)
MINUTES = st.integers(0, 10_000_000).map(lambda count: datetime(2026, 1, 1, tzinfo=timezone.utc) + count * MINUTE)
CODES = st.builds(
    lambda first, length, second: (
        (ascii_letters * 2)[first : first + length] + ("." + ascii_letters[-second:] if second else "")
    ),
    st.integers(0, 51),
    st.integers(1, 20),
    st.integers(0, 20),
)
"""Of one or two words. Their lengths matter."""
OUTCOMES = st.builds(
    Outcome,
    st.sampled_from(Word),
    st.none() | st.sampled_from(Reason),
    st.just("") | CODES,
    st.none() | MINUTES,
    st.sampled_from(["", "0123456789ab"]),
)


def ids(prefix: str) -> st.SearchStrategy[str]:
    return st.integers(0, 16**22 - 1).map(f"{prefix}{{:x}}".format)


LOOKS = st.builds(
    Look,
    ids("i-"),
    st.lists(ids("d-"), max_size=6).map(tuple),
    st.lists(ids("d-"), max_size=3).map(tuple),
    st.lists(ids("d-"), max_size=3).map(tuple),
    st.none() | MINUTES,
)


@PROPERTY
@given(OUTCOMES)
def test_an_outcome_is_read_as_it_was_written(outcome: Outcome) -> None:
    assert read_outcome({OUTCOME: outcome.to_tag()}) == outcome


@PROPERTY
@given(OUTCOMES)
def test_an_outcome_fits_a_tag(outcome: Outcome) -> None:
    assert len(outcome.to_tag()) <= TAG_LIMIT


@pytest.mark.parametrize(
    ("outcome", "tag"),
    [
        (Outcome(Word.MAKING), "making"),
        (Outcome(Word.REQUESTED, until=NOW), "requested until=2026-11-20T02:10Z"),
        (Outcome(Word.FAILING, Reason.SNAPSHOT_FAILED), "failing SnapshotFailed"),
        (Outcome(Word.AVAILABLE, Reason.IMAGE_AVAILABLE_PARTIAL), "available ImageAvailablePartial"),
        (Outcome(Word.FAILED, Reason.ECS_REFUSED, "OperationDenied"), "failed EcsRefused code=OperationDenied"),
        (
            Outcome(Word.WAITING, Reason.DATA_DISK_SNAPSHOT_PENDING, until=NOW, digest="0123456789ab"),
            "waiting DataDiskSnapshotPending until=2026-11-20T02:10Z for=0123456789ab",
        ),
        (
            Outcome(Word.REFUSED, Reason.QUOTA_EXCEEDED, "QuotaExceed.Image", NOW),
            "refused QuotaExceeded until=2026-11-20T02:10Z code=QuotaExceed.Image",
        ),
        (
            Outcome(Word.REFUSED, Reason.ECS_REFUSED, until=NOW, wait_ends=NOW + MINUTE),
            "refused EcsRefused until=2026-11-20T02:10Z wait=2026-11-20T02:11Z",
        ),
    ],
)
def test_the_tag_can_be_read_by_people_and_by_us(outcome: Outcome, tag: str) -> None:
    assert outcome.to_tag() == tag
    assert read_outcome({OUTCOME: tag}) == outcome


def test_the_longest_code_costs_neither_the_time_nor_the_digest() -> None:
    until = NOW.replace(second=0)
    long = Outcome(Word.REFUSED, Reason.DATA_DISK_WITHOUT_SNAPSHOTS, "X" * 128, until, "0123456789ab")

    read = read_outcome({OUTCOME: long.to_tag()})
    assert read is not None
    assert (read.until, read.digest, len(long.to_tag())) == (until, "0123456789ab", 128)


@pytest.mark.parametrize("seconds", [1, 30, 59])
def test_a_moment_is_never_remembered_as_an_earlier_one(seconds: int) -> None:
    read = read_outcome({OUTCOME: Outcome(Word.WAITING, until=NOW + timedelta(seconds=seconds)).to_tag()})

    assert read is not None
    assert read.until == NOW + MINUTE


@pytest.mark.parametrize("tag", ["", " ", "done", "MAKING", "making:", "failed.", "\n", "s-123", "{}"])
def test_what_is_not_ours_is_no_outcome(tag: str) -> None:
    assert read_outcome({OUTCOME: tag}) is None


def test_no_tag_is_no_outcome() -> None:
    assert read_outcome({"owner": "platform"}) is None


@pytest.mark.parametrize(
    ("tag", "outcome"),
    [
        ("failed because", Outcome(Word.FAILED)),
        ("failed EcsRefused and more", Outcome(Word.FAILED, Reason.ECS_REFUSED)),
        ("waiting until=tomorrow", Outcome(Word.WAITING)),
        ("refused until=", Outcome(Word.REFUSED)),
        ("making  code=a=b", Outcome(Word.MAKING, code="a=b")),
    ],
)
def test_what_somebody_added_is_left_aside(tag: str, outcome: Outcome) -> None:
    assert read_outcome({OUTCOME: tag}) == outcome


@PROPERTY
@given(st.text(LETTERS, max_size=128))
def test_whatever_is_written_there_can_be_read(text: str) -> None:
    read_outcome({OUTCOME: text, ATTEMPT: text})
    read_look({"snapimage:disks.1": text, "snapimage:disks.2": text})


@pytest.mark.parametrize(
    ("word", "is_settled"),
    [
        (Word.WAITING, False),
        (Word.REFUSED, False),
        (Word.FAILING, False),
        (Word.REQUESTED, True),
        (Word.MAKING, True),
        (Word.AVAILABLE, True),
        (Word.FAILED, True),
    ],
)
def test_some_words_leave_nothing_to_decide(word: Word, is_settled: bool) -> None:
    assert Outcome(word).is_settled is is_settled


@pytest.mark.parametrize("word", [Word.REFUSED, Word.REQUESTED])
@pytest.mark.parametrize(("until", "stands"), [(NOW + SECOND, True), (NOW, False), (None, False)])
def test_what_ecs_answered_stands_for_its_time(word: Word, until: datetime | None, stands: bool) -> None:
    assert Outcome(word, until=until).stands(NOW) is stands


@pytest.mark.parametrize("word", [Word.WAITING, Word.FAILING])
def test_what_waits_or_fails_is_decided_anew_at_once(word: Word) -> None:
    assert not Outcome(word, until=NOW + SECOND).stands(NOW)


@pytest.mark.parametrize(
    ("tag", "attempt"), [("1", 1), ("2", 2), ("9999", 9999), ("0", 1), ("10000", 1), ("-2", 1), ("two", 1), ("", 1)]
)
def test_an_attempt_is_a_number(tag: str, attempt: int) -> None:
    assert read_attempt({"snapimage:attempt": tag}) == attempt


def test_the_first_attempt_needs_no_tag() -> None:
    assert read_attempt({}) == 1


@PROPERTY
@given(LOOKS)
def test_a_look_is_read_as_it_was_written(look: Look) -> None:
    found = read_look(look.to_tags())

    assert found == look
    assert found.at == look.at


def test_a_look_says_what_is_sure_and_what_is_not() -> None:
    look = Look("i-web", ("d-a", "d-b"), ("d-new",), ("d-gone",), datetime(2026, 11, 20, 2, 10, 4, tzinfo=timezone.utc))

    assert look.to_tags() == {"snapimage:disks.1": "i-web d-a d-b ?d-new !d-gone @2026-11-20T02:10:04Z"}
    found = read_look(look.to_tags())
    assert found is not None
    assert (found, found.at) == (look, look.at)


@pytest.mark.parametrize(
    ("tags", "is_spent"),
    [
        pytest.param({OUTCOME: "available", "snapimage:disks.1": "i-web"}, True, id="its end is told"),
        pytest.param({OUTCOME: "available", "snapimage:disks.4": "d-a"}, True, id="a part of it is left"),
        pytest.param({OUTCOME: "available"}, False, id="no look"),
        pytest.param({OUTCOME: "waiting", "snapimage:disks.1": "i-web"}, False, id="it waits"),
        pytest.param({"snapimage:disks.1": "i-web"}, False, id="nothing is told yet"),
    ],
)
def test_a_look_is_spent_when_nothing_is_to_be_decided_any_more(tags: dict[str, str], is_spent: bool) -> None:
    assert holds_spent_look(tags) is is_spent


def tags_of(count: int, prefix: str = "owner") -> dict[str, str]:
    return {f"{prefix}{number}": "x" for number in range(count)}


@pytest.mark.parametrize(
    ("tags", "is_there"),
    [
        pytest.param(tags_of(19), True, id="one place"),
        pytest.param(tags_of(20), False, id="none"),
        pytest.param(tags_of(19) | tags_of(5, "acs:"), True, id="those of ECS take none"),
        pytest.param(tags_of(19) | {OUTCOME: "waiting"}, True, id="its own place"),
        pytest.param(tags_of(20) | {OUTCOME: "waiting"}, True, id="its own place among more than there can be"),
    ],
)
def test_a_snapshot_with_twenty_tags_has_no_room_for_an_outcome(tags: dict[str, str], is_there: bool) -> None:
    assert has_room(tags) is is_there


def test_sixteen_disks_with_longer_ids_than_today_fit_four_tags() -> None:
    longest = [f"d-{number:022}" for number in range(16)]
    look = Look(f"i-{0:022}", tuple(longest), at=NOW)

    tags = look.to_tags()
    assert (sorted(tags), max(map(len, tags.values())) <= TAG_LIMIT) == (
        [f"snapimage:disks.{number}" for number in (1, 2, 3, 4)],
        True,
    )
    assert read_look(tags) == look


def test_more_disks_than_any_image_holds_are_not_remembered() -> None:
    assert Look("i-web", tuple(f"d-{number:022}" for number in range(40))).to_tags() == {}


@pytest.mark.parametrize("tag", ["", "d-a d-b", "i-web d-ü", "i-web d-a \x00", "x" * 65])
def test_a_look_that_is_not_ours_is_none(tag: str) -> None:
    assert read_look({"snapimage:disks.1": tag}) is None


def test_words_are_packed_into_as_few_lines_as_they_need() -> None:
    assert list(pack(["a" * 64, "b" * 63, "c"])) == ["a" * 64 + " " + "b" * 63, "c"]
    assert list(pack(["a" * 64, "b" * 64])) == ["a" * 64, "b" * 64]


def test_nothing_needs_no_line() -> None:
    assert list(pack([])) == []
