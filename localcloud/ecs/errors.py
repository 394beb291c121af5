"""The refusals of the ECS API, each with the status and code that the API reference lists for it."""

from typing import NamedTuple

from localcloud.wire import ApiRefusal


class EcsRefusal(NamedTuple):
    status: int
    code: str
    message: str
    """A template; {thing} is replaced by what the call named."""


class EcsError(ApiRefusal):
    def __init__(self, refusal: EcsRefusal, **named: object) -> None:
        super().__init__(refusal.status, refusal.code.format(**named), refusal.message.format(**named))


# API reference CreateImage, error codes. Where one code has several messages, the message is all that tells them apart.
NO_SYSTEM_SNAPSHOT = EcsRefusal(
    400, "OperationDenied", "The disk device mapping does not contain system disk snapshot."
)
TWO_SYSTEM_SNAPSHOTS = EcsRefusal(
    400, "OperationDenied", "The disk device mapping contains two or more system disk snapshots."
)
SHARED_SNAPSHOT = EcsRefusal(400, "OperationDenied", "Shared snapshots do not support creating images. ({id})")
ENCRYPTED_SNAPSHOT = EcsRefusal(
    400, "OperationDenied", "Not support creating system image from an encrypted snapshot/disk. ({id})"
)
SNAPSHOT_NOT_ALLOWED = EcsRefusal(
    403, "OperationDenied", "The specified snapshot is not allowed to create image. ({id})"
)
NOT_FROM_SYSTEM_DISK = EcsRefusal(403, "OperationDenied", "The specified snapshot is not from system disk. ({id})")
DATA_SNAPSHOT_AS_SYSTEM = EcsRefusal(
    403, "UserNotInTheWhiteList", "Snapshot {id} is of a data disk; this account may not use it as a system disk."
)
SNAPSHOT_NOT_FOUND = EcsRefusal(404, "InvalidSnapshotId.NotFound", "The specified SnapshotId {id} does not exist.")
SNAPSHOT_NOT_READY = EcsRefusal(
    403, "SnapshotNotReady", "Snapshot {id} is being created and cannot be used to create images."
)
SNAPSHOT_TOO_OLD = EcsRefusal(403, "InvalidSnapshot.TooOld", "Snapshot {id} was created before 2013-07-15.")
ARCHIVED_SNAPSHOT = EcsRefusal(
    403, "InvalidSnapshotCategory.NotSupportImageCreation", "Snapshot {id} is archived; no image can be made from it."
)
NOTHING_TO_BUILD_FROM = EcsRefusal(
    400, "MissingParameter", "One of SnapshotId, InstanceId and DiskDeviceMapping is required."
)
BAD_IMAGE_NAME = EcsRefusal(400, "InvalidImageName.Malformed", "The specified ImageName {value!r} is wrongly formed.")
IMAGE_NAME_IN_USE = EcsRefusal(
    400, "InvalidImageName.Duplicated", "The specified ImageName {value!r} is already in use."
)
BAD_DESCRIPTION = EcsRefusal(400, "InvalidDescription.Malformed", "The specified Description is wrongly formed.")
BAD_IMAGE_FAMILY = EcsRefusal(
    400, "InvalidImageFamily.Malformed", "The specified ImageFamily {value!r} is wrongly formed."
)
BAD_DISK_TYPE = EcsRefusal(
    400, "InvalidDiskType.ValueNotSupported", "The specified DiskType {value!r} is not supported."
)
BAD_SIZE = EcsRefusal(400, "InvalidSize.ValueNotSupported", "The specified Size {value} is not supported: {why}.")
TOKEN_REUSED = EcsRefusal(
    400, "IdempotenceParamNotMatch", "The ClientToken {value!r} was used before with other parameters."
)
IMAGE_QUOTA = EcsRefusal(403, "QuotaExceed.Image", "The quota of {quota} custom images in this region is used up.")
NO_RESOURCE_GROUP = EcsRefusal(
    404, "InvalidResourceGroup.NotFound", "The specified ResourceGroupId {value!r} does not exist."
)
REPEATED_TAG_KEY = EcsRefusal(400, "Duplicate.TagKey", "The tag key {value!r} is given more than once.")
BAD_TAG_KEY = EcsRefusal(400, "InvalidTagKey.Malformed", "The tag key {value!r} is wrongly formed.")
BAD_TAG_VALUE = EcsRefusal(400, "InvalidTagValue.Malformed", "The tag value {value!r} is wrongly formed.")
TOO_MANY_TAGS = EcsRefusal(403, "QuotaExceed.Tags", "{count} tags are more than the 20 that {what} may have.")

