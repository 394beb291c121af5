"""What exists in the region, and what time does to it."""

import threading
from collections.abc import Container
from dataclasses import dataclass
from itertools import count
from string import ascii_lowercase

from localcloud.clock import MovableClock
from localcloud.ecs.collection import Collection
from localcloud.ecs.kinds import DiskCollection, ImageCollection, InstanceCollection, SnapshotCollection
from localcloud.ecs.resources import EcsImage, EcsSnapshot, EcsSnapshotGroup, EcsSnapshotPolicy
from localcloud.world import WorldFile

CHECK_SECONDS = 60.0
"""No duration is documented for the image check; a minute is long enough to be seen."""


class EcsStore:
    """All state of the stand-in. Callers hold `lock` for the length of one call."""

    def __init__(self, world: WorldFile, clock: MovableClock) -> None:
        self.world = world
        self.clock = clock
        self.lock = threading.RLock()
        self.instances = InstanceCollection()
        self.disks = DiskCollection()
        self.snapshots = SnapshotCollection()
        self.groups: Collection[EcsSnapshotGroup] = Collection()
        self.images = ImageCollection()
        self.templates = {each.id: each for each in world.launch_templates}
        self.configurations = {each.id: each for each in world.scaling_configurations}
        self.pipelines = {each.id: each for each in world.image_pipelines}
        self.tokens: dict[str, tuple[dict[str, str], str]] = {}
        """ClientToken of a creating call -> the parameters it came with, and the id of what was made."""
        self._serial = count(1)

    def new_id(self, prefix: str, taken: Container[str]) -> str:
        number = next(self._serial)
        while (new := f"{prefix}-local{number:015d}") in taken:
            number = next(self._serial)
        return new

    def policies(self) -> list[EcsSnapshotPolicy]:
        """Those that the world describes, and those that a disk names without more."""
        known = {each.id: EcsSnapshotPolicy(**dict(each)) for each in self.world.policies}
        named = sorted({disk.policy for disk in self.disks.values() if disk.policy} - set(known))
        return [*known.values(), *map(EcsSnapshotPolicy, named)]

    def exists(self, snapshot: EcsSnapshot) -> bool:
        """A world may hold snapshots that begin later; until then they do not exist."""
        return snapshot.started <= self.clock.now()

    def snapshot(self, snapshot_id: str) -> EcsSnapshot | None:
        found = self.snapshots.get(snapshot_id)
        return found if found is not None and self.exists(found) else None

    def add_image(self, image: EcsImage) -> None:
        """Make the image begin: it becomes ready as the world's `progress` says."""
        progress = self.world.progress
        if progress.by == "look":
            image.looks_left = progress.looks
            image.check_looks_left = int(image.checked_at is not None)
        else:
            image.ready_at = image.created + progress.seconds
        if image.checked_at is not None:
            image.checked_at = image.ready_at + (CHECK_SECONDS if progress.by == "clock" else 0)
        self.images.add(image)


@dataclass
class EcsRegion:
    """Of a cloud that takes one world after the other."""

    store: EcsStore


def free_device(taken: Container[str]) -> str | None:
    """The first that is free of /dev/xvdb to /dev/xvdz, and of /dev/xvdaa to /dev/xvdaz after them."""
    devices = (f"/dev/xvd{letters}" for letters in (*ascii_lowercase[1:], *(f"a{each}" for each in ascii_lowercase)))
    return next((device for device in devices if device not in taken), None)
