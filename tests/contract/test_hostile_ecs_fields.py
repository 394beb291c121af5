"""Replies of ECS with wrong or missing fields: nothing breaks, and no disk is lost in silence."""

import json
from datetime import datetime, timezone
from typing import Any

import pytest
from hostile_calls import CALLS, IMAGE, LONG_AGO, SNAPSHOT, ecs_calls, outcome, settings
from hostile_server import hostile, reply

from shared.adapters.ecs_disks import EcsDisks, EcsSnapshots
from shared.adapters.ecs_images import EcsImages
from shared.domain.errors import OutcomeUnknown
from shared.domain.facts import Disk, Image, ImageCheck, Instance, MappedDisk, Risk, Role, Snapshot, SnapshotGroup

CREATED = datetime(2026, 3, 1, 1, tzinfo=timezone.utc)
"""As each entry here says."""
WRONG: list[object] = [5, -1, 1e300, True, "", "x" * 10_000, "\n\"'\u2028", "снимок", [], ["x"], {}, {"a": {}}, None]


@pytest.mark.parametrize("value", WRONG, ids=lambda value: ascii(value)[:12])
@pytest.mark.parametrize("key", SNAPSHOT)
def test_one_field_of_a_snapshot_that_is_wrong_breaks_nothing(key: str, value: object) -> None:
    body = {"Snapshots": {"Snapshot": [SNAPSHOT | {key: value}, SNAPSHOT | {"SnapshotId": "s-2"}]}}

    found = outcome(CALLS["DescribeSnapshots"], reply(json.dumps(body).encode()))
    assert isinstance(found, OutcomeUnknown) or all(map(is_sound_snapshot, found))  # type: ignore[call-overload]


@pytest.mark.parametrize("value", WRONG, ids=lambda value: ascii(value)[:12])
@pytest.mark.parametrize("key", IMAGE)
def test_one_field_of_an_image_that_is_wrong_breaks_nothing(key: str, value: object) -> None:
    body = {"Images": {"Image": [IMAGE | {key: value}, IMAGE | {"ImageId": "m-2"}]}, "TotalCount": 2}

    found = outcome(CALLS["DescribeImages"], reply(json.dumps(body).encode()))
    assert isinstance(found, OutcomeUnknown) or all(map(is_sound_image, found))  # type: ignore[call-overload]


DISK = {
    "DiskId": "d-1", "DiskName": "n", "Type": "data", "Size": 40, "Category": "cloud_essd", "InstanceId": "i-1",
    "Device": "/dev/xvdb", "AttachedTime": "2026-03-01T01:00:00Z", "DetachedTime": "", "AutoSnapshotPolicyId": "sp-1",
    "Attachments": {"Attachment": [{"InstanceId": "i-1", "Device": "/dev/xvdb", "AttachedTime": "2026-03-01T01:00:00Z"}]},
    "Tags": {"Tag": [{"TagKey": "k", "TagValue": "v"}]},
}  # fmt: skip


@pytest.mark.parametrize("value", WRONG, ids=lambda value: ascii(value)[:12])
@pytest.mark.parametrize("key", DISK)
def test_one_field_of_a_disk_that_is_wrong_breaks_nothing(key: str, value: object) -> None:
    body = {"Disks": {"Disk": [DISK | {key: value}, DISK | {"DiskId": "d-2"}]}}

    found = outcome(CALLS["DescribeDisks"], reply(json.dumps(body).encode()))
    assert isinstance(found, OutcomeUnknown) or all(map(is_sound_disk, found))  # type: ignore[call-overload]


@pytest.mark.parametrize("told", ["sp-1,sp-2", "sp-1, sp-2", "sp-1 sp-2"])
def test_a_disk_knows_each_of_its_policies(told: str) -> None:
    body = {"Disks": {"Disk": [DISK | {"AutoSnapshotPolicyId": told}]}}

    found = outcome(CALLS["DescribeDisks"], reply(json.dumps(body).encode()))
    assert [disk.policies for disk in found] == [{"sp-1", "sp-2"}]  # type: ignore[attr-defined]


