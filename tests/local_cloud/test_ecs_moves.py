"""AttachDisk, DetachDisk, ReplaceSystemDisk, StartInstance, StopInstance and DeleteSnapshot."""

from typing import Any

import pytest
from alibabacloud_ecs20140526 import models
from alibabacloud_tea_openapi.exceptions import ClientException
from ecs_calls import REGION, client, create_image, disk_ids, find_disks, image, refusal, snapshot_ids
from world_files import TWO_MACHINES

from localcloud.server import LocalCloud

LOGON = {"key_pair_name": "any"}


def attach(cloud: LocalCloud, disk_id: str, instance_id: str, **options: Any) -> None:
    client(cloud).attach_disk(models.AttachDiskRequest(disk_id=disk_id, instance_id=instance_id, **options))


def detach(cloud: LocalCloud, disk_id: str, instance_id: str) -> None:
    client(cloud).detach_disk(models.DetachDiskRequest(disk_id=disk_id, instance_id=instance_id))


def stop(cloud: LocalCloud, instance_id: str, **options: Any) -> None:
    client(cloud).stop_instance(models.StopInstanceRequest(instance_id=instance_id, **options))


def replace(cloud: LocalCloud, instance_id: str, image_id: str) -> str:
    request = models.ReplaceSystemDiskRequest(instance_id=instance_id, image_id=image_id)
    return str(client(cloud).replace_system_disk(request).body.disk_id)


def delete_snapshot(cloud: LocalCloud, snapshot_id: str, **options: Any) -> None:
    client(cloud).delete_snapshot(models.DeleteSnapshotRequest(snapshot_id=snapshot_id, **options))


def disk(cloud: LocalCloud, disk_id: str) -> Any:
    (found,) = find_disks(cloud, disk_ids=f'["{disk_id}"]').disks.disk
    return found


def where(cloud: LocalCloud, disk_id: str) -> tuple[str, str, str]:
    found = disk(cloud, disk_id)
    return found.instance_id, found.device, found.type


def test_a_detached_disk_hangs_on_nothing_and_tells_since_when(cloud: LocalCloud) -> None:
    detach(cloud, "d-web1data", "i-web1")

    shown = disk(cloud, "d-web1data")
    assert (shown.status, shown.instance_id, shown.device, shown.attached_time) == ("Available", "", "", "")
    assert (shown.detached_time, shown.attachments.attachment) == ("2026-03-01T01:05:00Z", [])


def test_a_disk_that_is_put_back_is_attached_since_then_and_keeps_its_detached_time(cloud: LocalCloud) -> None:
    detach(cloud, "d-web1data", "i-web1")
    cloud.clock.advance(60)
    attach(cloud, "d-web1data", "i-web1")

    shown = disk(cloud, "d-web1data")
    assert (shown.attached_time, shown.detached_time) == ("2026-03-01T01:06:00Z", "2026-03-01T01:05:00Z")


def test_a_disk_gets_the_first_free_device(cloud: LocalCloud) -> None:
    detach(cloud, "d-web1data", "i-web1")
    attach(cloud, "d-spare", "i-web1")
    attach(cloud, "d-web1data", "i-web1")

    assert where(cloud, "d-spare") == ("i-web1", "/dev/xvdb", "data")
    assert where(cloud, "d-web1data") == ("i-web1", "/dev/xvdd", "data")


def test_a_disk_gets_the_device_that_is_asked_for_unless_it_is_taken(cloud: LocalCloud) -> None:
    attach(cloud, "d-spare", "i-web1", device="/dev/xvdk")
    detach(cloud, "d-web1data", "i-web1")

    with pytest.raises(ClientException) as caught:
        attach(cloud, "d-web1data", "i-web1", device="/dev/xvdk")

    assert where(cloud, "d-spare") == ("i-web1", "/dev/xvdk", "data")
    assert refusal(caught.value) == (403, "InvalidDevice.InUse")


def test_a_system_disk_can_be_taken_to_another_machine_as_a_data_disk(cloud: LocalCloud) -> None:
    stop(cloud, "i-web1")
    detach(cloud, "d-web1sys", "i-web1")
    attach(cloud, "d-web1sys", "i-old1")

    assert where(cloud, "d-web1sys") == ("i-old1", "/dev/xvdb", "data")
    assert "d-web1sys" in disk_ids(cloud, instance_id="i-old1")
    assert snapshot_ids(cloud, instance_id="i-old1", source_disk_type="system")[0] == "s-web1sys"


@pytest.mark.parametrize("logon", [LOGON, {"password": "any"}], ids=["key", "password"])
def test_a_system_disk_comes_back_as_such_to_its_own_machine(cloud: LocalCloud, logon: dict[str, str]) -> None:
    stop(cloud, "i-web1")
    detach(cloud, "d-web1sys", "i-web1")
    attach(cloud, "d-web1sys", "i-web1", bootable=True, **logon)

    assert where(cloud, "d-web1sys") == ("i-web1", "/dev/xvda", "system")