# API reference DescribeSnapshots, error codes. Its 404s are about parameters: no resource is missing.
BAD_SNAPSHOT_IDS = EcsRefusal(
    403, "InvalidSnapshotIds.Malformed", "SnapshotIds must be a JSON array of at most 100 ids."
)
BAD_FILTER_KEY = EcsRefusal(404, "InvalidFilterKey.NotFound", "The specified filter key {value!r} does not exist.")
BAD_FILTER_VALUE = EcsRefusal(
    404, "InvalidFilterValue", "The specified filter value {value!r} is not yyyy-MM-ddTHH:mmZ."
)
BAD_USAGE = EcsRefusal(404, "InvalidUsage", "The specified Usage {value!r} is invalid.")
BAD_SOURCE_DISK_TYPE = EcsRefusal(404, "InvalidSourceDiskType", "The specified SourceDiskType {value!r} is invalid.")
BAD_TAG_COUNT = EcsRefusal(400, "InvalidTagCount", "{count} tags are more than the 20 that a query may have.")

# API reference TagResources, error codes.
TOO_MANY_RESOURCE_IDS = EcsRefusal(400, "NumberExceed.ResourceIds", "{count} resource ids are more than 50.")
TOO_MANY_TAGS_IN_CALL = EcsRefusal(400, "NumberExceed.Tags", "{count} tags are more than 20.")
RESOURCE_NOT_FOUND = EcsRefusal(404, "InvalidResourceId.NotFound", "The {type} {id} does not exist.")
BAD_RESOURCE_TYPE = EcsRefusal(400, "InvalidResourceType.NotFound", "The ResourceType {value!r} is none of {known}.")

# API references ModifyImageAttribute and DeleteImage, error codes. The HTTP statuses of the first three are assumed.
IMAGE_IS_CREATING = EcsRefusal(403, "InvalidStatus.ImageIsCreating", "The image is still being created.")
IMAGE_NOT_AVAILABLE = EcsRefusal(403, "ImageStatus.NotAvailable", "Only an available image can be deprecated.")
IMAGE_NOT_DEPRECATED = EcsRefusal(403, "ImageStatus.NotDeprecated", "Only a deprecated image can be made available.")
IMAGE_NOT_FOUND = EcsRefusal(404, "InvalidImageId.NotFound", "The specified ImageId {id} does not exist.")

IMAGE_SHARED = EcsRefusal(403, "ImageUseShared", "The specified image has been shared to others.")
IMAGE_IN_USE = EcsRefusal(403, "ImageUsingByInstance", "The specified image has been used to create instances.")
IMAGE_COPYING = EcsRefusal(403, "OperationDenied.ImageCopying", "The specified image is being copied.")
IMAGE_IMPORTING = EcsRefusal(403, "ImageIsImporting", "The specified image is being imported.")
IMAGE_EXPORTING = EcsRefusal(403, "ImageIsExporting", "The specified image is being exported.")
IMAGE_PUBLIC = EcsRefusal(403, "ImageIsPublic", "The specified image is a public image.")

# API reference ModifyImageSharePermission, error codes.
IMAGE_STATUS_INVALID = EcsRefusal(403, "OperationDenied.InvalidImageStatus", "Only an available image can be shared.")
OWN_ACCOUNT = EcsRefusal(400, "InvalidAccount.Forbbiden", "An image cannot be shared with its own account.")

# API reference DescribeLaunchTemplateVersions, error codes.
TEMPLATE_NOT_FOUND = EcsRefusal(404, "InvalidLaunchTemplate.NotFound", "The launch template {id} does not exist.")

# API reference DeleteSnapshot, error codes. Of an unknown id its parameter says that it is ignored.
SNAPSHOT_HAS_IMAGE = EcsRefusal(
    403, "SnapshotCreatedImage", "The snapshot {id} has been used to create user defined image(s)."
)
SNAPSHOT_HAS_DISK = EcsRefusal(403, "SnapshotCreatedDisk", "The snapshot {id} has been used to create disk(s).")
# ECS help, "Lock snapshots", says that nobody can delete one; the code is assumed.
SNAPSHOT_LOCKED = EcsRefusal(403, "OperationDenied.SnapshotLocked", "The snapshot {id} is locked.")

