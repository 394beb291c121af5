"""From a data disk's snapshot to the system snapshot whose set it may complete.

Policies snapshot each disk by itself, so the last event of a set may be a data disk's. Nothing is stored between the
events: the set is looked at anew, and one that is complete already is simply found.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from shared.domain.decision import choose_plan, not_system_disk
from shared.domain.disk_set import same_policy
from shared.domain.facts import Disk, Role, Snapshot
from shared.domain.image_request import Origin
from shared.domain.refusal import ANSWER, Refusal, Skip
from shared.domain.rules import Rules
from shared.ports import Snapshots

if TYPE_CHECKING:
    from shared.domain.plans import Plan


def find_sibling_origin(snapshot: Snapshot, rules: Rules, snapshots: Snapshots) -> Origin | Refusal:
    """The system snapshot of the same instance that lies nearest, if its plan wants this disk."""
    plans = [plan for plan in rules.plans.plans if plan.enabled and _may_want(plan, snapshot.disk_id)]
    disk = snapshots.disk(snapshot.disk_id) if plans else None
    if disk is None or disk.instance_id is None:
        return not_system_disk(snapshot, "no plan takes it along" if not plans else "it is attached to no instance")
    since = snapshot.created - 2 * max(plan.data_disks.within for plan in plans) - timedelta(minutes=1)
    found = snapshots.of_instance(disk.instance_id, since)
    systems = [each for each in found if _waits(each)]
    system_disk = _system_disk(disk.instance_id, systems, rules, snapshots)
    for system in sorted(
        systems, key=lambda each: (not same_policy(each, snapshot), abs(each.created - snapshot.created))
    ):
        plan = choose_plan(system.kind, system, system_disk, rules)
        if not isinstance(plan, Skip) and _wants(plan, snapshot, system):
            return Origin(rules.account_id, rules.region_id, system, system_disk, plan, company=tuple(found))
    return not_system_disk(snapshot, "no finished system snapshot waits for it")


def _waits(snapshot: Snapshot) -> bool:
    """A system snapshot that was given up is not taken up again behind the subscribers' backs."""
    return snapshot.role is Role.SYSTEM and snapshot.status == "accomplished" and ANSWER not in snapshot.tags


def _system_disk(instance_id: str, systems: Sequence[Snapshot], rules: Rules, snapshots: Snapshots) -> Disk | None:
    """Known by what was asked already, unless a plan chooses by the tags of disks."""
    if not systems:
        return None
    if any(plan.source.tags for plan in rules.plans.plans):
        return snapshots.disk(systems[0].disk_id)
    return Disk(systems[0].disk_id, Role.SYSTEM, systems[0].size_gib, instance_id)


def _may_want(plan: "Plan", disk_id: str) -> bool:
    rules = plan.data_disks
    listed = isinstance(rules.take, tuple) and disk_id in rules.take
    return disk_id not in rules.except_ and (listed or rules.take == "attached")


def _wants(plan: "Plan", snapshot: Snapshot, system: Snapshot) -> bool:
    near = abs(snapshot.created - system.created) <= plan.data_disks.within
    return near and _may_want(plan, snapshot.disk_id)
