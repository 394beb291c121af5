"""EcsImages against the local cloud, and which refusal of ECS asks for what."""

from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

import pytest
from adapter_calls import DATA, EMPTY, REFUSED, SYSTEM, calls_to, create, plant, request_for

from bench.big_region import BigRegion
from localcloud.server import LocalCloud
from shared.adapters.ecs_client import EcsCalls
from shared.adapters.ecs_disks import EcsDisks, EcsSnapshots
from shared.adapters.ecs_images import EcsImages
from shared.domain.errors import CloudError, Curable, Final, OutcomeUnknown, Throttled, TokenTaken, Transient
from shared.domain.facts import ImageCheck, MappedDisk, Role


@pytest.fixture
def calls(cloud: LocalCloud) -> EcsCalls:
    return calls_to(cloud)


@pytest.fixture
def images(calls: EcsCalls) -> EcsImages:
    return EcsImages(calls)


def test_an_image_arrives_with_its_data_disks_and_their_sizes(cloud: LocalCloud, images: EcsImages) -> None:
    image_id = create(images, request_for(SYSTEM, DATA, EMPTY))

    cloud.clock.advance(600)
    (image,) = images.tagged({"k": "v"})
    assert image.id == image_id
    assert image.status == "Available"
    assert image.disks == (SYSTEM, DATA, EMPTY)
    assert image.is_copy is False


def test_every_letter_arrives_as_it_was_signed(cloud: LocalCloud, images: EcsImages) -> None:
    odd = "a b+c%20d~e*f&g=h#i?j/k'l\"m\u4e2d\u00e9"

    create(images, request_for(SYSTEM, tags={"k": odd}))

    cloud.clock.advance(600)
    (image,) = images.tagged({"k": odd})
    assert image.tags["k"] == odd


def test_the_order_of_its_tags_makes_no_other_request_of_it(images: EcsImages) -> None:
    image_id = create(images, request_for(SYSTEM, tags={"a": "1", "b": "2"}))

    assert create(images, request_for(SYSTEM, tags={"b": "2", "a": "1"})) == image_id


@pytest.mark.parametrize(("asked", "seen"), [(True, ImageCheck(True)), (False, None)])
def test_an_image_is_looked_into_where_its_request_asks_for_it(
    cloud: LocalCloud, images: EcsImages, asked: bool, seen: ImageCheck | None
) -> None:
    create(images, request_for(SYSTEM, check=asked))

    cloud.clock.advance(1200)
    (image,) = images.tagged({"k": "v"})
    assert image.check == seen


def test_of_several_images_that_are_asked_for_at_once_each_has_its_own_answer(images: EcsImages) -> None:
    gone = MappedDisk(Role.SYSTEM, "s-none", 40)
    requests = [request_for(SYSTEM, name="one"), request_for(gone, name="two"), request_for(SYSTEM, name="three")]

    one, refusal, three = images.create_all(requests)
    assert [[each.id for each in images.named(name)] for name in ("one", "two", "three")] == [[one], [], [three]]
    assert isinstance(refusal, Curable)


def test_images_made_before_the_window_are_left_out(images: EcsImages) -> None:
    image_id = create(images, request_for(SYSTEM))

    (page,) = images.made_since(datetime(2026, 2, 15, tzinfo=timezone.utc))
    assert [image.id for image in page] == [image_id]


def test_more_than_a_page_of_images_is_read_to_its_end(images: EcsImages) -> None:
    for number in range(101):
        create(images, request_for(SYSTEM, name=f"image-{number}"))

    assert len(images.tagged({"k": "v"})) == 101
    assert [len(page) for page in images.made_since(datetime(2026, 2, 15, tzinfo=timezone.utc))] == [100, 1]


def test_images_whose_second_page_is_refused_are_none(cloud: LocalCloud, images: EcsImages) -> None:
    for number in range(101):
        create(images, request_for(SYSTEM, name=f"image-{number}"))
    plant(cloud, "DescribeImages", after=1, error=REFUSED)

    with pytest.raises(Transient):
        images.tagged({"k": "v"})


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
    (400, "IdempotenceParamNotMatch", TokenTaken),
    (403, "InvalidParamter.Conflict", TokenTaken),
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
        create(images, request_for(SYSTEM))
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
    "UntagResources": lambda calls: EcsSnapshots(calls).untag(["s-web1sys"], ["k"]),
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
        create(images, request_for(SYSTEM))
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

    create(images, request_for(SYSTEM))
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
