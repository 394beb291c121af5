"""What the tests of hostile replies share: calls of every action, sound answers, and what comes of a call."""

from collections.abc import Callable
from datetime import datetime, timezone

from adapter_calls import create
from hostile_server import Misbehave, hostile

from shared.adapters.ecs_client import EcsCalls
from shared.adapters.ecs_disks import EcsDisks, EcsSnapshots
from shared.adapters.ecs_images import EcsImages
from shared.adapters.throttling import Throttling
from shared.domain.disk_set import DiskSet
from shared.domain.errors import CloudError
from shared.domain.facts import MappedDisk, Role
from shared.domain.image_request import ImageRequest
from shared.settings import Settings
from shared.wiring import SystemClock

LONG_AGO = datetime(2000, 1, 1, tzinfo=timezone.utc)


WANTED = ImageRequest("cn-hangzhou", "token", "web", "", DiskSet(MappedDisk(Role.SYSTEM, "s-1", 40)), {})


KEY, SECRET, TOKEN = "sentinel-key-id", "sentinel-secret/+=", "sentinel-token/+="


Call = Callable[[EcsCalls], object]


CALLS: dict[str, Call] = {
    "CreateImage": lambda calls: create(EcsImages(calls), WANTED),
    "DescribeImages": lambda calls: EcsImages(calls).named("web"),
    "DescribeSnapshots": lambda calls: EcsSnapshots(calls).find(["s-1"]),
    "DescribeDisks": lambda calls: EcsDisks(calls).find(["d-1"]),
    "DescribeInstances": lambda calls: EcsDisks(calls).instances(["i-1"]),
    "DescribeSnapshotGroups": lambda calls: EcsSnapshots(calls).groups_of_instance("i-1"),
    "TagResources": lambda calls: EcsSnapshots(calls).tag(["s-1"], {"k": "v"}),
    "UntagResources": lambda calls: EcsSnapshots(calls).untag(["s-1"], ["k"]),
    "ModifyImageAttribute": lambda calls: EcsImages(calls).set_family("m-1", "web"),
}


SNAPSHOT = {
    "SnapshotId": "s-1", "SourceDiskId": "d-1", "SourceDiskType": "system", "SourceDiskSize": "40",
    "Status": "accomplished", "CreationTime": "2026-03-01T01:00:00Z", "SnapshotType": "user", "SnapshotName": "n",
    "Category": "standard", "Tags": {"Tag": [{"TagKey": "k", "TagValue": "v"}]},
}  # fmt: skip


IMAGE = {
    "ImageId": "m-1", "ImageName": "web", "Status": "Available", "CreationTime": "2026-03-01T01:00:00Z",
    "DiskDeviceMappings": {"DiskDeviceMapping": [{"Type": "system", "SnapshotId": "s-1", "Size": "40"}]},
    "Tags": {"Tag": [{"TagKey": "k", "TagValue": "v"}]},
    "DetectionOptions": {"Status": "Finished", "Items": {"Item": [{"Name": "a", "RiskLevel": "High", "RiskCode": "b"}]}},
}  # fmt: skip


def settings(endpoint: str) -> Settings:
    return Settings(
        account_id="1", region_id="cn-hangzhou", access_key_id=KEY, access_key_secret=SECRET, security_token=TOKEN,
        mns_endpoint=endpoint, status_queue="status", plans_file="none", ecs_endpoint=endpoint,
    )  # fmt: skip


def ecs_calls(known: Settings) -> EcsCalls:
    """One that waits for nothing."""
    return EcsCalls(known, Throttling(SystemClock(), None))


def outcome(call: Call, answer: Misbehave) -> object:
    """What the adapter returns, or what it raises of our own errors."""
    with hostile(answer) as server:
        try:
            return call(ecs_calls(settings(server.endpoint)))
        except CloudError as error:
            return error
