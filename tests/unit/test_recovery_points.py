"""What became of one snapshot: by the best of its images, else by what it remembers."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from fakes.builders import ENDED, NOW, image
from fakes.fleet import DAY, HOUR, image_of, snapshot

from shared.domain.facts import Image, Snapshot
from shared.domain.recovery_points import RecoveryPoint, find_points

TAKEN = snapshot("one", 5 * HOUR)
MADE = image_of(TAKEN, "one")


def point(*images: Image, taken: Snapshot | None = TAKEN) -> RecoveryPoint:
    (found,) = find_points([taken] if taken else [], images, DAY, NOW)
    return found


def marked(words: str, **changes: Any) -> Snapshot:
    return replace(TAKEN, tags={"snapimage:outcome": words}, **changes)


def test_of_several_images_the_best_counts() -> None:
    bad = replace(MADE, id="m-bad", status="CreateFailed")

    assert point(bad, MADE).image == MADE


def test_an_image_is_as_old_as_its_snapshot() -> None:
    assert point(MADE).taken == TAKEN.created


def test_without_its_snapshot_an_image_is_as_old_as_it_is_itself() -> None:
    assert point(MADE, taken=None).taken == MADE.created


def test_without_its_snapshot_an_image_is_as_old_as_the_end_that_it_remembers_of_it() -> None:
    assert point(image(created=NOW), taken=None).taken == ENDED


def test_an_image_that_is_gone_was_deleted() -> None:
    assert point(taken=marked("available ImageAvailable")).state.value == "deleted"


def test_a_refusal_names_its_code() -> None:
    found = point(taken=marked("refused QuotaExceeded code=QuotaExceed.Image"))

    assert (found.state.value, found.code) == ("failing", "QuotaExceed.Image")
    assert found.text == "s-one5 was refused by ECS, and is tried again: QuotaExceeded (QuotaExceed.Image)"


def test_the_newest_come_first() -> None:
    older = snapshot("one", 9 * HOUR)

    found = find_points([older, TAKEN], [], DAY, NOW)

    assert [each.snapshot_id for each in found] == ["s-one5", "s-one9"]


def test_what_the_window_leaves_behind_is_unanswered() -> None:
    (found,) = find_points([TAKEN], [], timedelta(hours=1), NOW)

    assert found.state.value == "unanswered"


def test_a_snapshot_that_is_still_made_says_so() -> None:
    found = point(taken=replace(TAKEN, status="progressing"))

    assert (found.state.value, found.text) == ("waiting", "s-one5 is progressing")
