"""What a world may say, and that a complaint names the id."""

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from pydantic import ValidationError

from localcloud.world import WorldFile

SYSTEM = {"id": "d-1", "type": "system", "size_gib": 40}
DATA = {"id": "d-2", "type": "data", "size_gib": 100}
TIMES = {"started": "2026-03-01T01:00:00Z", "ended": "2026-03-01T01:02:00Z"}
LATER = "2026-03-01T01:02:00Z"
SHARED = {"id": "d-5", "type": "data", "size_gib": 100, "multi_attach": True}
SNAPSHOT = {"id": "s-1", "disk": "d-1", **TIMES}
FOREIGN = {"id": "s-2", "disk": "d-9", **TIMES}


def world(**parts: Any) -> WorldFile:
    usual = {"instances": [{"id": "i-1", "disks": [SYSTEM, DATA]}], "snapshots": [SNAPSHOT]}
    return WorldFile.model_validate(usual | parts)


def test_an_empty_world_is_a_world_of_today() -> None:
    empty = WorldFile.model_validate({})

    assert (empty.region, empty.progress.by, empty.progress.seconds) == ("cn-hangzhou", "clock", 180)
    assert abs(empty.start_time() - datetime.now(timezone.utc)) < timedelta(minutes=1)


def test_time_starts_a_minute_after_the_newest_snapshot_that_is_over() -> None:
    running = {"id": "s-2", "disk": "d-2", "status": "progressing", **TIMES, "ended": "2026-03-01T09:00:00Z"}

    assert world(snapshots=[SNAPSHOT, running]).start_time().isoformat() == "2026-03-01T01:03:00+00:00"


def test_time_starts_where_the_world_says() -> None:
    assert world(now="2026-04-01T00:00:00Z").start_time().isoformat() == "2026-04-01T00:00:00+00:00"


def test_a_snapshot_of_a_disk_that_is_gone_is_taken_when_it_says_enough() -> None:
    foreign = {**FOREIGN, "source_disk_type": "data", "size_gib": 20}

    assert world(snapshots=[foreign]).snapshots[0].disk == "d-9"


def test_disks_are_attached_since_a_month_before_the_first_snapshot() -> None:
    assert world().first_attached().isoformat() == "2026-01-30T01:00:00+00:00"


@pytest.mark.parametrize("device", ["/dev/xvdb", "/dev/vdb", "/dev/sdb", "/dev/xvdaa"])
def test_a_disk_has_a_device_of_whichever_kernel(device: str) -> None:
    machine = {"id": "i-1", "disks": [{**DATA, "device": device}]}

    assert [disk.device for disk in world(instances=[machine], snapshots=[]).disks()] == [device]


def test_a_world_without_snapshots_has_had_its_disks_for_a_month() -> None:
    assert world(snapshots=[], now="2026-04-01T00:00:00Z").first_attached().isoformat() == "2026-03-02T00:00:00+00:00"


def test_a_disk_of_several_machines_is_one_disk() -> None:
    machines = [{"id": f"i-{n}", "disks": [{**SHARED, "device": f"/dev/xvd{n}"}]} for n in "bc"]

    assert [disk.id for disk in world(instances=machines, snapshots=[]).disks()] == ["d-5"]


def test_a_system_disk_may_hang_on_another_machine_as_a_data_disk() -> None:
    rescued = {**SYSTEM, "type": "data", "attached": "2026-03-01T01:30:00Z"}
    was_system = {**SNAPSHOT, "source_disk_type": "system"}

    moved = world(instances=[{"id": "i-2", "disks": [rescued]}], snapshots=[was_system])

    assert (moved.disks()[0].type, moved.snapshots[0].source_disk_type) == ("data", "system")


def test_a_world_does_not_change() -> None:
    with pytest.raises(ValidationError):
        world().region = "cn-beijing"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("parts", "says"),
    [
        ({"colour": "red"}, "colour"),
        ({"instances": [{"id": "i-1", "disks": [], "colour": "red"}]}, "colour"),
        ({"region": "Hangzhou"}, "region"),
        ({"now": "2026-04-01T00:00:00"}, "timezone"),
        ({"snapshots": [SNAPSHOT, SNAPSHOT]}, "id given more than once: s-1"),
        ({"detached_disks": [DATA]}, "id given more than once: d-2"),
        ({"instances": [{"id": "i-1", "disks": [SYSTEM, {**SYSTEM, "id": "d-3"}]}]}, "i-1 has more than one system"),
        (
            {"instances": [{"id": "i-1", "disks": [{**one, "device": "/dev/xvda"} for one in (SYSTEM, DATA)]}]},
            "device of instance i-1 given more than once: /dev/xvda",
        ),
        ({"snapshots": [FOREIGN]}, "snapshot s-2: disk d-9 is not in the world, so source_disk_type and size_gib"),
        ({"snapshots": [{**FOREIGN, "size_gib": 20}]}, "so source_disk_type must be given"),
        ({"snapshots": [{**SNAPSHOT, "ended": None}]}, "snapshot s-1 is accomplished and needs `ended`"),
        ({"snapshots": [{**SNAPSHOT, "ended": "2026-02-01T00:00:00Z"}]}, "snapshot s-1 ends before it starts"),
        ({"snapshots": [{**SNAPSHOT, "id": "snap-1"}]}, "snapshots.0.id"),
        ({"groups": [{"id": "ssg-1", "snapshots": ["s-9"]}]}, "group ssg-1: snapshot s-9 is not in the world"),
        (
            {"groups": [{"id": "ssg-1", "instance": "i-9", "snapshots": ["s-1"]}]},
            "group ssg-1: instance i-9 is not in the world",
        ),
        ({"images": [{"id": "m-1", "name": "a1", "snapshot": "s-9"}]}, "image m-1: snapshot s-9 is not in the world"),
        ({"images": [{"id": "m-1", "name": "a1"}]}, "image m-1 needs a snapshot or disks"),
        (
            {"images": [{"id": f"m-{n}", "name": "a1", "snapshot": "s-1"} for n in (1, 2)]},
            "image name given more than once: a1",
        ),
        ({"progress": {"by": "luck"}}, "progress.by"),
        (
            {"detached_disks": [{**DATA, "id": "d-3", "attached": TIMES["started"]}]},
            "disk d-3 is attached to nothing and has `attached`",
        ),
        (
            {"instances": [{"id": "i-1", "disks": [{**SYSTEM, "attached": TIMES["started"], "detached": LATER}]}]},
            "disk d-1 is attached, so it was attached after it was last `detached`",
        ),
        ({"instances": [{"id": "i-1", "disks": [{**SYSTEM, "policy": "night"}]}]}, "policy"),
        (
            {"instances": [{"id": "i-1", "disks": [{**SYSTEM, "multi_attach": True}]}]},
            "disk d-1 with multi_attach cannot be a system disk",
        ),
        (
            {"instances": [{"id": f"i-{n}", "disks": [{**SHARED, "size_gib": n}]} for n in (1, 2)]},
            "disk d-5 is described differently under its instances",
        ),
        ({"faults": [{"action": "CreateImage"}]}, "exactly one of error, reply, image"),
    ],
)
def test_a_world_that_does_not_fit_together_is_refused(parts: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError) as caught:
        world(**parts)

    assert says in str(caught.value)
