"""The ECS adapters against the local cloud: what comes back in our words, and which refusal asks for what."""

from datetime import datetime, timezone
from typing import Any

import pytest
from support import settings_for

from localcloud.faults import Fault
from localcloud.server import LocalCloud
from shared.adapters.ecs_client import EcsCalls
from shared.adapters.ecs_images import EcsImages
from shared.adapters.ecs_snapshots import EcsSnapshots
from shared.adapters.patience import Patience
from shared.adapters.system_clock import SystemClock
from shared.domain.disk_set import DiskSet
from shared.domain.errors import AlreadyExists, CloudError, OutcomeUnknown, Permanent, Throttled, Transient
from shared.domain.facts import Disk, MappedDisk, Role, Snapshot, SnapshotGroup
from shared.domain.image_request import ImageRequest

LONG_AGO = datetime(2000, 1, 1, tzinfo=timezone.utc)
SYSTEM = MappedDisk(Role.SYSTEM, "s-web1sys", 40)
DATA = MappedDisk(Role.DATA, "s-web1data", 100)
EMPTY = MappedDisk(Role.DATA, None, 5)
AT_ONCE = Patience(SystemClock(), None)


@pytest.fixture
def calls(cloud: LocalCloud) -> EcsCalls:
    return EcsCalls(settings_for(cloud), AT_ONCE)


@pytest.fixture
def snapshots(calls: EcsCalls) -> EcsSnapshots:
    return EcsSnapshots(calls)


@pytest.fixture
def images(calls: EcsCalls) -> EcsImages:
    return EcsImages(calls)


def request_for(*disks: MappedDisk, name: str = "web-s-web1sys", **changes: Any) -> ImageRequest:
    disk_set = DiskSet(disks[0], tuple(disks[1:]))
    known: dict[str, Any] = {
        "account_id": "1234567890123456",
        "region_id": "cn-hangzhou",
        "description": "a test",
        "tags": {"k": "v"},
    }
    return ImageRequest(**(known | {"name": name, "disk_set": disk_set} | changes))


def test_a_snapshot_comes_back_in_our_words(snapshots: EcsSnapshots) -> None:
    found = snapshots.find(["s-web1sys"])

    assert found == [
        Snapshot(
            id="s-web1sys",
            disk_id="d-web1sys",
            role=Role.SYSTEM,
            size_gib=40,
            status="accomplished",
            created=datetime(2026, 3, 1, 1, 0, 0, tzinfo=timezone.utc),
            kind="timer",
            name="auto2.0_20260301_sp-1",
            tags={"role": "web"},
        )
    ]


def test_a_snapshot_that_is_not_there_is_just_not_found(snapshots: EcsSnapshots) -> None:
    assert snapshots.find(["s-nowhere"]) == []


def test_a_copied_snapshot_is_known_by_its_source(snapshots: EcsSnapshots) -> None:
    assert [found.kind for found in snapshots.find(["s-gone"])] == ["copied"]


def test_the_snapshots_of_an_instance_are_those_of_the_disks_attached_to_it(snapshots: EcsSnapshots) -> None:
    found = {snapshot.id: snapshot.status for snapshot in snapshots.of_instance("i-web1", LONG_AGO)}

    assert found == {"s-web1sys": "accomplished", "s-web1data": "accomplished", "s-web1logs": "progressing"}


def test_the_groups_of_an_instance_name_their_members(snapshots: EcsSnapshots) -> None:
    assert snapshots.groups("i-web1") == [SnapshotGroup("ssg-web1", frozenset({"s-web1sys", "s-web1data"}))]


def test_the_system_snapshots_of_the_region_hold_no_data_disk(snapshots: EcsSnapshots) -> None:
    found = snapshots.system_disks(datetime(2026, 1, 1, tzinfo=timezone.utc))

    assert {snapshot.id for snapshot in found} == {"s-web1sys", "s-old1sys", "s-failed", "s-gone"}


def test_several_disks_are_asked_for_at_once(calls: EcsCalls, snapshots: EcsSnapshots) -> None:
    found = snapshots.disks(["d-web1sys", "d-spare", "d-nowhere"])

    assert {disk.id for disk in found} == {"d-web1sys", "d-spare"}
    assert calls.actions == ["DescribeDisks"]


def test_a_snapshot_remembers_what_is_recorded_on_it(snapshots: EcsSnapshots) -> None:
    snapshots.record("s-web1sys", {"snapimage:answer": "DataDiskSnapshotMissing"})

    (snapshot,) = snapshots.find(["s-web1sys"])
    assert snapshot.tags == {"role": "web", "snapimage:answer": "DataDiskSnapshotMissing"}


def test_images_made_before_the_window_are_left_out(images: EcsImages) -> None:
    image_id = images.create(request_for(SYSTEM))

    found = images.made_since(datetime(2026, 2, 15, tzinfo=timezone.utc))
    assert [image.id for image in found] == [image_id]


def test_snapshots_begun_before_the_window_are_left_out(snapshots: EcsSnapshots) -> None:
    found = snapshots.of_disk("d-old1sys", datetime(2026, 2, 2, tzinfo=timezone.utc))

    assert [snapshot.id for snapshot in found] == ["s-failed"]


def test_a_disk_knows_its_instance_while_it_is_attached(snapshots: EcsSnapshots) -> None:
    disk = snapshots.disk("d-web1sys")

    since = datetime(2013, 6, 14, tzinfo=timezone.utc)  # a month before the world's first snapshot
    assert disk == Disk("d-web1sys", Role.SYSTEM, 40, "i-web1", "/dev/xvda", {"role": "web"}, since)


