"""What a region holds that a fleet is judged by, as it was read; and who belongs to whom in it."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from .decision import Kind, Question, View
from .facts import Disk, Image, Instance, Role, Snapshot, SnapshotPolicy
from .image_tags import DISK, SNAPSHOT, is_image_of, recall_about


@dataclass(frozen=True)
class Inventory:
    """Of one account in one region. Every listing in it is whole."""

    instances: tuple[Instance, ...]
    disks: tuple[Disk, ...]
    snapshots: tuple[Snapshot, ...]
    """Those of system disks that began after `since`, and the older ones that images of ours were made of lately."""
    images: tuple[Image, ...]
    """Those that carry our tags."""
    policies: tuple[SnapshotPolicy, ...]
    since: datetime

    @cached_property
    def ours(self) -> tuple[Image, ...]:
        """The images that we made, and no copies of them."""
        return tuple(each for each in self.images if is_image_of(each, each.tags.get(SNAPSHOT, "")))

    @cached_property
    def system_disk_of(self) -> Mapping[str, Disk]:
        """By the instance that it hangs on now."""
        return {each.instance_id: each for each in self.disks if each.instance_id and each.role is Role.SYSTEM}

    @cached_property
    def disk(self) -> Mapping[str, Disk]:
        return {each.id: each for each in self.disks}

    @cached_property
    def snapshot(self) -> Mapping[str, Snapshot]:
        return {each.id: each for each in self.snapshots}

    @cached_property
    def instance(self) -> Mapping[str, Instance]:
        return {each.id: each for each in self.instances}

    @cached_property
    def policy(self) -> Mapping[str, SnapshotPolicy]:
        return {each.id: each for each in self.policies}

    def snapshots_of(self, disk_id: str) -> list[Snapshot]:
        return self._snapshots_by_disk.get(disk_id, [])

    def images_of(self, instance_id: str, system_disk_id: str = "") -> list[Image]:
        """Those of the machine. Where an image does not know its machine, its system disk tells."""
        by_disk = [each for each in self.images_of_disk(system_disk_id) if _machine_of(each) is None]
        return [*self._images_by_machine.get(instance_id, []), *by_disk]

    def images_of_disk(self, system_disk_id: str) -> list[Image]:
        return self._images_by_disk.get(system_disk_id, [])

    def view_of(self, disk: Disk, instance_id: str) -> View:
        """What a plan may ask of a machine."""
        view = View()
        view.add(Question(Kind.DISK, disk.id), disk)
        view.add(Question(Kind.INSTANCE, instance_id), self.instance.get(instance_id))
        return view

    @cached_property
    def _snapshots_by_disk(self) -> Mapping[str, list[Snapshot]]:
        found: dict[str, list[Snapshot]] = defaultdict(list)
        for each in self.snapshots:
            if each.role is Role.SYSTEM:
                found[each.disk_id].append(each)
        return found

    @cached_property
    def _images_by_machine(self) -> Mapping[str, list[Image]]:
        found: dict[str, list[Image]] = defaultdict(list)
        for each in self.ours:
            if machine := _machine_of(each):
                found[machine].append(each)
        return found

    @cached_property
    def _images_by_disk(self) -> Mapping[str, list[Image]]:
        found: dict[str, list[Image]] = defaultdict(list)
        for each in self.ours:
            if disk_id := each.tags.get(DISK):
                found[disk_id].append(each)
        return found


def _machine_of(image: Image) -> str | None:
    about = recall_about(image.tags)
    return about.instance_id if about else None
