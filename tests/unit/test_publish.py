"""What is told, marked before and remembered after."""

import json
import logging
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import cast

import pytest
from fakes.builders import (
    BEGUN,
    NOW,
    data_disk,
    data_snapshot,
    image,
    plan,
    rules,
    system_disk,
    system_snapshot,
)
from fakes.invocations import event, ids, sweep
from fakes.world import world

from shared.domain.errors import CloudError, Curable, Transient
from shared.domain.outcome import ATTEMPT, OUTCOME
from shared.flows.publish import tag_each
from shared.flows.track_images import track_images
from shared.ports import Snapshots

HOUR = timedelta(hours=1)
LISTED = plan(data_disks={"take": ["d-data"], "wait_for": "30m"})
DOWN = Transient("QueueDown", "no", 503)
DISKS = (system_disk(), data_disk())
STUCK = data_snapshot(status="progressing")


def test_a_failure_is_marked_before_it_is_told_and_remembered_after() -> None:
    there = world(system_snapshot(status="failed"), system_disk())
    there.queue_is_down = DOWN

    with pytest.raises(Transient):
        event(there)
    word, reason, mark = str(there.outcome()).split(" ")
    there.queue_is_down = None
    event(there)
    assert (word, reason, mark) == ("failing", "SnapshotFailed", f"for={there.messages[0].id}")
    assert (there.outcome(), there.told()) == ("failed SnapshotFailed", [("failed", "SnapshotFailed", True)])


@pytest.mark.parametrize("trouble", [None, DOWN])
def test_the_same_failure_of_another_attempt_has_another_id(trouble: Transient | None) -> None:
    """Also where it was marked by an event that then could not tell it."""
    there = world(system_snapshot(status="failed"))
    event(there)

    there.snapshots["s-sys"] = system_snapshot(status="failed", tags={ATTEMPT: "2"})
    there.queue_is_down = trouble
    with suppress(Transient):
        event(there)
    there.queue_is_down = None
    event(there)
    assert there.told() == [("failed", "SnapshotFailed", True)] * 2
    assert len(ids(there)) == 2


def test_a_failure_that_was_marked_and_not_told_is_never_followed_by_an_image() -> None:
    there = world(system_snapshot(), STUCK, *DISKS)
    there.moment = BEGUN + 25 * HOUR
    there.queue_is_down = DOWN
    with pytest.raises(Transient):
        event(there, LISTED)

    mark = str(there.outcome()).rpartition("for=")[2]
    there.queue_is_down = None
    there.snapshots["s-data"] = data_snapshot()
    sweep(there, LISTED)
    assert (there.images, there.told()) == ({}, [("failed", "DataDiskSnapshotMissing", True)])
    assert there.messages[0].id == mark


def test_a_wait_is_told_once() -> None:
    there = world(system_snapshot(), STUCK, *DISKS)

    event(there, LISTED)
    event(there, LISTED)
    sweep(there, LISTED, after=timedelta(minutes=1))
    assert there.told() == [("waiting", "DataDiskSnapshotPending", False)]
    assert there.actions.count("TagResources") == 1
    assert re.search(" for=[0-9a-f]{12}$", str(there.outcome()))


def test_a_wait_for_something_else_is_told_anew() -> None:
    logs = data_snapshot("s-logs", disk_id="d-logs", status="progressing")
    both = plan(data_disks={"take": ["d-data", "d-logs"]})
    there = world(system_snapshot(), STUCK, logs, *DISKS, data_disk("d-logs"))
    event(there, both)

    there.snapshots["s-logs"] = replace(logs, status="accomplished")
    event(there, both)
    assert [message.data.waiting_for for message in there.messages] == [("d-data", "d-logs"), ("d-data",)]


def test_the_first_look_is_remembered_while_the_set_waits() -> None:
    there = world(system_snapshot(), STUCK, *DISKS)

    event(there, plan(data_disks={"take": "attached"}))
    assert there.snapshots["s-sys"].tags["snapimage:disks.1"] == "i-web d-data @2026-11-20T02:10:00Z"


