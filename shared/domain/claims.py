"""Finds the plan that will want the next snapshots of a machine's system disk, by the rule that chooses it for a snapshot; and
what a plan names and nothing answers to: a machine that was released, a system disk that was replaced."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from .decision import View
from .facts import Disk, Instance, Role, Snapshot
from .image_tags import DISK
from .inventory import Inventory
from .message_fields import Reason
from .rules import Rules, Skip
from .selection import MachineUnknown, Origin, choose_plan

if TYPE_CHECKING:
    from .plans import Plan


NEXT = "the next snapshot"
"""Stands where the id of a snapshot would stand that has not been taken yet."""
ANY_POLICY = "sp-any"
UNKNOWN = "(unknown)"
"""For the id of a disk that is not there and of which no image tells."""


@dataclass(frozen=True)
class Claim:
    """A machine's plan, or why it has none."""

    instance_id: str
    view: View
    disk: Disk
    """The system disk: as it is, or as it would be if it were put back."""
    plan: "Plan | None"
    reason: Reason | None = None
    why: str = ""
    warnings: tuple[str, ...] = ()
    is_hopeless: bool = False
    """Nothing will make a snapshot of the disk."""

    def means(self, snapshot: Snapshot) -> bool:
        """Whether the plan takes this snapshot of the disk."""
        if self.plan is None or (self.plan.since and snapshot.created < self.plan.since):
            return False
        return choose_plan([self.plan], snapshot.kind, Origin(snapshot, self.view)) is self.plan


def find_claim(instance: Instance, inventory: Inventory, rules: Rules, now: datetime) -> Claim:
    here = inventory.system_disk_of.get(instance.id)
    disk, away = (here, "") if here else _find_away(instance, inventory)
    view = inventory.view_of(disk, instance.id)
    found = _choose(disk, view, inventory, rules, now)
    if isinstance(found, MachineUnknown):
        return Claim(instance.id, view, disk, None, Reason.MACHINE_UNKNOWN, found.explanation)
    if isinstance(found, Skip):
        return Claim(instance.id, view, disk, None, found.reason, found.explanation)
    gone = [away] if away else _policy_warnings(disk, found, inventory)
    since = found.since if found.since and found.since > now else None
    later = [f"plan {found.name} counts from {since:%Y-%m-%dT%H:%M:%SZ} on"] if since else []
    return Claim(instance.id, view, disk, found, warnings=(*gone, *later), is_hopeless=bool(gone))


def _choose(
    disk: Disk, view: View, inventory: Inventory, rules: Rules, now: datetime
) -> "Plan | Skip | MachineUnknown":
    """What is to come counts first, then what came; a plan may go by the tags of a snapshot."""
    plans, first = rules.plans.plans, None
    newest_first = sorted(inventory.snapshots_of(disk.id), key=lambda each: -each.created.timestamp())
    for probe in (*probes(disk, now), *newest_first):
        found = choose_plan(plans, probe.kind, Origin(probe, view))
        if not isinstance(found, Skip | MachineUnknown):
            return found
        first = first or found
    return first or Skip(Reason.NO_PLAN, f"no plan wants disk {disk.id}")


def probes(disk: Disk, now: datetime) -> Iterator[Snapshot]:
    """The snapshots that may come next: of each policy that the disk is under, and one by hand."""
    for policy in sorted(disk.policies) or [ANY_POLICY]:
        name = f"auto2.0_{now:%Y%m%d}_{policy}"
        yield Snapshot(NEXT, disk.id, Role.SYSTEM, disk.size_gib, "accomplished", now, "timer", name)
    yield Snapshot(NEXT, disk.id, Role.SYSTEM, disk.size_gib, "accomplished", now, "user")


def _find_away(instance: Instance, inventory: Inventory) -> tuple[Disk, str]:
    """The system disk that a machine without one had at its last image, as if it hung there again; and where it is."""
    images = [each for each in inventory.images_of(instance.id) if each.created and each.tags.get(DISK)]
    last = max(images, key=lambda each: (each.created, each.id), default=None)
    if last is None:
        return Disk(UNKNOWN, Role.SYSTEM, 0, instance.id), f"no system disk hangs on {instance.id}"
    disk_id = last.tags[DISK]
    disk = inventory.disk.get(disk_id)
    if disk is None:
        return Disk(disk_id, Role.SYSTEM, 0, instance.id), f"its system disk {disk_id} is gone"
    back = replace(disk, role=Role.SYSTEM, instance_id=instance.id, attached=None)
    return back, f"its system disk {whereabouts(disk)}"


def whereabouts(disk: Disk) -> str:
    if disk.instance_id is None:
        return f"{disk.id} is attached to no machine"
    return f"{disk.id} hangs on {disk.instance_id} as a {disk.role.value} disk"


def _policy_warnings(disk: Disk, plan: "Plan", inventory: Inventory) -> list[str]:
    """A plan that takes what people make needs no policy."""
    if "timer" not in plan.source.snapshot_types:
        return []
    known = [inventory.policy.get(each) for each in disk.policies]
    if not any(each is None or each.status != "Expire" for each in known):
        state = "a snapshot policy that fires" if known else "a snapshot policy"
        return [f"{disk.id} is not under {state}: no automatic snapshot, and so no image, will come"]
    return []


@dataclass(frozen=True)
class Gap:
    id: str
    why: str


def find_gaps(plan: "Plan", inventory: Inventory) -> tuple[Gap, ...]:
    return (*_of_machines(plan, inventory), *_of_system_disks(plan, inventory), *_of_data_disks(plan, inventory))


def _of_machines(plan: "Plan", inventory: Inventory) -> Iterator[Gap]:
    for instance_id in sorted(plan.source.instances):
        if instance_id not in inventory.instance:
            yield Gap(instance_id, "no such machine: it was released, or is in another region")


def _of_system_disks(plan: "Plan", inventory: Inventory) -> Iterator[Gap]:
    for disk_id in sorted(plan.source.disks):
        disk = inventory.disk.get(disk_id)
        if disk is None:
            yield Gap(disk_id, "no such disk: it was replaced or released, or is in another region")
        elif disk.role is not Role.SYSTEM or disk.instance_id is None:
            yield Gap(disk_id, whereabouts(disk))


def _of_data_disks(plan: "Plan", inventory: Inventory) -> Iterator[Gap]:
    """The plan takes them along by their ids, and will not find them."""
    listed = plan.data_disks.take if isinstance(plan.data_disks.take, tuple) else ()
    for disk_id in listed:
        if disk_id not in inventory.disk:
            yield Gap(disk_id, "no such data disk: every image of the plan will miss it")
