"""A region of so many resources behind the real adapters: replies are made page by page and kept nowhere."""

import json
from datetime import datetime, timedelta, timezone
from typing import Any

from shared.adapters.ecs_client import EcsCalls
from shared.adapters.throttling import Throttling
from shared.domain.disk_set import DiskSet
from shared.domain.facts import MappedDisk, Role
from shared.domain.image_tags import OurTags, describe_image
from shared.domain.outcome import OUTCOME, Outcome, Word
from shared.settings import Settings
from shared.wiring import SystemClock

ACCOUNT, REGION = "1234567890123456", "cn-hangzhou"


class BigRegion(EcsCalls):
    """ECS with `count` snapshots, seven of ten of system disks, each other one of the data disk beside one of them."""

    def __init__(self, count: int) -> None:
        clock = SystemClock()
        super().__init__(_settings(), Throttling(clock, None))
        self.now = clock.now()
        self.systems = max(1, round(count * 1000 / 1406))
        self.disks = count
        self.made = bytearray(self.systems)
        """Which system snapshots remember that an image was asked for."""
        self.images = 0

    def ask(self, action: str, request: Any) -> Any:
        from alibabacloud_ecs20140526 import models

        model = getattr(models, f"{action}ResponseBody")
        return model().from_map(json.loads(json.dumps(getattr(self, action)(request))))

    def DescribeSnapshots(self, request: Any) -> dict[str, Any]:  # noqa: N802 - the action's own name
        if request.snapshot_ids:
            numbers = [self._number(each) for each in json.loads(request.snapshot_ids)]
            return {"Snapshots": {"Snapshot": [self.snapshot(number) for number in numbers]}}
        if request.tag:
            return {"Snapshots": {"Snapshot": []}}
        if request.instance_id or request.disk_id:
            system = int((request.instance_id or request.disk_id).split("-")[1].rstrip("sydat"))
            return {"Snapshots": {"Snapshot": [self.snapshot(number) for number in self._of(system)]}}
        first, end = (0, self.systems) if request.source_disk_type == "system" else (self.systems, self.disks)
        page, token = _page(request.next_token, 100, end, first)
        return {"Snapshots": {"Snapshot": [self.snapshot(number) for number in page]}, "NextToken": token}

    def DescribeDisks(self, request: Any) -> dict[str, Any]:  # noqa: N802
        if request.disk_ids:
            numbers = [self._number(each) for each in json.loads(request.disk_ids)]
            return {"Disks": {"Disk": [self._disk(number) for number in numbers]}}
        if request.instance_id:
            numbers = self._of(int(request.instance_id.split("-")[1]))
            return {"Disks": {"Disk": [self._disk(number) for number in numbers]}}
        page, token = _page(request.next_token, request.max_results, self.disks)
        return {"Disks": {"Disk": [self._disk(number) for number in page]}, "NextToken": token}

    def DescribeImages(self, request: Any) -> dict[str, Any]:  # noqa: N802
        """As many in the making as a query by tag shows, and all when they are listed by their creation."""
        of_tag = [(each.key, each.value) for each in request.tag or ()]
        total = min(self.images, 1_000) if ("snapimage:open", "yes") in of_tag else 0 if of_tag else self.images
        start = (request.page_number - 1) * 100
        numbers = range(start, min(total, start + 100))
        return {"TotalCount": total, "Images": {"Image": [self._image(number) for number in numbers]}}

    def CreateImage(self, request: Any) -> dict[str, Any]:  # noqa: N802
        return {"ImageId": f"m-{request.client_token[:20]}"}

    def TagResources(self, request: Any) -> dict[str, Any]:  # noqa: N802
        for each in request.resource_id if request.resource_type == "snapshot" else ():
            self.made[self._number(each)] = 1
        return {}

    def _of(self, system: int) -> list[int]:
        return [system, self.systems + system] if system < self.disks - self.systems else [system]

    def _number(self, name: str) -> int:
        digits = int("".join(each for each in name if each.isdecimal()))
        return digits if name.endswith("sys") else digits + self.systems

    def _names(self, number: int) -> tuple[str, str, int]:
        is_system = number < self.systems
        return ("sys", "system", number) if is_system else ("data", "data", number - self.systems)

    def snapshot(self, number: int) -> dict[str, Any]:
        suffix, role, machine = self._names(number)
        words = Outcome(Word.REQUESTED).to_tag()
        is_made = number < self.systems and self.made[number]
        tags = [{"TagKey": OUTCOME, "TagValue": words}] if is_made else []
        return {
            "SnapshotId": f"s-{machine:020}{suffix}", "SourceDiskId": f"d-{machine:020}{suffix}", "Usage": "none",
            "SourceDiskType": role, "SourceDiskSize": "40", "Status": "accomplished", "SnapshotType": "auto",
            "SnapshotName": "auto2.0_20261120_sp-bp1night", "CreationTime": written(self.now - timedelta(minutes=6)),
            "Tags": {"Tag": tags},
        }  # fmt: skip

    def _disk(self, number: int) -> dict[str, Any]:
        suffix, role, machine = self._names(number)
        return {
            "DiskId": f"d-{machine:020}{suffix}", "Type": role, "Size": 40, "InstanceId": f"i-{machine}",
            "Device": "/dev/xvda", "AttachedTime": "2026-01-01T00:00:00Z", "Category": "cloud_essd",
            "AutoSnapshotPolicyId": "sp-bp1night", "DiskName": "a disk", "Tags": {"Tag": []},
        }  # fmt: skip

    def _image(self, number: int) -> dict[str, Any]:
        snapshot, disk = f"s-{number:020}sys", f"d-{number:020}sys"
        about = OurTags(snapshot, "night", disk, f"i-{number}", overdue_after=14400, ended=int(self.now.timestamp()))
        tags = describe_image(about, DiskSet(MappedDisk(Role.SYSTEM, snapshot, 40, disk)))
        return {
            "ImageId": f"m-{number:020}", "ImageName": f"night-{snapshot}", "Status": "Available",
            "CreationTime": written(self.now - timedelta(minutes=5)),
            "DiskDeviceMappings": {"DiskDeviceMapping": [{"Type": "system", "SnapshotId": snapshot, "Size": "40"}]},
            "Tags": {"Tag": [{"TagKey": key, "TagValue": value} for key, value in tags.items()]},
        }  # fmt: skip


def _page(token: str | None, size: int, count: int, first: int = 0) -> tuple[range, str]:
    start = int(token or first)
    end = min(count, start + size)
    return range(start, end), str(end) if end < count else ""


def written(moment: datetime) -> str:
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def _settings() -> Settings:
    words = dict.fromkeys(("access_key_id", "access_key_secret", "security_token", "mns_endpoint", "status_queue"), "x")
    return Settings(**words, account_id=ACCOUNT, region_id=REGION, plans_file="")  # type: ignore[arg-type]
