"""EcsDisks against the local cloud: disks and instances in our words."""

from datetime import datetime, timezone
from typing import Any

import pytest
from adapter_calls import REFUSED, Serve, calls_to, plant

from localcloud.server import LocalCloud
from shared.adapters.ecs_client import EcsCalls
from shared.adapters.ecs_disks import EcsDisks
from shared.domain.errors import Transient
from shared.domain.facts import Disk, Instance, Role


@pytest.fixture
def calls(cloud: LocalCloud) -> EcsCalls:
    return calls_to(cloud)


@pytest.fixture
def disks(calls: EcsCalls) -> EcsDisks:
    return EcsDisks(calls)


def test_several_disks_are_asked_for_at_once(calls: EcsCalls, disks: EcsDisks) -> None:
    found = disks.find(["d-web1sys", "d-spare", "d-nowhere"])

    assert {disk.id for disk in found} == {"d-web1sys", "d-spare"}
    assert calls.actions == ["DescribeDisks"]


def test_a_disk_knows_its_instance_while_it_is_attached(disks: EcsDisks) -> None:
    (found,) = disks.find(["d-web1sys"])

    since = datetime(2013, 6, 14, tzinfo=timezone.utc)  # a month before the world's first snapshot
    assert found == Disk(
        "d-web1sys",
        Role.SYSTEM,
        40,
        "i-web1",
        device="/dev/xvda",
        tags={"role": "web"},
        attached=since,
        category="cloud_essd",
    )


def test_a_detached_disk_has_no_instance(disks: EcsDisks) -> None:
    (found,) = disks.find(["d-spare"])

    assert (found.instance_id, found.device, found.attached) == (None, "", None)


ODD_DISKS: list[dict[str, Any]] = [
    {"id": "d-left", "type": "data", "size_gib": 20, "detached": "2026-02-28T12:00:00Z", "name": "pvc-1"},
    {"id": "d-planned", "type": "data", "size_gib": 20, "policy": "sp-night"},
    {"id": "d-local", "type": "data", "size_gib": 20, "category": "local_ssd_pro"},
]


def test_a_disk_tells_when_it_was_last_taken_off(serve: Serve) -> None:
    found = EcsDisks(calls_to(serve(detached_disks=ODD_DISKS, snapshots=[], groups=[], images=[]))).find(
        ["d-left", "d-planned"]
    )

    assert {disk.id: disk.detached for disk in found} == {
        "d-left": datetime(2026, 2, 28, 12, tzinfo=timezone.utc),
        "d-planned": None,
    }


def test_a_disk_tells_its_name_and_its_policies(serve: Serve) -> None:
    found = EcsDisks(calls_to(serve(detached_disks=ODD_DISKS, snapshots=[], groups=[], images=[]))).find(
        ["d-left", "d-planned"]
    )

    assert {disk.id: (disk.name, disk.policies) for disk in found} == {
        "d-left": ("pvc-1", frozenset()),
        "d-planned": ("", frozenset({"sp-night"})),
    }


def test_a_local_disk_is_known_by_its_category(serve: Serve) -> None:
    found = EcsDisks(calls_to(serve(detached_disks=ODD_DISKS, snapshots=[], groups=[], images=[]))).find(
        ["d-left", "d-local"]
    )

    assert {disk.id: disk.can_have_snapshots for disk in found} == {"d-left": True, "d-local": False}


def shared_disk(device: str, attached: str) -> dict[str, Any]:
    known = {"id": "d-shared", "type": "data", "size_gib": 20, "multi_attach": True}
    return {**known, "device": device, "attached": attached}


TWO_MACHINES = [
    {"id": "i-one", "disks": [shared_disk("/dev/xvdb", "2026-02-01T00:00:00Z")]},
    {"id": "i-two", "disks": [shared_disk("/dev/xvdf", "2026-02-03T00:00:00Z")]},
]


def serve_machines(serve: Serve, instances: list[dict[str, Any]]) -> LocalCloud:
    return serve(instances=instances, detached_disks=[], snapshots=[], groups=[], images=[])


def test_a_shared_disk_is_as_it_is_attached_to_the_instance_in_question(serve: Serve) -> None:
    (found,) = EcsDisks(calls_to(serve_machines(serve, TWO_MACHINES))).of_instance("i-two")

    since = datetime(2026, 2, 3, tzinfo=timezone.utc)
    assert (found.instance_id, found.device, found.attached) == ("i-two", "/dev/xvdf", since)


def test_a_shared_disk_by_itself_is_on_no_one_instance(serve: Serve) -> None:
    (found,) = EcsDisks(calls_to(serve_machines(serve, TWO_MACHINES))).find(["d-shared"])

    assert (found.instance_id, found.device) == (None, "")


def test_a_shared_disk_with_one_attachment_is_on_that_instance(serve: Serve) -> None:
    (found,) = EcsDisks(calls_to(serve_machines(serve, TWO_MACHINES[:1]))).find(["d-shared"])

    assert (found.instance_id, found.device) == ("i-one", "/dev/xvdb")


def test_of_a_whole_region_a_shared_disk_is_told_once_for_each_of_its_machines(serve: Serve) -> None:
    cloud = serve(instances=TWO_MACHINES, detached_disks=ODD_DISKS[:1], snapshots=[], groups=[], images=[])

    found = [(disk.id, disk.instance_id) for page in EcsDisks(calls_to(cloud)).everywhere() for disk in page]
    assert sorted(found, key=str) == [("d-left", None), ("d-shared", "i-one"), ("d-shared", "i-two")]


def test_the_disks_of_an_instance_are_all_that_are_attached_to_it(disks: EcsDisks) -> None:
    found = {disk.id: disk.role for disk in disks.of_instance("i-web1")}

    assert found == {"d-web1sys": Role.SYSTEM, "d-web1data": Role.DATA, "d-web1logs": Role.DATA}


def machine_with(amount: int) -> list[dict[str, Any]]:
    return [{"id": "i-big", "disks": [{"id": f"d-{n}", "type": "data", "size_gib": 20} for n in range(amount)]}]


def test_all_disks_of_an_instance_are_read_however_many_pages_they_take(serve: Serve) -> None:
    calls = calls_to(serve_machines(serve, machine_with(101)))

    found = EcsDisks(calls).of_instance("i-big")
    assert len({disk.id for disk in found}) == 101
    assert calls.actions == ["DescribeDisks"] * 2


def test_disks_whose_second_page_is_refused_are_none(serve: Serve) -> None:
    cloud = serve_machines(serve, machine_with(101))
    plant(cloud, "DescribeDisks", after=1, error=REFUSED)

    with pytest.raises(Transient):
        EcsDisks(calls_to(cloud)).of_instance("i-big")


def test_instances_come_with_their_tags(disks: EcsDisks) -> None:
    found = disks.instances(["i-web1", "i-old1", "i-nowhere"])

    assert {each.id: each for each in found} == {
        "i-web1": Instance("i-web1", {"role": "web"}),
        "i-old1": Instance("i-old1"),
    }
