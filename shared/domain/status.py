"""The answer to one event or one image: what subscribers read. Flat, versioned, bounded; see `message.py` for the envelope."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal

from .bounds import AtMost, Bounded
from .errors import CloudError
from .reasons import Reason, State

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from .details import Details, DiskDetails
    from .disk_set import DiskSet
    from .facts import ImageCheck, MappedDisk

SCHEMA_VERSION: Literal["1.0"] = "1.0"
TEXT = 600
"""Characters of free text in one field: 64 KiB is the queue's whole message, after base64."""

MOST_RISKS = 20
"""The image check knows 18 items (ECS help, "Check custom images")."""

Id = Annotated[str, AtMost(256)]
Name = Annotated[str, AtMost(128)]
ResourceId = Annotated[str, AtMost(64, r"[!-~]+")]


@dataclass(frozen=True)
class DiskEntry(Bounded):
    """One disk of the image."""

    type: Literal["system", "data"]
    """The system disk comes first."""
    snapshot_id: ResourceId | None
    """What the disk is made from; null for an empty data disk."""
    disk_id: ResourceId | None
    """The disk that the snapshot was taken of; null when it is not known or the disk is empty."""
    size_gib: int
    """Size in GiB."""
    device: Annotated[str, AtMost(32, r"[!-~]+")] | None = None
    """Device name of the source disk when it was looked at, such as /dev/xvdb. For people; ECS is never told it. Null when it is not known."""


@dataclass(frozen=True)
class Cause(Bounded):
    """What ECS said, word for word as far as it fits."""

    code: Name
    """Error code of ECS, such as QuotaExceed.Image."""
    message: Annotated[str, AtMost(TEXT)]
    """Text of ECS, cut at 600 characters."""
    http_status: int
    """HTTP status code of the reply; 0 when the refusal was not a reply, such as the code in a snapshot's record."""
    request_id: Annotated[str, AtMost(64)] | None
    """Request id of ECS, for its support; null when there is none."""


@dataclass(frozen=True)
class RiskEntry(Bounded):
    """One finding of the image check, in the words of ECS."""

    name: Annotated[str, AtMost(48)]
    """The item that was checked, such as GUESTOS.Fstab."""
    level: Annotated[str, AtMost(16)]
    """High or Medium."""
    code: Annotated[str, AtMost(64)]
    """The finding, such as Fstab.DeviceNotFound."""


@dataclass(frozen=True)
class CheckResult(Bounded):
    """What the image check found."""

    finished: bool
    """False while the check runs: `risks` may then lack some."""
    risks: Annotated[tuple[RiskEntry, ...], AtMost(MOST_RISKS)] = ()
    """The findings; empty when all was well."""


