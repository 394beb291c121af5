"""What exists in the region: disks, snapshots, groups and images, and what time does to them."""

import threading
from dataclasses import dataclass, field
from itertools import count
from string import ascii_lowercase

from localcloud import world as described
from localcloud.clock import MovableClock

CHECK_SECONDS = 60.0
"""No duration is documented for the image check; a minute is long enough to be seen."""


@dataclass
class Disk:
    id: str
    type: str
    size_gib: int
    device: str
    category: str
    encrypted: bool
    tags: dict[str, str]
    instance_id: str
    """Empty while detached."""
    attached: float | None = None


@dataclass
class Snapshot:
    id: str
    name: str | None
    disk_id: str
    type: str
    outcome: str
    """`accomplished` or `failed`: its status once `ended` has passed."""
    started: float
    ended: float | None
    size_gib: int
    source_disk_type: str
    encrypted: bool
    category: str
    shared: bool
    tags: dict[str, str]

    def status(self, now: float) -> str:
        return "progressing" if self.ended is None or now < self.ended else self.outcome


@dataclass(frozen=True)
class Group:
    id: str
    instance_id: str
    snapshot_ids: tuple[str, ...]


@dataclass(frozen=True)
class ImageDisk:
    device: str
    type: str
    size_gib: int
    snapshot_id: str = ""
    encrypted: bool = False


@dataclass
class Image:
    """Creating until `ready_at` has passed and it has been looked at `looks_left` more times; then `outcome`."""

    id: str
    name: str
    disks: tuple[ImageDisk, ...]
    created: float
    ready_at: float
    outcome: str = "Available"
    looks_left: int = 0
    check_looks_left: int = 0
    checked_at: float | None = None
    """When the image check will be over; None when none was asked for."""
    final_disks: tuple[ImageDisk, ...] | None = None
    """The disk map that appears once the image is ready, when a fault makes it differ from `disks`."""
    tags: dict[str, str] = field(default_factory=dict)
    owner: str = "self"
    description: str = ""
    family: str = ""
    version: str = ""
    resource_group_id: str = ""
    imds_support: str = "v1"

    def is_ready(self, now: float) -> bool:
        return self.looks_left == 0 and now >= self.ready_at

    def status(self, now: float) -> str:
        return self.outcome if self.is_ready(now) else "Creating"

    def disk_map(self, now: float) -> tuple[ImageDisk, ...]:
        return self.final_disks if self.final_disks is not None and self.is_ready(now) else self.disks

    def check_status(self, now: float) -> str | None:
        """The check runs after the image is Available and not on encrypted snapshots (user guide, image check)."""
        if self.checked_at is None or self.status(now) != "Available" or any(disk.encrypted for disk in self.disks):
            return None
        return "Finished" if self.check_looks_left == 0 and now >= self.checked_at else "Processing"

    def look(self, now: float) -> None:
        """Count one sight of this image."""
        if self.looks_left:
            self.looks_left -= 1
        elif self.is_ready(now) and self.check_looks_left:
            self.check_looks_left -= 1


class Store:
    """All state of the stand-in. Callers hold `lock` for the length of one call."""

    def __init__(self, world: described.World, clock: MovableClock) -> None:
        self.world = world
        self.clock = clock
        self.lock = threading.RLock()
        self.disks: dict[str, Disk] = {}
        self.snapshots: dict[str, Snapshot] = {}
        self.groups: dict[str, Group] = {}
        self.images: dict[str, Image] = {}
        self.tokens: dict[str, tuple[dict[str, str], str]] = {}
        """ClientToken of CreateImage -> the parameters it came with, and the image that was made."""
        self._serial = count(1)

    def new_image_id(self) -> str:
        number = next(self._serial)
        while (image_id := f"m-local{number:015d}") in self.images:
            number = next(self._serial)
        return image_id

    def started_snapshots(self) -> list[Snapshot]:
        """A world may hold snapshots that begin later; until then they do not exist."""
        now = self.clock.now()
        return [snapshot for snapshot in self.snapshots.values() if snapshot.started <= now]

    def snapshot(self, snapshot_id: str) -> Snapshot | None:
        found = self.snapshots.get(snapshot_id)
        return found if found is not None and found.started <= self.clock.now() else None

    def add_image(self, image: Image) -> None:
        """Make the image begin: it becomes ready as the world's `progress` says."""
        progress = self.world.progress
        if progress.by == "look":
            image.looks_left = progress.looks
            image.check_looks_left = int(image.checked_at is not None)
        else:
            image.ready_at = image.created + progress.seconds
        if image.checked_at is not None:
            image.checked_at = image.ready_at + (CHECK_SECONDS if progress.by == "clock" else 0)
        self.images[image.id] = image


def free_device(taken: set[str]) -> str:
    """The first of /dev/xvdb to /dev/xvdz that is free."""
    return next(device for letter in ascii_lowercase[1:] if (device := f"/dev/xvd{letter}") not in taken)
