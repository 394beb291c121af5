"""ModifyImageAttribute and DeleteImage."""

from typing import Any

import pytest
from alibabacloud_ecs20140526 import models
from alibabacloud_tea_openapi.exceptions import ClientException
from ecs_calls import REGION, client, create_image, image, image_ids, refusal

from localcloud.server import LocalCloud


def modify(cloud: LocalCloud, image_id: str, **changes: Any) -> None:
    request = models.ModifyImageAttributeRequest(region_id=REGION, image_id=image_id, **changes)
    client(cloud).modify_image_attribute(request)


def delete(cloud: LocalCloud, image_id: str, **options: Any) -> None:
    client(cloud).delete_image(models.DeleteImageRequest(region_id=REGION, image_id=image_id, **options))


def test_what_is_given_changes_and_the_rest_stays(cloud: LocalCloud) -> None:
    modify(cloud, "m-existing", image_family="web")

    shown = image(cloud, "m-existing")
    assert (shown.image_name, shown.image_family, shown.status) == ("existing-image", "web", "Available")


def test_an_image_gets_another_name_and_its_old_one_is_free(cloud: LocalCloud) -> None:
    modify(cloud, "m-existing", image_name="golden", description="of the web machines")

    shown = image(cloud, "m-existing")
    assert (shown.image_name, shown.description) == ("golden", "of the web machines")
    assert create_image(cloud, snapshot_id="s-old1sys", image_name="existing-image")


def test_an_image_keeps_its_own_name_and_takes_no_others(cloud: LocalCloud) -> None:
    create_image(cloud, snapshot_id="s-old1sys", image_name="golden")
    modify(cloud, "m-existing", image_name="existing-image")

    with pytest.raises(ClientException) as caught:
        modify(cloud, "m-existing", image_name="golden")

    assert refusal(caught.value) == (400, "InvalidImageName.Duplicated")


def test_an_image_is_deprecated_and_restored(cloud: LocalCloud) -> None:
    modify(cloud, "m-existing", status="Deprecated")
    deprecated = image(cloud, "m-existing").status
    modify(cloud, "m-existing", status="Available")

    assert (deprecated, image(cloud, "m-existing").status) == ("Deprecated", "Available")


def test_a_deleted_image_is_gone_and_its_name_is_free(cloud: LocalCloud) -> None:
    delete(cloud, "m-existing", force=False)

    assert image_ids(cloud, image_owner_alias="self", status="ALL") == []
    assert create_image(cloud, snapshot_id="s-old1sys", image_name="existing-image")


def test_a_creating_image_cannot_be_changed(cloud: LocalCloud) -> None:
    image_id = create_image(cloud, snapshot_id="s-web1sys")

    with pytest.raises(ClientException) as caught:
        modify(cloud, image_id, image_family="web")

    assert refusal(caught.value) == (403, "InvalidStatus.ImageIsCreating")


@pytest.mark.parametrize(
    ("image_id", "changes", "status", "code"),
    [
        ("m-none", {"image_family": "web"}, 404, "InvalidImageId.NotFound"),
        ("m-alinux", {"image_family": "web"}, 404, "InvalidImageId.NotFound"),
        ("m-existing", {"image_family": "aliyun"}, 400, "InvalidImageFamily.Malformed"),
        ("m-existing", {"status": "Available"}, 403, "ImageStatus.NotDeprecated"),
        ("m-existing", {"status": "Creating"}, 400, "InvalidParameter.Status"),
        ("m-existing", {"boot_mode": "UEFI"}, 400, "LocalCloud.UnknownParameter"),
        (None, {"image_family": "web"}, 400, "MissingParameter"),
    ],
)
def test_a_wrong_change_is_refused(
    cloud: LocalCloud, image_id: str, changes: dict[str, Any], status: int, code: str
) -> None:
    with pytest.raises(ClientException) as caught:
        modify(cloud, image_id, **changes)

    assert refusal(caught.value) == (status, code)


def test_a_deprecated_image_cannot_be_deprecated_again(cloud: LocalCloud) -> None:
    modify(cloud, "m-existing", status="Deprecated")

    with pytest.raises(ClientException) as caught:
        modify(cloud, "m-existing", status="Deprecated")

    assert refusal(caught.value) == (403, "ImageStatus.NotAvailable")


def test_an_unknown_image_cannot_be_deleted(cloud: LocalCloud) -> None:
    with pytest.raises(ClientException) as caught:
        delete(cloud, "m-none")

    assert refusal(caught.value) == (404, "InvalidImageId.NotFound")
