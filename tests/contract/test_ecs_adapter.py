"""The ECS adapters against the local cloud: what comes back in our words, and which refusal asks for what."""

from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

import pytest
from support import settings_for

from localcloud.faults import Fault
from localcloud.server import LocalCloud
from ops.bench.big_region import Region as BigRegion
from shared.adapters.ecs_client import EcsCalls
from shared.adapters.ecs_disks import EcsDisks
from shared.adapters.ecs_images import EcsImages
from shared.adapters.ecs_snapshots import EcsSnapshots
from shared.adapters.patience import Patience
from shared.adapters.system_clock import SystemClock
from shared.domain.disk_set import DiskSet
from shared.domain.errors import AlreadyExists, CloudError, Curable, Final, OutcomeUnknown, Throttled, Transient
from shared.domain.facts import Disk, Instance, MappedDisk, Role, Snapshot, SnapshotGroup
from shared.domain.image_request import ImageRequest

Serve = Callable[..., LocalCloud]
LONG_AGO = datetime(2000, 1, 1, tzinfo=timezone.utc)
SYSTEM = MappedDisk(Role.SYSTEM, "s-web1sys", 40)
DATA = MappedDisk(Role.DATA, "s-web1data", 100)
EMPTY = MappedDisk(Role.DATA, None, 5)
AT_ONCE = Patience(SystemClock(), None)


@pytest.fixture
def calls(cloud: LocalCloud) -> EcsCalls:
    return calls_to(cloud)


@pytest.fixture
def snapshots(calls: EcsCalls) -> EcsSnapshots:
    return EcsSnapshots(calls)


@pytest.fixture
def disks(calls: EcsCalls) -> EcsDisks:
    return EcsDisks(calls)


@pytest.fixture
def images(calls: EcsCalls) -> EcsImages:
    return EcsImages(calls)


def calls_to(cloud: LocalCloud, **changes: Any) -> EcsCalls:
    """They wait for nothing."""
    return EcsCalls(settings_for(cloud, **changes), AT_ONCE)


def request_for(*disks: MappedDisk, name: str = "web-s-web1sys", **changes: Any) -> ImageRequest:
    known: dict[str, Any] = {
        "region_id": "cn-hangzhou",
        "client_token": f"token of {name}",
        "description": "a test",
        "tags": {"k": "v"},
    }
    return ImageRequest(**(known | {"name": name, "disk_set": DiskSet(disks[0], tuple(disks[1:]))} | changes))


def plant(cloud: LocalCloud, action: str, **fault: Any) -> None:
    cloud.faults.plant([Fault.model_validate({"action": action, **fault})])


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
            usage="none",
            tags={"role": "web"},
        )
    ]


def test_a_snapshot_that_is_not_there_is_just_not_found(snapshots: EcsSnapshots) -> None:
    assert snapshots.find(["s-nowhere"]) == []


def test_a_copied_snapshot_is_known_by_its_source(snapshots: EcsSnapshots) -> None:
    assert [found.kind for found in snapshots.find(["s-gone"])] == ["copied"]


def test_the_policy_of_a_snapshot_is_read_from_its_name(snapshots: EcsSnapshots) -> None:
    found = snapshots.find(["s-web1sys", "s-web1logs", "s-old1sys"])

    assert {each.id: each.policy for each in found} == {"s-web1sys": "sp-1", "s-web1logs": None, "s-old1sys": None}


def test_a_snapshot_tells_whether_an_image_was_made_of_it(snapshots: EcsSnapshots) -> None:
    found = snapshots.find(["s-web1sys", "s-old1sys"])

    assert {each.id: each.has_image for each in found} == {"s-web1sys": False, "s-old1sys": True}


def test_an_archived_snapshot_can_be_no_part_of_an_image(snapshots: EcsSnapshots) -> None:
    found = snapshots.find(["s-archived", "s-old1sys"])

    assert {each.id: (each.category, each.is_usable) for each in found} == {
        "s-archived": ("archive", False),
        "s-old1sys": ("standard", True),
    }


def test_more_than_a_hundred_snapshots_are_asked_for_in_hundreds(calls: EcsCalls, snapshots: EcsSnapshots) -> None:
    found = snapshots.find([*(f"s-nowhere{number}" for number in range(200)), "s-web1sys"])

    assert [each.id for each in found] == ["s-web1sys"]
    assert calls.actions == ["DescribeSnapshots"] * 3