def test_a_disk_whose_device_is_no_text_is_no_answer() -> None:
    body = {"Disks": {"Disk": [DISK | {"Attachments": None, "Device": 5}]}}

    assert isinstance(outcome(CALLS["DescribeDisks"], reply(json.dumps(body).encode())), OutcomeUnknown)


def is_sound_disk(found: Disk) -> bool:
    texts = [found.id, found.device, found.name, found.category, found.instance_id or "", *found.policies]
    return are_short_texts([*texts, *found.tags.items()]) and isinstance(found.size_gib, int)


def is_sound_snapshot(found: Snapshot) -> bool:
    texts = [found.id, found.disk_id, found.status, found.kind, found.name, found.category, *found.tags.items()]
    return are_short_texts(texts) and isinstance(found.size_gib, int) and isinstance(found.created, datetime)


def is_sound_image(found: Image) -> bool:
    sizes = [disk.size_gib for disk in found.disks]
    risks = [text for risk in (found.check.risks if found.check else ()) for text in (risk.name, risk.level, risk.code)]
    return are_short_texts([found.id, found.name, found.status, *risks]) and all(0 <= size < 10**8 for size in sizes)


def are_short_texts(values: list[Any]) -> bool:
    flat = [part for value in values for part in (value if isinstance(value, tuple) else (value,))]
    return all(isinstance(text, str) and len(text) <= 128 for text in flat)


@pytest.mark.parametrize("image_id", [None, "", 5, ["m-1"], {"a": 1}, "x" * 10_000, "m 1", "m-1\nm-2"])
def test_an_image_without_a_usable_id_may_exist_all_the_same(image_id: object) -> None:
    error = outcome(CALLS["CreateImage"], reply(json.dumps({"ImageId": image_id}).encode()))

    assert type(error) is OutcomeUnknown
    assert error.message.startswith("CreateImage: no usable reply")


def test_a_disk_that_cannot_be_read_is_not_left_out_of_the_set() -> None:
    """Found by a review: the image would have lacked the disk and been called complete."""
    good = {"DiskId": "d-1", "Type": "data", "Size": 40}
    body = {"Disks": {"Disk": [good, good | {"DiskId": "d-2", "AttachedTime": "2026-11-01 00:00"}]}}

    with hostile(reply(json.dumps(body).encode())) as server, pytest.raises(OutcomeUnknown):
        EcsDisks(ecs_calls(settings(server.endpoint))).of_instance("i-1")


def test_a_snapshot_that_cannot_be_read_ends_no_sweep_over_the_region() -> None:
    body = {"Snapshots": {"Snapshot": [SNAPSHOT, SNAPSHOT | {"SnapshotId": "s-2", "CreationTime": "yesterday"}]}}

    with hostile(reply(json.dumps(body).encode())) as server:
        pages = list(EcsSnapshots(ecs_calls(settings(server.endpoint))).of_system_disks(LONG_AGO))
    assert [[snapshot.id for snapshot in page] for page in pages] == [[SNAPSHOT["SnapshotId"]]]


@pytest.mark.parametrize(("told", "is_encrypted"), [(True, True), (False, False), (None, False)])
def test_an_encrypted_snapshot_is_known_as_one(told: object, is_encrypted: bool) -> None:
    body = {"Snapshots": {"Snapshot": [SNAPSHOT | {"Encrypted": told}]}}

    with hostile(reply(json.dumps(body).encode())) as server:
        (found,) = EcsSnapshots(ecs_calls(settings(server.endpoint))).find(["s-1"])
    assert found.encrypted is is_encrypted


def image_found(**changes: object) -> Image:
    body = {"Images": {"Image": [IMAGE | changes]}, "TotalCount": 1}
    with hostile(reply(json.dumps(body).encode())) as server:
        (found,) = EcsImages(ecs_calls(settings(server.endpoint))).named("web")
    return found


@pytest.mark.parametrize(("told", "is_copy"), [(True, True), (False, False), (None, False)])
def test_a_copied_image_is_known_as_one(told: object, is_copy: bool) -> None:
    assert image_found(IsCopied=told).is_copy is is_copy


def test_an_image_was_made_when_ecs_says() -> None:
    assert image_found().created == CREATED


