"""The flows under throttling: what waits inside the function, what goes back to the platform, and what the log says."""

import json
from datetime import timedelta
from typing import Any

import pytest
from fakes.builders import NOW, notice, payload, plan, rules, system_disk, system_snapshot

from shared.domain.errors import Throttled
from shared.flows.create_image import create_images
from shared.flows.reconcile_snapshots import reconcile_snapshots
from simulation.memory_cloud import Fault, MemoryCloud, memory_cloud

ALL = rules(plan(source={}))
THROTTLED = Throttled("Throttling.User", "too many calls", 400, "request-1")
MINUTE = timedelta(minutes=1)


def fleet(count: int = 3, seconds: float = 120, **parts: Any) -> MemoryCloud:
    """System disks that were snapshotted, and a function that has so many seconds."""
    names = range(count)
    snapshots = [system_snapshot(f"s-{n}", disk_id=f"d-{n}") for n in names]
    disks = [system_disk(f"d-{n}", instance_id=f"i-{n}") for n in names]
    return memory_cloud(snapshots, disks, patient_for=timedelta(seconds=seconds), **parts)


def events(count: int = 3) -> bytes:
    return payload(*[notice(f"event-{n}", snapshotId=f"s-{n}", diskId=f"d-{n}") for n in range(count)])


def throttle(cloud: MemoryCloud, times: int = 1) -> None:
    cloud.images.faults += [Fault(THROTTLED)] * times


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Any:
    caplog.set_level("INFO", "snapimage")
    return lambda: [json.loads(line) for line in caplog.messages]


def test_a_throttled_event_is_answered_in_the_next_minute_by_the_same_invocation(lines: Any) -> None:
    cloud = fleet(1)
    throttle(cloud)

    [answer] = create_images(events(1), ALL, cloud)

    [line] = lines()
    assert answer.reason == "ImageRequested"
    assert MINUTE + timedelta(seconds=1) <= cloud.clock.now() - NOW <= MINUTE + timedelta(seconds=6)
    assert cloud.calls.actions == ["DescribeSnapshots", "DescribeImages", "CreateImage", "CreateImage"]
    assert (line["ecs_calls"], 61 <= line["waited_seconds"] <= 66) == (4, True)


def test_an_event_that_is_throttled_past_the_deadline_goes_back_with_its_code_and_its_wait(lines: Any) -> None:
    cloud = fleet(1)
    throttle(cloud, 3)

    with pytest.raises(Throttled):
        create_images(events(1), ALL, cloud)

    [line] = lines()
    assert (line["state"], line["code"], line["request"]) == ("postponed", "Throttling.User", "request-1")
    assert 61 <= line["waited_seconds"] <= 66
    assert (cloud.images.images, cloud.queue.messages) == ({}, [])


def test_an_event_of_several_that_waits_does_not_cost_the_others_their_answers(lines: Any) -> None:
    cloud = fleet()
    throttle(cloud)

    answers = create_images(events(), ALL, cloud)

    assert [answer.snapshot_id for answer in answers] == ["s-0", "s-1", "s-2"]
    assert ["waited_seconds" in line for line in lines()] == [True, False, False]


def test_one_that_is_throttled_past_the_deadline_does_not_either() -> None:
    cloud = fleet()
    throttle(cloud, 2)

    with pytest.raises(Throttled):
        create_images(events(), ALL, cloud)

    assert [message.data.snapshot_id for message in cloud.queue.messages] == ["s-1", "s-2"]


def test_a_sweep_over_snapshots_waits_for_the_next_minute_and_goes_on(lines: Any) -> None:
    cloud = fleet(seconds=600)
    throttle(cloud, 4)

    counts = reconcile_snapshots(ALL, cloud)

    assert counts == {"looked_at": 3, "done": 0, "made": 3, "postponed": 0}


def test_a_sweep_over_snapshots_ends_when_its_time_is_used_up() -> None:
    cloud = fleet(seconds=120)
    throttle(cloud, 2)

    with pytest.raises(Throttled):
        reconcile_snapshots(ALL, cloud)

    assert (len(cloud.images.images), cloud.calls.actions.count("CreateImage")) == (0, 2)