def test_the_snapshots_of_an_instance_are_those_of_the_disks_attached_to_it(snapshots: EcsSnapshots) -> None:
    found = {snapshot.id: snapshot.status for snapshot in snapshots.of_instance("i-web1", LONG_AGO)}

    assert found == {"s-web1sys": "accomplished", "s-web1data": "accomplished", "s-web1logs": "progressing"}


def test_snapshots_begun_before_the_window_are_left_out(snapshots: EcsSnapshots) -> None:
    found = snapshots.of_disk("d-old1sys", datetime(2026, 2, 2, tzinfo=timezone.utc))

    assert [snapshot.id for snapshot in found] == ["s-failed"]


def test_the_system_snapshots_of_the_region_hold_no_data_disk(snapshots: EcsSnapshots) -> None:
    (page,) = snapshots.of_system_disks(datetime(2026, 1, 1, tzinfo=timezone.utc))

    assert {snapshot.id for snapshot in page} == {"s-web1sys", "s-old1sys", "s-failed", "s-gone"}


def many_snapshots(amount: int) -> list[dict[str, Any]]:
    span = {"started": "2026-03-01T01:00:00Z", "ended": "2026-03-01T01:02:00Z"}
    return [{"id": f"s-{number}", "disk": "d-web1sys", **span} for number in range(amount)]


def serve_snapshots(serve: Serve, amount: int) -> LocalCloud:
    return serve(snapshots=many_snapshots(amount), groups=[], images=[])


def test_the_system_snapshots_of_the_region_come_page_by_page(serve: Serve) -> None:
    pages = EcsSnapshots(calls_to(serve_snapshots(serve, 201))).of_system_disks(LONG_AGO)

    assert [len(page) for page in pages] == [100, 100, 1]


def test_all_snapshots_of_a_disk_are_read_however_many_pages_they_take(serve: Serve) -> None:
    found = EcsSnapshots(calls_to(serve_snapshots(serve, 201))).of_disk("d-web1sys", LONG_AGO)

    assert len({each.id for each in found}) == 201


REFUSED = {"status": 500, "code": "InternalError", "message": "not now"}


def test_a_listing_of_snapshots_whose_second_page_is_refused_is_none(serve: Serve) -> None:
    cloud = serve_snapshots(serve, 201)
    plant(cloud, "DescribeSnapshots", after=1, error=REFUSED)

    with pytest.raises(Transient):
        EcsSnapshots(calls_to(cloud)).of_disk("d-web1sys", LONG_AGO)


def test_snapshots_are_tagged_and_found_by_all_of_their_tags(snapshots: EcsSnapshots) -> None:
    snapshots.tag(["s-web1sys", "s-old1sys"], {"snapimage:outcome": "making"})

    found = snapshots.tagged({"snapimage:outcome": "making", "role": "web"})
    assert [(each.id, each.tags) for each in found] == [
        ("s-web1sys", {"role": "web", "snapimage:outcome": "making"}),
    ]


def test_one_missing_snapshot_has_the_whole_tagging_refused(snapshots: EcsSnapshots) -> None:
    with pytest.raises(Curable):
        snapshots.tag(["s-web1sys", "s-nowhere"], {"k": "v"})

    assert snapshots.tagged({"k": "v"}) == []


def test_fifty_resources_are_tagged_in_a_call(calls: EcsCalls, images: EcsImages) -> None:
    made = [images.create(request_for(SYSTEM, name=f"image-{number}")) for number in range(51)]
    mark = calls.mark()

    images.tag(made, {"snapimage:state": "making"})
    assert calls.since(mark) == ["TagResources", "TagResources"]
    assert len(images.tagged({"snapimage:state": "making"})) == 51


def test_the_groups_of_an_instance_name_their_members(snapshots: EcsSnapshots) -> None:
    assert snapshots.groups_of_instance("i-web1") == [SnapshotGroup("ssg-web1", frozenset({"s-web1sys", "s-web1data"}))]


def test_an_instance_without_groups_has_none(snapshots: EcsSnapshots) -> None:
    assert snapshots.groups_of_instance("i-old1") == []


def many_groups(amount: int) -> list[dict[str, Any]]:
    return [{"id": f"ssg-{number}", "instance": "i-web1", "snapshots": ["s-web1sys"]} for number in range(amount)]


def test_all_groups_of_an_instance_are_read_however_many_pages_they_take(serve: Serve) -> None:
    calls = calls_to(serve(groups=many_groups(151)))

    found = EcsSnapshots(calls).groups_of_instance("i-web1")
    assert len({each.id for each in found}) == 151
    assert calls.actions == ["DescribeSnapshotGroups"] * 2


