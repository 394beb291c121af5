"""CreateImage: which disks an image gets, what is refused, and what a repeated call means."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from typing import Any

import pytest
from alibabacloud_tea_openapi.exceptions import ClientException
from ecs_calls import DATA, SYSTEM, call, create_image, disk_map, disks, find_images, image, image_ids, refusal, tags
from world_files import TWO_MACHINES

from localcloud.server import LocalCloud

# Without any field at all the SDK sends nothing for an entry, and the empty disk is lost before it reaches the cloud.
EMPTY = {"disk_type": "data"}


def test_a_system_snapshot_alone_makes_a_one_disk_image(cloud: LocalCloud) -> None:
    image_id = create_image(cloud, snapshot_id="s-web1sys")

    assert disk_map(cloud, image_id) == [("/dev/xvda", "system", "40", "s-web1sys")]


def test_disks_get_device_names_and_what_is_not_given(cloud: LocalCloud) -> None:
    larger = {"snapshot_id": "s-web1sys", "disk_type": "system", "size": 60}

    image_id = create_image(cloud, disk_device_mapping=disks(DATA, larger, EMPTY))

    assert disk_map(cloud, image_id) == [
        ("/dev/xvdb", "data", "100", "s-web1data"),
        ("/dev/xvda", "system", "60", "s-web1sys"),
        ("/dev/xvdc", "data", "5", ""),
    ]


def test_a_snapshot_id_beside_a_mapping_is_silently_ignored(cloud: LocalCloud) -> None:
    mapping = disks({"snapshot_id": "s-old1sys"}, DATA)

    image_id = create_image(cloud, snapshot_id="s-web1sys", disk_device_mapping=mapping)

    assert [disk[3] for disk in disk_map(cloud, image_id)] == ["s-old1sys", "s-web1data"]


def test_a_system_snapshot_outside_the_mapping_of_data_disks_is_lost(cloud: LocalCloud) -> None:
    with pytest.raises(ClientException) as caught:
        create_image(cloud, snapshot_id="s-web1sys", disk_device_mapping=disks(DATA))

    assert refusal(caught.value) == (400, "OperationDenied")
    assert caught.value.data["Message"] == "The disk device mapping does not contain system disk snapshot."


def test_an_image_has_at_most_16_data_disks(cloud: LocalCloud) -> None:
    most = disks(SYSTEM, *[EMPTY] * 16)

    image_id = create_image(cloud, disk_device_mapping=most)
    with pytest.raises(ClientException) as caught:
        create_image(cloud, disk_device_mapping=[*most, *disks(EMPTY)])

    assert len(disk_map(cloud, image_id)) == 17
    assert refusal(caught.value) == (400, "InvalidParameter.DiskDeviceMapping")


def test_encrypted_snapshots_are_allowed_unless_the_world_refuses_them(
    cloud: LocalCloud, serve: Callable[..., LocalCloud]
) -> None:
    strict = serve(refuse_encrypted=True)

    image_id = create_image(cloud, snapshot_id="s-secret")
    with pytest.raises(ClientException) as caught:
        create_image(strict, snapshot_id="s-secret")

    assert image(cloud, image_id).disk_device_mappings.disk_device_mapping[0].encrypted
    assert refusal(caught.value) == (400, "OperationDenied")
    assert "encrypted snapshot" in caught.value.data["Message"]


@pytest.mark.parametrize(
    ("parameters", "status", "code", "says"),
    [
        ({}, 400, "MissingParameter", "DiskDeviceMapping"),
        ({"snapshot_id": "s-none"}, 404, "InvalidSnapshotId.NotFound", "s-none"),
        ({"snapshot_id": "s-web1logs"}, 403, "SnapshotNotReady", "s-web1logs"),
        ({"snapshot_id": "s-failed"}, 403, "OperationDenied", "not allowed to create image"),
        ({"snapshot_id": "s-web1data"}, 403, "OperationDenied", "not from system disk"),
        ({"snapshot_id": "s-archived"}, 403, "InvalidSnapshotCategory.NotSupportImageCreation", "s-archived"),
        ({"snapshot_id": "s-shared"}, 400, "OperationDenied", "Shared snapshots"),
        ({"snapshot_id": "s-ancient"}, 403, "InvalidSnapshot.TooOld", "2013-07-15"),
        ({"detection_strategy": "Strict"}, 400, "InvalidParameter.DetectionStrategy", "Strict"),
        ({"resource_group_id": "default"}, 404, "InvalidResourceGroup.NotFound", "default"),
        ({"client_token": "t" * 65}, 400, "InvalidParameter.ClientToken", "64"),
        ({"client_token": "tökèn"}, 400, "InvalidParameter.ClientToken", "ASCII"),
        ({"description": "x"}, 400, "InvalidDescription.Malformed", ""),
        ({"description": "x" * 257}, 400, "InvalidDescription.Malformed", ""),
        ({"description": "http://example.com"}, 400, "InvalidDescription.Malformed", ""),
        ({"instance_id": "i-web1"}, 400, "LocalCloud.UnknownParameter", "plays no parameter InstanceId"),
    ],
)
def test_a_wrong_call_is_refused(
    cloud: LocalCloud, parameters: dict[str, Any], status: int, code: str, says: str
) -> None:
    usual = {"snapshot_id": "s-web1sys"} if parameters else {}

    with pytest.raises(ClientException) as caught:
        create_image(cloud, **usual | parameters)

    assert refusal(caught.value) == (status, code)
    assert says in caught.value.data["Message"]


@pytest.mark.parametrize(
    ("entries", "status", "code"),
    [
        ([{"snapshot_id": "s-web1sys"}, {"snapshot_id": "s-old1sys"}], 400, "OperationDenied"),
        ([{"size": 40, "disk_type": "system"}], 400, "OperationDenied"),
        ([{"snapshot_id": "s-web1data", "disk_type": "system"}], 403, "UserNotInTheWhiteList"),
        ([{"snapshot_id": "s-web1sys", "disk_type": "root"}], 400, "InvalidDiskType.ValueNotSupported"),
        ([{"snapshot_id": "s-web1sys", "size": 39}], 400, "InvalidSize.ValueNotSupported"),
        ([{"snapshot_id": "s-web1sys", "size": 32769}], 400, "InvalidSize.ValueNotSupported"),
        ([{"snapshot_id": "s-web1sys"}, {"size": 4}], 400, "InvalidSize.ValueNotSupported"),
        ([{"snapshot_id": "s-web1sys"}, {"snapshot_id": "s-none"}], 404, "InvalidSnapshotId.NotFound"),
        ([{"snapshot_id": "s-web1sys"}, {"snapshot_id": "s-web1logs"}], 403, "SnapshotNotReady"),
    ],
)
def test_a_wrong_mapping_is_refused(cloud: LocalCloud, entries: list[dict[str, Any]], status: int, code: str) -> None:
    with pytest.raises(ClientException) as caught:
        create_image(cloud, disk_device_mapping=disks(*entries))

    assert refusal(caught.value) == (status, code)


@pytest.mark.parametrize("name", ["ab", "web:1_a-b.c", "网站-1", "a" * 128])
def test_a_well_formed_name_is_kept(cloud: LocalCloud, name: str) -> None:
    image_id = create_image(cloud, snapshot_id="s-web1sys", image_name=name)

    assert image(cloud, image_id).image_name == name


@pytest.mark.parametrize(
    "name", ["a", "a" * 129, "1web", "-web", "web 1", "http://web", "https://web", "acs:web", "aliyun-web", "web/1"]
)
def test_a_malformed_name_is_refused(cloud: LocalCloud, name: str) -> None:
    with pytest.raises(ClientException) as caught:
        create_image(cloud, snapshot_id="s-web1sys", image_name=name)

    assert refusal(caught.value) == (400, "InvalidImageName.Malformed")


def test_a_name_in_use_is_refused_even_while_its_image_is_creating(cloud: LocalCloud) -> None:
    create_image(cloud, snapshot_id="s-web1sys", image_name="web-1")

    with pytest.raises(ClientException) as caught:
        create_image(cloud, snapshot_id="s-old1sys", image_name="web-1")

    assert refusal(caught.value) == (400, "InvalidImageName.Duplicated")


def test_what_is_given_with_an_image_is_shown_with_it(cloud: LocalCloud) -> None:
    image_id = create_image(
        cloud,
        snapshot_id="s-web1sys",
        description="i-web1 at 01:00 + ü",
        resource_group_id="rg-1",
        tag=tags(plan="web", empty=""),
    )

    shown = image(cloud, image_id)
    assert (shown.image_name, shown.description) == (image_id, "i-web1 at 01:00 + ü")
    assert (shown.size, shown.resource_group_id, shown.image_owner_alias) == (40, "rg-1", "self")
    assert [(tag.tag_key, tag.tag_value) for tag in shown.tags.tag] == [("plan", "web"), ("empty", "")]


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ({"Tag.1.Key": "a", "Tag.2.Key": "a"}, 400, "Duplicate.TagKey"),
        ({"Tag.1.Value": "a"}, 400, "InvalidTagKey.Malformed"),
        ({"Tag.1.Key": "k" * 129}, 400, "InvalidTagKey.Malformed"),
        ({"Tag.1.Key": "aliyun-a"}, 400, "InvalidTagKey.Malformed"),
        ({"Tag.1.Key": "acs:a"}, 400, "InvalidTagKey.Malformed"),
        ({"Tag.1.Key": "see http://a"}, 400, "InvalidTagKey.Malformed"),
        ({"Tag.1.Key": "a", "Tag.1.Value": "v" * 129}, 400, "InvalidTagValue.Malformed"),
        ({"Tag.1.Key": "a", "Tag.1.Value": "acs:a"}, 400, "InvalidTagValue.Malformed"),
        ({"Tag.1.Key": "a", "Tag.1.Value": "see https://a"}, 400, "InvalidTagValue.Malformed"),
        ({f"Tag.{n}.Key": f"k{n}" for n in range(1, 22)}, 403, "QuotaExceed.Tags"),
    ],
)
def test_a_wrong_tag_is_refused(cloud: LocalCloud, query: dict[str, str], status: int, code: str) -> None:
    with pytest.raises(ClientException) as caught:
        call(cloud, "CreateImage", {"RegionId": "cn-hangzhou", "SnapshotId": "s-web1sys", **query})

    assert refusal(caught.value) == (status, code)


def test_the_same_token_with_the_same_parameters_is_the_same_image(cloud: LocalCloud) -> None:
    wanted = {"snapshot_id": "s-web1sys", "image_name": "web-1", "client_token": "token-1"}

    first, second = create_image(cloud, **wanted), create_image(cloud, **wanted)

    assert first == second
    assert find_images(cloud, status="ALL", image_owner_alias="self").total_count == 2


def test_the_same_token_with_other_parameters_is_refused(cloud: LocalCloud) -> None:
    create_image(cloud, snapshot_id="s-web1sys", client_token="token-1")

    with pytest.raises(ClientException) as caught:
        create_image(cloud, snapshot_id="s-web1sys", image_name="web-1", client_token="token-1")

    assert refusal(caught.value) == (400, "IdempotenceParamNotMatch")


def test_calls_wait_for_one_another(cloud: LocalCloud) -> None:
    with ThreadPoolExecutor(1) as pool:
        with cloud.ecs.store.lock:
            waiting = pool.submit(create_image, cloud, snapshot_id="s-web1sys")
            begun = wait([waiting], timeout=0.2)

        assert (begun.done, waiting.result()) == (set(), image_ids(cloud, status="Creating")[0])


def test_a_token_of_a_refused_call_is_free_again(cloud: LocalCloud) -> None:
    wanted = {"snapshot_id": "s-web1sys", "client_token": "token-1"}
    with pytest.raises(ClientException):
        create_image(cloud, image_name="existing-image", **wanted)

    image_id = create_image(cloud, image_name="another-image", **wanted)

    assert image(cloud, image_id).image_name == "another-image"


def test_the_image_quota_is_enforced(serve: Callable[..., LocalCloud]) -> None:
    cloud = serve(image_quota=2)
    create_image(cloud, snapshot_id="s-web1sys")

    with pytest.raises(ClientException) as caught:
        create_image(cloud, snapshot_id="s-web1sys")

    assert refusal(caught.value) == (403, "QuotaExceed.Image")


def test_an_unfinished_snapshot_becomes_usable_when_the_clock_passes_its_end(cloud: LocalCloud) -> None:
    mapping = disks(SYSTEM, {"snapshot_id": "s-web1logs"})
    cloud.clock.advance(10 * 60)

    image_id = create_image(cloud, disk_device_mapping=mapping)

    assert disk_map(cloud, image_id)[1] == ("/dev/xvdb", "data", "200", "s-web1logs")


def test_snapshots_that_have_not_begun_do_not_exist(serve: Callable[..., LocalCloud]) -> None:
    later = {"id": "s-later", "disk": "d-web1sys", "status": "progressing", "started": "2026-03-02T01:00:00Z"}
    cloud = serve(snapshots=[*TWO_MACHINES["snapshots"], later])

    with pytest.raises(ClientException) as caught:
        create_image(cloud, snapshot_id="s-later")

    assert refusal(caught.value) == (404, "InvalidSnapshotId.NotFound")
