"""What is told of an image after its end, and of those that are none of ours."""

import json
import logging
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from fakes.builders import (
    image,
    image_request,
    notice,
    plan,
    rules,
    system_disk,
    system_snapshot,
)
from fakes.invocations import event, sweep
from fakes.world import World, world

from shared.domain.errors import Curable, Transient
from shared.domain.facts import ImageCheck
from shared.domain.image_tags import OPEN, OPEN_YES, SNAPSHOT, STATE
from shared.domain.message_fields import Reason, State
from shared.domain.outcome import ATTEMPT, OUTCOME, Outcome, Word
from shared.flows.track_images import track_images

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    "altered",
    [
        pytest.param({"status": "UnAvailable"}, id="flickers"),
        pytest.param({"tags": {}}, id="tags taken off"),
        pytest.param({"disks": ()}, id="another disk map"),
    ],
)
def test_what_happens_to_an_image_after_its_end_is_no_second_end(altered: dict[str, Any]) -> None:
    there = world(system_snapshot(), system_disk())
    event(there)
    there.change(status="Available")
    track_images(rules(), there.cloud)

    there.change(**altered)
    there.moment += HOUR
    track_images(rules(), there.cloud)
    sweep(there)
    event(there)
    assert [each for each in there.told() if each[2]] == [("available", "ImageAvailable", True)]


def test_a_copy_that_carries_our_tags_is_logged_and_not_told_of(caplog: pytest.LogCaptureFixture) -> None:
    there = world(system_snapshot(), image("m-copy", is_copy=True))

    with caplog.at_level(logging.INFO, "snapimage"):
        track_images(rules(), there.cloud)
    assert there.messages == []
    assert lines(caplog) == [
        {
            "function": "track_images", "subject": "m-copy", "state": "trouble", "code": "NotOurs",
            "text": "its snapimage tags were altered, or copied from another image",
        }
    ]  # fmt: skip


def lines(caplog: pytest.LogCaptureFixture) -> list[dict[str, object]]:
    return [json.loads(line) for line in caplog.messages]


def test_an_image_that_has_lost_most_of_its_tags_has_its_end_all_the_same() -> None:
    there = world(system_snapshot(), image(tags={SNAPSHOT: "s-sys", OPEN: OPEN_YES}))

    [told] = track_images(rules(), there.cloud)
    assert (told.reason, told.snapshot_id, told.plan) == ("DiskMapMismatch", "s-sys", None)


def test_an_end_is_one_line_of_log_and_names_what_the_image_was_made_of(caplog: pytest.LogCaptureFixture) -> None:
    there = world(system_snapshot(), image())

    with caplog.at_level(logging.INFO, "snapimage"):
        [told] = track_images(rules(), there.cloud)
    assert (told.disk_id, told.instance_id) == ("d-sys", "i-web")
    assert [(line["state"], line["image"], line["plan"]) for line in lines(caplog)] == [("available", "m-1", "web")]


FAMILY = plan(image={"family": "web", "check": False})


def test_a_promoted_image_is_settled() -> None:
    there = world(system_snapshot(), image(tags=image_request(plan=FAMILY).tags))

    track_images(rules(FAMILY), there.cloud)
    assert track_images(rules(FAMILY), there.cloud) == []
    assert there.told() == [("available", "ImageAvailable", True), ("promoted", "ImagePromoted", False)]


def test_an_image_that_is_ready_after_a_newer_one_is_told_to_be_in_its_family_and_no_more() -> None:
    """ECS goes by the time of creation."""
    there = world(system_snapshot(), system_snapshot("s-later"))
    event(there, FAMILY)
    there.moment += HOUR
    event(there, FAMILY, notices=[notice(snapshotId="s-later")])
    for image_id in ("m-2", "m-1"):
        there.change(image_id, status="Available")
        track_images(rules(FAMILY), there.cloud)

    promoted = [message.data.explanation for message in there.messages if message.data.state is State.PROMOTED]
    assert promoted == ["m-2 is in family web from now on", "m-1 is in family web from now on"]


def test_a_family_that_is_refused_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    there = world(system_snapshot(), image(tags=image_request(plan=FAMILY).tags))
    there.refuses["ModifyImageAttribute"] = Curable("Forbidden.RAM", "no", 403)

    with caplog.at_level(logging.INFO, "snapimage"):
        track_images(rules(FAMILY), there.cloud)
    assert there.told() == [("available", "ImageAvailable", True)]
    assert lines(caplog)[0] == {
        "function": "track_images", "subject": "m-1", "state": "trouble", "code": "Forbidden.RAM",
        "text": "family web not set",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("outcome", "told"),
    [("available ImageAvailable", [("checked", "ImageCheckPassed", False)]), ("failed DataDiskSnapshotMissing", [])],
)
def test_of_an_image_whose_end_an_event_has_told_only_the_check_is_told(outcome: str, told: list[Any]) -> None:
    there = world(system_snapshot(tags={OUTCOME: outcome}), image(check=ImageCheck(True)))

    track_images(rules(), there.cloud)
    assert there.told() == told


def test_who_is_followed_is_not_looked_for_a_second_time() -> None:
    there = world(system_snapshot(tags={OUTCOME: "making"}), image(status="Creating"))
    track_images(rules(), there.cloud)
    there.actions.clear()

    track_images(rules(), there.cloud)
    assert there.actions == ["DescribeImages"] * 3 + ["DescribeSnapshots"]


