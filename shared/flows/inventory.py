"""Reads what a fleet is judged by: some listings of the whole region, however many machines there are."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from operator import itemgetter

from shared.domain.facts import Image
from shared.domain.image_tags import DISK, SNAPSHOT
from shared.domain.inventory import Inventory
from shared.domain.rules import Rules
from shared.fleet_reader import FleetReader

BACK = timedelta(days=2)
"""How far back snapshots are listed. What an older one became, its image tells."""


def read_inventory(reader: FleetReader, rules: Rules, now: datetime, back: timedelta = BACK) -> Inventory:
    """Raises CloudError when a listing is refused: a part of the truth is none.

    Images come last: one that is made meanwhile is of a snapshot that was listed.
    """
    since = now - back
    instances = tuple(each for page in reader.instances() for each in page)
    disks = tuple(each for page in reader.disks() for each in page)
    policies = tuple(reader.policies())
    listed = {each.id: each for page in reader.snapshots(since) for each in page}
    images = tuple(reader.images())
    missing = sorted({each for each in _doubtful(images, rules, now) if each not in listed})
    older = reader.find_snapshots(missing) if missing else []
    return Inventory(instances, disks, (*listed.values(), *older), images, policies, since)


def _doubtful(images: tuple[Image, ...], rules: Rules, now: datetime) -> Iterator[str]:
    """Snapshots whose age is to be known: of each disk's last image, and of every image that may be within an `rpo`.

    An image may be made long after its snapshot.
    """
    longest = max(plan.rpo for plan in rules.plans.plans)
    dated = [
        (image.created, image.tags.get(DISK), image.tags[SNAPSHOT])
        for image in images
        if image.created and image.tags.get(SNAPSHOT, "").startswith("s-")
    ]
    yield from (snapshot_id for created, _, snapshot_id in dated if now - created <= longest)
    yield from {disk_id: snapshot_id for _, disk_id, snapshot_id in sorted(dated, key=itemgetter(0))}.values()