def test_groups_whose_second_page_is_refused_are_none(serve: Serve) -> None:
    cloud = serve(groups=many_groups(151))
    plant(cloud, "DescribeSnapshotGroups", after=1, error=REFUSED)

    with pytest.raises(Transient):
        EcsSnapshots(calls_to(cloud)).groups_of_instance("i-web1")


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


def test_a_disk_that_is_gone_is_just_not_found(disks: EcsDisks) -> None:
    assert disks.find(["d-gone"]) == []


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


def test_an_image_arrives_with_its_data_disks_and_their_sizes(cloud: LocalCloud, images: EcsImages) -> None:
    image_id = images.create(request_for(SYSTEM, DATA, EMPTY))

    cloud.clock.advance(600)
    (image,) = images.tagged({"k": "v"})
    assert image.id == image_id
    assert image.status == "Available"
    assert image.disks == (SYSTEM, DATA, EMPTY)
    assert image.is_copy is False


def test_an_image_in_the_making_is_found(images: EcsImages) -> None:
    image_id = images.create(request_for(SYSTEM))

    assert [(image.id, image.status) for image in images.tagged({"k": "v"})] == [(image_id, "Creating")]
    assert [image.id for image in images.of_snapshot("s-web1sys")] == [image_id]


def test_only_the_whole_name_counts(images: EcsImages) -> None:
    images.create(request_for(SYSTEM, name="web-s-web1sys-2"))

    assert images.named("web-s-web1sys") == []


def test_images_made_before_the_window_are_left_out(images: EcsImages) -> None:
    image_id = images.create(request_for(SYSTEM))

    (page,) = images.made_since(datetime(2026, 2, 15, tzinfo=timezone.utc))
    assert [image.id for image in page] == [image_id]


def test_the_same_request_again_gives_the_same_image(images: EcsImages) -> None:
    first = images.create(request_for(SYSTEM))

    assert images.create(request_for(SYSTEM)) == first


def test_more_than_a_page_of_images_is_read_to_its_end(images: EcsImages) -> None:
    for number in range(101):
        images.create(request_for(SYSTEM, name=f"image-{number}"))

    assert len(images.tagged({"k": "v"})) == 101
    assert [len(page) for page in images.made_since(datetime(2026, 2, 15, tzinfo=timezone.utc))] == [100, 1]


def test_images_whose_second_page_is_refused_are_none(cloud: LocalCloud, images: EcsImages) -> None:
    for number in range(101):
        images.create(request_for(SYSTEM, name=f"image-{number}"))
    plant(cloud, "DescribeImages", after=1, error=REFUSED)

    with pytest.raises(Transient):
        images.tagged({"k": "v"})


def test_tags_of_an_image_are_read_back(images: EcsImages) -> None:
    image_id = images.create(request_for(SYSTEM))

    images.tag([image_id], {"snapimage:state": "available"})
    assert [image.tags["snapimage:state"] for image in images.tagged({"k": "v"})] == ["available"]


def test_a_family_is_set_on_an_image_that_is_usable(cloud: LocalCloud, images: EcsImages) -> None:
    image_id = images.create(request_for(SYSTEM))
    cloud.clock.advance(600)

    images.set_family(image_id, "web")
    assert cloud.journal.calls()[-1].status == 200


def test_a_taken_name_asks_for_a_look(images: EcsImages) -> None:
    images.create(request_for(SYSTEM))

    with pytest.raises(AlreadyExists) as refusal:
        images.create(request_for(SYSTEM, DATA, client_token="another"))
    assert refusal.value.code == "InvalidImageName.Duplicated"


def test_another_request_with_the_same_token_asks_for_a_look(images: EcsImages) -> None:
    images.create(request_for(SYSTEM))

    with pytest.raises(AlreadyExists):
        images.create(request_for(SYSTEM, DATA))


FAMILIES = [
    (400, "Throttling.User", Throttled),
    (503, "Throttling.Api", Throttled),
    (429, "SomethingNew", Throttled),
    (408, "SomethingNew", Transient),
    (409, "SomethingNew", Transient),
    (425, "SomethingNew", Transient),
    (403, "InvalidSnapshotId.NotReady", Transient),
    (400, "InvalidTimeStamp.Expired", Transient),
    (400, "InvalidSecurityToken.Expired", Transient),
    (400, "IncompleteSignature", Transient),
    (400, "SignatureNonceUsed", OutcomeUnknown),
    (400, "IdempotenceParamNotMatch", AlreadyExists),
    (403, "InvalidParamter.Conflict", AlreadyExists),
    (403, "QuotaExceed.Image", Curable),
    (403, "Forbidden.RAM", Curable),
    (400, "InvalidAccountStatus.NotEnoughBalance", Curable),
    (400, "SomethingNew", Curable),
    (403, "OperationDenied", Final),
    (403, "InvalidSnapshot.TooOld", Final),
    (500, "SomethingElseNew", OutcomeUnknown),
    (500, "InternalError", Transient),
]


