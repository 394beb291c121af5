"""The states and reason codes that an answer can carry."""

from enum import Enum


class State(str, Enum):
    SKIPPED = "skipped"
    INVALID = "invalid"
    WAITING = "waiting"
    CREATING = "creating"
    AVAILABLE = "available"
    CHECKED = "checked"
    """Follows `available` once the image check is over; the image was usable before."""
    FAILED = "failed"
    OVERDUE = "overdue"

    @property
    def is_terminal(self) -> bool:
        return self in {State.SKIPPED, State.INVALID, State.AVAILABLE, State.FAILED}


class Reason(str, Enum):
    INVALID_EVENT = "InvalidEvent"

    WRONG_ACCOUNT = "WrongAccount"
    WRONG_REGION = "WrongRegion"
    SNAPSHOT_TYPE_EXCLUDED = "SnapshotTypeExcluded"
    NOT_SYSTEM_DISK = "NotSystemDisk"
    NO_PLAN = "NoPlan"
    PLAN_DISABLED = "PlanDisabled"

    DATA_DISK_SNAPSHOT_PENDING = "DataDiskSnapshotPending"

    IMAGE_REQUESTED = "ImageRequested"
    IMAGE_ADOPTED = "ImageAdopted"
    IMAGE_AVAILABLE = "ImageAvailable"
    IMAGE_AVAILABLE_PARTIAL = "ImageAvailablePartial"
    IMAGE_OVERDUE = "ImageOverdue"
    IMAGE_CHECK_PASSED = "ImageCheckPassed"
    IMAGE_CHECK_FOUND_RISKS = "ImageCheckFoundRisks"

    SNAPSHOT_FAILED = "SnapshotFailed"
    SNAPSHOT_NOT_FOUND = "SnapshotNotFound"
    DATA_DISK_SNAPSHOT_MISSING = "DataDiskSnapshotMissing"
    TOO_MANY_DATA_DISKS = "TooManyDataDisks"
    DATA_DISKS_UNKNOWN = "DataDisksUnknown"
    IMAGE_CREATE_FAILED = "ImageCreateFailed"
    DISK_MAP_MISMATCH = "DiskMapMismatch"
    QUOTA_EXCEEDED = "QuotaExceeded"
    PERMISSION_DENIED = "PermissionDenied"
    ECS_REFUSED = "EcsRefused"


CURABLE = frozenset({Reason.QUOTA_EXCEEDED, Reason.PERMISSION_DENIED, Reason.SNAPSHOT_NOT_FOUND})
"""An operator can cure these, and the hourly sweep then goes on: such an answer is not the last one."""


def reason_for(code: str) -> Reason:
    """The reason for an ECS refusal, by the family its code belongs to."""
    if code.startswith(("QuotaExceed", "ImageQuotaExceed", "ImageFamilyQuotaExceed")):
        return Reason.QUOTA_EXCEEDED
    if code.startswith(("Forbidden", "NoPermission", "InvalidAccessKeyId", "SignatureDoesNotMatch")):
        return Reason.PERMISSION_DENIED
    return Reason.ECS_REFUSED
