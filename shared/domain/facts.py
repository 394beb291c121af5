"""What the cloud says about disks, snapshots and images, in our words."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

MAX_DATA_DISKS = 16
"""ECS help, "Limits": a custom image holds one system disk and at most 16 data disks."""


class Role(str, Enum):
    """What a disk is to its instance."""

    SYSTEM = "system"
    DATA = "data"


@dataclass(frozen=True)
class Snapshot:
    id: str
    disk_id: str
    """Kept by ECS after the disk itself is gone."""
    role: Role
    size_gib: int
    status: str
    """`progressing`, `accomplished` or `failed`."""
    created: datetime
    kind: str = "user"
    """`timer`, `user` or `copied`."""
    name: str = ""
    encrypted: bool = False
    category: str = "standard"
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Disk:
    id: str
    role: Role
    size_gib: int
    instance_id: str | None
    """None while the disk is detached."""
    device: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    attached: datetime | None = None
    """Since when it is attached to its instance, where ECS says so."""


@dataclass(frozen=True)
class SnapshotGroup:
    """Snapshots of one moment across the disks of an instance (ECS help, "Snapshot-consistent groups")."""

    id: str
    snapshot_ids: frozenset[str]


@dataclass(frozen=True)
class MappedDisk:
    """One disk of an image, wanted or found."""

    role: Role
    snapshot_id: str | None
    """None for an empty data disk."""
    size_gib: int
    disk_id: str | None = None


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
