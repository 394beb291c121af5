"""TagResources and UntagResources on images and snapshots."""

import pytest
from alibabacloud_ecs20140526 import models
from alibabacloud_tea_openapi.exceptions import ClientException
from ecs_calls import REGION, call, client, find_snapshots, image, refusal

from localcloud.server import LocalCloud

BASE = {"RegionId": REGION, "ResourceType": "image"}


def tag(cloud: LocalCloud, kind: str, *ids: str, **pairs: str) -> None:
    tags = [models.TagResourcesRequestTag(key=key, value=value) for key, value in pairs.items()]
    request = models.TagResourcesRequest(region_id=REGION, resource_type=kind, resource_id=list(ids), tag=tags)
    client(cloud).tag_resources(request)


def untag(cloud: LocalCloud, *ids: str, keys: list[str] | None = None, every: bool | None = None) -> None:
    request = models.UntagResourcesRequest(
        region_id=REGION, resource_type="image", resource_id=list(ids), tag_key=keys, all=every
    )
    client(cloud).untag_resources(request)


def tags_of_image(cloud: LocalCloud, image_id: str) -> dict[str, str]:
    return {each.tag_key: each.tag_value for each in image(cloud, image_id).tags.tag}


def test_tags_are_added_and_replaced(cloud: LocalCloud) -> None:
    tag(cloud, "image", "m-existing", "m-alinux", owner="me", state="available")

    assert tags_of_image(cloud, "m-existing") == {"owner": "me", "state": "available"}
    assert tags_of_image(cloud, "m-alinux") == {"owner": "me", "state": "available"}


def test_snapshots_are_tagged_too(cloud: LocalCloud) -> None:
    tag(cloud, "snapshot", "s-gone", plan="web")

    (shown,) = find_snapshots(cloud, disk_id="d-gone").snapshots.snapshot
    assert [(each.tag_key, each.tag_value) for each in shown.tags.tag] == [("plan", "web")]


def test_a_call_that_names_an_unknown_resource_tags_nothing(cloud: LocalCloud) -> None:
    with pytest.raises(ClientException) as caught:
        tag(cloud, "image", "m-existing", "m-none", plan="web")

    assert refusal(caught.value) == (404, "InvalidResourceId.NotFound")
    assert tags_of_image(cloud, "m-existing") == {"owner": "platform"}


def test_a_resource_has_at_most_20_tags(cloud: LocalCloud) -> None:
    with pytest.raises(ClientException) as caught:
        tag(cloud, "image", "m-existing", **{f"k{n}": "" for n in range(20)})

    assert refusal(caught.value) == (403, "QuotaExceed.Tags")


def test_named_tags_are_removed_and_absent_ones_forgiven(cloud: LocalCloud) -> None:
    tag(cloud, "image", "m-existing", plan="web")

    untag(cloud, "m-existing", keys=["owner", "none"])

    assert tags_of_image(cloud, "m-existing") == {"plan": "web"}


def test_all_tags_are_removed_when_none_is_named(cloud: LocalCloud) -> None:
    untag(cloud, "m-existing", every=True)

    assert tags_of_image(cloud, "m-existing") == {}


def test_all_does_not_count_beside_named_tags(cloud: LocalCloud) -> None:
    untag(cloud, "m-existing", keys=["none"], every=True)

    assert tags_of_image(cloud, "m-existing") == {"owner": "platform"}


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"ResourceId.1": "m-existing"}, "MissingParameter"),
        ({"Tag.1.Key": "a"}, "MissingParameter"),
        ({"Tag.1.Key": "a", "ResourceId.1": "m-existing", "ResourceType": "vpc"}, "InvalidResourceType.NotFound"),
        ({"Tag.1.Key": "acs:a", "ResourceId.1": "m-existing"}, "InvalidTagKey.Malformed"),
        ({"Tag.1.Key": "a", **{f"ResourceId.{n}": f"m-{n}" for n in range(1, 52)}}, "NumberExceed.ResourceIds"),
        ({"ResourceId.1": "m-existing", **{f"Tag.{n}.Key": f"k{n}" for n in range(1, 22)}}, "NumberExceed.Tags"),
    ],
)
def test_a_wrong_tag_call_is_refused(cloud: LocalCloud, query: dict[str, str], code: str) -> None:
    with pytest.raises(ClientException) as caught:
        call(cloud, "TagResources", BASE | query)

    assert refusal(caught.value) == (400, code)


def test_an_untag_call_must_say_what_to_remove(cloud: LocalCloud) -> None:
    with pytest.raises(ClientException) as caught:
        untag(cloud, "m-existing")

    assert refusal(caught.value) == (400, "MissingParameter")
