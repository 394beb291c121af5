"""An account in memory, in which images grow old: every call may meet an operator, a refusal, a lost reply or its end."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import TypeVar

from shared.domain.errors import Curable, OutcomeUnknown, Refused, Throttled
from shared.domain.facts import MappedDisk

T = TypeVar("T")
START = datetime(2026, 3, 20, 20, 30, tzinfo=timezone.utc)
DAY = timedelta(days=1)


class ProcessEnded(BaseException):
    """The function is gone in the middle of its work."""


@dataclass
class TrueImage:
    """What an image is, beside what its tags say of it."""

    id: str
    plan: str
    disk_id: str
    began: datetime
    created: datetime
    disks: tuple[MappedDisk, ...]
    tags: dict[str, str]
    is_ours: bool = True
    is_good: bool = True
    has_risk: bool = False
    is_copy: bool = False
    family: str = ""
    status: str = "Available"
    guards: dict[str, int] = field(default_factory=dict)
    """What keeps it, and at which call that began."""
    deprecated: tuple[datetime, int] | None = None
    """When and in which run it was deprecated last, by whomever."""

    @property
    def snapshot_ids(self) -> tuple[str, ...]:
        return tuple(disk.snapshot_id for disk in self.disks if disk.snapshot_id)


@dataclass
class TrueSnapshot:
    id: str
    disk_id: str
    began: datetime
    retention_days: int | None
    tags: dict[str, str] = field(default_factory=dict)
    locked_until: datetime | None = None
    has_disk: bool = False
    lags_until: datetime | None = None
    """So long ECS still counts an image that is gone."""


@dataclass(frozen=True)
class NamedBy:
    """A template, a scaling configuration or a pipeline, and what it names."""

    kind: str
    id: str
    what: str
    since: int


@dataclass
class MemoryAccount:
    draw: random.Random
    now: datetime = START
    tick: int = 0
    run: int = 0
    images: dict[str, TrueImage] = field(default_factory=dict)
    ever: list[TrueImage] = field(default_factory=list)
    """All images that there ever were."""
    snapshots: dict[str, TrueSnapshot] = field(default_factory=dict)
    disks: dict[str, datetime | None] = field(default_factory=dict)
    """Every system disk there ever was, and since when it is gone."""
    named: dict[str, NamedBy] = field(default_factory=dict)
    faults: dict[int, str] = field(default_factory=dict)
    unreadable: str = ""
    """An action that the role may not call today."""
    meanwhile: Callable[[], None] | None = None
    """What others do while a run is under way."""
    is_disturbed: bool = False
    """Somebody did something since this run began."""
    told: list[tuple[str, str, str]] = field(default_factory=list)
    """Reason and image of each message, and its id."""
    trace: list[str] = field(default_factory=list)

    def call(self, action: str, answer: Callable[[], T]) -> T:
        self.tick += 1
        if self.meanwhile:
            self.meanwhile()
        if action == self.unreadable:
            raise Curable("Forbidden.RAM", f"{action}: not allowed", 403)
        fault = self.faults.pop(self.tick, None)
        if fault:
            self.trace.append(f"{self.tick} {action}: {fault}")
        if fault == "refused":
            raise Curable("Busy", f"{action}: not now", 403)
        if fault == "throttled":
            raise Throttled("Throttling.User", f"{action}: slow down", 400)
        if fault == "ended before":
            raise ProcessEnded
        result = answer()
        if fault == "ended after":
            raise ProcessEnded
        if fault == "lost":
            raise OutcomeUnknown("NoReply", f"{action}: no reply")
        return result

    def users_of(self, what: str) -> dict[str, int]:
        return {each.kind: each.since for each in self.named.values() if each.what == what}

    def usage(self, snapshot: TrueSnapshot) -> str:
        is_held = any(snapshot.id in image.snapshot_ids for image in self.images.values())
        in_image = is_held or bool(snapshot.lags_until and snapshot.lags_until > self.now)
        return {(True, True): "image_disk", (True, False): "image", (False, True): "disk"}.get(
            (in_image, snapshot.has_disk), "none"
        )

    def image(self, image_id: str) -> TrueImage:
        if image_id not in self.images:
            raise Refused("InvalidImageId.NotFound", f"{image_id} does not exist", 404)
        return self.images[image_id]

    def set_status(self, image: TrueImage, status: str) -> None:
        """API reference ModifyImageAttribute: shared images are not deprecated."""
        if status == "Deprecated" and "shared" in image.guards:
            raise Refused("ImageUseShared", "shared", 403)
        image.status = status
        image.deprecated = (self.now, self.run) if status == "Deprecated" else None

    def delete(self, image: TrueImage) -> None:
        """API reference DeleteImage: nothing else than these is looked at."""
        for guard, code in (
            ("instance", "ImageUsingByInstance"),
            ("shared", "ImageUseShared"),
            ("public", "ImageIsPublic"),
        ):
            if guard in image.guards:
                raise Refused(code, guard, 403)
        del self.images[image.id]

    def delete_snapshot(self, snapshot: TrueSnapshot) -> None:
        """API reference DeleteSnapshot, without Force."""
        if self.usage(snapshot) != "none":
            raise Refused(
                "SnapshotCreatedImage" if "image" in self.usage(snapshot) else "SnapshotCreatedDisk", "used", 403
            )
        del self.snapshots[snapshot.id]
