"""What retirement writes behind the state of an image, and how it is read again."""

from datetime import datetime, timedelta, timezone

import pytest

from shared.domain.image_marks import Marks, read_marks, told_state
from shared.domain.image_tags import STATE

THEN = datetime(2026, 11, 20, 1, 0, tzinfo=timezone.utc)
FULL = Marks("checked", is_pinned=True, retiring=THEN, gone=THEN - timedelta(days=3))


def test_what_is_written_is_read_again() -> None:
    assert FULL.to_tag() == "checked pinned retiring=2026-11-20T01:00Z gone=2026-11-17T01:00Z"
    assert read_marks({STATE: FULL.to_tag()}) == FULL


def test_a_state_alone_has_no_marks() -> None:
    assert read_marks({STATE: "available"}) == Marks("available")


@pytest.mark.parametrize(("tags", "told"), [({STATE: FULL.to_tag()}, "checked"), ({STATE: "owed"}, "owed"), ({}, "")])
def test_the_state_that_was_told_last_stands_in_front(tags: dict[str, str], told: str) -> None:
    assert (told_state(tags), read_marks(tags).told) == (told, told)


def test_a_moment_is_never_remembered_as_earlier() -> None:
    marks = Marks("checked", retiring=THEN + timedelta(seconds=1))

    assert read_marks({STATE: marks.to_tag()}).retiring == THEN + timedelta(minutes=1)


def test_what_somebody_altered_counts_as_not_remembered() -> None:
    assert read_marks({STATE: "checked retiring=soon gone=a=b pinned"}) == Marks("checked", is_pinned=True)


def test_all_marks_fit_into_one_tag() -> None:
    assert len(FULL.to_tag()) <= 128