# API references AttachDisk, DetachDisk, ReplaceSystemDisk, StartInstance and StopInstance, error codes.
INSTANCE_NOT_FOUND = EcsRefusal(404, "InvalidInstanceId.NotFound", "The specified InstanceId {id} does not exist.")
DISK_NOT_FOUND = EcsRefusal(404, "InvalidDiskId.NotFound", "The specified disk {id} does not exist.")
DISK_NOT_AVAILABLE = EcsRefusal(
    403, "IncorrectDiskStatus", "The current status of the disk does not support this operation: it is not Available."
)
DISK_ATTACHED_HERE = EcsRefusal(404, "InvalidDisk.InUse", "The specified disk has been occupied.")
DISK_ATTACHED_TOO_OFTEN = EcsRefusal(
    403, "DiskAttachedNumberExceeded", "The attaching times of the specified disk exceeded."
)
DISK_NOT_PORTABLE = EcsRefusal(403, "DiskNotPortable", "The specified disk is not a portable disk.")
DISK_OF_OTHER_INSTANCE = EcsRefusal(
    403,
    "InvalidOperation.OtherInstanceUnsupported",
    "The elastic ephemeral disk can only be attached to the instance it was last mounted on.",
)
DISK_NOT_BOOTABLE = EcsRefusal(
    400, "InvalidDisk.DiskNotBootable", "The specified disk is not a bootable disk, can not be attached as system disk."
)
DISK_OF_OTHER_ORIGIN = EcsRefusal(
    400, "InvalidInstance.NotOriginInstance", "The specified disk can not attached to other instance as system disk."
)
SHARED_DISK_AS_SYSTEM = EcsRefusal(
    403,
    "InvalidOperation.CanNotAttachMultiAttachDiskAsSystemDisk",
    "Multi attach disk can not be attached as system disk.",
)
NO_LOGON = EcsRefusal(
    403, "InvalidParameter.AllEmpty", "The current operation requires either a password or a key pair."
)
TOO_MANY_DISKS = EcsRefusal(
    403, "InstanceDiskLimitExceeded", "The amount of the disk on instance in question reach its limits."
)
DEVICE_OCCUPIED = EcsRefusal(403, "InvalidDevice.InUse", "The specified device {value} has been occupied.")
NOT_STOPPED_FOR_ATTACH = EcsRefusal(
    400, "IncorrectInstanceStatus", "The current status of the resource does not support this operation."
)
WRONG_INSTANCE_STATUS = EcsRefusal(
    403, "IncorrectInstanceStatus", "The current status of the resource does not support this operation."
)
DISK_ELSEWHERE = EcsRefusal(
    403, "DependencyViolation", "The specified disk has not been attached on the specified instance."
)
DISK_DETACHED = EcsRefusal(404, "InvalidDisk.AlreadyDetached", "The specified disk has been detached.")

# ECS: the code is in every list, with a general wording; the detail is ours. RAM: its API reference; others like it.
FORBIDDEN = EcsRefusal(
    403, "Forbidden.RAM", "User not authorized to operate on the specified resource: {action} on {resource}."
)
NO_PERMISSION = EcsRefusal(
    403, "NoPermission", "You are not authorized to do this action. Resource: {resource} Action: {action}"
)

# What the gateway in front of every action refuses: in no per-action list; the codes are not verified on an account.
NO_SUCH_ACTION = EcsRefusal(404, "InvalidAction.NotFound", "The local cloud knows no action {value!r} of {product}.")
BAD_VERSION = EcsRefusal(400, "InvalidVersion", "The local cloud plays no service of version {value!r}.")
MISSING_PARAMETER = EcsRefusal(400, "MissingParameter", "The parameter {name} is required.")
BAD_PARAMETER = EcsRefusal(400, "InvalidParameter.{name}", "The value {value!r} of {name} is not valid: {why}.")
NO_SUCH_REGION = EcsRefusal(404, "InvalidRegionId.NotFound", "The local cloud is region {region}, not {value}.")

# The local cloud's own: the real gateway ignores what it does not know, which hides mistakes.
UNKNOWN_PARAMETER = EcsRefusal(
    400, "LocalCloud.UnknownParameter", "The local cloud plays no parameter {name} of {action}."
)
UNKNOWN_HEADER = EcsRefusal(400, "LocalCloud.UnknownHeader", "The local cloud knows no header {name}.")
BODY_GIVEN = EcsRefusal(
    400, "LocalCloud.NotImplemented", "The local cloud reads the parameters of {action} from the query only."
)
