"""Finds what a plan names and nothing answers to: a machine that was released, a system disk that was replaced."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .claims import whereabouts
from .facts import Role
from .inventory import Inventory

if TYPE_CHECKING:
    from .plans import Plan


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
