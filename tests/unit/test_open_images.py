"""Images that are gone before or after they were told, and those that are too many for one query."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from fakes.builders import (
    BEGUN,
    NOW,
    disk_set,
    image,
    image_request,
    plan,
    rules,
    system_disk,
    system_snapshot,
)
from fakes.invocations import event, ids, sweep
from fakes.world import FakeImages, FakeSnapshots, World, world

from shared.domain.errors import Curable
from shared.domain.facts import Image, ImageCheck, MappedDisk, Role
from shared.domain.image_tags import OPEN, OPEN_LATE, OPEN_YES
from shared.domain.message_fields import State
from shared.domain.outcome import ATTEMPT, OUTCOME
from shared.flows.open_images import open_images
from shared.flows.track_images import track_images
from shared.ports import Cloud

HOUR = timedelta(hours=1)


def test_an_image_that_was_deleted_while_it_was_made_has_one_end() -> None:
    there = world(system_snapshot(), system_disk())
    event(there)
    track_images(rules(), there.cloud)

    there.images.clear()
    track_images(rules(), there.cloud)
    sweep(there, after=HOUR)
    event(there)
    track_images(rules(), there.cloud)
    assert there.told() == [("creating", "ImageRequested", False), ("failed", "ImageDeleted", True)]


def test_a_subscriber_who_knows_the_first_end_hears_that_the_image_of_the_next_attempt_was_deleted_too() -> None:
    there = world(system_snapshot(tags={OUTCOME: "making"}))
    track_images(rules(), there.cloud)

    there.snapshots["s-sys"] = system_snapshot(tags={OUTCOME: "making", ATTEMPT: "2"})
    track_images(rules(), there.cloud)
    assert there.told() == [("failed", "ImageDeleted", True)] * 2
    assert len(ids(there)) == 2


def test_an_image_that_was_deleted_before_any_run_saw_it_has_one_end_within_the_hour() -> None:
    there = world(system_snapshot(), system_disk())
    event(there)
    there.images.clear()

    for _ in range(6):
        sweep(there, after=timedelta(minutes=10))
        track_images(rules(), there.cloud)
    event(there)
    assert there.images == {}
    assert {*there.told()} == {("creating", "ImageRequested", False), ("failed", "ImageDeleted", True)}
    assert len(ids(there)) == 2


def test_an_image_that_lost_its_tags_before_any_run_saw_it_is_followed_to_its_end_all_the_same() -> None:
    there = world(system_snapshot(), system_disk())
    event(there)
    there.change(tags={})

    for _ in range(6):
        sweep(there, after=timedelta(minutes=10))
        track_images(rules(), there.cloud)
    there.change(status="CreateFailed")
    track_images(rules(), there.cloud)
    assert there.told()[-1] == ("failed", "ImageCreateFailed", True)
    assert (there.messages[-1].data.disk_id, len(there.images)) == ("d-sys", 1)


@pytest.mark.parametrize(
    ("kept", "status", "plan_name", "end"),
    [
        (image().tags, "Available", "web", "available ImageAvailable"),
        ({}, "Available", None, "failed DiskMapMismatch"),
        ({}, "CreateFailed", None, "failed ImageCreateFailed"),
    ],
)
def test_the_end_of_an_image_that_is_not_followed_any_more_is_told_with_what_it_still_says(
    kept: Mapping[str, str], status: str, plan_name: str | None, end: str
) -> None:
    tags = {key: text for key, text in kept.items() if key != OPEN}
    there = world(system_snapshot(tags={OUTCOME: "making"}), image(tags=tags, status=status))

    told = track_images(rules(), there.cloud)
    assert [(each.snapshot_id, each.disk_id, each.plan) for each in told] == [("s-sys", "d-sys", plan_name)]
    assert there.outcome() == end


def test_an_image_that_was_deleted_later_does_not_come_back() -> None:
    there = world(system_snapshot(), system_disk())
    event(there)
    there.change(status="Available")
    track_images(rules(), there.cloud)

    there.images.clear()
    for _ in range(30):
        sweep(there, after=HOUR)
    event(there)
    assert there.images == {}
    assert [state for state, _, _ in there.told()] == ["creating", "available"]


@dataclass(frozen=True)
class CappedImages(FakeImages):
    """A query by tag shows a thousand, and which they are nobody knows."""

    def tagged(self, tags: Mapping[str, str]) -> list[Image]:
        return super().tagged(tags)[-1000:]


def test_of_more_images_than_a_query_shows_those_that_a_slow_run_has_missed_are_told_by_the_next() -> None:
    images = {f"m-{number}": our_image(number) for number in range(1100)}
    snapshots = {f"s-{number}": system_snapshot(f"s-{number}", disk_id=f"d-{number}") for number in range(1100)}
    there = world(moment=NOW + HOUR, images=images, snapshots=snapshots)
    capped = replace(there.cloud, images=CappedImages(there))

    for _ in range(2):
        track_images(rules(), capped)

    told = [each.data.snapshot_id or "" for each in there.messages if each.data.state is State.AVAILABLE]
    assert sorted(told) == sorted(snapshots)


def our_image(number: int) -> Image:
    snapshot = system_snapshot(f"s-{number}", disk_id=f"d-{number}")
    request = image_request(
        disk_set(system=MappedDisk(Role.SYSTEM, snapshot.id, 40, snapshot.disk_id)), snapshot=snapshot
    )
    return Image(f"m-{number}", request.name, "Available", BEGUN, request.disk_set.disks, dict(request.tags))


FAMILY = plan(image={"family": "web", "check": False})
UNCHECKED = image_request(plan=plan(image={"check": False})).tags
END = ("available", "ImageAvailable", True)


@dataclass(frozen=True)
class ForgetfulSnapshots(FakeSnapshots):
    def tag(self, snapshot_ids: Sequence[str], tags: Mapping[str, str]) -> None:
        raise Curable("InvalidSomething.NotFound", "nobody knows what is meant", 404)


def forgetful(there: World) -> Cloud:
    return replace(there.cloud, snapshots=ForgetfulSnapshots(there))


def test_an_end_that_its_snapshot_could_not_remember_is_remembered_a_minute_later_and_told_once() -> None:
    there = world(system_snapshot(), image(tags=UNCHECKED))
    track_images(rules(), forgetful(there))
    assert there.outcome() is None

    track_images(rules(), there.cloud)
    assert (there.told(), there.outcome()) == ([END], "available ImageAvailable")
    assert there.images["m-1"].tags["snapimage:open"] == "no"


def test_the_image_carries_the_end_in_its_tag_until_its_snapshot_can() -> None:
    """The next version must read it."""
    there = world(system_snapshot(), image(tags=UNCHECKED))

    track_images(rules(), forgetful(there))
    assert there.images["m-1"].tags["snapimage:state"] == "owed available ImageAvailable"


def test_an_end_that_was_told_stays_whatever_becomes_of_the_image_until_its_snapshot_remembers_it() -> None:
    there = world(system_snapshot(), image())
    track_images(rules(), forgetful(there))

    there.change(status="UnAvailable")
    track_images(rules(), there.cloud)
    assert (there.told(), there.outcome()) == ([END], "available ImageAvailable")


def test_an_event_that_comes_back_meanwhile_finds_the_end() -> None:
    there = world(system_snapshot(), system_disk(), image())
    track_images(rules(), forgetful(there))
    track_images(rules(), there.cloud)

    event(there)
    assert there.told() == [END]


def test_an_image_joins_its_family_when_its_snapshot_knows_of_it() -> None:
    there = world(system_snapshot(), image(tags=image_request(plan=FAMILY).tags))
    track_images(rules(FAMILY), forgetful(there))
    assert there.families == {}

    track_images(rules(FAMILY), there.cloud)
    assert there.families == {"m-1": "web"}


def test_the_check_of_an_image_is_told_after_its_snapshot_remembered_the_end() -> None:
    there = world(system_snapshot(), image(check=ImageCheck(False)))
    track_images(rules(), forgetful(there))
    track_images(rules(), there.cloud)

    there.change(check=ImageCheck(True))
    track_images(rules(), there.cloud)
    assert there.told() == [END, ("checked", "ImageCheckPassed", False)]


@pytest.mark.parametrize(("age", "word"), [(HOUR - timedelta(seconds=1), "yes"), (HOUR, "no")])
def test_what_cannot_be_remembered_for_an_hour_is_left_to_the_sweep(age: timedelta, word: str) -> None:
    there = world(system_snapshot(), image(tags=UNCHECKED))
    track_images(rules(), forgetful(there))

    there.moment = BEGUN + age
    track_images(rules(), forgetful(there))
    assert there.images["m-1"].tags["snapimage:open"] == word


def test_of_an_image_that_is_being_made_nothing_is_owed() -> None:
    there = world(system_snapshot(), image(status="Creating"))
    before = there.images["m-1"]

    track_images(rules(), forgetful(there))
    assert there.images["m-1"] == before


class ManyOpen(FakeImages):
    """A thousand carry the tag, which is all that such a query shows; those made lately are three."""

    def tagged(self, tags: Mapping[str, str]) -> list[Image]:
        return [image()] * 1000 if tags == {OPEN: OPEN_YES} else []


def test_of_too_many_images_those_that_take_long_are_given_a_tag_of_their_own() -> None:
    ages = (9, 10, 11)
    made = [image(f"m-{age}", created=NOW - timedelta(minutes=age)) for age in ages]
    there = world(*made, image("m-timeless", created=None))

    pages = list(open_images(replace(there.cloud, images=ManyOpen(there))))
    assert [is_whole for _, is_whole in pages] == [False, False, True, True]
    assert pages[1][0] == made
    assert [there.images[f"m-{age}"].tags[OPEN] for age in ages] == [OPEN_YES, OPEN_YES, OPEN_LATE]


def test_of_more_images_than_a_query_shows_nobody_says_that_one_was_deleted() -> None:
    there = world(image(), system_snapshot(), system_snapshot("s-lost", tags={OUTCOME: "making"}))

    track_images(rules(), replace(there.cloud, images=ManyOpen(there)))
    assert there.told() == [END]
