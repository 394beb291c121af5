"""A throttled night, with the functions as s.yaml declares them: everything is made, once, and about in time."""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import pytest

from shared.domain.image_tags import OPEN, OPEN_YES
from shared.domain.message_fields import State
from shared.flows.create_image import create_images
from shared.flows.reconcile_snapshots import Order, Scope, reconcile_snapshots
from shared.ports import Cloud, Warm
from simulation.memory.deployed import read_functions
from simulation.nights.cloud import Delays, NightCloud
from simulation.nights.fleet import BEGINS, RULES, NightFleet, event_of, make_fleet
from simulation.nights.night import Night, run_night
from simulation.nights.quota import Minutes, Quota
from simulation.nights.result import NightResult
from simulation.nights.timeline import Timeline

pytestmark = pytest.mark.slow

FUNCTIONS = read_functions()
DAY = 24 * 60


@pytest.fixture(scope="module")
def night() -> NightResult:
    return run_night(Night(1406, 200, FUNCTIONS))


@pytest.fixture
def small() -> NightResult:
    return run_night(Night(14, 200, FUNCTIONS))


class Region:
    """A region whose snapshots are finished, where calls are counted."""

    def __init__(self, count: int, machines: int | None = None) -> None:
        """Of the first so many machines, where that is said: of those that have a data disk."""
        self.timeline = Timeline(BEGINS, 100)
        fleet = make_fleet(count, random.Random(1))
        here = {disk.id for disk in fleet.disks if machines is None or int((disk.instance_id or "")[2:]) < machines}
        self.fleet = NightFleet(
            tuple(disk for disk in fleet.disks if disk.id in here),
            tuple(ending for ending in fleet.endings if ending.snapshot.disk_id in here),
        )
        self.cloud = NightCloud(self.timeline, Quota(1_000_000), self.fleet, Delays(), random.Random(1))
        for ending in self.fleet.endings:
            self.cloud.end(ending.snapshot.id)

    def run(self, name: str, flow: Callable[[Cloud], object]) -> Counter[str]:
        """The calls of one invocation."""
        before = Counter(self.cloud.let_in)
        self.timeline.after(0, lambda: self.timeline.begin(lambda: self.cloud.run(name, 43_200, Warm(), flow)))
        self.timeline.run()
        return Counter({action: count for (_, action), count in (Counter(self.cloud.let_in) - before).items()})


def test_of_1406_snapshots_at_200_calls_a_minute_none_is_lost_and_none_made_twice(night: NightResult) -> None:
    assert len(night.cloud.made_at) == 1000
    assert (night.lost, night.twice, night.unfinished, night.untold, night.dead_letters) == ([], [], [], [], set())


def test_that_night_is_over_soon_after_its_last_snapshot(night: NightResult) -> None:
    assert night.goal == night.last_ending > night.least_seconds
    assert night.last_image <= night.goal + 120
    assert night.is_fine


def test_that_night_was_throttled_and_costs_little(night: NightResult) -> None:
    assert night.cloud.quota.total_refused().total() > 0
    assert sum(night.calls_of().values()) / 1000 <= 4.5
    assert night.gb_seconds / 1000 <= 1.5


def test_a_night_that_the_quota_binds_ends_about_when_the_quota_allows() -> None:
    outcome = run_night(Night(562, 20, FUNCTIONS))

    assert outcome.goal == outcome.least_seconds == 20 * 60
    assert outcome.is_fine
    assert sum(outcome.calls_of("reconcile_snapshots").values()) / 400 < 2.5


@pytest.mark.parametrize("minutes", [Minutes.SHIFTED, Minutes.SLIDING])
def test_however_else_ecs_counts_its_minutes_nothing_is_lost(minutes: Minutes) -> None:
    outcome = run_night(Night(250, 25, FUNCTIONS, minutes=minutes))

    assert (outcome.lost, outcome.twice, outcome.dead_letters) == ([], [], set())


def test_a_night_can_be_run_again(small: NightResult) -> None:
    again = run_night(Night(14, 200, FUNCTIONS))

    assert again.cloud.made_at == small.cloud.made_at
    assert again.cloud.quota == small.cloud.quota


