"""DeleteDisk and DeleteInstance."""

from typing import Any

import pytest
from alibabacloud_ecs20140526 import models
from alibabacloud_tea_openapi.exceptions import ClientException
from ecs_calls import client, disk_ids, find_disks, refusal, snapshot_ids

from localcloud.server import LocalCloud


def delete_disk(cloud: LocalCloud, disk_id: str) -> None:
    client(cloud).delete_disk(models.DeleteDiskRequest(disk_id=disk_id))


def delete_instance(cloud: LocalCloud, instance_id: str, **options: Any) -> None:
    client(cloud).delete_instance(models.DeleteInstanceRequest(instance_id=instance_id, **options))


def test_a_deleted_disk_is_gone_and_its_snapshots_stay(cloud: LocalCloud) -> None:
    client(cloud).detach_disk(models.DetachDiskRequest(disk_id="d-web1data", instance_id="i-web1"))
    delete_disk(cloud, "d-web1data")

    assert disk_ids(cloud, disk_ids='["d-web1data"]') == []
    assert snapshot_ids(cloud, disk_id="d-web1data") == ["s-web1data"]


@pytest.mark.parametrize(
    ("disk_id", "expected"),
    [("d-none", (404, "InvalidDiskId.NotFound")), ("d-web1data", (403, "IncorrectDiskStatus"))],
)
def test_a_disk_that_hangs_somewhere_is_not_deleted(cloud: LocalCloud, disk_id: str, expected: tuple[int, str]) -> None:
    with pytest.raises(ClientException) as caught:
        delete_disk(cloud, disk_id)

    assert refusal(caught.value) == expected


def test_a_machine_takes_its_system_disk_along_and_leaves_its_data_disks(cloud: LocalCloud) -> None:
    delete_instance(cloud, "i-web1", force=True)

    (left,) = find_disks(cloud, disk_ids='["d-web1sys", "d-web1data"]').disks.disk
    assert (left.disk_id, left.status, left.detached_time) == ("d-web1data", "Available", "2026-03-01T01:05:00Z")
    assert "i-web1" not in cloud.ecs.store.instances


def test_a_data_disk_that_was_attached_so_goes_with_its_machine(cloud: LocalCloud) -> None:
    request = models.AttachDiskRequest(disk_id="d-spare", instance_id="i-web1", delete_with_instance=True)
    client(cloud).attach_disk(request)
    (shown,) = find_disks(cloud, disk_ids='["d-spare"]').disks.disk
    delete_instance(cloud, "i-web1", force=True)

    assert (shown.delete_with_instance, disk_ids(cloud, disk_ids='["d-spare"]')) == (True, [])


@pytest.mark.parametrize(
    ("instance_id", "expected"),
    [("i-none", (404, "InvalidInstanceId.NotFound")), ("i-web1", (403, "IncorrectInstanceStatus"))],
)
def test_a_running_machine_is_deleted_by_force_only(
    cloud: LocalCloud, instance_id: str, expected: tuple[int, str]
) -> None:
    with pytest.raises(ClientException) as caught:
        delete_instance(cloud, instance_id)

    assert refusal(caught.value) == expected