@pytest.mark.parametrize(("status", "code", "kind"), FAMILIES)
def test_a_refusal_is_told_by_its_code(
    status: int, code: str, kind: type[CloudError], cloud: LocalCloud, images: EcsImages
) -> None:
    plant(cloud, "CreateImage", error={"status": status, "code": code, "message": "said so"})

    with pytest.raises(CloudError) as refusal:
        images.create(request_for(SYSTEM))
    assert type(refusal.value) is kind
    assert (refusal.value.code, refusal.value.http_status) == (code, status)
    assert refusal.value.message == "CreateImage: said so"
    assert refusal.value.request_id


ASK: dict[str, Callable[[EcsCalls], object]] = {
    "DescribeSnapshots": lambda calls: EcsSnapshots(calls).find(["s-web1sys"]),
    "DescribeSnapshotGroups": lambda calls: EcsSnapshots(calls).groups_of_instance("i-web1"),
    "DescribeDisks": lambda calls: EcsDisks(calls).find(["d-web1sys"]),
    "DescribeInstances": lambda calls: EcsDisks(calls).instances(["i-web1"]),
    "DescribeImages": lambda calls: EcsImages(calls).named("web"),
    "TagResources": lambda calls: EcsSnapshots(calls).tag(["s-web1sys"], {"k": "v"}),
    "ModifyImageAttribute": lambda calls: EcsImages(calls).set_family("m-existing", "web"),
}


@pytest.mark.parametrize("action", ASK)
def test_nothing_but_create_image_is_refused_for_good(action: str, cloud: LocalCloud, calls: EcsCalls) -> None:
    """What is final of CreateImage says nothing of a snapshot when a question is refused with it."""
    plant(cloud, action, error={"status": 403, "code": "OperationDenied", "message": "no"})

    with pytest.raises(CloudError) as refusal:
        ASK[action](calls)
    assert type(refusal.value) is Curable


@pytest.mark.parametrize("reply", ["dropped", "refused", "not_json"])
def test_a_call_without_a_readable_reply_may_have_been_carried_out(
    reply: str, cloud: LocalCloud, images: EcsImages
) -> None:
    plant(cloud, "CreateImage", reply=reply)

    with pytest.raises(OutcomeUnknown) as refusal:
        images.create(request_for(SYSTEM))
    assert refusal.value.code == "NoReply"


def test_a_wrong_signature_is_worth_another_try(cloud: LocalCloud) -> None:
    """A clock that is off has it refused as well as a wrong key."""
    images = EcsImages(calls_to(cloud, access_key_secret="wrong"))

    with pytest.raises(Transient) as refusal:
        images.tagged({"k": "v"})
    assert refusal.value.code == "SignatureDoesNotMatch"


def test_calls_are_counted_in_order(calls: EcsCalls, images: EcsImages) -> None:
    images.tagged({"k": "v"})
    mark = calls.mark()

    images.create(request_for(SYSTEM))
    assert calls.since(mark) == ["CreateImage"]


class Tagging(BigRegion):
    """Takes tags of all snapshots, except in a call that names one of those that are gone."""

    gone: frozenset[str] = frozenset()

    def TagResources(self, request: Any) -> dict[str, Any]:  # noqa: N802
        if self.gone & set(request.resource_id):
            raise Curable("InvalidResourceId.NotFound", "no such snapshot", 404)
        return super().TagResources(request)


MANY = [f"s-{number:020}sys" for number in range(120)]


def test_many_snapshots_are_tagged_fifty_in_a_call() -> None:
    calls = Tagging(200)

    EcsSnapshots(calls).tag(MANY, {"role": "db"})

    assert (calls.actions, sum(calls.made)) == (["TagResources"] * 3, 120)


def test_a_snapshot_that_is_gone_fails_the_whole_request_and_keeps_no_other_call_back() -> None:
    calls = Tagging(200)
    calls.gone = frozenset(MANY[:1])

    with pytest.raises(Curable):
        EcsSnapshots(calls).tag(MANY, {"role": "db"})
    assert sum(calls.made) == 70
