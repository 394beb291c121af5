"""Images that are gone before or after they were told."""

from datetime import timedelta

from fakes.builders import (
    rules,
    system_disk,
    system_snapshot,
)
from fakes.invocations import event, sweep
from fakes.world import world

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
