"""Events, alone and in arrays: each is answered, left to the sweep, or brought back."""

import json
import logging
from datetime import datetime, timedelta
from typing import Any

import pytest
from fakes.builders import (
    BEGUN,
    NOW,
    data_disk,
    data_snapshot,
    notice,
    payload,
    plan,
    rules,
    system_disk,
    system_snapshot,
)
from fakes.invocations import event, sweep
from fakes.world import World, world

from shared.domain.errors import CloudError, OutcomeUnknown, Throttled, Transient
from shared.flows.create_image import Left, create_images

DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
DOWN = Transient("QueueDown", "no", 503)
SLOW_DOWN = Throttled("Throttling", "no", 400)


def written(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def test_every_event_of_an_array_has_its_answer_in_order() -> None:
    there = world(system_snapshot(), system_disk())
    strange = notice("event-2") | {"aliyunaccountid": "99"}

    answers = event(there, notices=[{"hello": "world"}, notice("event-1"), strange])
    assert [answer.state for answer in answers] == ["invalid", "creating", "skipped"]


@pytest.mark.parametrize("own_event_first", [True, False])
def test_the_events_of_a_set_in_one_array_wait_as_long_as_that_of_the_system_snapshot_says(
    own_event_first: bool,
) -> None:
    """It took nine hours: by its beginning alone the wait would be over."""
    ended = BEGUN + timedelta(hours=9)
    disks = (system_disk(), data_disk(), data_disk("d-logs", device="/dev/xvdc"))
    there = world(system_snapshot(), data_snapshot(), *disks, moment=ended)
    own, data = notice(endTime=f"{ended:%Y-%m-%dT%H:%M:%SZ}"), notice("event-2", snapshotId="s-data", diskId="d-data")

    by = plan(data_disks={"take": "attached", "on_missing": "leave_out"})
    event(there, by, notices=[own, data] if own_event_first else [data, own])
    assert there.told() == [("waiting", "DataDiskSnapshotPending", False)] * 2
    assert str(there.outcome()).startswith("waiting ")


def two_machines(trouble: CloudError) -> World:
    """One snapshot is known by its disk; the other needs its machine, of which ECS says nothing."""
    there = world(system_snapshot(), system_snapshot("s-other", disk_id="d-other"))
    there.refuses["DescribeDisks"] = trouble
    return there


BOTH = (plan(), plan("by-machine", source={"instances": ["i-web"]}))
TWO_EVENTS = [notice("event-0", snapshotId="s-other", diskId="d-other", startTime=written(BEGUN)), notice("event-1")]


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


def test_a_data_disks_event_gives_no_set_up_and_leaves_it_to_the_sweep() -> None:
    """How long the set is waited for only the event of its system snapshot tells."""
    there = world(system_snapshot(), data_snapshot(status="failed"), system_disk(), data_disk(), moment=BEGUN + DAY / 2)

    [left] = event(there, plan(data_disks={"take": "attached"}), notices=[notice(snapshotId="s-data", diskId="d-data")])
    assert isinstance(left, Left)
    assert (left.code, there.messages) == ("NotGivenUpYet", [])


@pytest.mark.parametrize("age", [timedelta(), DAY])
def test_a_throttled_event_of_a_snapshot_in_its_window_is_left_and_a_sweep_answers(age: timedelta) -> None:
    there = world(system_snapshot(created=NOW - age), system_disk())
    there.refuses["DescribeSnapshots"] = SLOW_DOWN
    [left] = event(there, notices=[notice(startTime=written(NOW - age))])

    there.refuses.clear()
    sweep(there, after=timedelta(hours=1))
    assert isinstance(left, Left)
    assert there.told() == [("creating", "ImageRequested", False)]


@pytest.mark.parametrize(
    "times", [{"startTime": None}, {"startTime": written(NOW - DAY - SECOND)}, {"startTime": written(NOW + SECOND)}]
)
def test_a_throttled_event_that_may_be_of_an_older_snapshot_comes_back(times: dict[str, Any]) -> None:
    """What began more than a day ago may have ended just now: no sweep looks so far back."""
    there = world(system_snapshot(created=NOW - timedelta(hours=30)), system_disk())
    there.refuses["DescribeSnapshots"] = SLOW_DOWN

    with pytest.raises(Throttled):
        event(there, notices=[notice(**times)])


def test_where_only_its_image_was_throttled_a_snapshot_of_the_window_is_left() -> None:
    """Whatever the event says of its beginning: ECS has said it."""
    there = world(system_snapshot(created=NOW - DAY), system_disk())
    there.refuses["CreateImage"] = SLOW_DOWN

    [left] = event(there, notices=[notice(startTime=written(NOW - 2 * DAY))])
    assert isinstance(left, Left)


def test_where_only_its_image_was_throttled_an_older_snapshot_has_its_event_come_back() -> None:
    there = world(system_snapshot(created=NOW - DAY - SECOND), system_disk())
    there.refuses["CreateImage"] = SLOW_DOWN

    with pytest.raises(Throttled):
        event(there, notices=[notice(startTime=written(NOW))])


@pytest.mark.parametrize("notices", [[notice(startTime=None)], [notice(startTime=written(NOW - 2 * DAY))]])
def test_an_event_that_may_be_of_an_older_snapshot_is_asked_for_though_others_rest(notices: Any) -> None:
    there = world(system_snapshot(), system_disk())
    cloud = there.cloud
    cloud.warm.throttled = NOW

    create_images(payload(*notices), rules(), cloud)
    assert there.told() == [("creating", "ImageRequested", False)]


def test_a_throttled_event_of_a_snapshot_that_no_sweep_looks_at_comes_back() -> None:
    """All of its tags are taken."""
    there = world(system_snapshot(tags={f"own-{number}": "" for number in range(20)}), system_disk())
    there.refuses["CreateImage"] = SLOW_DOWN

    with pytest.raises(Throttled):
        event(there)


def test_a_data_disks_event_leaves_its_set_to_the_sweep_though_nothing_more_can_be_tagged() -> None:
    """The event of the system snapshot tells of it."""
    full = system_snapshot(tags={f"own-{number}": "" for number in range(20)})
    there = world(full, data_snapshot(status="failed"), system_disk(), data_disk(), moment=BEGUN + DAY / 2)

    [left] = event(there, plan(data_disks={"take": "attached"}), notices=[notice(snapshotId="s-data", diskId="d-data")])
    assert isinstance(left, Left)


def test_a_data_disks_event_comes_back_where_no_sweep_looks_at_the_set() -> None:
    facts = (system_snapshot(), data_snapshot(status="failed"), system_disk(), data_disk())
    there = world(*facts, moment=BEGUN + DAY + SECOND)

    with pytest.raises(Transient, match="NotGivenUpYet"):
        event(there, plan(data_disks={"take": "attached"}), notices=[notice(snapshotId="s-data", diskId="d-data")])


def test_an_old_snapshot_that_ecs_does_not_show_as_finished_has_its_event_come_back() -> None:
    there = world(system_snapshot(status="progressing", created=NOW - 2 * DAY))

    with pytest.raises(Transient, match="SnapshotNotReady"):
        event(there)


def test_what_is_left_says_of_what_and_why() -> None:
    left = Left("event-0", "s-other", "Throttling", "no").to_plain()

    assert left == {
        "state": "left", "reason": "Throttling", "event_id": "event-0", "snapshot_id": "s-other", "code": "Throttling",
        "explanation": "no",
    }  # fmt: skip


def test_a_queue_that_is_down_brings_the_event_back_and_the_fact_is_told() -> None:
    there = world(system_snapshot(), system_disk())
    there.queue_is_down = DOWN

    with pytest.raises(Transient):
        event(there)
    there.queue_is_down = None
    [answer] = event(there)
    assert (answer.state, len(there.images), len(there.messages)) == ("creating", 1, 1)


@pytest.mark.parametrize("changes", [pytest.param({}, id="as it was made"), pytest.param({"tags": {}}, id="untagged")])
def test_no_failure_is_told_of_a_snapshot_of_which_an_event_beside_it_has_asked_for_an_image(
    changes: dict[str, Any],
) -> None:
    """`Usage` does not show the image yet, and a data disk's snapshot is gone."""
    there = world(system_snapshot(), system_disk(), data_snapshot(), data_disk())
    listed = plan(data_disks={"take": ["d-data"], "wait_for": "0s"})
    event(there, listed)
    there.snapshots = {"s-sys": system_snapshot(usage="none")}
    there.change(**changes)

    [answer] = event(there, listed)
    assert (answer.state, answer.image_id, answer.terminal) == ("creating", "m-1", False)


@pytest.mark.parametrize(
    ("facts", "notices", "code"),
    [
        ([system_snapshot(status="progressing")], [notice()], "SnapshotNotReady"),
        (
            [system_disk()],
            [notice(snapshotId="s-data", diskId="d-data", startTime=written(BEGUN))],
            "SnapshotNotListedYet",
        ),
    ],
)
def test_an_event_ahead_of_what_ecs_shows_is_left_to_the_sweep(facts: Any, notices: Any, code: str) -> None:
    there = world(*facts)

    [left] = event(there, plan(data_disks={"take": ["d-data"]}), notices=notices)
    assert (left.to_plain()["reason"], there.messages) == (code, [])


@pytest.mark.parametrize(("says", "told"), [(True, 1), (False, 0)])
def test_an_event_of_another_account_is_logged_and_told_where_a_plan_wants_to_hear_of_skips(
    says: bool, told: int, caplog: pytest.LogCaptureFixture
) -> None:
    there = world(system_snapshot(), system_disk())

    with caplog.at_level(logging.INFO, "snapimage"):
        event(there, plan(notify={"skipped": says}), notices=[notice() | {"aliyunaccountid": "99"}])
    assert [json.loads(line)["reason"] for line in caplog.messages] == ["WrongAccount"]
    assert len(there.messages) == told
