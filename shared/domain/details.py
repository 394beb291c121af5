"""The fields of ImageStatus that an answer may add to its subject: for the type checker, which then knows a misspelt one."""

from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    from .status import Cause, CheckResult, DiskEntry


class DiskDetails(TypedDict, total=False):
    """Those that describe a disk set."""

    disks: "tuple[DiskEntry, ...]"
    partial: bool
    left_out: tuple[str, ...]
    without_snapshots: tuple[str, ...]
    skew_seconds: int | None
    snapshot_group_id: str | None


class ImageDetails(TypedDict, total=False):
    """Those that describe an image."""

    image_id: str | None
    image_name: str | None
    image_status: str | None
    check: "CheckResult | None"


class Details(DiskDetails, ImageDetails, total=False):
    plan: str | None
    missing: tuple[str, ...]
    waiting_for: tuple[str, ...]
    cause: "Cause | None"
