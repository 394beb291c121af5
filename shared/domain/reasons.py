"""The states and reason codes that an answer can carry."""

from enum import Enum


class State(str, Enum):
    """What becomes of a snapshot. A later 1.x may add states: take an unknown one by `terminal` and `explanation`."""

    SKIPPED = "skipped"
    INVALID = "invalid"
    WAITING = "waiting"
    CREATING = "creating"
    AVAILABLE = "available"
    CHECKED = "checked"
    """A supplement to `available`: what the image check found. The image was usable before."""
    FAILED = "failed"
    OVERDUE = "overdue"
    """A supplement to `creating`: the image takes long."""
    PROMOTED = "promoted"
    """A supplement to `available`: what became of the image's place in its family."""

    @property
    def is_terminal(self) -> bool:
        """Whether the state decides the fate of the snapshot, unless the cause of a failure can be removed."""
        return self in {State.SKIPPED, State.INVALID, State.AVAILABLE, State.FAILED}


class Reason(str, Enum):
    """Why the state is what it is. A later 1.x may add reasons: take an unknown one by its state."""

    INVALID_EVENT = "InvalidEvent"

    WRONG_ACCOUNT = "WrongAccount"
    WRONG_REGION = "WrongRegion"
    SNAPSHOT_TYPE_EXCLUDED = "SnapshotTypeExcluded"
    NOT_SYSTEM_DISK = "NotSystemDisk"
    NO_PLAN = "NoPlan"
    PLAN_DISABLED = "PlanDisabled"
    BEFORE_SINCE = "BeforeSince"
    """The snapshot began before the `since` of its plan."""
    SNAPSHOT_EXCLUDED = "SnapshotExcluded"
    """An `except_...` of the plan names it."""

    DATA_DISK_SNAPSHOT_PENDING = "DataDiskSnapshotPending"
    MACHINE_UNKNOWN = "MachineUnknown"
    """The plan needs the instance whose system disk this is, and ECS names none."""

    IMAGE_REQUESTED = "ImageRequested"
    IMAGE_ADOPTED = "ImageAdopted"
    IMAGE_AVAILABLE = "ImageAvailable"
    IMAGE_AVAILABLE_PARTIAL = "ImageAvailablePartial"
    IMAGE_OVERDUE = "ImageOverdue"
    IMAGE_CHECK_PASSED = "ImageCheckPassed"
    IMAGE_CHECK_FOUND_RISKS = "ImageCheckFoundRisks"
    IMAGE_PROMOTED = "ImagePromoted"
    FAMILY_FULL = "ImageFamilyFull"
    """The image is usable and stays out of its family, which holds as many images as ECS allows."""

    SNAPSHOT_FAILED = "SnapshotFailed"
    SNAPSHOT_NOT_FOUND = "SnapshotNotFound"
    DATA_DISK_SNAPSHOT_MISSING = "DataDiskSnapshotMissing"
    TOO_MANY_DATA_DISKS = "TooManyDataDisks"
    DATA_DISKS_UNKNOWN = "DataDisksUnknown"
    DATA_DISK_WITHOUT_SNAPSHOTS = "DataDiskWithoutSnapshots"
    """The plan lists a local or ephemeral disk: no snapshot of it can be made."""
    IMAGE_CREATE_FAILED = "ImageCreateFailed"
    IMAGE_DELETED = "ImageDeleted"
    """Somebody deleted the image while it was being made."""
    WINDOW_OVER = "WindowOver"
    """The sweep does not look back this far; `cause` holds the last refusal, if there was one."""
    DISK_MAP_MISMATCH = "DiskMapMismatch"
    QUOTA_EXCEEDED = "QuotaExceeded"
    PERMISSION_DENIED = "PermissionDenied"
    ECS_REFUSED = "EcsRefused"


def reason_for(code: str) -> Reason:
    """The reason for an ECS refusal, by the family its code belongs to."""
    if code.startswith(("QuotaExceed", "ImageQuotaExceed", "ImageFamilyQuotaExceed")):
        return Reason.QUOTA_EXCEEDED
    if code.startswith(("Forbidden", "NoPermission", "InvalidAccessKeyId", "SignatureDoesNotMatch")):
        return Reason.PERMISSION_DENIED
    return Reason.ECS_REFUSED
