"""Collections that also know what a call asks for by something else than an id or a tag."""

from collections import Counter

from localcloud.ecs.collection import Collection
from localcloud.ecs.resources import Attachment, EcsDisk, EcsImage, EcsInstance, EcsSnapshot

Index = dict[str, dict[str, None]]
"""From what is asked for to the ids that have it, in order."""


class InstanceCollection(Collection[EcsInstance]):
    def __init__(self) -> None:
        super().__init__()
        self._images: Counter[str] = Counter()

    def add(self, resource: EcsInstance) -> None:
        super().add(resource)
        self._images[resource.image_id] += 1

    def set_image(self, instance: EcsInstance, image_id: str) -> None:
        """Its system disk is made from this one now."""
        self._images[instance.image_id] -= 1
        self._images[image_id] += 1
        instance.image_id = image_id

    def remove(self, resource_id: str) -> None:
        self._images[self[resource_id].image_id] -= 1
        super().remove(resource_id)

    def use(self, image_id: str) -> bool:
        return self._images[image_id] > 0


class DiskCollection(Collection[EcsDisk]):
    def __init__(self) -> None:
        super().__init__()
        self._attached: Index = {}
        self._made_from: Counter[str] = Counter()

    def add(self, resource: EcsDisk) -> None:
        super().add(resource)
        self._made_from[resource.source_snapshot_id] += 1
        for instance_id in resource.attachments:
            self._attached.setdefault(instance_id, {})[resource.id] = None

    def remove(self, resource_id: str) -> None:
        disk = self[resource_id]
        for instance_id in disk.attachments:
            del self._attached[instance_id][resource_id]
        self._made_from[disk.source_snapshot_id] -= 1
        super().remove(resource_id)

    def has_one_from(self, snapshot_id: str) -> bool:
        return self._made_from[snapshot_id] > 0

    def attached(self, instance_id: str) -> list[EcsDisk]:
        return self.in_order(self._attached.get(instance_id, {}))

    def attach(self, disk: EcsDisk, instance_id: str, attachment: Attachment) -> None:
        disk.attachments[instance_id] = attachment
        self._attached.setdefault(instance_id, {})[disk.id] = None

    def detach(self, disk: EcsDisk, instance_id: str, now: float) -> None:
        del disk.attachments[instance_id]
        del self._attached[instance_id][disk.id]
        disk.detached = now


class SnapshotCollection(Collection[EcsSnapshot]):
    def __init__(self) -> None:
        super().__init__()
        self._of_disk: Index = {}

    def add(self, resource: EcsSnapshot) -> None:
        super().add(resource)
        self._of_disk.setdefault(resource.disk_id, {})[resource.id] = None

    def remove(self, resource_id: str) -> None:
        del self._of_disk[self[resource_id].disk_id][resource_id]
        super().remove(resource_id)

    def of_disks(self, disk_ids: list[str]) -> list[EcsSnapshot]:
        return self.in_order(each for disk_id in disk_ids for each in self._of_disk.get(disk_id, {}))


class ImageCollection(Collection[EcsImage]):
    def __init__(self) -> None:
        super().__init__()
        self._of_snapshot: Index = {}
        self._names: Counter[str] = Counter()
        self.owned = 0

    def add(self, resource: EcsImage) -> None:
        super().add(resource)
        for disk in resource.disks:
            self._of_snapshot.setdefault(disk.snapshot_id, {})[resource.id] = None
        self._count(resource, 1)

    def remove(self, resource_id: str) -> None:
        image = self[resource_id]
        for snapshot_id in {disk.snapshot_id for disk in image.disks}:
            del self._of_snapshot[snapshot_id][resource_id]
        self._count(image, -1)
        super().remove(resource_id)

    def rename(self, image: EcsImage, name: str) -> None:
        self._count(image, -1)
        image.name = name
        self._count(image, 1)

    def has_name(self, name: str) -> bool:
        """Of one's own images."""
        return self._names[name] > 0

    def of_snapshot(self, snapshot_id: str) -> list[EcsImage]:
        """Those that hold it, as whatever disk."""
        return self.in_order(self._of_snapshot.get(snapshot_id, {}))

    def _count(self, image: EcsImage, change: int) -> None:
        if image.owner == "self":
            self._names[image.name] += change
            self.owned += change
