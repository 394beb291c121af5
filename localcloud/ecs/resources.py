"""Machines, disks, snapshots, groups and images, and what time does to them."""

from dataclasses import dataclass, field

SYSTEM_DEVICE = "/dev/xvda"


@dataclass
class EcsInstance:
    id: str
    name: str
    tags: dict[str, str]
    status: str
    image_id: str
    """What its system disk was made from; empty when the world does not say."""
    created: float = 0


@dataclass(frozen=True)
class Attachment:
    device: str
    since: float


@dataclass
class EcsDisk:
    id: str
    name: str
    type: str
    """`system` or `data`: as it is attached now, or was last."""
    size_gib: int
    category: str
    encrypted: bool
    tags: dict[str, str]
    policy: str = ""
    """Id of its automatic snapshot policy."""
    multi_attach: bool = False
    attachments: dict[str, Attachment] = field(default_factory=dict)
    """By instance: several only of a disk with `multi_attach`."""
    detached: float | None = None
    """When it was last taken off an instance."""
    origin: str = ""
    """The instance whose system disk it is or was, or that an ephemeral disk was last on."""
    bootable: bool = False
    """Whether it ever was a system disk."""
    source_snapshot_id: str = ""
    image_id: str = ""
    goes_with_instance: bool | None = None
    """Whether it is released with its machine, where somebody said so."""

    @property
    def is_ephemeral(self) -> bool:
        return self.category.startswith("elastic_ephemeral_disk")

    @property
    def is_local(self) -> bool:
        """A part of its machine's host (user guide, local disks)."""
        return self.category.startswith(("local_", "ephemeral"))


@dataclass(frozen=True)
class EcsSnapshotPolicy:
    id: str
    name: str = ""
    hours: tuple[int, ...] = (10,)
    """Of UTC+8."""
    weekdays: tuple[int, ...] = (1, 2, 3, 4, 5, 6, 7)
    retention_days: int = 7
    status: str = "Normal"
    tags: dict[str, str] = field(default_factory=dict)


@dataclass
class EcsSnapshot:
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
    instant: bool = False
    """Whether it can be used before it is accomplished (instant access)."""
    retention_days: int | None = None
    locked_until: float | None = None

    def is_locked(self, now: float) -> bool:
        return self.locked_until is not None and now < self.locked_until

    def status(self, now: float) -> str:
        return "progressing" if self.ended is None or now < self.ended else self.outcome


@dataclass(frozen=True)
class EcsSnapshotGroup:
    id: str
    instance_id: str
    snapshot_ids: tuple[str, ...]
    tags: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class EcsImageDisk:
    device: str
    type: str
    size_gib: int
    snapshot_id: str = ""
    encrypted: bool = False


@dataclass
class EcsImage:
    """Creating until `ready_at` has passed and it has been looked at `looks_left` more times; then `outcome`."""

    id: str
    name: str
    disks: tuple[EcsImageDisk, ...]
    created: float
    ready_at: float
    outcome: str = "Available"
    looks_left: int = 0
    check_looks_left: int = 0
    checked_at: float | None = None
    """When the image check will be over; None when none was asked for."""
    final_disks: tuple[EcsImageDisk, ...] | None = None
    """The disk map that appears once the image is ready, when a fault makes it differ from `disks`."""
    tags: dict[str, str] = field(default_factory=dict)
    owner: str = "self"
    description: str = ""
    family: str = ""
    resource_group_id: str = ""
    accounts: set[str] = field(default_factory=set)
    """Those it is shared with."""
    public: bool = False
    task: str = ""
    """`copying`, `importing` or `exporting`: what is being done with it."""

    @property
    def shared(self) -> bool:
        return bool(self.accounts)

    def is_ready(self, now: float) -> bool:
        return self.looks_left == 0 and now >= self.ready_at

    def status(self, now: float) -> str:
        return self.outcome if self.is_ready(now) else "Creating"

    def disk_map(self, now: float) -> tuple[EcsImageDisk, ...]:
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
