"""Images that are gone before or after they were told, and those that are too many for one query."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from fakes.builders import (
    BEGUN,
    NOW,
    disk_set,
    image_request,
    rules,
    system_disk,
    system_snapshot,
)
from fakes.invocations import event, sweep
from fakes.world import FakeImages, world

from shared.domain.facts import Image, MappedDisk, Role
from shared.domain.message_fields import State
from shared.flows.track_images import track_images

HOUR = timedelta(hours=1)


def test_an_image_that_was_deleted_while_it_was_made_has_one_end() -> None:
    there = world(system_snapshot(), system_disk())
    event(there)
    track_images(rules(), there.cloud)

    there.images.clear()
    track_images(rules(), there.cloud)
    sweep(there, after=HOUR)
    event(there)
    track_images(rules(), there.cloud)
    assert there.told() == [("creating", "ImageRequested", False), ("failed", "ImageDeleted", True)]


def test_an_image_that_was_deleted_later_does_not_come_back() -> None:
    there = world(system_snapshot(), system_disk())
    event(there)
    there.change(status="Available")
    track_images(rules(), there.cloud)

    there.images.clear()
    for _ in range(30):
        sweep(there, after=HOUR)
    event(there)
    assert there.images == {}
    assert [state for state, _, _ in there.told()] == ["creating", "available"]


@dataclass(frozen=True)
class CappedImages(FakeImages):
    """A query by tag shows a thousand, and which they are nobody knows."""

    def tagged(self, tags: Mapping[str, str]) -> list[Image]:
        return super().tagged(tags)[-1000:]


def test_of_more_images_than_a_query_shows_those_that_a_slow_run_has_missed_are_told_by_the_next() -> None:
    images = {f"m-{number}": our_image(number) for number in range(1100)}
    snapshots = {f"s-{number}": system_snapshot(f"s-{number}", disk_id=f"d-{number}") for number in range(1100)}
    there = world(moment=NOW + HOUR, images=images, snapshots=snapshots)
    capped = replace(there.cloud, images=CappedImages(there))

    for _ in range(2):
        track_images(rules(), capped)

    told = [each.data.snapshot_id or "" for each in there.messages if each.data.state is State.AVAILABLE]
    assert sorted(told) == sorted(snapshots)


def our_image(number: int) -> Image:
    snapshot = system_snapshot(f"s-{number}", disk_id=f"d-{number}")
    request = image_request(
        disk_set(system=MappedDisk(Role.SYSTEM, snapshot.id, 40, snapshot.disk_id)), snapshot=snapshot
    )
    return Image(f"m-{number}", request.name, "Available", BEGUN, request.disk_set.disks, dict(request.tags))
