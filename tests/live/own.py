"""What a run has made, and how it is removed: by its id in memory and by its tag in ECS, both."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

from ops.queues.attributes import Attributes, create_queue
from shared.adapters.mns_queue import QueueError, call_queue
from shared.domain.errors import CloudError
from shared.domain.facts import Image

if TYPE_CHECKING:
    from live.account import LiveAccount

TAG = "snapimage-live"
LONG_AGO = datetime(2000, 1, 1, tzinfo=timezone.utc)
IN_WORK = frozenset({"Creating", "Waiting"})
LONGEST = timedelta(minutes=30)
"""How long an image may be in the making before it is left to `make live-clean`."""

UNSEEN = timedelta(minutes=2)
"""How long an image may be shown after its deletion."""


@dataclass
class OwnThings:
    """The ids of this process's images."""

    images: set[str] = field(default_factory=set)


def make_queue(account: "LiveAccount") -> None:
    create_queue(account.queue, Attributes(30, 65536, 3600))


def remove_queue(account: "LiveAccount") -> None:
    """Its name is this run's alone."""
    try:
        call_queue(account.queue, lambda queue: queue.delete())
    except QueueError as error:
        if error.code != "QueueNotExist":
            raise


def remove_image(account: "LiveAccount", image_id: str) -> None:
    """Once it is out of the making: older pages refuse to delete one that is in it (API reference DeleteImage)."""
    from alibabacloud_ecs20140526.models import DeleteImageRequest

    def finished() -> list[Image]:
        return [each for each in tagged(account) if each.id == image_id and each.status not in IN_WORK]

    if image_id not in account.own.images or not account.wait_for(finished, LONGEST):
        raise CloudError("NotOurs", f"{image_id} is not shown as finished and as made by run {account.run}")
    account.calls.call("DeleteImage", DeleteImageRequest(region_id=account.settings.region_id, image_id=image_id))
    account.own.images.discard(image_id)


def remove_all(account: "LiveAccount") -> list[str]:
    """What could not be removed, each with why; also what has our tag though no reply brought its id."""
    left: list[str] = []
    for image_id in sorted(account.own.images):
        try:
            remove_image(account, image_id)
        except CloudError as error:
            left.append(f"{image_id}: {error}")
    account.wait_for(lambda: not tagged(account), UNSEEN)
    return [*left, *(f"{image.id} is still shown" for image in tagged(account))]


def tagged(account: "LiveAccount") -> list[Image]:
    return account.images.tagged(account.tags)


def images_of_any_run(account: "LiveAccount") -> Iterator[Image]:
    for page in account.images.made_since(LONG_AGO):
        yield from (image for image in page if TAG in image.tags)
