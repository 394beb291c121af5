"""What retirement knows: images as candidates, who uses what, and snapshots with their retention."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from .facts import Image
from .image_marks import PIN, Marks, read_marks
from .image_tags import DISK, OPEN, OPEN_NO, is_image_of, recall_about, recall_disks
from .message_fields import State
from .progress import compare_disks

HIGH = "High"
USABLE = frozenset({"Available", "Deprecated"})


@dataclass(frozen=True)
class ImageEntry:
    """An image of this account with what DescribeImages says of its use."""

    image: Image
    family: str = ""
    usage: str = ""
    """`instance` or `none`; empty where ECS does not say."""
    is_shared: bool = False
    is_public: bool = False


@dataclass(frozen=True, slots=True)
class Candidate:
    """An image of ours, as far as retirement needs it: there are tens of thousands in a run."""

    id: str
    name: str
    status: str
    plan: str
    disk_id: str
    snapshot_id: str
    """Of the system disk."""
    snapshot_ids: tuple[str, ...]
    created: datetime
    family: str
    usage: str
    is_shared: bool
    is_public: bool
    is_good: bool
    """The whole set with the right disks, looked into as far as was asked, without a high risk."""
    is_open: bool
    """More is to be told of it."""
    is_pinned: bool
    marks: Marks


@dataclass(frozen=True, slots=True)
class Naming:
    """A thing that will make machines or images of what it names."""

    who: str
    image_id: str = ""
    image_name: str = ""
    snapshot_ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class Users:
    """Who names which images and snapshots. What could not be read may name each of them."""

    images: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    """Of images: scaling configurations may go by them."""
    snapshots: Mapping[str, str] = field(default_factory=dict)
    unread: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class StoredSnapshot:
    id: str
    disk_id: str
    created: datetime
    retention_days: int | None
    """None where ECS names none: then it is kept for ever."""
    usage: str
    status: str
    tags: Mapping[str, str]

    @property
    def expires(self) -> datetime | None:
        """None for one that ECS keeps for ever."""
        if self.retention_days is None or self.retention_days <= 0:
            return None
        return self.created + timedelta(days=self.retention_days)


def candidate_of(entry: ImageEntry) -> Candidate | None:
    """None for an image that is not ours: a copy, one with altered tags, one that somebody else made."""
    image = entry.image
    about, intended = recall_about(image.tags), recall_disks(image.tags)
    if about is None or intended is None or image.created is None or not image.tags.get(DISK):
        return None
    if not is_image_of(image, about.snapshot_id) or intended.system.snapshot_id != about.snapshot_id:
        return None
    marks = read_marks(image.tags)
    is_told = marks.told in {State.AVAILABLE.value, State.CHECKED.value}
    has_risk = any(risk.level == HIGH for risk in (image.check.risks if image.check else ()))
    is_open = image.tags.get(OPEN) != OPEN_NO
    is_whole = not intended.left_out and not compare_disks(intended.disks, image.disks)
    return Candidate(
        id=image.id,
        name=image.name,
        status=image.status,
        plan=about.plan,
        disk_id=image.tags[DISK],
        snapshot_id=about.snapshot_id,
        snapshot_ids=tuple({disk.snapshot_id: None for disk in image.disks if disk.snapshot_id}),
        created=image.created,
        family=entry.family,
        usage=entry.usage,
        is_shared=entry.is_shared,
        is_public=entry.is_public,
        is_good=is_told and is_whole and not is_open and not has_risk and image.status in USABLE,
        is_open=is_open,
        is_pinned=PIN in image.tags or marks.is_pinned,
        marks=marks,
    )


def users_of(namings: Iterable[Naming], unread: Sequence[str] = ()) -> Users:
    images: dict[str, str] = {}
    names: dict[str, str] = {}
    snapshots: dict[str, str] = {}
    for naming in namings:
        if naming.image_id:
            images.setdefault(naming.image_id, naming.who)
        if naming.image_name:
            names.setdefault(naming.image_name, naming.who)
        for snapshot_id in naming.snapshot_ids:
            snapshots.setdefault(snapshot_id, naming.who)
    return Users(images, names, snapshots, unread)
