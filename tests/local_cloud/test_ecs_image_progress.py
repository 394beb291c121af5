"""An image on its way: by the clock or by being looked at, to Available and through the image check."""

from collections.abc import Callable
from typing import Any

import pytest
from ecs_calls import create_image, disks, image, image_ids

from localcloud.server import LocalCloud

BY_LOOK = {"by": "look", "looks": 2}


def statuses(cloud: LocalCloud, image_id: str, looks: int) -> list[str]:
    return [image(cloud, image_id).status for _ in range(looks)]


def check(cloud: LocalCloud, image_id: str) -> Any:
    return image(cloud, image_id).detection_options


def test_a_new_image_is_creating_and_hidden_by_default(cloud: LocalCloud) -> None:
    image_id = create_image(cloud, snapshot_id="s-web1sys")

    assert image(cloud, image_id).status == "Creating"
    assert image_ids(cloud, image_id=image_id) == []


def test_by_clock_an_image_is_available_when_its_time_has_passed(cloud: LocalCloud) -> None:
    image_id = create_image(cloud, snapshot_id="s-web1sys")

    cloud.clock.advance(90)
    halfway = image(cloud, image_id)
    cloud.clock.advance(90)

    assert (halfway.status, halfway.progress) == ("Creating", "50%")
    assert (image(cloud, image_id).status, image(cloud, image_id).progress) == ("Available", "100%")


def test_by_look_an_image_is_seen_creating_so_often_and_then_available(serve: Callable[..., LocalCloud]) -> None:
    cloud = serve(progress=BY_LOOK)

    image_id = create_image(cloud, snapshot_id="s-web1sys")

    assert statuses(cloud, image_id, looks=4) == ["Creating", "Creating", "Available", "Available"]


def test_a_look_that_hides_the_image_by_status_counts(serve: Callable[..., LocalCloud]) -> None:
    cloud = serve(progress=BY_LOOK)
    image_id = create_image(cloud, snapshot_id="s-web1sys")

    seen = [image_ids(cloud, image_id=image_id) for _ in range(3)]

    assert seen == [[], [], [image_id]]


def test_a_look_at_another_image_does_not_count(serve: Callable[..., LocalCloud]) -> None:
    cloud = serve(progress=BY_LOOK)
    image_id = create_image(cloud, snapshot_id="s-web1sys")

    statuses(cloud, "m-existing", looks=5)

    assert image(cloud, image_id).status == "Creating"


def test_an_image_that_the_world_begins_with_creating_becomes_available(serve: Callable[..., LocalCloud]) -> None:
    cloud = serve(images=[{"id": "m-1", "name": "web-1", "snapshot": "s-web1sys", "status": "Creating"}])

    before = image(cloud, "m-1").status
    cloud.clock.advance(180)

    assert (before, image(cloud, "m-1").status) == ("Creating", "Available")


@pytest.mark.parametrize("status", ["Waiting", "UnAvailable", "CreateFailed", "Deprecated"])
def test_an_image_of_the_world_stays_as_it_is(serve: Callable[..., LocalCloud], status: str) -> None:
    cloud = serve(images=[{"id": "m-1", "name": "web-1", "snapshot": "s-web1sys", "status": status}])

    cloud.clock.advance(86400)

    assert image(cloud, "m-1").status == status


def test_an_image_is_not_checked_unless_asked(cloud: LocalCloud) -> None:
    image_id = create_image(cloud, snapshot_id="s-web1sys")

    cloud.clock.advance(600)

    assert check(cloud, image_id) is None


def test_a_check_begins_when_the_image_is_available_and_ends_a_minute_later(cloud: LocalCloud) -> None:
    image_id = create_image(cloud, snapshot_id="s-web1sys", detection_strategy="Standard")

    creating = check(cloud, image_id)
    cloud.clock.advance(180)
    available = check(cloud, image_id)
    cloud.clock.advance(60)

    assert (creating, available.status, available.items.item) == (None, "Processing", [])
    assert check(cloud, image_id).status == "Finished"
    assert check(cloud, image_id).items.item[0].name == "GUESTOS.OSVersion"


def test_by_look_a_check_is_finished_at_the_look_after_it_began(serve: Callable[..., LocalCloud]) -> None:
    cloud = serve(progress={"by": "look", "looks": 1})
    image_id = create_image(cloud, snapshot_id="s-web1sys", detection_strategy="Standard")

    checks = [check(cloud, image_id) for _ in range(3)]

    assert checks[0] is None
    assert [each.status for each in checks[1:]] == ["Processing", "Finished"]


def test_an_image_that_passes_its_check_gets_tags_of_the_system(cloud: LocalCloud) -> None:
    image_id = create_image(cloud, snapshot_id="s-web1sys", detection_strategy="Standard")

    cloud.clock.advance(240)

    keys = [tag.tag_key for tag in image(cloud, image_id).tags.tag]
    assert keys == ["acs:ecs:image:osVersion", "acs:ecs:image:kernelVersion"]


def test_a_risk_of_the_world_is_found_by_the_check_and_does_not_fail_the_image(
    serve: Callable[..., LocalCloud],
) -> None:
    cloud = serve(check_items=[{"name": "GUESTOS.Fstab", "risk_level": "High", "risk_code": "Fstab.Wrong"}])
    image_id = create_image(cloud, snapshot_id="s-web1sys", detection_strategy="Standard")

    cloud.clock.advance(240)

    shown = image(cloud, image_id)
    at_risk = [(item.name, item.risk_level, item.risk_code) for item in shown.detection_options.items.item]
    assert ("GUESTOS.Fstab", "High", "Fstab.Wrong") in at_risk
    assert (shown.status, shown.tags.tag) == ("Available", [])


def test_an_image_with_an_encrypted_snapshot_is_not_checked(cloud: LocalCloud) -> None:
    mapping = disks({"snapshot_id": "s-web1sys"}, {"snapshot_id": "s-spare"})
    image_id = create_image(cloud, disk_device_mapping=mapping, detection_strategy="Standard")

    cloud.clock.advance(600)

    assert check(cloud, image_id) is None
