"""What becomes of a snapshot whose image was deleted."""

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from shared.domain.release import DeleteSnapshot, GiveBack, LetWait, ReleaseNote, judge_snapshot, read_note
from shared.domain.retirement_facts import Naming, StoredSnapshot, Users, users_of

NOW = datetime(2026, 11, 27, 3, tzinfo=timezone.utc)
DAY = timedelta(days=1)
NOBODY = Users()
NOTE = ReleaseNote("", "web", NOW - DAY)
EXPIRED = StoredSnapshot("s-1", "d-1", NOW - 30 * DAY, 7, "none", "accomplished", {})


def test_a_note_is_read_as_it_was_written() -> None:
    note = ReleaseNote("m-1", "web", NOW)

    assert read_note({"snapimage:release": note.to_tag()}) == note
    assert read_note({"snapimage:release": NOTE.to_tag()}) == NOTE


@pytest.mark.parametrize(
    "text",
    ["", "m-1", "m-1 web soon", "m-1 web 2026-11-27T03:00Z more", "ü web 2026-11-27T03:00Z", "m-1 ü 2026-11-27T03:00Z"],
)
def test_a_note_that_somebody_altered_is_none(text: str) -> None:
    assert read_note({"snapimage:release": text}) is None


@pytest.mark.parametrize(
    ("changes", "step"),
    [
        ({}, DeleteSnapshot()),
        ({"retention_days": None}, GiveBack("ECS keeps it for ever")),
        ({"retention_days": -1}, GiveBack("ECS keeps it for ever")),
        ({"retention_days": 31}, GiveBack("ECS deletes it when its retention is over, 2026-11-28")),
        ({"retention_days": 30}, LetWait("its retention is over for less than a day")),
        ({"retention_days": 29}, DeleteSnapshot()),
        ({"usage": "disk"}, GiveBack("a disk was made from it")),
        ({"usage": "image"}, LetWait("ECS still counts an image of it")),
        ({"usage": ""}, LetWait("ECS still counts an image of it")),
        ({"status": "progressing"}, LetWait("it is progressing")),
    ],
)
def test_a_snapshot_goes_only_when_nothing_needs_it(changes: Any, step: Any) -> None:
    assert judge_snapshot(replace(EXPIRED, **changes), NOTE, (), NOBODY, frozenset(), NOW) == step


def test_a_snapshot_that_something_names_or_locks_or_that_cannot_be_asked_about_stays() -> None:
    named = users_of([Naming("template lt-1", snapshot_ids=("s-1",))])

    assert judge_snapshot(EXPIRED, NOTE, (), named, frozenset(), NOW) == GiveBack("named by template lt-1")
    assert judge_snapshot(EXPIRED, NOTE, (), NOBODY, {"s-1"}, NOW) == LetWait("locked")
    assert judge_snapshot(EXPIRED, NOTE, (), NOBODY, None, NOW) == LetWait("cannot be read: whether it is locked")
    assert judge_snapshot(EXPIRED, NOTE, (), Users(unread=("x",)), (), NOW) == LetWait("cannot be read: x")


@pytest.mark.parametrize(
    ("usage", "step"),
    [("image", GiveBack("an image needs it")), ("none", LetWait("its last image went just now"))],
)
def test_a_snapshot_that_an_image_holds_is_given_back_unless_that_goes_just_now(usage: str, step: Any) -> None:
    assert judge_snapshot(replace(EXPIRED, usage=usage), NOTE, {"s-1"}, NOBODY, frozenset(), NOW) == step


@pytest.mark.parametrize(("days", "step"), [(31, GiveBack("locked, for 30 days")), (30, LetWait("locked"))])
def test_a_snapshot_that_does_not_become_free_is_left_alone_in_the_end(days: int, step: Any) -> None:
    old = replace(NOTE, since=NOW - days * DAY)

    assert judge_snapshot(replace(EXPIRED, created=NOW - 90 * DAY), old, (), NOBODY, {"s-1"}, NOW) == step
