"""The answer to one event or one image: what subscribers read. Flat, versioned, bounded; see `message.py` for the envelope."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal

from .bounds import AtMost, Bounded
from .errors import CloudError
from .reasons import CURABLE, Reason, State

if TYPE_CHECKING:
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
    """One disk of the image. `snapshot_id` is null for an empty data disk; sizes are GiB."""

    type: Literal["system", "data"]
    snapshot_id: ResourceId | None
    disk_id: ResourceId | None
    size_gib: int


@dataclass(frozen=True)
class Cause(Bounded):
    """What ECS said, word for word as far as it fits."""

    code: Name
    message: Annotated[str, AtMost(TEXT)]
    http_status: int
    request_id: Id | None


@dataclass(frozen=True)
class RiskEntry(Bounded):
    """One finding of the image check. `level` is `High` or `Medium`."""

    name: Annotated[str, AtMost(64)]
    level: Annotated[str, AtMost(16)]
    code: Annotated[str, AtMost(64)]


@dataclass(frozen=True)
class CheckResult(Bounded):
    """What the image check found; not all of it before `finished`."""

    finished: bool
    risks: Annotated[tuple[RiskEntry, ...], AtMost(MOST_RISKS)] = ()


@dataclass(frozen=True, kw_only=True)
class ImageStatus(Bounded):
    """One state of one snapshot's image. `terminal` means that no other state follows for the same event or image."""

    schema_version: Literal["1.0"] = SCHEMA_VERSION
    state: State
    reason: Reason
    terminal: bool
    explanation: Annotated[str, AtMost(TEXT)]
    account_id: Name
    region_id: Name
    plan: Name | None = None
    snapshot_id: ResourceId | None = None
    disk_id: ResourceId | None = None
    instance_id: ResourceId | None = None
    image_id: ResourceId | None = None
    image_name: Name | None = None
    image_status: Name | None = None
    disks: Annotated[tuple[DiskEntry, ...], AtMost(17)] = ()
    partial: bool = False
    """The image lacks what `left_out` names, as its plan allows."""
    left_out: Annotated[tuple[ResourceId, ...], AtMost(64)] = ()
    missing: Annotated[tuple[ResourceId, ...], AtMost(64)] = ()
    waiting_for: Annotated[tuple[ResourceId, ...], AtMost(64)] = ()
    skew_seconds: int | None = None
    snapshot_group_id: ResourceId | None = None
    """Of a snapshot-consistent group: its disks are of one moment."""
    seconds_since_snapshot: int | None = None
    cause: Cause | None = None
    check: CheckResult | None = None
    event_id: Id | None = None


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

    def answer(self, state: State, reason: Reason, explanation: str, **more: Any) -> ImageStatus:
        """`more` are further fields of ImageStatus."""
        return ImageStatus(**{
            **vars(self), **more,
            "state": state, "reason": reason, "terminal": state.is_terminal and reason not in CURABLE, "explanation": explanation[:TEXT],
        })  # fmt: skip


def disk_fields(disk_set: "DiskSet") -> dict[str, object]:
    """The fields of ImageStatus that describe a disk set."""
    return {
        "disks": tuple(_entry(disk) for disk in disk_set.disks),
        "partial": bool(disk_set.left_out),
        "left_out": disk_set.left_out,
        "snapshot_group_id": disk_set.group_id,
        "skew_seconds": disk_set.skew_seconds,
    }


def cause_of(error: CloudError) -> Cause:
    return Cause(
        code=error.code[:128],
        message=error.message[:TEXT],
        http_status=error.http_status,
        request_id=error.request_id[:256] if error.request_id else None,
    )


def check_result(check: "ImageCheck | None") -> CheckResult | None:
    if check is None:
        return None
    risks = [
        RiskEntry(name=risk.name[:64], level=risk.level[:16], code=risk.code[:64]) for risk in check.risks[:MOST_RISKS]
    ]
    return CheckResult(finished=check.is_finished, risks=tuple(risks))


def _entry(disk: "MappedDisk") -> DiskEntry:
    return DiskEntry(type=disk.role.value, snapshot_id=disk.snapshot_id, disk_id=disk.disk_id, size_gib=disk.size_gib)