@pytest.mark.parametrize(
    ("disk_id", "instance_id", "options", "expected"),
    [
        ("d-none", "i-web1", {}, (404, "InvalidDiskId.NotFound")),
        ("d-spare", "i-none", {}, (404, "InvalidInstanceId.NotFound")),
        ("d-web1data", "i-old1", {}, (403, "IncorrectDiskStatus")),
        ("d-spare", "i-web1", {"bootable": True}, (400, "InvalidDisk.DiskNotBootable")),
        ("d-spare", None, {}, (400, "MissingParameter")),
        ("d-spare", "i-web1", {"force": True}, (400, "LocalCloud.UnknownParameter")),
    ],
)
def test_a_wrong_attachment_is_refused(
    cloud: LocalCloud, disk_id: str, instance_id: str, options: dict[str, Any], expected: tuple[int, str]
) -> None:
    with pytest.raises(ClientException) as caught:
        attach(cloud, disk_id, instance_id, **options)

    assert refusal(caught.value) == expected


@pytest.mark.parametrize(
    ("instance_id", "options", "expected"),
    [
        ("i-old1", LOGON, (400, "InvalidInstance.NotOriginInstance")),
        ("i-web1", {}, (403, "InvalidParameter.AllEmpty")),
    ],
)
def test_a_system_disk_goes_back_only_home_and_with_a_logon(
    cloud: LocalCloud, instance_id: str, options: dict[str, Any], expected: tuple[int, str]
) -> None:
    stop(cloud, "i-web1")
    detach(cloud, "d-web1sys", "i-web1")

    with pytest.raises(ClientException) as caught:
        attach(cloud, "d-web1sys", instance_id, bootable=True, **options)

    assert refusal(caught.value) == expected


@pytest.mark.parametrize(
    ("disk_id", "instance_id", "expected"),
    [
        ("d-web1sys", "i-web1", (403, "IncorrectInstanceStatus")),
        ("d-web1data", "i-old1", (403, "DependencyViolation")),
        ("d-spare", "i-web1", (404, "InvalidDisk.AlreadyDetached")),
        ("d-none", "i-web1", (404, "InvalidDiskId.NotFound")),
    ],
)
def test_a_wrong_detachment_is_refused(
    cloud: LocalCloud, disk_id: str, instance_id: str, expected: tuple[int, str]
) -> None:
    with pytest.raises(ClientException) as caught:
        detach(cloud, disk_id, instance_id)

    assert refusal(caught.value) == expected


def test_a_local_disk_is_a_part_of_its_machine(serve: Any) -> None:
    local = {"id": "d-local", "type": "data", "size_gib": 100, "category": "local_ssd_pro"}
    cloud = serve(instances=[*TWO_MACHINES["instances"], {"id": "i-local", "disks": [local]}])

    with pytest.raises(ClientException) as caught:
        detach(cloud, "d-local", "i-local")

    assert refusal(caught.value) == (403, "DiskNotPortable")


def test_an_ephemeral_disk_goes_back_only_to_its_own_machine(serve: Any) -> None:
    scratch = {"id": "d-scratch", "type": "data", "size_gib": 100, "category": "elastic_ephemeral_disk_standard"}
    cloud = serve(instances=[*TWO_MACHINES["instances"], {"id": "i-scratch", "disks": [scratch]}])
    detach(cloud, "d-scratch", "i-scratch")

    with pytest.raises(ClientException) as caught:
        attach(cloud, "d-scratch", "i-web1")

    assert refusal(caught.value) == (403, "InvalidOperation.OtherInstanceUnsupported")


def test_a_disk_of_several_machines_names_them_in_its_attachments_only(serve: Any) -> None:
    cluster = {"id": "d-cluster", "type": "data", "size_gib": 100, "multi_attach": True}
    machines = [{"id": f"i-node{n}", "disks": [{**cluster, "device": f"/dev/xvd{n}"}]} for n in "bc"]
    cloud = serve(instances=[*TWO_MACHINES["instances"], *machines])
    attach(cloud, "d-cluster", "i-web1")

    shown = disk(cloud, "d-cluster")
    assert (shown.multi_attach, shown.instance_id, shown.device) == ("Enabled", "", "")
    assert [(one.instance_id, one.device) for one in shown.attachments.attachment] == [
        ("i-nodeb", "/dev/xvdb"),
        ("i-nodec", "/dev/xvdc"),
        ("i-web1", "/dev/xvdd"),
    ]
    assert disk_ids(cloud, instance_id="i-nodec") == ["d-cluster"]


def test_a_replaced_system_disk_is_gone_and_its_snapshots_stay(cloud: LocalCloud) -> None:
    stop(cloud, "i-old1")
    new = replace(cloud, "i-old1", "m-existing")

    shown = disk(cloud, new)
    assert disk_ids(cloud, instance_id="i-old1") == [new]
    assert (shown.type, shown.device, shown.size, shown.category) == ("system", "/dev/xvda", 40, "cloud_efficiency")
    assert (shown.image_id, shown.attached_time) == ("m-existing", "2026-03-01T01:05:00Z")
    assert "s-failed" in snapshot_ids(cloud, disk_id="d-old1sys")
    assert disk_ids(cloud, disk_ids='["d-old1sys"]') == []