def test_a_detached_disk_has_no_instance(snapshots: EcsSnapshots) -> None:
    disk = snapshots.disk("d-spare")

    assert disk is not None
    assert disk.instance_id is None


def test_a_disk_that_is_gone_is_none(snapshots: EcsSnapshots) -> None:
    assert snapshots.disk("d-gone") is None


def test_the_disks_of_an_instance_are_all_that_are_attached_to_it(snapshots: EcsSnapshots) -> None:
    found = {disk.id: disk.role for disk in snapshots.attached("i-web1")}

    assert found == {"d-web1sys": Role.SYSTEM, "d-web1data": Role.DATA, "d-web1logs": Role.DATA}


def test_an_image_arrives_with_its_data_disks_and_their_sizes(cloud: LocalCloud, images: EcsImages) -> None:
    image_id = images.create(request_for(SYSTEM, DATA, EMPTY))

    cloud.clock.advance(600)
    (image,) = images.tagged({"k": "v"})
    assert image.id == image_id
    assert image.status == "Available"
    assert image.disks == (SYSTEM, DATA, EMPTY)


def test_an_image_in_the_making_is_found(images: EcsImages) -> None:
    image_id = images.create(request_for(SYSTEM))

    assert [(image.id, image.status) for image in images.tagged({"k": "v"})] == [(image_id, "Creating")]
    assert [image.id for image in images.of_snapshot("s-web1sys")] == [image_id]


def test_only_the_whole_name_counts(images: EcsImages) -> None:
    images.create(request_for(SYSTEM, name="web-s-web1sys-2"))

    assert images.named("web-s-web1sys") == []


def test_the_same_request_again_gives_the_same_image(images: EcsImages) -> None:
    first = images.create(request_for(SYSTEM))

    assert images.create(request_for(SYSTEM)) == first


def test_more_than_a_page_of_images_is_read_to_its_end(images: EcsImages) -> None:
    for number in range(101):
        images.create(request_for(SYSTEM, name=f"image-{number}"))

    assert len(images.tagged({"k": "v"})) == 101


def test_recorded_tags_are_read_back(images: EcsImages) -> None:
    image_id = images.create(request_for(SYSTEM))

    images.record([image_id], {"snapimage:state": "available"})
    assert [image.tags["snapimage:state"] for image in images.tagged({"k": "v"})] == ["available"]


def test_a_family_is_set_on_an_image_that_is_usable(cloud: LocalCloud, images: EcsImages) -> None:
    image_id = images.create(request_for(SYSTEM))
    cloud.clock.advance(600)

    images.set_family(image_id, "web")
    assert cloud.journal.calls()[-1].status == 200


def test_a_taken_name_asks_for_a_look(images: EcsImages) -> None:
    images.create(request_for(SYSTEM))

    with pytest.raises(AlreadyExists) as refusal:
        images.create(request_for(SYSTEM, DATA))
    assert refusal.value.code == "InvalidImageName.Duplicated"


FAMILIES = [
    (400, "Throttling.User", Throttled),
    (503, "Throttling.Api", Throttled),
    (403, "InvalidSnapshotId.NotReady", Transient),
    (400, "IdempotenceParamNotMatch", AlreadyExists),
    (403, "InvalidParamter.Conflict", AlreadyExists),
    (403, "QuotaExceed.Image", Permanent),
    (403, "Forbidden.RAM", Permanent),
    (400, "SomethingNew", Permanent),
    (500, "SomethingElseNew", OutcomeUnknown),
    (500, "InternalError", Transient),
]


@pytest.mark.parametrize(("status", "code", "kind"), FAMILIES)
def test_a_refusal_is_told_by_its_code(
    status: int, code: str, kind: type[CloudError], cloud: LocalCloud, images: EcsImages
) -> None:
    error = {"status": status, "code": code, "message": "said so"}
    cloud.faults.plant([Fault.model_validate({"action": "CreateImage", "error": error})])

    with pytest.raises(CloudError) as refusal:
        images.create(request_for(SYSTEM))
    assert type(refusal.value) is kind
    assert (refusal.value.code, refusal.value.http_status) == (code, status)
    assert refusal.value.message == "CreateImage: said so"
    assert refusal.value.request_id


@pytest.mark.parametrize("reply", ["dropped", "refused", "not_json"])
def test_a_call_without_a_readable_reply_may_have_been_carried_out(
    reply: str, cloud: LocalCloud, images: EcsImages
) -> None:
    cloud.faults.plant([Fault.model_validate({"action": "CreateImage", "reply": reply})])

    with pytest.raises(OutcomeUnknown) as refusal:
        images.create(request_for(SYSTEM))
    assert refusal.value.code == "NoReply"


def test_a_wrong_secret_is_final(cloud: LocalCloud) -> None:
    images = EcsImages(EcsCalls(settings_for(cloud, access_key_secret="wrong"), AT_ONCE))

    with pytest.raises(Permanent) as refusal:
        images.tagged({"k": "v"})
    assert refusal.value.code == "SignatureDoesNotMatch"


def test_calls_are_counted_in_order(calls: EcsCalls, images: EcsImages) -> None:
    images.tagged({"k": "v"})
    mark = calls.mark()

    images.create(request_for(SYSTEM))
    assert calls.since(mark) == ["CreateImage"]
