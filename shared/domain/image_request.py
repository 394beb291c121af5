"""One image to be made, and its identity: from account, region, snapshot and plan, never from the clock."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from functools import cached_property
from typing import TYPE_CHECKING

from .disk_set import DiskSet
from .facts import Disk, Snapshot
from .memory import OurTags, describe_image

if TYPE_CHECKING:
    from .plans import Plan

STAMP = "%Y-%m-%dT%H:%M:%SZ"


@dataclass(frozen=True)
class ImageRequest:
    account_id: str
    region_id: str
    name: str
    description: str
    disk_set: DiskSet
    tags: Mapping[str, str]
    resource_group: str | None = None
    check: bool = False

    @cached_property
    def client_token(self) -> str:
        """64 ASCII characters, the most that ECS takes (ECS help, "Ensure idempotence"), over the whole request.

        Over the whole, because ECS refuses a known token that comes with other parameters.
        """
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class Origin:
    """Where a request comes from: constant for one snapshot, whatever event tells of it and however often."""

    account_id: str
    region_id: str
    snapshot: Snapshot
    disk: Disk | None
    plan: "Plan"
    ended: datetime | None = None
    """When the snapshot was finished; only its event knows."""
    company: tuple[Snapshot, ...] | None = None
    """The snapshots of the same instance around it, where they have been asked for already."""

    @property
    def instance_id(self) -> str | None:
        return self.disk.instance_id if self.disk else None


def request_image(origin: Origin, disk_set: DiskSet) -> ImageRequest:
    """The request for one snapshot under one plan; equal facts give an equal request, token included."""
    plan, snapshot = origin.plan, origin.snapshot
    words = {"plan": plan.name, "snapshot_id": snapshot.id, "disk_id": snapshot.disk_id}
    more = {
        "instance_id": origin.instance_id or "no instance",
        "snapshot_time": snapshot.created.astimezone(timezone.utc).strftime(STAMP),
        "snapshot_name": snapshot.name or "unnamed",
        "region": origin.region_id,
    }
    ours = OurTags(
        snapshot_id=snapshot.id,
        plan=plan.name,
        disk_id=snapshot.disk_id or None,
        instance_id=origin.instance_id,
        ended=_seconds(origin.ended) if origin.ended else None,
        overdue_after=int(plan.overdue_after.total_seconds()),
        checked=plan.image.check_,
    )
    return ImageRequest(
        account_id=origin.account_id,
        region_id=origin.region_id,
        name=plan.image.name.format(**words),
        description=plan.image.description.format(**words, **more)[:256],
        disk_set=disk_set,
        tags={**plan.image.tags, **describe_image(ours, disk_set)},
        resource_group=plan.image.resource_group,
        check=plan.image.check_,
    )


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())
