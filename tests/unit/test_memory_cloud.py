"""The cloud in memory moves and remembers as ECS does, and no better."""

from datetime import timedelta
from typing import Any

import pytest
from fakes.builders import data_disk, data_snapshot, system_disk, system_snapshot

from shared.domain.errors import Refused
from shared.domain.facts import Disk, Instance, Role, SnapshotGroup
from simulation.memory.cloud import START, MemoryCloud, memory_cloud

LATER = START + timedelta(minutes=5)


@pytest.fixture
def cloud() -> MemoryCloud:
    return memory_cloud([system_snapshot(), data_snapshot()], [system_disk(), data_disk()])


def test_a_disk_that_is_taken_off_hangs_on_nothing_and_says_since_when(cloud: MemoryCloud) -> None:
    cloud.disks.detach("d-data")

    assert [disk.id for disk in cloud.disks.of_instance("i-web")] == ["d-sys"]
    assert cloud.disks.find(["d-data"])[0].detached == START


def test_a_disk_that_is_put_on_again_keeps_the_time_at_which_it_was_last_taken_off(cloud: MemoryCloud) -> None:
    cloud.disks.detach("d-data", START)
    cloud.disks.attach("d-data", "i-other", Role.DATA, "/dev/xvdf", LATER)

    [disk] = cloud.disks.of_instance("i-other")
    assert (disk.detached, disk.attached, disk.device) == (START, LATER, "/dev/xvdf")


def test_a_system_disk_on_a_rescue_machine_is_a_data_disk_there(cloud: MemoryCloud) -> None:
    cloud.disks.detach("d-sys")
    cloud.disks.attach("d-sys", "i-rescue", Role.DATA, "/dev/xvdc")

    assert cloud.disks.find(["d-sys"])[0].role is Role.DATA


def test_the_snapshots_of_a_machine_are_those_of_the_disks_that_hang_on_it_now(cloud: MemoryCloud) -> None:
    cloud.disks.detach("d-data")

    found = cloud.snapshots.of_instance("i-web", START - timedelta(days=1))
    assert [snapshot.id for snapshot in found] == ["s-sys"]


def test_a_disk_that_is_released_leaves_its_snapshots_behind(cloud: MemoryCloud) -> None:
    cloud.disks.release("d-data")

    assert cloud.disks.find(["d-data"]) == []
    assert [each.id for each in cloud.snapshots.of_disk("d-data", START - timedelta(days=1))] == ["s-data"]


def test_a_machine_that_is_released_has_no_tags_any_more() -> None:
    cloud = memory_cloud(instances=[Instance("i-1", {"team": "web"})])

    cloud.disks.release_machine("i-1")
    assert cloud.disks.instances(["i-1"]) == []


def test_a_snapshot_takes_twenty_tags_and_not_one_more(cloud: MemoryCloud) -> None:
    cloud.snapshots.tag(["s-sys"], {f"key{number}": "" for number in range(20)})

    with pytest.raises(Refused, match=r"QuotaExceed\.Tags"):
        cloud.snapshots.tag(["s-data", "s-sys"], {"snapimage:outcome": "making"})
    assert cloud.snapshots.find(["s-data"])[0].tags == {}


def test_each_hundred_entries_are_a_call() -> None:
    groups = [SnapshotGroup(f"ssg-{number}", frozenset()) for number in range(151)]
    cloud = memory_cloud(groups={"i-1": groups})

    assert len(cloud.snapshots.groups_of_instance("i-1")) == 151
    assert cloud.calls.since(0) == ["DescribeSnapshotGroups"] * 2


def test_a_page_that_nobody_asks_for_costs_nothing() -> None:
    snapshots = [system_snapshot(f"s-{number}") for number in range(150)]
    cloud = memory_cloud(snapshots)

    next(cloud.snapshots.of_system_disks(START - timedelta(days=1)))
    assert cloud.calls.since(0) == ["DescribeSnapshots"]


def test_disks_are_listed_as_they_were_put_in_whatever_their_devices() -> None:
    disks: list[Any] = [Disk("d-2", Role.DATA, 40, "i-1", "/dev/xvdc"), Disk("d-1", Role.DATA, 40, "i-1", "/dev/xvdb")]

    cloud = memory_cloud(disks=disks)
    assert [disk.id for disk in cloud.disks.of_instance("i-1")] == ["d-2", "d-1"]