def test_a_disk_that_leaves_while_ecs_refuses_the_image_is_in_it_all_the_same() -> None:
    there = world(system_snapshot(), data_snapshot(), *DISKS, refuses={"CreateImage": Curable("Strange", "no", 403)})
    attached = plan(data_disks={"take": "attached"})
    event(there, attached)

    there.refuses.clear()
    there.disks["d-data"] = data_disk(instance_id="i-other", attached=there.now() + HOUR)
    sweep(there, attached, after=2 * HOUR)
    assert [[disk.disk_id for disk in image.disks] for image in there.images.values()] == [["d-sys", "d-data"]]


def test_a_refusal_that_was_told_before_rests_for_another_hour() -> None:
    there = world(system_snapshot(), system_disk(), refuses={"CreateImage": Curable("Strange", "no", 403)})
    event(there)

    sweep(there, after=HOUR)
    sweep(there, after=HOUR / 2)
    assert (there.actions.count("CreateImage"), len(there.messages)) == (2, 1)


def test_the_first_look_is_not_remembered_of_an_image_that_is_asked_for() -> None:
    there = world(system_snapshot(), data_snapshot(), *DISKS)

    sweep(there, plan(data_disks={"take": "attached"}))
    assert [*there.snapshots["s-sys"].tags] == [OUTCOME]
    assert "UntagResources" not in there.actions


def test_a_set_that_only_the_event_knew_to_be_in_time_is_made_when_ecs_takes_it() -> None:
    """The snapshot took hours; its data disk's began after that, within the wait that the event alone can tell."""
    slow, late = system_snapshot(created=NOW - 5 * HOUR), data_snapshot(created=NOW - timedelta(minutes=2))
    there = world(slow, late, *DISKS, refuses={"CreateImage": Curable("Strange", "no", 403)})
    attached = plan(data_disks={"take": "attached"})
    event(there, attached)

    there.refuses.clear()
    sweep(there, attached, after=2 * HOUR)
    assert [message.data.reason.value for message in there.messages] == ["EcsRefused", "ImageRequested"]


def test_where_the_first_look_finds_no_room_the_wait_is_remembered_alone() -> None:
    there = world(system_snapshot(tags={f"key-{number}": "" for number in range(19)}), STUCK, *DISKS)

    event(there, plan(data_disks={"take": "attached"}))
    assert [key for key in there.snapshots["s-sys"].tags if key.startswith("snapimage:")] == [OUTCOME]


def test_a_snapshot_without_room_does_not_cost_the_others_their_memory() -> None:
    bad = [system_snapshot(f"s-{name}", disk_id=f"d-{name}", status="failed") for name in "abc"]
    there = world(*bad, full={"s-b"})

    sweep(there, plan(source={}))
    assert [there.outcome(f"s-{name}") for name in "abc"] == ["failed SnapshotFailed", None, "failed SnapshotFailed"]


@pytest.mark.parametrize(("says", "told"), [(True, 1), (False, 0)])
def test_a_skip_is_told_where_a_plan_wants_to_hear_of_skips(says: bool, told: int) -> None:
    there = world(system_snapshot())

    event(there, plan(source={"disks": ["d-other"]}, notify={"skipped": says}))
    assert len(there.messages) == told


def test_a_failure_that_was_marked_is_told_with_what_is_missing_as_soon_as_ecs_answers() -> None:
    there = world(system_snapshot(), STUCK, *DISKS)
    there.moment = BEGUN + 25 * HOUR
    there.queue_is_down = DOWN
    with pytest.raises(Transient):
        event(there, LISTED)

    there.queue_is_down = None
    there.refuses["DescribeDisks"] = Transient("ServiceUnavailable", "no", 503)
    with pytest.raises(Transient):
        event(there, LISTED)
    there.refuses.clear()
    event(there, LISTED)
    assert [message.data.missing for message in there.messages] == [("d-data",)]


def test_the_first_look_is_taken_off_by_the_first_sweep_after_the_wait() -> None:
    attached = plan(data_disks={"take": "attached", "wait_for": "30m"})
    there = world(system_snapshot(), *DISKS, STUCK)
    event(there, attached)
    there.snapshots["s-data"] = data_snapshot()
    event(there, attached)
    track_images(rules(attached), there.cloud)

    sweep(there, attached)
    assert there.snapshots["s-sys"].tags == {OUTCOME: "making"}


def test_a_sweep_over_snapshots_that_never_waited_takes_nothing_off() -> None:
    there = world(system_snapshot(), system_disk())
    event(there)
    track_images(rules(), there.cloud)
    mark = there.mark()

    sweep(there)
    assert there.since(mark) == ["DescribeSnapshots"]


