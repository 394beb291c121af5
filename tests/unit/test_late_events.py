"""Events that the platform held back while the sweep went on: they are left to it, so that they do not hold up one another."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from fakes.builders import image, notice, payload, plan, rules, system_disk, system_snapshot
from fakes.world import World, world

from shared.domain.errors import Throttled
from shared.domain.outcome import OUTCOME
from shared.flows.create_image import SEVERAL, Left, create_images
from shared.flows.reconcile_snapshots import Order, Scope, reconcile_snapshots
from shared.ports import Cloud

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
RULES = rules(plan(source={"disks": ["d-sys", "d-other"]}))
ANOTHER = {"snapshotId": "s-other", "diskId": "d-other"}


def two_snapshots() -> World:
    """One the sweep has dealt with; of the other nothing is known yet."""
    done = system_snapshot(tags={OUTCOME: "making"})
    return world(done, system_disk(), system_snapshot("s-other", disk_id="d-other"), system_disk("d-other"))


def deliver(cloud: Cloud, age: timedelta, **changes: Any) -> Any:
    """The answer to an event that happened so long ago."""
    ended = cloud.clock.now() - age
    usual = {"startTime": written(ended - 4 * MINUTE), "endTime": written(ended)}
    [answer] = create_images(payload(notice(**(usual | changes))), RULES, cloud)
    return answer


def deliver_late(cloud: Cloud, times: int = SEVERAL) -> None:
    """Events that the sweep has answered before they came."""
    for _ in range(times):
        deliver(cloud, 6 * MINUTE)


def written(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def test_a_late_event_after_one_that_the_sweep_has_answered_is_left_to_it_for_nothing() -> None:
    there = two_snapshots()
    cloud = there.cloud
    deliver_late(cloud)
    asked = list(there.actions)

    left = deliver(cloud, 6 * MINUTE, **ANOTHER)

    assert isinstance(left, Left)
    assert (left.snapshot_id, left.code, there.actions) == ("s-other", "SweepIsAhead", asked)


def test_what_is_left_so_the_sweep_makes() -> None:
    there = two_snapshots()
    cloud = there.cloud
    deliver_late(cloud)
    deliver(cloud, 6 * MINUTE, **ANOTHER)

    reconcile_snapshots(RULES, cloud, Order(Scope.RECENT))

    assert [message.data.snapshot_id for message in there.messages] == ["s-other"]


def test_a_fresh_event_is_never_left_because_others_were_late() -> None:
    cloud = two_snapshots().cloud
    deliver_late(cloud)

    assert deliver(cloud, 4 * MINUTE, **ANOTHER).state == "creating"


def test_events_that_somebody_replays_later_are_answered_each() -> None:
    cloud = two_snapshots().cloud
    for _ in range(SEVERAL):
        deliver(cloud, 60 * MINUTE)

    assert deliver(cloud, 60 * MINUTE, **ANOTHER).state == "creating"


def test_a_late_event_of_a_snapshot_that_took_longer_than_sweeps_look_back_is_answered() -> None:
    there = two_snapshots()
    cloud = there.cloud
    deliver_late(cloud)

    assert deliver(cloud, 6 * MINUTE, **ANOTHER, startTime=written(there.moment - 2 * DAY)).state == "creating"


@pytest.mark.parametrize(("minutes", "is_left"), [(5, True), (44, True), (45, False)])
def test_how_old_an_event_is_decides_whether_it_is_left_because_others_were_late(minutes: int, is_left: bool) -> None:
    cloud = two_snapshots().cloud
    deliver_late(cloud)

    assert isinstance(deliver(cloud, minutes * MINUTE, **ANOTHER), Left) is is_left


def test_a_late_event_that_the_sweep_has_not_answered_holds_nothing_back() -> None:
    there = two_snapshots()
    cloud = there.cloud
    deliver(cloud, 6 * MINUTE, **ANOTHER)

    assert deliver(cloud, 6 * MINUTE).state == "creating"


@pytest.mark.parametrize("times", [1, SEVERAL - 1])
def test_a_repeat_of_an_event_holds_nothing_back(times: int) -> None:
    cloud = two_snapshots().cloud
    deliver_late(cloud, times)

    assert deliver(cloud, 6 * MINUTE, **ANOTHER).state == "creating"


def test_one_that_the_sweep_has_not_answered_begins_the_count_anew() -> None:
    there = two_snapshots()
    cloud = there.cloud
    deliver_late(cloud, SEVERAL - 1)
    deliver(cloud, 6 * MINUTE, **ANOTHER)
    deliver_late(cloud, SEVERAL - 1)

    assert cloud.warm.overtaken is None


def test_five_minutes_later_an_instance_asks_again() -> None:
    there = two_snapshots()
    cloud = there.cloud
    deliver_late(cloud)
    there.moment += 5 * MINUTE

    assert deliver(cloud, 6 * MINUTE, **ANOTHER).state == "creating"


def test_a_run_of_every_minute_leaves_a_new_image_to_who_follows_it() -> None:
    there = world(system_snapshot(usage="image"), system_disk(), image(status="Creating"))

    reconcile_snapshots(RULES, there.cloud, Order(Scope.RECENT))

    assert ("DescribeImages" in there.actions, there.messages) == (False, [])


def test_a_run_of_every_hour_finds_out_that_an_image_is_somebody_elses() -> None:
    there = world(system_snapshot(usage="image"), system_disk(), image(tags={}, name="mine"))

    reconcile_snapshots(RULES, there.cloud)

    assert [message.data.state.value for message in there.messages] == ["creating"]


def test_after_a_throttled_event_those_of_the_next_minutes_are_left_and_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    there = two_snapshots()
    cloud = there.cloud
    cloud.warm.throttled = there.moment

    with caplog.at_level("INFO", "snapimage"):
        left = deliver(cloud, MINUTE, **ANOTHER)
    assert (left.code, there.actions) == ("Throttling.Resting", [])
    assert [json.loads(line) for line in caplog.messages] == [
        {"function": "create_image", "event": "event-1", "snapshot": "s-other", "state": "left", "code": left.code}
    ]


@pytest.mark.parametrize(("action", "rests"), [("DescribeSnapshots", True), ("UntagResources", False)])
def test_an_event_that_was_throttled_begins_the_rest(action: str, rests: bool) -> None:
    there = two_snapshots()
    cloud = there.cloud
    there.refuses[action] = Throttled("Throttling.User", "no", 400)
    deliver(cloud, MINUTE)

    there.refuses.clear()
    assert isinstance(deliver(cloud, MINUTE, **ANOTHER), Left) is rests


@pytest.mark.parametrize(("wait", "rests"), [(-1, False), (0, True), (299, True), (300, False)])
def test_a_rest_ends_after_five_minutes_and_is_not_of_a_clock_that_was_put_back(wait: int, rests: bool) -> None:
    there = two_snapshots()
    cloud = there.cloud
    cloud.warm.throttled = there.moment - timedelta(seconds=wait)

    assert isinstance(deliver(cloud, MINUTE, **ANOTHER), Left) is rests


@pytest.mark.parametrize(("wait", "rests"), [(-1, False), (0, True), (299, True), (300, False)])
def test_what_the_sweep_was_quicker_with_counts_as_long(wait: int, rests: bool) -> None:
    there = two_snapshots()
    cloud = there.cloud
    cloud.warm.overtaken = there.moment - timedelta(seconds=wait)

    assert isinstance(deliver(cloud, 6 * MINUTE, **ANOTHER), Left) is rests