def test_what_is_remembered_of_an_image_is_told_to_its_snapshot() -> None:
    there = world(system_snapshot(), system_disk())
    event(there)
    assert OUTCOME not in there.snapshots["s-sys"].tags

    track_images(rules(), there.cloud)
    assert there.outcome() == "making"


@pytest.mark.parametrize(("seconds", "told"), [(29, 0), (30, 1)])
def test_the_last_half_minute_of_a_run_is_left_for_what_was_begun(seconds: int, told: int) -> None:
    there = world(system_snapshot(), image())
    cloud = replace(there.cloud, deadline=there.moment + timedelta(seconds=seconds))

    assert len(track_images(rules(), cloud)) == told
    assert ("DescribeSnapshots" in there.actions) == told


def test_four_hundred_images_are_told_of_before_more_are_listed() -> None:
    there = world(system_snapshot(), *(replace(image(), id=f"m-{number}") for number in range(400)))
    there.refuses["DescribeSnapshots"] = Transient("ServiceUnavailable", "later", 503)

    with pytest.raises(Transient):
        track_images(rules(), there.cloud)
    assert there.actions == ["DescribeImages", "DescribeSnapshots"]


@pytest.mark.parametrize("word", [Word.FAILING, Word.FAILED])
def test_an_image_that_one_event_asked_for_does_not_undo_the_end_that_another_told_meanwhile(word: Word) -> None:
    there = world(system_snapshot(), system_disk())
    event(there)
    ended = Outcome(word, Reason.DATA_DISK_SNAPSHOT_MISSING).to_tag()
    there.snapshots["s-sys"] = system_snapshot(usage="image", tags={OUTCOME: ended})

    track_images(rules(), there.cloud)
    there.change(status="Available")
    track_images(rules(), there.cloud)
    assert (there.outcome(), [each for each in there.told() if each[2]]) == (ended, [])
    assert there.actions.count("TagResources") == 3  # the snapshot only when the image was seen first


@pytest.mark.parametrize(("seconds", "asks"), [(0, False), (29, False), (30, True), (-1, True)])
def test_a_hint_soon_after_a_run_is_left_to_the_next_minute(seconds: int, asks: bool) -> None:
    there = world(system_snapshot())
    cloud = there.cloud
    track_images(rules(), cloud)
    there.actions.clear()

    there.moment += timedelta(seconds=seconds)
    assert track_images(rules(), cloud, b'{"name": "Image:StateChange"}') == []
    assert bool(there.actions) is asks


def test_what_the_queue_does_not_take_is_not_remembered() -> None:
    there = world(system_snapshot(), image(), queue_is_down=Transient("QueueDown", "no", 503))
    before = there.images["m-1"]

    with pytest.raises(Transient, match="QueueDown"):
        track_images(rules(), there.cloud)
    assert (there.images["m-1"], there.outcome()) == (before, None)


IN_FAMILY = plan(image={"family": "web", "check": False})


def twice_asked() -> World:
    """Both attempts' images are being made: m-1 was forgotten with `--force`."""
    there = world(system_snapshot(), system_disk())
    event(there, IN_FAMILY)
    track_images(rules(), there.cloud)
    there.snapshots["s-sys"] = system_snapshot(tags={ATTEMPT: "2"})
    event(there, IN_FAMILY)
    there.messages.clear()
    return there


@pytest.mark.parametrize("status", ["CreateFailed", "Available"])
def test_the_image_of_an_attempt_that_was_forgotten_does_not_end_its_snapshot(status: str) -> None:
    there = twice_asked()
    there.change("m-1", status=status)
    track_images(rules(), there.cloud)
    assert (there.told(), there.outcome()) == ([], "making")

    there.change("m-2", status="Available")
    [told] = track_images(rules(), there.cloud)
    assert (told.image_id, told.state, there.outcome()) == ("m-2", State.AVAILABLE, "available ImageAvailable")


def test_that_the_image_of_an_attempt_that_was_forgotten_is_being_made_is_not_remembered() -> None:
    there = world(system_snapshot(tags={ATTEMPT: "2"}), image(status="Creating"))

    track_images(rules(), there.cloud)
    assert (there.outcome(), there.images["m-1"].tags[OPEN]) == (None, "no")


def test_the_end_that_is_owed_to_an_attempt_that_was_forgotten_is_not_remembered() -> None:
    owed = image(tags={**image().tags, STATE: "owed available ImageAvailable"})
    there = world(system_snapshot(tags={ATTEMPT: "2"}), owed)

    track_images(rules(), there.cloud)
    assert (there.outcome(), there.images["m-1"].tags[STATE]) == (None, "available")


def test_the_image_of_an_attempt_that_was_forgotten_joins_no_family() -> None:
    there = twice_asked()
    there.change("m-1", status="Available")

    track_images(rules(IN_FAMILY), there.cloud)
    assert there.families == {}


def test_the_image_that_is_followed_for_an_earlier_attempt_does_not_hide_that_the_next_was_deleted() -> None:
    there = twice_asked()
    track_images(rules(), there.cloud)
    del there.images["m-2"]

    [told] = track_images(rules(), there.cloud)
    assert told.reason is Reason.IMAGE_DELETED
