"""Which plan, if any, a system disk belongs to."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from .facts import Disk, Snapshot

if TYPE_CHECKING:
    from .plans import Plan


def match_plan(plans: Iterable[Plan], snapshot: Snapshot, disk: Disk | None, kind: str) -> Plan | None:
    """The plan that counts, enabled or else disabled, or None.

    What the snapshot alone tells comes first, whether or not the disk is known here: an event that had to ask for the
    disk and one that had not must come to the same plan, or one snapshot would get two images.
    """
    candidates = [plan for plan in plans if kind in plan.source.snapshot_types]
    sure = [plan for plan in candidates if not plan.source.except_tags and _claims(plan, snapshot, None)]
    by_disk = [plan for plan in candidates if _claims(plan, snapshot, disk)]
    ranked = [plan for plan in (*sure, *by_disk) if plan.enabled] or [*sure, *by_disk]
    return ranked[0] if ranked else None


def claims_disk(plans: Iterable[Plan], snapshot: Snapshot, disk: Disk | None) -> bool:
    """Whether some plan would take a snapshot of this disk if only it were of another type."""
    return any(_claims(plan, snapshot, disk) for plan in plans)


def needs_disk(plans: Iterable[Plan], snapshot: Snapshot, kind: str) -> bool:
    """Whether the instance or the disk's own tags must be asked for, which costs one ECS call."""
    candidates = [plan for plan in plans if plan.enabled and kind in plan.source.snapshot_types]
    for plan in candidates:
        if _claims(plan, snapshot, None):
            return plan.needs_instance or bool(plan.source.except_tags)
    return any(plan.source.needs_instance or plan.source.tags for plan in candidates)


def _claims(plan: Plan, snapshot: Snapshot, disk: Disk | None) -> bool:
    source = plan.source
    tags = (snapshot.tags, disk.tags if disk else {})
    return (
        (not source.instances or (disk is not None and disk.instance_id in source.instances))
        and not source.instance_tags
        and (not source.disks or snapshot.disk_id in source.disks)
        and all(any(each.get(key) in values for each in tags) for key, values in source.tags.items())
        and snapshot.disk_id not in source.except_disks
        and not any(each.get(key) in values for each in tags for key, values in source.except_tags.items())
        and not any(fnmatchcase(snapshot.name, pattern) for pattern in source.except_names)
    )
