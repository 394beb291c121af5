"""What is read from the words of ECS about disks and snapshots."""

import pytest
from fakes.builders import POLICY, RUN, data_disk, system_snapshot


@pytest.mark.parametrize(
    ("kind", "name", "policy"),
    [
        pytest.param("timer", RUN, POLICY, id="made by a policy"),
        pytest.param("user", RUN, None, id="a name like a policy's, by hand"),
        pytest.param("timer", "nightly", None, id="a name that tells no policy"),
    ],
)
def test_a_policy_is_read_from_the_name_of_what_it_made(kind: str, name: str, policy: str | None) -> None:
    assert system_snapshot(kind=kind, name=name).policy == policy


@pytest.mark.parametrize(
    ("status", "category", "usable"),
    [("accomplished", "standard", True), ("progressing", "standard", True), ("failed", "standard", False),
     ("accomplished", "archive", False)],
)  # fmt: skip
def test_an_image_holds_neither_failed_nor_archived_snapshots(status: str, category: str, usable: bool) -> None:
    assert system_snapshot(status=status, category=category).is_usable == usable


@pytest.mark.parametrize(
    ("category", "can"),
    [("cloud_essd", True), ("", True), ("local_ssd_pro", False), ("ephemeral_ssd", False),
     ("elastic_ephemeral_disk_standard", False), ("cloud_plx", False)],
)  # fmt: skip
def test_local_and_ephemeral_disks_have_no_snapshots(category: str, can: bool) -> None:
    assert data_disk(category=category).can_have_snapshots == can


@pytest.mark.parametrize(
    ("usage", "has_image"), [("image", True), ("image_disk", True), ("disk", False), ("none", False), ("", False)]
)
def test_a_snapshot_has_an_image_whatever_else_was_made_from_it(usage: str, has_image: bool) -> None:
    assert system_snapshot(usage=usage).has_image is has_image
