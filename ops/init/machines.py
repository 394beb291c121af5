"""The machines of a region with their disks, tags and snapshot policies, as whoever writes plans must know them."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from shared.adapters.ecs_client import EcsCalls
from shared.adapters.ecs_fleet import EcsFleet
from shared.domain.facts import Disk, Instance, Role


@dataclass(frozen=True)
class ListedMachine:
    """One instance. `system_disk` is missing where no system disk is attached."""

    id: str
    name: str
    status: str
    tags: dict[str, str]
    system_disk: Disk | None
    data_disks: tuple[Disk, ...]


@dataclass(frozen=True)
class MachineList:
    """Everything in the region, or nothing: a part of a listing would be a wrong picture."""

    region: str
    machines: tuple[ListedMachine, ...]

    def tags(self) -> Counter[tuple[str, str]]:
        """How many machines carry each tag."""
        return Counter(pair for machine in self.machines for pair in machine.tags.items())

    def policies(self) -> Counter[str]:
        """How many disks each snapshot policy is applied to."""
        disks = [disk for machine in self.machines for disk in (machine.system_disk, *machine.data_disks) if disk]
        return Counter(policy for disk in disks for policy in disk.policies)


def list_region(calls: EcsCalls) -> MachineList:
    """As the fleet is read."""
    fleet, attached = EcsFleet(calls), defaultdict[str, list[Disk]](list)
    for disks in fleet.disks():
        for disk in disks:
            attached[disk.instance_id or ""].append(disk)
    machines = [_machine(each, attached[each.id]) for instances in fleet.instances() for each in instances]
    return MachineList(calls.region_id, tuple(sorted(machines, key=lambda each: (each.name, each.id))))


def _machine(instance: Instance, disks: Sequence[Disk]) -> ListedMachine:
    return ListedMachine(
        instance.id,
        instance.name,
        instance.status,
        dict(instance.tags),
        next((disk for disk in disks if disk.role is Role.SYSTEM), None),
        tuple(disk for disk in disks if disk.role is Role.DATA),
    )
