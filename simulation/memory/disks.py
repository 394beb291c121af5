"""Disks in memory that are taken off and put on, and the machines they hang on."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from shared.domain.errors import CloudError
from shared.domain.facts import Disk, Instance, Role
from shared.ports import Clock
from simulation.memory.calls import PAGE, Entrance, read_pages


class MemoryDisks:
    """As ECS has it: of a disk it tells the latest times of putting on and taking off, and no former machine.

    `faults` are raised by the next calls, whichever they are. Disks are listed in the order in which they were put in.
    """

    def __init__(
        self, calls: Entrance, clock: Clock, disks: Sequence[Disk] = (), instances: Sequence[Instance] = ()
    ) -> None:
        self.faults: list[CloudError] = []
        self.machines: dict[str, Instance] = {instance.id: instance for instance in instances}
        self._disks: dict[str, Disk] = {}
        self._on: dict[str | None, dict[str, None]] = {}
        self._calls = calls
        self._clock = clock
        for disk in disks:
            self.put(disk)

    def put(self, disk: Disk) -> None:
        """Adds a disk, or changes the one with this id. Its machine is known from then on."""
        if known := self._disks.get(disk.id):
            del self._on[known.instance_id][disk.id]
        self._disks[disk.id] = disk
        self._on.setdefault(disk.instance_id, {})[disk.id] = None
        if disk.instance_id is not None:
            self.machines.setdefault(disk.instance_id, Instance(disk.instance_id))

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
        self._call("DescribeDisks", len(disk_ids))
        return [self._disks[each] for each in disk_ids if each in self._disks]

    def of_instance(self, instance_id: str) -> list[Disk]:
        self._call("DescribeDisks", 1)
        return self.on(instance_id)

    def everywhere(self) -> Iterator[list[Disk]]:
        def find() -> list[Disk]:
            self._fail()
            return list(self._disks.values())

        return read_pages(self._calls, "DescribeDisks", find)

    def instances(self, instance_ids: Sequence[str]) -> list[Instance]:
        self._call("DescribeInstances", len(instance_ids))
        return [self.machines[each] for each in instance_ids if each in self.machines]

    def tag_machine(self, instance_id: str, tags: Mapping[str, str]) -> None:
        self.machines[instance_id] = Instance(instance_id, dict(tags))

    def _call(self, action: str, ids: int) -> None:
        for _ in range(0, ids, PAGE):
            self._calls.enter(action, self._fail)

    def _fail(self) -> None:
        if self.faults:
            raise self.faults.pop(0)
