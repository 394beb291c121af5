"""What becomes of the images of one disk: kept, guarded, deprecated, in grace, deleted, held back."""

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from types import MappingProxyType
from typing import Any

import pytest

from shared.domain.image_marks import Marks
from shared.domain.retire import KeepRules, Retire
from shared.domain.retirement import (
    Delete,
    Deprecate,
    DiskImages,
    HeldBack,
    InGrace,
    Retain,
    RetirementStep,
    find_first_gone,
    find_guards,
    hold_back,
    judge_images,
)
from shared.domain.retirement_facts import Candidate, Naming, Users, users_of

NOW = datetime(2026, 11, 27, 3, tzinfo=timezone.utc)
DAY = timedelta(days=1)
LAST = Retire(keep=KeepRules(last=1))
NOBODY = Users()


def image(days: float, **changes: Any) -> Candidate:
    """Of a snapshot that began so many days ago."""
    name = f"{days:g}"
    known = Candidate(
        f"m-{name}", f"name-{name}", "Available", "web", "d-1", f"s-{name}", (f"s-{name}",), NOW - days * DAY, "", "none",
        False, False, True, False, False, Marks("checked"),
    )  # fmt: skip
    return replace(known, **changes)


def deprecated(days: float, since: float, **changes: Any) -> Candidate:
    return image(days, status="Deprecated", marks=Marks("checked", retiring=NOW - since * DAY), **changes)


def steps(*images: Candidate, wanted: Retire = LAST, gone: bool | None = False) -> dict[str, RetirementStep]:
    began = {each.snapshot_id: NOW - float(each.snapshot_id[2:]) * DAY for each in images}
    return judge_images(DiskImages(images, began, gone), wanted, timezone.utc, NOBODY, frozenset(), NOW)


def test_what_no_rule_keeps_is_deprecated_then_waits_then_is_deleted() -> None:
    found = steps(image(0), image(1), deprecated(2, since=3), deprecated(3, since=7))

    assert found == {
        "m-0": Retain(("the newest good image of its disk", "last")),
        "m-1": Deprecate(),
        "m-2": InGrace(NOW + 4 * DAY),
        "m-3": Delete(NOW - 7 * DAY),
    }


def test_the_newest_good_image_is_kept_where_a_newer_one_is_deprecated() -> None:
    found = steps(deprecated(0, since=30), image(1), image(2))

    assert [type(found[name]) for name in ("m-0", "m-1", "m-2")] == [Retain, Retain, Deprecate]


def test_an_image_that_is_not_good_counts_for_nothing_and_waits_for_a_better_one() -> None:
    found = steps(image(0, is_good=False), image(1), image(2, is_good=False))

    assert found["m-0"] == Retain(("not a good image, and no newer good one of its disk is there",))
    assert [type(found[name]) for name in ("m-1", "m-2")] == [Retain, Deprecate]


def test_of_a_snapshot_with_a_good_image_another_one_is_not_the_newer() -> None:
    found = steps(image(1), image(1, id="m-bad", is_good=False))

    assert found["m-bad"] == Retain(("not a good image, and no newer good one of its disk is there",))


@pytest.mark.parametrize("gone", [False, True])
@pytest.mark.parametrize("good", [False, True])
def test_an_image_whose_beginning_nobody_knows_is_kept(good: bool, gone: bool) -> None:
    images = DiskImages((image(0), image(1, is_good=good)), {"s-0": NOW}, gone)

    found = judge_images(images, LAST, timezone.utc, NOBODY, frozenset(), NOW)
    assert isinstance(found["m-1"], Retain)


def test_of_a_disk_whose_snapshots_nobody_knows_nothing_is_decided() -> None:
    images = DiskImages((image(0),), {}, is_disk_gone=True)

    assert judge_images(images, LAST, timezone.utc, NOBODY, frozenset(), NOW) == {
        "m-0": Retain(("nobody can tell when its snapshot began",))
    }
    assert find_first_gone(images, NOW) is None


def test_an_image_that_was_brought_back_begins_anew() -> None:
    found = steps(image(0), image(1, marks=Marks("checked", retiring=NOW - 30 * DAY)))

    assert found["m-1"] == Deprecate()


def test_what_no_rule_keeps_may_be_guarded() -> None:
    assert steps(image(0), image(1, is_pinned=True))["m-1"] == Retain(("pinned by an operator",), is_guarded=True)


