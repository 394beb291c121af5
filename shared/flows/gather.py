"""Asks ECS for what a decision about one snapshot needs: never more, and in the cheapest order."""

from datetime import datetime, timedelta

from shared.domain.decision import accept_snapshot, choose_plan, snapshot_kind
from shared.domain.disk_set import Wanted
from shared.domain.events import SnapshotCompleted
from shared.domain.facts import Disk, Image, Role, Snapshot, SnapshotGroup
from shared.domain.image_request import Origin
from shared.domain.memory import SNAPSHOT
from shared.domain.refusal import Refusal, Skip
from shared.domain.rules import Rules
from shared.domain.selection import needs_disk
from shared.flows.siblings import find_sibling_origin
from shared.ports import Cloud, Images, Snapshots

GROUP_SPREAD = timedelta(seconds=5)
"""Members of a consistent group are of one moment; only snapshots this close are worth the call that asks for a group."""


def find_origin(event: SnapshotCompleted, rules: Rules, cloud: Cloud) -> Origin | Refusal:
    """The system snapshot that this event is about, its disk and its plan."""
    found = {snapshot.id: snapshot for snapshot in cloud.snapshots.find([event.snapshot_id])}
    snapshot = accept_snapshot(event, found.get(event.snapshot_id), rules)
    if not isinstance(snapshot, Snapshot):
        return snapshot
    if snapshot.role is not Role.SYSTEM:
        return find_sibling_origin(snapshot, rules, cloud.snapshots)
    kind = snapshot_kind(event, snapshot)
    disk = cloud.snapshots.disk(snapshot.disk_id) if needs_disk(rules.plans.plans, snapshot, kind) else None
    plan = choose_plan(kind, snapshot, disk, rules)
    if isinstance(plan, Skip):
        return plan
    return Origin(rules.account_id, rules.region_id, snapshot, disk, plan, event.ended)


def find_images(origin: Origin, images: Images) -> list[Image]:
    """The images that this snapshot has already, in whatever status, under whatever plan: plans may have changed since."""
    return images.tagged({SNAPSHOT: origin.snapshot.id})


def find_data_disks(origin: Origin, snapshots: Snapshots) -> Wanted:
    """The data disks that the plan asks for and every snapshot that may serve. No call when it asks for none."""
    rules = origin.plan.data_disks
    pinned = snapshots.find(rules.snapshots) if rules.snapshots else []
    if rules.take == "none":
        return Wanted((), pinned)
    if rules.take == "attached" and origin.instance_id is None:
        return Wanted(is_known=False)
    near = _find_company(origin, snapshots)
    group = _find_group(origin, near, snapshots)
    near += _find_lost_members(group, near, snapshots)
    disk_ids = _wanted_disks(origin, near, group, snapshots)
    far = _find_elsewhere(origin, disk_ids, near, snapshots)
    return Wanted(disk_ids, tuple({each.id: each for each in (*pinned, *near, *far)}.values()), group)


def _find_company(origin: Origin, snapshots: Snapshots) -> list[Snapshot]:
    """One call for all disks of the instance, unless a data disk's event has made it."""
    if origin.company is not None:
        return list(origin.company)
    return snapshots.of_instance(origin.instance_id, window_start(origin)) if origin.instance_id else []


def window_start(origin: Origin) -> datetime:
    """A minute early: ECS filters creation times by whole minutes (API reference DescribeSnapshots, Filter)."""
    return origin.snapshot.created - origin.plan.data_disks.within - timedelta(minutes=1)


def _find_group(origin: Origin, near: list[Snapshot], snapshots: Snapshots) -> SnapshotGroup | None:
    """Policies never make groups, so only a snapshot made otherwise, with company of the same moment, is asked about."""
    system = origin.snapshot
    company = [each for each in near if each.role is Role.DATA and abs(each.created - system.created) <= GROUP_SPREAD]
    if system.kind == "timer" or not company or origin.instance_id is None:
        return None
    groups = snapshots.groups(origin.instance_id)
    return next((group for group in groups if system.id in group.snapshot_ids), None)


def _find_lost_members(group: SnapshotGroup | None, near: list[Snapshot], snapshots: Snapshots) -> list[Snapshot]:
    """Those whose disk has left the instance since; the group still needs them."""
    lost = sorted(group.snapshot_ids - {each.id for each in near}) if group else []
    return snapshots.find(lost) if lost else []


def _wanted_disks(
    origin: Origin, near: list[Snapshot], group: SnapshotGroup | None, snapshots: Snapshots
) -> tuple[str, ...]:
    """A group knows which disks were there at its moment; else those that are attached since before the snapshot."""
    take = origin.plan.data_disks.take
    if isinstance(take, tuple):
        return take
    if group is not None:
        return tuple(each.disk_id for each in near if each.id in group.snapshot_ids and each.role is Role.DATA)
    disks = snapshots.attached(origin.instance_id or "")
    return tuple(disk.id for disk in disks if disk.role is Role.DATA and not _came_later(disk, origin.snapshot))


def _came_later(disk: Disk, system: Snapshot) -> bool:
    return disk.attached is not None and disk.attached > system.created


def _find_elsewhere(
    origin: Origin, disk_ids: tuple[str, ...], near: list[Snapshot], snapshots: Snapshots
) -> list[Snapshot]:
    """A disk that was listed by its id and is not attached any more still has its snapshots."""
    if origin.plan.data_disks.take == "attached":
        return []
    seen = {snapshot.disk_id for snapshot in near} | origin.plan.data_disks.except_
    lost = [disk_id for disk_id in disk_ids if disk_id not in seen]
    return [snapshot for disk_id in lost for snapshot in snapshots.of_disk(disk_id, window_start(origin))]
