"""The parts of a world: one account in one region, as it is when the local cloud starts."""

from datetime import datetime, timedelta, timezone
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from localcloud.faults import PlantedFault
from localcloud.users import ImagePipeline, ScalingConfiguration, WorldLaunchTemplate

Tags = dict[str, str]
DiskType = Literal["system", "data"]
GiB = Annotated[int, Field(ge=1, le=65536)]
DiskId = Annotated[str, Field(pattern=r"^d-[0-9A-Za-z-]+$")]
SnapshotId = Annotated[str, Field(pattern=r"^s-[0-9A-Za-z-]+$")]
InstanceId = Annotated[str, Field(pattern=r"^i-[0-9A-Za-z-]+$")]
ImageId = Annotated[str, Field(pattern=r"^m-[0-9A-Za-z-]+$")]
PolicyId = Annotated[str, Field(pattern=r"^sp-[0-9A-Za-z-]+$")]
ImageStatus = Literal["Creating", "Waiting", "Available", "UnAvailable", "CreateFailed", "Deprecated"]


class WorldPart(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class WorldDisk(WorldPart):
    """`type` is what it is attached as now: a system disk may hang on a machine as a data disk."""

    id: DiskId
    type: DiskType
    name: str = ""
    size_gib: GiB
    device: Annotated[str, Field(pattern=r"^/dev/(x?v|s)d[a-z]{1,2}$")] | None = None
    tags: Tags = Field(default_factory=dict)
    category: str = "cloud_essd"
    encrypted: bool = False
    attached: AwareDatetime | None = None
    """Since when it is attached; by default since a month before the first snapshot."""
    detached: AwareDatetime | None = None
    """When it was last taken off a machine."""
    policy: PolicyId | None = None
    multi_attach: bool = False
    """Such a disk may be given under several instances, in the same words but for `device` and `attached`."""
    source_snapshot: SnapshotId | None = None


class WorldInstance(WorldPart):
    id: InstanceId
    name: str = ""
    tags: Tags = Field(default_factory=dict)
    status: Literal["Running", "Stopped"] = "Running"
    image: ImageId | None = None
    created: AwareDatetime | None = None
    """By default a month before the first snapshot."""
    disks: list[WorldDisk] = []


class WorldSnapshot(WorldPart):
    """`disk` may be gone from the world; then `size_gib` and `source_disk_type` cannot be derived and must be given."""

    id: SnapshotId
    disk: DiskId
    type: Literal["timer", "user", "copied", "imported"] = "user"
    status: Literal["accomplished", "progressing", "failed"] = "accomplished"
    started: AwareDatetime
    ended: AwareDatetime | None = None
    """Of a progressing snapshot: when it will be accomplished, if ever."""
    name: str | None = None
    encrypted: bool | None = None
    tags: Tags = Field(default_factory=dict)
    size_gib: GiB | None = None
    source_disk_type: DiskType | None = None
    category: Literal["standard", "flash", "archive"] = "standard"
    shared: bool = False
    """By another account with this one."""
    retention_days: Annotated[int, Field(ge=1, le=65535)] | None = None
    locked_until: AwareDatetime | None = None


class WorldSnapshotPolicy(WorldPart):
    """Nothing fires here: the world says which snapshots there are."""

    id: PolicyId
    name: str = ""
    hours: tuple[Annotated[int, Field(ge=0, le=23)], ...] = (10,)
    """In the time of UTC+8."""
    weekdays: tuple[Annotated[int, Field(ge=1, le=7)], ...] = (1, 2, 3, 4, 5, 6, 7)
    retention_days: int = 7
    status: Literal["Normal", "Expire", "Available"] = "Normal"


class WorldGroup(WorldPart):
    id: Annotated[str, Field(pattern=r"^ssg-[0-9A-Za-z-]+$")]
    tags: Tags = Field(default_factory=dict)
    instance: InstanceId | None = None
    snapshots: Annotated[list[SnapshotId], Field(min_length=1)]


class WorldImageDisk(WorldPart):
    snapshot: SnapshotId | None = None
    size_gib: GiB
    device: str
    type: DiskType


class WorldImage(WorldPart):
    id: ImageId
    name: str
    snapshot: SnapshotId | None = None
    status: ImageStatus = "Available"
    tags: Tags = Field(default_factory=dict)
    disks: list[WorldImageDisk] | None = None
    """By default the one system disk of `snapshot`."""
    created: AwareDatetime | None = None
    owner: Literal["self", "system", "others"] = "self"
    family: str | None = None
    shared: bool = False
    """By this account with others."""
    public: bool = False
    task: Literal["copying", "importing", "exporting"] | None = None


class Progress(WorldPart):
    """How an image leaves Creating: after so many seconds of the cloud's clock, or after being seen so often."""

    by: Literal["clock", "look"] = "clock"
    seconds: Annotated[float, Field(ge=0)] = 180
    looks: Annotated[int, Field(ge=0)] = 2


class CheckItem(WorldPart):
    """A risk that the image check finds in every image it looks at."""

    name: str
    risk_level: Literal["High", "Medium"]
    risk_code: str


class UncheckedWorld(WorldPart):
    region: Annotated[str, Field(pattern=r"^[a-z]+-[a-z0-9-]+$")] = "cn-hangzhou"
    account_id: Annotated[str, Field(pattern=r"^[0-9]{6,20}$")] = "1234567890123456"
    now: AwareDatetime | None = None
    instances: list[WorldInstance] = []
    detached_disks: list[WorldDisk] = []
    snapshots: list[WorldSnapshot] = []
    groups: list[WorldGroup] = []
    policies: list[WorldSnapshotPolicy] = []
    """One that a disk names and that is not among them fires daily at 02:00 UTC."""
    images: list[WorldImage] = []
    launch_templates: list[WorldLaunchTemplate] = []
    scaling_configurations: list[ScalingConfiguration] = []
    image_pipelines: list[ImagePipeline] = []
    faults: list[PlantedFault] = []
    progress: Progress = Progress()
    image_quota: Annotated[int, Field(ge=0)] | None = None
    refuse_encrypted: bool = False
    check_items: list[CheckItem] = []

    def disks(self) -> list[WorldDisk]:
        """Each once, though several instances may have it."""
        attached = {disk.id: disk for instance in self.instances for disk in instance.disks if disk.multi_attach}
        single = [disk for instance in self.instances for disk in instance.disks if not disk.multi_attach]
        return [*single, *attached.values(), *self.detached_disks]

    def first_attached(self) -> datetime:
        """Since when a disk is attached that says nothing: before any snapshot of this world."""
        return min([one.started for one in self.snapshots], default=self.start_time()) - timedelta(days=30)

    def start_time(self) -> datetime:
        """What the cloud's clock shows at start: soon after the last snapshot that is over."""
        ended = [one.ended for one in self.snapshots if one.ended and one.status != "progressing"]
        return self.now or (max(ended) + timedelta(minutes=1) if ended else datetime.now(timezone.utc))