@pytest.mark.parametrize(
    ("instance_id", "image_id", "expected"),
    [
        ("i-web1", "m-existing", (403, "IncorrectInstanceStatus")),
        ("i-none", "m-existing", (404, "InvalidInstanceId.NotFound")),
        ("i-old1", "m-none", (404, "InvalidImageId.NotFound")),
    ],
)
def test_a_wrong_replacement_is_refused(
    cloud: LocalCloud, instance_id: str, image_id: str, expected: tuple[int, str]
) -> None:
    stop(cloud, "i-old1")

    with pytest.raises(ClientException) as caught:
        replace(cloud, instance_id, image_id)

    assert refusal(caught.value) == expected


def test_a_system_disk_can_be_replaced_from_a_public_image_that_the_world_does_not_name(cloud: LocalCloud) -> None:
    stop(cloud, "i-old1", force_stop=True, stopped_mode="KeepCharging")

    new = disk(cloud, replace(cloud, "i-old1", "aliyun_3_x64_20G_alibase_20240528.vhd"))
    assert (new.size, new.image_id) == (40, "aliyun_3_x64_20G_alibase_20240528.vhd")


def test_an_image_that_a_machine_was_made_of_is_deleted_by_force_only(cloud: LocalCloud) -> None:
    stop(cloud, "i-old1")
    replace(cloud, "i-old1", "m-existing")
    usage = image(cloud, "m-existing").usage

    with pytest.raises(ClientException) as caught:
        client(cloud).delete_image(models.DeleteImageRequest(region_id=REGION, image_id="m-existing"))
    client(cloud).delete_image(models.DeleteImageRequest(region_id=REGION, image_id="m-existing", force=True))

    assert (usage, refusal(caught.value)) == ("instance", (403, "ImageUsingByInstance"))


def test_a_machine_is_stopped_once_and_started_again(cloud: LocalCloud) -> None:
    stop(cloud, "i-web1")

    with pytest.raises(ClientException) as caught:
        stop(cloud, "i-web1")
    client(cloud).start_instance(models.StartInstanceRequest(instance_id="i-web1"))

    assert refusal(caught.value) == (403, "IncorrectInstanceStatus")
    assert cloud.ecs.store.instances["i-web1"].status == "Running"


def test_a_deleted_snapshot_is_gone_also_from_its_group(cloud: LocalCloud) -> None:
    delete_snapshot(cloud, "s-web1data")

    request = models.DescribeSnapshotGroupsRequest(region_id=REGION)
    (group,) = client(cloud).describe_snapshot_groups(request).body.snapshot_groups.snapshot_group
    assert snapshot_ids(cloud, disk_id="d-web1data") == []
    assert [one.snapshot_id for one in group.snapshots.snapshot] == ["s-web1sys"]


def test_a_snapshot_in_progress_can_be_deleted(cloud: LocalCloud) -> None:
    delete_snapshot(cloud, "s-web1logs")

    assert snapshot_ids(cloud, disk_id="d-web1logs") == []


@pytest.mark.parametrize(
    ("snapshot_id", "expected"),
    [("s-none", (404, "InvalidSnapshotId.NotFound")), ("s-old1sys", (403, "SnapshotCreatedImage"))],
)
def test_a_snapshot_that_an_image_holds_is_not_deleted(
    cloud: LocalCloud, snapshot_id: str, expected: tuple[int, str]
) -> None:
    with pytest.raises(ClientException) as caught:
        delete_snapshot(cloud, snapshot_id)

    assert refusal(caught.value) == expected


def test_a_snapshot_can_be_deleted_once_its_image_is(cloud: LocalCloud) -> None:
    image_id = create_image(cloud, snapshot_id="s-web1sys")
    client(cloud).delete_image(models.DeleteImageRequest(region_id=REGION, image_id=image_id))

    delete_snapshot(cloud, "s-web1sys")

    assert snapshot_ids(cloud, disk_id="d-web1sys") == []


def test_a_snapshot_that_a_disk_was_made_of_is_deleted_by_force_only(serve: Any) -> None:
    made = {"id": "d-made", "type": "data", "size_gib": 100, "source_snapshot": "s-web1data"}
    cloud = serve(detached_disks=[made, *TWO_MACHINES["detached_disks"]])
    usages = snapshot_ids(cloud, usage="disk")

    with pytest.raises(ClientException) as caught:
        delete_snapshot(cloud, "s-web1data")
    delete_snapshot(cloud, "s-web1data", force=True)

    assert snapshot_ids(cloud, disk_id="d-web1data") == []
    assert (usages, refusal(caught.value)) == (["s-web1data"], (403, "SnapshotCreatedDisk"))