def test_a_look_that_ecs_does_not_take_off_keeps_no_sweep_from_going_on(caplog: pytest.LogCaptureFixture) -> None:
    attached = plan(data_disks={"take": "attached", "wait_for": "30m"})
    there = world(system_snapshot(tags={OUTCOME: "making", "snapimage:disks.1": "i-web d-data"}), *DISKS)
    there.refuses["UntagResources"] = Curable("Forbidden.RAM", "no", 403)

    with caplog.at_level(logging.INFO, "snapimage"):
        sweep(there, attached)
    there.refuses.clear()
    sweep(there, attached)
    assert there.snapshots["s-sys"].tags == {OUTCOME: "making"}
    assert lines(caplog)[0] == {
        "function": "reconcile_snapshots", "subject": "1 snapshots", "state": "trouble", "code": "Forbidden.RAM",
        "text": "first look not taken off",
    }  # fmt: skip


def lines(caplog: pytest.LogCaptureFixture) -> list[dict[str, object]]:
    return [json.loads(message) for message in caplog.messages]


@dataclass
class Tagged:
    """Snapshots of which some refuse their tags."""

    refusals: dict[str, str]
    calls: list[list[str]] = field(default_factory=list)

    def tag(self, ids: Sequence[str], tags: Mapping[str, str]) -> None:
        self.calls.append(list(ids))
        for each in ids:
            if code := self.refusals.get(each):
                raise Curable(code, "no", 403)


def test_what_cannot_be_tagged_does_not_cost_the_others_their_tags() -> None:
    there = Tagged({"s-2": "Forbidden"})

    assert tag_each(["s-1", "s-2", "s-3"], {"k": "v"}, cast(Snapshots, there), "track-images") == {"s-2"}
    assert there.calls == [["s-1", "s-2", "s-3"], ["s-1"], ["s-2"], ["s-3"]]


@pytest.mark.parametrize(
    "code", ["QuotaExceed.Tags", "OperationDenied.QuotaExceed", "NumberExceed.Tags", "InvalidResourceId.NotFound"]
)
def test_a_tag_that_the_next_minute_does_not_help_is_given_up(code: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "snapimage"):
        left = tag_each(["s-1"], {"k": "v"}, cast(Snapshots, Tagged({"s-1": code})), "track-images")

    assert left == set()
    assert lines(caplog) == [
        {"function": "track-images", "subject": "s-1", "state": "trouble", "code": code, "text": "not remembered"}
    ]


def test_a_wait_that_cannot_be_remembered_is_told_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    there = world(system_snapshot(), STUCK, *DISKS, refuses={"TagResources": DOWN})

    with caplog.at_level(logging.INFO, "snapimage"):
        [answer] = event(there, LISTED)
    assert (answer.state, len(there.messages), there.outcome()) == ("waiting", 1, None)
    assert {"code": "QueueDown", "text": "outcome not remembered"}.items() <= lines(caplog)[0].items()


def test_a_failure_after_a_wait_is_marked_before_it_is_told_too() -> None:
    there = world(system_snapshot(), STUCK, *DISKS)
    event(there, LISTED)
    there.moment, there.queue_is_down = BEGUN + 25 * HOUR, DOWN

    with pytest.raises(Transient):
        event(there, LISTED)
    assert str(there.outcome()).startswith("failing DataDiskSnapshotMissing for=")


def test_an_image_that_failed_is_not_marked_before_it_is_told() -> None:
    """There it is, and no other will be made."""
    there = world(system_snapshot(usage="image"), system_disk(), image(status="CreateFailed"), queue_is_down=DOWN)

    with pytest.raises(Transient):
        event(there)
    assert there.outcome() is None


@pytest.mark.parametrize("refuses", [{}, {"CreateImage": Curable("Strange", "no", 403)}])
def test_only_an_end_is_told_under_the_id_of_a_failure_that_was_marked(refuses: dict[str, CloudError]) -> None:
    """Somebody has taken the reason off the mark, so that it decides nothing."""
    there = world(system_snapshot(tags={OUTCOME: f"failing for={'a' * 32}"}), system_disk(), refuses=refuses)

    event(there)
    assert ([message.data.terminal for message in there.messages], ids(there) & {"a" * 32}) == ([False], set())
