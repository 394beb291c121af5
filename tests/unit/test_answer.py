"""From events to answers: arrays, crashes between two steps, failures marked before they are told, snapshots without room."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from fakes.builders import (
    BEGUN,
    NOW,
    data_disk,
    data_snapshot,
    image,
    notice,
    payload,
    plan,
    rules,
    system_disk,
    system_snapshot,
)
from fakes.world import World, world

from shared.domain.errors import CloudError, Curable, Final, OutcomeUnknown, Throttled, Transient
from shared.domain.outcome import OUTCOME
from shared.domain.plans import Plan
from shared.flows.create_image import Left, create_images
from shared.flows.reconcile_snapshots import reconcile_snapshots
from shared.flows.track_images import track_images

HOUR = timedelta(hours=1)
LISTED = plan(data_disks={"take": ["d-data"], "wait_for": "30m"})
DOWN = Transient("QueueDown", "no", 503)
DISKS = (system_disk(), data_disk())
STUCK = data_snapshot(status="progressing")


def event(there: World, *plans: Plan, notices: Any = None) -> list[Any]:
    return create_images(payload(*(notices or [notice()])), rules(*plans), there.cloud)


def sweep(there: World, *plans: Plan, after: timedelta = timedelta(0)) -> None:
    there.moment += after
    reconcile_snapshots(rules(*plans), there.cloud)


def ids(there: World) -> set[str]:
    return {message.id for message in there.messages}


def test_an_event_of_a_wanted_snapshot_is_answered_with_its_image() -> None:
    there = world(system_snapshot(), system_disk())

    [answer] = event(there)
    assert (answer.state, answer.image_id, answer.event_id, answer.seconds_since_snapshot) == (
        "creating", "m-1", "event-1", 360,
    )  # fmt: skip
    assert [message.data for message in there.messages] == [answer]


def test_a_redelivered_event_makes_no_second_image_and_is_the_same_fact() -> None:
    there = world(system_snapshot(), system_disk())

    event(there)
    [again] = event(there)
    assert (again.reason, len(there.images), len(ids(there))) == ("ImageAdopted", 1, 1)


def test_a_plan_that_was_renamed_meanwhile_makes_no_second_image() -> None:
    there = world(system_snapshot(), system_disk())

    event(there, plan("old"))
    event(there, plan("new", image={"check": False}))
    assert len(there.images) == 1


def test_a_renamed_plan_makes_no_second_image_before_the_first_is_listed() -> None:
    """ECS lists it late: only the token is left to guard it."""
    there = world(system_snapshot(usage="none"), system_disk())
    event(there, plan("old"))
    unlisted = dict(there.images)
    there.images.clear()
    there.snapshots["s-sys"] = replace(there.snapshots["s-sys"], usage="none")

    [answer] = event(there, plan("new"))
    assert isinstance(answer, Left)
    there.images.update(unlisted)
    sweep(there, plan("new"))
    assert len(there.images) == 1


def test_two_events_of_one_snapshot_in_an_array_ask_once() -> None:
    there = world(system_snapshot(), system_disk())

    first, second = event(there, notices=[notice("event-1"), notice("event-2")])
    assert there.actions.count("CreateImage") == 1
    assert [(each.event_id, each.reason) for each in (first, second)] == [
        ("event-1", "ImageRequested"), ("event-2", "ImageAdopted"),
    ]  # fmt: skip


def test_two_events_of_one_set_in_an_array_ask_once() -> None:
    there = world(system_snapshot(), data_snapshot(), *DISKS)

    event(there, LISTED, notices=[notice("event-1"), notice("event-2", snapshotId="s-data", diskId="d-data")])
    assert (there.actions.count("CreateImage"), len(ids(there))) == (1, 1)


def test_two_events_of_a_refused_snapshot_in_an_array_ask_once() -> None:
    there = world(system_snapshot(), system_disk())
    there.refuses["CreateImage"] = Final("OperationDenied", "no", 403)

    event(there, notices=[notice("event-1"), notice("event-2")])
    assert (there.actions.count("CreateImage"), len(ids(there))) == (1, 1)


def test_every_event_of_an_array_has_its_answer_in_order() -> None:
    there = world(system_snapshot(), system_disk())
    strange = notice("event-2") | {"aliyunaccountid": "99"}

    answers = event(there, notices=[{"hello": "world"}, notice("event-1"), strange])
    assert [answer.state for answer in answers] == ["invalid", "creating", "skipped"]


def two_machines(trouble: CloudError) -> World:
    """One snapshot is known by its disk; the other needs its machine, of which ECS says nothing."""
    there = world(system_snapshot(), system_snapshot("s-other", disk_id="d-other"))
    there.refuses["DescribeDisks"] = trouble
    return there


BOTH = (plan(), plan("by-machine", source={"instances": ["i-web"]}))
TWO_EVENTS = [notice("event-0", snapshotId="s-other", diskId="d-other"), notice("event-1")]


def test_trouble_with_one_event_does_not_keep_the_others_waiting() -> None:
    there = two_machines(OutcomeUnknown("NoReply", "no"))

    with pytest.raises(OutcomeUnknown):
        event(there, *BOTH, notices=TWO_EVENTS)
    assert [message.data.event_id for message in there.messages] == ["event-1"]


def test_a_throttled_event_is_left_and_the_others_are_answered() -> None:
    there = two_machines(Throttled("Throttling", "no", 400))

    first, second = event(there, *BOTH, notices=TWO_EVENTS)
    assert first == Left("event-0", "s-other", "Throttling", "no")
    assert second.state == "creating"


def test_a_queue_that_is_down_brings_the_event_back_and_the_fact_is_told() -> None:
    there = world(system_snapshot(), system_disk())
    there.queue_is_down = DOWN

    with pytest.raises(Transient):
        event(there)
    there.queue_is_down = None
    [answer] = event(there)
    assert (answer.state, len(there.images), len(there.messages)) == ("creating", 1, 1)


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


def test_a_failure_that_was_told_is_settled_for_every_later_event() -> None:
    there = world(system_snapshot(), STUCK, *DISKS)
    there.moment = BEGUN + 25 * HOUR
    sweep(there, LISTED)
    there.snapshots["s-data"] = data_snapshot()

    [answer] = event(there, LISTED)
    assert (answer.state, answer.reason, there.images) == ("failed", "DataDiskSnapshotMissing", {})
    assert len(there.messages) == 1


def test_a_wait_is_told_once() -> None:
    there = world(system_snapshot(), STUCK, *DISKS)

    event(there, LISTED)
    event(there, LISTED)
    sweep(there, LISTED, after=timedelta(minutes=1))
    assert there.told() == [("waiting", "DataDiskSnapshotPending", False)]


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
    assert there.snapshots["s-sys"].tags["snapimage:disks.1"] == "i-web d-data"


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


def test_a_look_that_ecs_does_not_take_off_keeps_no_sweep_from_going_on() -> None:
    attached = plan(data_disks={"take": "attached", "wait_for": "30m"})
    there = world(system_snapshot(tags={OUTCOME: "making", "snapimage:disks.1": "i-web d-data"}), *DISKS)
    there.refuses["UntagResources"] = Curable("Forbidden.RAM", "no", 403)

    sweep(there, attached)
    there.refuses.clear()
    sweep(there, attached)
    assert there.snapshots["s-sys"].tags == {OUTCOME: "making"}


def test_the_last_data_disk_ends_the_wait() -> None:
    there = world(system_snapshot(), STUCK, *DISKS)
    event(there, LISTED)

    there.snapshots["s-data"] = data_snapshot()
    [answer] = event(there, LISTED, notices=[notice(snapshotId="s-data", diskId="d-data")])
    assert (answer.state, answer.snapshot_id) == ("creating", "s-sys")


def test_a_snapshot_without_room_for_a_tag_is_answered_by_its_event() -> None:
    there = world(system_snapshot(status="failed"), full={"s-sys"})

    event(there)
    assert (there.told(), there.outcome()) == ([("failed", "SnapshotFailed", True)], None)


def test_a_snapshot_without_room_for_a_tag_is_left_alone_by_sweeps() -> None:
    crowded = system_snapshot(tags={f"key{number}": "x" for number in range(20)})
    there = world(crowded, full={"s-sys"})

    sweep(there)
    assert (there.images, there.messages) == ({}, [])


def test_a_snapshot_without_room_does_not_cost_the_others_their_memory() -> None:
    bad = [system_snapshot(f"s-{name}", disk_id=f"d-{name}", status="failed") for name in "abc"]
    there = world(*bad, full={"s-b"})

    sweep(there, plan(source={}))
    assert [there.outcome(f"s-{name}") for name in "abc"] == ["failed SnapshotFailed", None, "failed SnapshotFailed"]


def test_a_sweep_tells_no_skips() -> None:
    there = world(system_snapshot())

    sweep(there, plan(source={"disks": ["d-other"]}))
    assert there.messages == []


@pytest.mark.parametrize(("says", "told"), [(True, 1), (False, 0)])
def test_a_skip_is_told_where_a_plan_wants_to_hear_of_skips(says: bool, told: int) -> None:
    there = world(system_snapshot())

    event(there, plan(source={"disks": ["d-other"]}, notify={"skipped": says}))
    assert len(there.messages) == told


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


def test_a_copy_that_carries_our_tags_is_not_told_of() -> None:
    there = world(system_snapshot(), image("m-copy", is_copy=True))

    track_images(rules(), there.cloud)
    assert there.messages == []


def test_what_was_never_asked_for_is_not_made() -> None:
    there = world(system_snapshot(), system_disk())

    for _ in range(48):
        sweep(there, plan(since=NOW), after=HOUR)
    assert (there.images, there.messages) == ({}, [])


def test_an_answer_is_one_line_of_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "snapimage")
    there = world(system_snapshot(), system_disk())

    event(there)
    line = json.loads(caplog.messages[0])
    assert (len(caplog.messages), line["state"], line["image"], line["ecs_calls"]) == (
        1, "creating", "m-1", len(there.actions),
    )  # fmt: skip


def test_what_is_remembered_of_an_image_is_told_to_its_snapshot() -> None:
    there = world(system_snapshot(), system_disk())
    event(there)
    assert OUTCOME not in there.snapshots["s-sys"].tags

    track_images(rules(), there.cloud)
    assert there.outcome() == "making"
