"""A throttled night, with the functions as s.yaml declares them: everything is made, once, and about in time."""

from dataclasses import replace

import pytest

from ops.simulate_command import read_functions
from shared.domain.memory import OPEN
from simulation.night import Night, run_night
from simulation.outcome import Outcome

FUNCTIONS = read_functions()


@pytest.fixture(scope="module")
def night() -> Outcome:
    return run_night(Night(1406, 200, FUNCTIONS))


@pytest.fixture
def small() -> Outcome:
    return run_night(Night(14, 200, FUNCTIONS))


def test_of_1406_snapshots_at_200_calls_a_minute_none_is_lost_and_none_made_twice(night: Outcome) -> None:
    assert len(night.cloud.images.images) == 1000
    assert (night.lost, night.twice, night.unfinished, night.unanswered) == ([], [], [], [])


def test_that_night_takes_little_more_than_the_quota_dictates(night: Outcome) -> None:
    assert night.least_seconds > 13 * 60
    assert night.ratio <= 1.1


def test_that_night_was_throttled_and_yet_nothing_went_back_to_the_platform(night: Outcome) -> None:
    spent = night.functions["create_image"].spent

    assert night.cloud.quota.total_refused()["DescribeSnapshots"] > 100
    assert (spent.retries, spent.timeouts, spent.dead_letters) == (0, 0, [])


def test_while_events_come_every_minute_is_spent_to_its_last_call(night: Outcome) -> None:
    made = [night.cloud.quota.made["DescribeSnapshots", minute] for minute in range(1, 10)]

    assert made == [200] * 9


def test_a_night_can_be_run_again(small: Outcome) -> None:
    again = run_night(Night(14, 200, FUNCTIONS))

    assert again.cloud.made_at == small.cloud.made_at
    assert again.cloud.quota == small.cloud.quota


def test_another_seed_is_another_night(small: Outcome) -> None:
    other = run_night(Night(14, 200, FUNCTIONS, seed=2))

    assert other.cloud.made_at != small.cloud.made_at


def test_a_clock_that_is_a_little_ahead_of_that_of_ecs_costs_no_further_minute() -> None:
    exact = run_night(Night(280, 40, FUNCTIONS))
    ahead = run_night(Night(280, 40, FUNCTIONS, clock_ahead=-0.8))

    assert ahead.cloud.waited == exact.cloud.waited
    assert ahead.cloud.quota.total_refused() == exact.cloud.quota.total_refused()


def test_without_waiting_in_the_function_events_end_as_dead_letters() -> None:
    outcome = run_night(Night(700, 100, FUNCTIONS, is_patient=False))

    assert len(outcome.dead_letters) > 50
    assert outcome.ratio > 1.1


def test_a_lost_image_is_noticed(small: Outcome) -> None:
    images = small.cloud.images
    [*_, last] = images.images.values()
    images.delete(last.id)

    assert small.lost == [last.tags["snapimage:snapshot"]]


def test_an_image_made_twice_is_noticed(small: Outcome) -> None:
    images = small.cloud.images.images
    [*_, last] = images.values()
    images["m-other"] = replace(last, id="m-other", name="other")

    assert small.twice == [last.tags["snapimage:snapshot"]]


def test_an_image_that_lacks_a_disk_or_its_end_is_noticed(small: Outcome) -> None:
    images = small.cloud.images
    first, *_, last = images.images.values()
    images.change(first.id, disks=(*first.disks, *first.disks))
    images.change(last.id, tags={**last.tags, OPEN: "yes"})

    assert small.unfinished == [first.id, last.id]


def test_an_event_without_an_answer_is_noticed_unless_it_is_kept_as_a_dead_letter(small: Outcome) -> None:
    messages = small.cloud.queue.messages
    told = [message for message in messages if message.data.event_id not in {"event-s-0sys", "event-s-1sys"}]
    messages[:] = told
    small.functions["create_image"].spent.dead_letters.append(b'{"data": {"snapshotId": "s-1sys"}}')

    assert small.unanswered == ["s-0sys"]