@dataclass(frozen=True, kw_only=True)
class ImageStatus(Bounded):
    """One state of one snapshot's image. It tells the whole state: no reader needs an earlier message."""

    schema_version: Literal["1.0"] = SCHEMA_VERSION
    """Version of these fields."""
    state: State
    """What becomes of the snapshot."""
    reason: Reason
    """Why the state is what it is."""
    terminal: bool
    """The fate of this snapshot is decided. Supplements (checked, promoted) may follow; another fate never does, unless an operator asks for the snapshot again."""
    explanation: Annotated[str, AtMost(TEXT)]
    """One sentence for people, cut at 600 characters. Its wording is not part of the version."""
    account_id: Name
    """Alibaba Cloud account that owns the snapshot."""
    region_id: Name
    """Region of the snapshot, such as cn-hangzhou."""
    plan: Name | None = None
    """Name of the plan that asks for the image; null when none does or none is known."""
    snapshot_id: ResourceId | None = None
    """The system disk's snapshot, or the one that the event names; null when no event could be read."""
    disk_id: ResourceId | None = None
    """The disk of `snapshot_id`; null when it is not known."""
    instance_id: ResourceId | None = None
    """The instance of the system disk; null when it is not known."""
    image_id: ResourceId | None = None
    """The image; null when there is none."""
    image_name: Name | None = None
    """Name of the image; null when there is none."""
    image_status: Name | None = None
    """Status of the image in the words of ECS (Creating, Waiting, Available, UnAvailable, CreateFailed, Deprecated); null when there is no image."""
    disks: Annotated[tuple[DiskEntry, ...], AtMost(17)] = ()
    """The disks that the image has or will have: one system disk and up to 16 data disks. Empty when there is no image."""
    partial: bool = False
    """The image lacks what `left_out` names."""
    left_out: Annotated[tuple[ResourceId, ...], AtMost(64)] = ()
    """Ids of disks or snapshots that the image lacks: as the plan allows, or because the disk is gone and nobody can tell when it went."""
    without_snapshots: Annotated[tuple[ResourceId, ...], AtMost(32)] = ()
    """Ids of attached local or ephemeral disks: they have no snapshots and are in no image. They do not make it partial."""
    missing: Annotated[tuple[ResourceId, ...], AtMost(64)] = ()
    """Ids of disks or snapshots that a failed snapshot's image would have needed."""
    waiting_for: Annotated[tuple[ResourceId, ...], AtMost(64)] = ()
    """Ids of disks or snapshots that are waited for."""
    skew_seconds: int | None = None
    """Seconds between the oldest and the newest snapshot of the image, pinned ones aside; null when there is no image."""
    snapshot_group_id: ResourceId | None = None
    """The snapshot-consistent group of the image: its disks are of one moment. Null when they are not."""
    seconds_since_snapshot: int | None = None
    """Seconds from the end of the snapshot to this message; null when the end is not known."""
    cause: Cause | None = None
    """What ECS said; null when it did not refuse anything."""
    check: CheckResult | None = None
    """What the image check found; null when there was none."""
    event_id: Id | None = None
    """Id of the event that led to this answer; null when none did."""


@dataclass(frozen=True)
class Subject:
    """What an answer is about, as far as it is known when the answer is given."""

    account_id: str
    region_id: str
    event_id: str | None = None
    snapshot_id: str | None = None
    disk_id: str | None = None
    instance_id: str | None = None
    plan: str | None = None
    seconds_since_snapshot: int | None = None

    def answer(
        self, state: State, reason: Reason, explanation: str, is_final: bool = True, **more: "Unpack[Details]"
    ) -> ImageStatus:
        """`is_final` is False for a failure whose cause can be removed."""
        known: dict[str, Any] = {**vars(self), **more}
        return ImageStatus(
            state=state,
            reason=reason,
            terminal=state.is_terminal and is_final,
            explanation=explanation[:TEXT],
            **known,
        )


def disk_fields(disk_set: "DiskSet") -> "DiskDetails":
    """The fields that describe a disk set."""
    return {
        "disks": tuple(_entry(disk) for disk in disk_set.disks),
        "partial": bool(disk_set.left_out),
        "left_out": disk_set.left_out[:64],
        "without_snapshots": disk_set.without_snapshots[:32],
        "snapshot_group_id": disk_set.group_id,
        "skew_seconds": disk_set.skew_seconds,
    }


def cause_of(error: CloudError) -> Cause:
    return Cause(
        code=error.code[:128],
        message=error.message[:TEXT],
        http_status=error.http_status,
        request_id=error.request_id[:64] if error.request_id else None,
    )


def check_result(check: "ImageCheck | None") -> CheckResult | None:
    if check is None:
        return None
    risks = [
        RiskEntry(name=risk.name[:48], level=risk.level[:16], code=risk.code[:64]) for risk in check.risks[:MOST_RISKS]
    ]
    return CheckResult(finished=check.is_finished, risks=tuple(risks))


def _entry(disk: "MappedDisk") -> DiskEntry:
    return DiskEntry(disk.role.value, disk.snapshot_id, disk.disk_id, disk.size_gib, (disk.device or "")[:32] or None)