def test_another_seed_is_another_night(small: NightResult) -> None:
    other = run_night(Night(14, 200, FUNCTIONS, seed=2))

    assert other.cloud.made_at != small.cloud.made_at


def test_an_array_of_a_hundred_events_costs_little_more_than_its_images() -> None:
    """71 system and 29 data disks, in a region of 300 snapshots, half of them of data disks."""
    region = Region(527, machines=150)
    everything = [ending.snapshot for ending in region.fleet.endings]
    systems = [each for each in everything if each.id.endswith("sys")][:71]
    data = [each for each in everything if each.id.endswith("data")][:29]
    payload = b"[" + b",".join(event_of(each, BEGINS) for each in (*systems, *data)) + b"]"

    calls = region.run("create_image", lambda cloud: create_images(payload, RULES, cloud))

    assert calls["CreateImage"] == 71
    assert sum(calls.values()) <= 80


def test_a_sweep_that_finds_nothing_to_do_costs_a_twentieth_of_the_quota_at_most() -> None:
    """Of a day: 120 minutes with the night's snapshots in sight, 1,320 with none, and the whole window every hour."""
    region = Region(1400)
    region.run("reconcile_snapshots", lambda cloud: reconcile_snapshots(RULES, cloud))

    recent = region.run("reconcile_snapshots", lambda cloud: reconcile_snapshots(RULES, cloud, Order(Scope.RECENT)))
    whole = region.run("reconcile_snapshots", lambda cloud: reconcile_snapshots(RULES, cloud))

    assert (recent, whole) == (Counter(DescribeSnapshots=10), Counter(DescribeSnapshots=10))
    assert 200 * DAY / 20 > 120 * 10 + 1320 + 24 * 10


def test_a_sweep_makes_two_thousand_images_a_minute_where_ecs_takes_them() -> None:
    """Twice what the quota of 1,000 asks for, so that it can wait for new minutes and list meanwhile."""
    region = Region(1400)

    region.run("reconcile_snapshots", lambda cloud: reconcile_snapshots(RULES, cloud))

    made = region.cloud.made_at
    assert len(made) / (max(made) - min(made)) >= 2000 / 60


def test_a_lost_image_is_noticed(small: NightResult) -> None:
    images = small.cloud.images
    [*_, last] = images.images.values()
    images.delete(last.id)

    assert small.lost == [last.tags["snapimage:snapshot"]]
    assert not small.is_fine


def test_an_image_made_twice_is_noticed(small: NightResult) -> None:
    images = small.cloud.images.images
    [*_, last] = images.values()
    images["m-other"] = replace(last, id="m-other", name="other")

    assert small.twice == [last.tags["snapimage:snapshot"]]
    assert not small.is_fine


def test_an_image_that_lacks_a_disk_or_its_end_is_noticed(small: NightResult) -> None:
    images = small.cloud.images
    first, *_, last = images.images.values()
    images.change(first.id, disks=(*first.disks, *first.disks))
    images.change(last.id, tags={**last.tags, OPEN: OPEN_YES})

    assert small.unfinished == [first.id, last.id]


def test_a_dead_letter_and_an_end_that_was_not_told_are_noticed(small: NightResult) -> None:
    del small.cloud.told["s-0sys", State.AVAILABLE]
    small.functions["create_image"].spent.dead_letters.append(b'{"data": {"snapshotId": "s-1sys"}}')

    assert (small.untold, small.dead_letters) == (["s-0sys"], {"s-1sys"})
    assert not small.is_fine


def test_a_night_that_ends_late_is_not_in_time(small: NightResult) -> None:
    small.cloud.made_at.append(small.goal + 121)

    assert not small.is_in_time


@pytest.mark.parametrize(("quota", "times"), [(200, 1.1), (1000, 1.2)])
def test_a_long_night_may_take_some_tenths_longer_than_create_image_alone(quota: int, times: float) -> None:
    night = run_night(Night(14, quota, FUNCTIONS))
    alone = replace(night, fleet=replace(night.fleet, endings=night.fleet.endings * 7_000))
    night.cloud.made_at[:] = [times * alone.goal - 1]
    late = replace(alone, cloud=night.cloud)

    in_time = late.is_in_time
    night.cloud.made_at.append(times * alone.goal + 1)

    assert (in_time, late.is_in_time) == (True, False)
