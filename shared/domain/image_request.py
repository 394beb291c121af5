"""One image to be made, and its identity: from account, region and snapshot alone, never from the clock or the plan."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from .disk_set import DiskSet
from .facts import Snapshot
from .image_tags import OurTags, describe_image
from .outcome import MOST_TAGS, read_attempt

if TYPE_CHECKING:
    from .plans import Plan


@dataclass(frozen=True)
class ImageRequest:
    region_id: str
    client_token: str
    """One for each snapshot: a second request for it is refused or answered with the first image, whatever it says."""
    name: str
    description: str
    disk_set: DiskSet
    tags: Mapping[str, str]
    resource_group: str | None = None
    check: bool = False

    @property
    def snapshot_id(self) -> str:
        return self.disk_set.system.snapshot_id or ""


def client_token(account_id: str, region_id: str, snapshot: Snapshot) -> str:
    """64 ASCII characters, the most that ECS takes (ECS help, "Ensure idempotence").

    The attempt is part of it, because a token may outlive its image.
    """
    words = [account_id, region_id, snapshot.id, str(read_attempt(snapshot.tags))]
    return hashlib.sha256(" ".join(words).encode()).hexdigest()


def image_name(plan: "Plan", snapshot: Snapshot) -> str:
    """The second guard against a second image, beside the token: ECS takes no name twice.

    A further attempt has a name of its own, because a failed image may keep the first.
    """
    words = {"plan": plan.name, "snapshot_id": snapshot.id, "disk_id": snapshot.disk_id}
    attempt = read_attempt(snapshot.tags)
    return plan.image.name.format(**words) + (f"-{attempt}" if attempt > 1 else "")


def request_image(
    account_id: str,
    region_id: str,
    snapshot: Snapshot,
    plan: "Plan",
    instance_id: str | None,
    ended: datetime | None,
    disk_set: DiskSet,
) -> ImageRequest:
    """The request for one snapshot under one plan."""
    words = {
        "plan": plan.name,
        "snapshot_id": snapshot.id,
        "disk_id": snapshot.disk_id,
        "instance_id": instance_id or "no instance",
        "snapshot_time": f"{snapshot.created.astimezone(timezone.utc):%Y-%m-%dT%H:%M:%SZ}",
        "snapshot_name": snapshot.name or "unnamed",
        "region": region_id,
    }
    ours = OurTags(
        snapshot_id=snapshot.id,
        plan=plan.name,
        disk_id=snapshot.disk_id or None,
        instance_id=instance_id,
        ended=int(ended.timestamp()) if ended else None,
        overdue_after=int(plan.overdue_after.total_seconds()),
        checked=plan.image.check_,
        of_machine=plan.data_disks.take == "attached",
        attempt=read_attempt(snapshot.tags),
    )
    return ImageRequest(
        region_id=region_id,
        client_token=client_token(account_id, region_id, snapshot),
        name=image_name(plan, snapshot),
        description=plan.image.description.format(**words)[:256],
        disk_set=disk_set,
        tags={**plan.image.tags, **describe_image(ours, disk_set, MOST_TAGS - len(plan.image.tags))},
        resource_group=plan.image.resource_group,
        check=plan.image.check_,
    )
