"""What became of one snapshot: by the best of its images, else by what it remembers."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from fakes.builders import ENDED, NOW, image
from fakes.fleet import DAY, HOUR, image_of, snapshot

from shared.domain.facts import Image, Snapshot
from shared.domain.image_tags import SNAPSHOT
from shared.domain.message_fields import Reason
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


@pytest.mark.parametrize("tags", [MADE.tags, {SNAPSHOT: TAKEN.id}], ids=["its own", "altered"])
def test_without_its_snapshot_an_image_is_as_old_as_it_is_itself(tags: dict[str, str]) -> None:
    assert point(replace(MADE, tags=tags), taken=None).taken == MADE.created


def test_an_image_that_is_made_for_too_long_says_so() -> None:
    found = point(replace(MADE, status="Creating", created=NOW - 5 * HOUR))

    assert (found.state.value, found.reason) == ("waiting", Reason.IMAGE_OVERDUE)


@pytest.mark.parametrize(("left_out", "state"), [({}, "available"), ({"snapimage:left-out": "d-lost"}, "partial")])
def test_a_usable_image_is_whole_or_not_and_was_not_refused(left_out: dict[str, str], state: str) -> None:
    found = point(replace(MADE, tags={**MADE.tags, **left_out}))

    assert (found.state.value, found.code) == (state, "")


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


@pytest.mark.parametrize(("hours", "state"), [(1, "unanswered"), (5, "waiting")])
def test_what_the_window_leaves_behind_is_unanswered(hours: int, state: str) -> None:
    (found,) = find_points([TAKEN], [], timedelta(hours=hours), NOW)

    assert found.state.value == state


def test_a_failure_of_no_known_reason_is_told_without_one() -> None:
    assert point(taken=marked("failed SomeLaterReason")).text == "s-one5 failed"


def test_a_snapshot_that_is_still_made_says_so() -> None:
    found = point(taken=replace(TAKEN, status="progressing"))

    assert (found.state.value, found.text) == ("waiting", "s-one5 is progressing")
