"""What the cloud says about disks, machines, snapshots and images, in our words."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

MAX_DATA_DISKS = 16
"""ECS help, "Limits": a custom image holds one system disk and at most 16 data disks."""

AUTOMATIC_NAME = re.compile(r"auto[0-9.]*_[0-9]{8}_(sp-[A-Za-z0-9-]+)")
"""`auto2.0_20261120_sp-...` (ECS help, "Automatic snapshot policies"). The date is local time, so only the policy counts."""

WITHOUT_SNAPSHOTS = re.compile(r"local_.+|ephemeral.*|elastic_ephemeral_disk_.+|cloud_plx", re.IGNORECASE)
"""Categories of disks that ECS cannot snapshot: local, elastic ephemeral, ESSD PL-X (ECS help, "Limits", and CreateImage)."""


class Role(str, Enum):
    """What a disk is to its instance."""

    SYSTEM = "system"
    DATA = "data"


@dataclass(frozen=True, slots=True)
class Snapshot:
    id: str
    disk_id: str
    """Kept by ECS after the disk itself is gone."""
    role: Role
    """Of the disk when the snapshot was taken."""
    size_gib: int
    status: str
    """`progressing`, `accomplished` or `failed`."""
    created: datetime
    """When it began."""
    kind: str = "user"
    """`timer`, `user` or `copied`."""
    name: str = ""
    encrypted: bool = False
    category: str = "standard"
    usage: str = ""
    """`none`, `image`, `disk` or `image_disk`: what was made from it. Empty where ECS does not say."""
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def policy(self) -> str | None:
        """The automatic policy that made it. Read from the name, the only place where ECS tells; unknown means none."""
        match = AUTOMATIC_NAME.fullmatch(self.name) if self.kind == "timer" else None
        return match[1] if match else None

    @property
    def is_usable(self) -> bool:
        """Whether an image can hold it once it is finished.

        ECS makes no image of an archived snapshot (API reference CreateImage, InvalidSnapshotCategory).
        """
        return self.status in {"accomplished", "progressing"} and self.category != "archive"

    @property
    def has_image(self) -> bool:
        return self.usage in {"image", "image_disk"}


@dataclass(frozen=True, slots=True)
class Disk:
    """A disk as it is now. ECS tells no former machine of a disk, only when it was last taken off."""

    id: str
    role: Role
    """As it is attached now: a system disk that hangs on a rescue machine is a data disk there."""
    size_gib: int
    instance_id: str | None
    """None while it is detached, or attached to several instances."""
    device: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    attached: datetime | None = None
    """Since when it is attached to its instance, where ECS says so."""
    detached: datetime | None = None
    """When it was last taken off an instance, where ECS says so."""
    name: str = ""
    category: str = ""
    policies: frozenset[str] = frozenset()
    """The automatic snapshot policies that it is under."""

    @property
    def can_have_snapshots(self) -> bool:
        return WITHOUT_SNAPSHOTS.fullmatch(self.category) is None


@dataclass(frozen=True, slots=True)
class Instance:
    id: str
    tags: Mapping[str, str] = field(default_factory=dict)
    name: str = ""
    status: str = ""
    """`Running`, `Stopped` ... (API reference DescribeInstances). Empty where nobody asked."""
    created: datetime | None = None


@dataclass(frozen=True, slots=True)
class SnapshotPolicy:
    """An automatic snapshot policy (API reference DescribeAutoSnapshotPolicyEx)."""

    id: str
    name: str = ""
    status: str = ""
    """`Normal`, `Available`, or `Expire` while the account is in arrears."""
    hours: tuple[int, ...] = ()
    """When it fires, in the time of UTC+8."""
    weekdays: tuple[int, ...] = ()
    """On which days, by the same clock: 1 is Monday."""


@dataclass(frozen=True)
class SnapshotGroup:
    """Snapshots of one moment across the disks of an instance (ECS help, "Snapshot-consistent groups")."""

    id: str
    snapshot_ids: frozenset[str]


@dataclass(frozen=True, slots=True)
class MappedDisk:
    """One disk of an image, wanted or found."""

    role: Role
    snapshot_id: str | None
    """None for an empty data disk."""
    size_gib: int
    disk_id: str | None = None
    device: str | None = None
    """Of the source disk; never sent, because ECS names the devices of an image itself."""
    is_pinned: bool = False
    """Named by the plan by its snapshot: it belongs to no run and to no machine."""


@dataclass(frozen=True)
class Risk:
    """Something the image check holds against an image; `level` is `High` or `Medium`."""

    name: str
    level: str
    code: str


@dataclass(frozen=True)
class ImageCheck:
    """ECS looks into an image after it is Available, and keeps nobody from using it meanwhile."""

    is_finished: bool
    risks: tuple[Risk, ...] = ()


@dataclass(frozen=True)
class Image:
    id: str
    name: str
    status: str
    """`Creating`, `Waiting`, `Available`, `UnAvailable`, `CreateFailed` or `Deprecated`."""
    created: datetime | None = None
    disks: tuple[MappedDisk, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    check: ImageCheck | None = None
    is_copy: bool = False

    @property
    def system_snapshot_id(self) -> str | None:
        """None where the disk map has none: ECS may fill it in only while it makes the image."""
        return next((disk.snapshot_id for disk in self.disks if disk.role is Role.SYSTEM), None)