def test_the_last_image_of_a_disk_that_is_gone_is_kept_until_its_time_is_over() -> None:
    marked = Marks("checked", gone=NOW - 80 * DAY)
    long_ago = Marks("checked", gone=NOW - 90 * DAY)

    assert steps(image(200), gone=True) == {"m-200": Retain(("the last image of a disk that is gone", "last"))}
    assert steps(image(200, marks=marked), gone=True) == {
        "m-200": Retain(("the last image of a disk that is gone, until 2026-12-07", "last"))
    }
    assert steps(image(200, marks=long_ago), gone=True) == {"m-200": Deprecate()}


def test_a_disk_that_is_there_after_all_keeps_its_newest_image() -> None:
    found = steps(image(200, marks=Marks("checked", gone=NOW - 91 * DAY)), gone=False)

    assert found == {"m-200": Retain(("the newest good image of its disk", "last"))}


def test_where_nobody_can_tell_whether_a_disk_is_gone_all_is_kept() -> None:
    assert steps(image(0), image(1), gone=None)["m-1"] == Retain(("cannot be read: whether its system disk is gone",))


@pytest.mark.parametrize(
    ("is_gone", "marks", "found"),
    [
        (True, Marks("checked"), ("m-0", NOW)),
        (True, Marks("checked", gone=NOW - DAY), None),
        (False, Marks("checked", gone=NOW - DAY), ("m-0", None)),
        (False, Marks("checked"), None),
        (None, Marks("checked"), None),
        (None, Marks("checked", gone=NOW - DAY), None),
    ],
)
def test_when_a_disk_was_first_seen_gone_is_remembered_once(is_gone: bool | None, marks: Marks, found: Any) -> None:
    images = DiskImages((image(0, marks=marks), image(1)), {"s-0": NOW, "s-1": NOW - DAY}, is_gone)

    assert find_first_gone(images, NOW) == found


USERS = users_of([Naming("template lt-1", "m-1"), Naming("configuration asc-1", "", "name-2")])


@pytest.mark.parametrize(
    ("candidate", "says"),
    [
        (image(0, status="Creating"), "it is Creating"),
        (image(0, is_open=True), "its story has not ended: snapimage still follows it"),
        (image(0, is_pinned=True), "pinned by an operator"),
        (image(0, usage="instance"), "an instance was made from it"),
        (image(0, usage=""), "ECS does not say whether an instance uses it"),
        (image(0, is_shared=True), "shared with another account"),
        (image(0, is_public=True), "public"),
        (image(9, family="web"), "the newest of family web"),
        (image(1), "named by template lt-1"),
        (image(2), "named by configuration asc-1"),
    ],
)
def test_what_guards_an_image_is_said(candidate: Candidate, says: str) -> None:
    assert list(find_guards(candidate, USERS, frozenset({"m-9"}))) == [says]


def test_what_cannot_be_read_guards_every_image() -> None:
    users = Users(unread=("launch templates (Forbidden.RAM)",))

    assert list(find_guards(image(0), users, frozenset())) == ["cannot be read: launch templates (Forbidden.RAM)"]


def test_more_than_the_plan_allows_in_one_run_is_all_held_back() -> None:
    before: dict[str, RetirementStep] = {"m-0": Deprecate(), "m-1": Deprecate(), "m-2": Delete(NOW)}

    after = hold_back(MappingProxyType(before), Retire(keep=KeepRules(last=1), at_most=1))
    why = "2 of 3 would be deprecated; at_most 1 allows 1"
    assert after == {"m-0": HeldBack(why, False), "m-1": HeldBack(why, False), "m-2": Delete(NOW)}


def test_a_share_is_of_all_images_of_the_plan() -> None:
    before: dict[str, RetirementStep] = {"m-0": Delete(NOW), "m-1": Delete(NOW), "m-2": Deprecate(), "m-3": Retain(())}

    after = hold_back(before, Retire(keep=KeepRules(last=1), at_most="25%"))
    held = HeldBack("2 of 4 would be deleted; at_most 25% allows 1", would_delete=True)
    assert after == before | {"m-0": held, "m-1": held}


@pytest.mark.parametrize(("hours", "counts"), [(1, True), (1.01, False)])
def test_a_mark_from_the_future_is_a_mistake_and_is_made_anew(hours: float, counts: bool) -> None:
    found = steps(image(0), deprecated(2, since=-hours / 24))

    assert isinstance(found["m-2"], InGrace if counts else Deprecate)
