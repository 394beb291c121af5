"""Disks in memory that are taken off and put on, and the machines they hang on."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from shared.domain.facts import Disk, Instance, Role
from shared.ports import Clock
from simulation.memory.calls import Entrance, MemoryPort, find_by_id, list_pages, read_pages

DISK_PAGE = 500
"""Disks in one reply (API reference DescribeDisks, MaxResults)."""


class MemoryDisks(MemoryPort):
    """As ECS has it: of a disk it tells the latest times of putting on and taking off, and no former machine.

    Disks are listed in the order in which they were put in.
    """

    def __init__(
        self, calls: Entrance, clock: Clock, disks: Sequence[Disk] = (), instances: Sequence[Instance] = ()
    ) -> None:
        super().__init__(calls)
        self.machines: dict[str, Instance] = {instance.id: instance for instance in instances}
        self._disks: dict[str, Disk] = {}
        self._on: dict[str | None, dict[str, None]] = {}
        self._clock = clock
        for disk in disks:
            self.put(disk)

    def put(self, disk: Disk) -> None:
        """Adds a disk, or changes the one with this id. Its machine is known from then on."""
        if known := self._disks.get(disk.id):
            del self._on[known.instance_id][disk.id]
        self._disks[disk.id] = disk
        self._on.setdefault(disk.instance_id, {})[disk.id] = None
        if disk.instance_id is not None and disk.instance_id not in self.machines:
            self.machines[disk.instance_id] = Instance(disk.instance_id)

    def attach(
        self, disk_id: str, instance_id: str, role: Role = Role.DATA, device: str = "", at: datetime | None = None
    ) -> None:
        disk = replace(self._disks[disk_id], instance_id=instance_id, role=role, device=device)
        self.put(replace(disk, attached=at or self._clock.now()))

    def detach(self, disk_id: str, at: datetime | None = None) -> None:
        """Its role stays what it was: what else ECS would say of a disk that hangs on nothing, no page says."""
        disk = replace(self._disks[disk_id], instance_id=None, device="", detached=at or self._clock.now())
        self.put(disk)

    def release(self, disk_id: str) -> None:
        del self._on[self._disks[disk_id].instance_id][disk_id]
        del self._disks[disk_id]

    def release_machine(self, instance_id: str) -> None:
        """Its disks are to be taken off or released before."""
        self.machines.pop(instance_id, None)

    def known(self, disk_id: str) -> Disk | None:
        """What there is under this id, without a call."""
        return self._disks.get(disk_id)

    def on(self, instance_id: str) -> list[Disk]:
        """What hangs on a machine, without a call."""
        return [self._disks[each] for each in self._on.get(instance_id, ())]

    def find(self, disk_ids: Sequence[str]) -> list[Disk]:
        return find_by_id(self.calls, "DescribeDisks", self._disks, disk_ids)

    def of_instance(self, instance_id: str) -> list[Disk]:
        return list_pages(self.calls, "DescribeDisks", lambda: self._listed(self.on(instance_id), [instance_id]))

    def everywhere(self) -> Iterator[list[Disk]]:
        return read_pages(self.calls, "DescribeDisks", lambda: self._listed([*self._disks.values()]), DISK_PAGE)

    def instances(self, instance_ids: Sequence[str]) -> list[Instance]:
        return find_by_id(self.calls, "DescribeInstances", self.machines, instance_ids)

    def _listed(self, disks: list[Disk], machines: Sequence[str] = ()) -> list[Disk]:
        """As a listing of these machines, or of all, shows them."""
        return disks