@pytest.mark.parametrize(
    ("told", "check"),
    [
        ({}, None),
        ({"Status": "Processing"}, ImageCheck(False)),
        ({"Status": "Finished"}, ImageCheck(True)),
        ({"Status": "Finished", "Items": {}}, ImageCheck(True)),
        ({"Status": "Finished", "Items": {"Item": [{"Name": "a"}, {"RiskLevel": "High"}]}}, ImageCheck(True, (Risk("", "High", ""),))),
    ],
)  # fmt: skip
def test_a_check_tells_whether_it_is_over_and_what_is_at_risk(told: object, check: ImageCheck | None) -> None:
    assert image_found(DetectionOptions=told).check == check


@pytest.mark.parametrize(
    "odd", [{"RiskLevel": 7}, {"RiskLevel": "High", "Name": 7}, {"RiskLevel": "High", "RiskCode": 7}]
)
def test_a_check_that_cannot_be_read_is_not_taken_for_a_clean_one(odd: object) -> None:
    body = {"Images": {"Image": [IMAGE | {"DetectionOptions": {"Status": "Finished", "Items": {"Item": [odd]}}}]}}

    assert isinstance(outcome(CALLS["DescribeImages"], reply(json.dumps(body).encode())), OutcomeUnknown)


def test_a_disk_map_without_types_is_read_by_device() -> None:
    """Older replies have no Type; their order is not documented."""
    disks = [
        {"Device": "/dev/vdb", "SnapshotId": "s-2", "Size": "100"},
        {"Device": "/dev/vda", "SnapshotId": "s-1", "Size": "40"},
    ]

    found = image_found(DiskDeviceMappings={"DiskDeviceMapping": disks})
    assert found.disks == (MappedDisk(Role.DATA, "s-2", 100), MappedDisk(Role.SYSTEM, "s-1", 40))
    assert found.system_snapshot_id == "s-1"


def test_a_disk_map_without_types_and_devices_begins_with_the_system_disk() -> None:
    disks = [{"SnapshotId": "s-1", "Size": "40"}, {"SnapshotId": "s-2", "Size": "100"}]

    found = image_found(DiskDeviceMappings={"DiskDeviceMapping": disks})
    assert [disk.role for disk in found.disks] == [Role.SYSTEM, Role.DATA]


LEFT_OUT: dict[str, tuple[dict[str, Any], object]] = {
    "DescribeSnapshots": (
        {"Snapshots": {"Snapshot": [{"SnapshotId": "s-1", "CreationTime": "2026-03-01T01:00:00Z"}]}},
        Snapshot("s-1", "", Role.DATA, 0, "", CREATED, "user", "", False, "standard", "", {}),
    ),
    "DescribeDisks": ({"Disks": {"Disk": [{"DiskId": "d-1"}]}}, Disk("d-1", Role.DATA, 0, None)),
    "DescribeImages": (
        {"Images": {"Image": [{"ImageId": "m-1", "ImageName": "web"}]}, "TotalCount": "1"}, Image("m-1", "web", ""),
    ),
    "DescribeInstances": ({"Instances": {"Instance": [{"InstanceId": "i-1"}]}}, Instance("i-1")),
    "DescribeSnapshotGroups": (
        {"SnapshotGroups": {"SnapshotGroup": [{"SnapshotGroupId": "ssg-1"}]}}, SnapshotGroup("ssg-1", frozenset()),
    ),
}  # fmt: skip


@pytest.mark.parametrize("action", LEFT_OUT)
def test_what_ecs_leaves_out_is_nothing_more_than_left_out(action: str) -> None:
    body, found = LEFT_OUT[action]

    assert outcome(CALLS[action], reply(json.dumps(body).encode())) == [found]


def test_an_automatic_snapshot_is_a_timers_whichever_word_ecs_has_for_it() -> None:
    body = {"Snapshots": {"Snapshot": [SNAPSHOT | {"SnapshotType": kind} for kind in ("auto", "timer", "Auto")]}}

    found = outcome(CALLS["DescribeSnapshots"], reply(json.dumps(body).encode()))
    assert [snapshot.kind for snapshot in found] == ["timer"] * 3  # type: ignore[attr-defined]
