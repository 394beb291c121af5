"""What `snapimage coverage` costs on a large fleet: seconds, calls and peak memory, through the real adapter.

`python -m bench.fleet` prints one line. Replies are made page by page in the SDK's own models; no network is in them,
so a call's latency comes on top: images are asked for 16 pages at a time.
"""

import json
import sys
import time
from datetime import datetime, timedelta
from typing import Any

from bench.big_region import ACCOUNT, REGION, BigRegion, written
from bench.child import peak_kib
from shared.adapters.ecs_fleet import EcsFleet
from shared.domain.coverage import Coverage, cover
from shared.domain.disk_set import DiskSet
from shared.domain.facts import MappedDisk, Role
from shared.domain.image_tags import OurTags, describe_image
from shared.domain.plans import Plans
from shared.domain.rules import rules_for
from shared.flows.inventory import read_inventory

NIGHTS = 14
DISKS = 3
"""Of each machine, one of them the system disk."""
PLANS = Plans.model_validate({
    "region": REGION,
    "plans": [
        {"name": "night", "source": {"instance_tags": {"backup": "nightly"}}, "data_disks": {"take": "attached"}}
    ],
})  # fmt: skip
RULES = rules_for(ACCOUNT, REGION, PLANS)


class LargeFleet(BigRegion):
    """A daily policy, and an image of every night of two weeks; in each tenth machine the last two nights failed."""

    def __init__(self, machines: int, nights: int = NIGHTS) -> None:
        super().__init__(machines)
        self.machines = machines
        self.nights = nights

    def DescribeInstances(self, request: Any) -> dict[str, Any]:  # noqa: N802 - the action's own name
        page, token = self._page(request, self.machines)
        tags = [{"TagKey": "backup", "TagValue": "nightly"}]
        entries = [
            {
                "InstanceId": f"i-{number:020}",
                "InstanceName": f"web-{number}",
                "Status": "Running",
                "Tags": {"Tag": tags},
            }
            for number in page
        ]
        return {"Instances": {"Instance": entries}, "NextToken": token}

    def DescribeDisks(self, request: Any) -> dict[str, Any]:  # noqa: N802
        page, token = self._page(request, self.machines * DISKS)
        return {"Disks": {"Disk": [self._disk_of(*divmod(number, DISKS)) for number in page]}, "NextToken": token}

    def DescribeSnapshots(self, request: Any) -> dict[str, Any]:  # noqa: N802
        if request.snapshot_ids:
            ids = json.loads(request.snapshot_ids)
            found = [self._taken(*map(int, each.split("-")[1:])) for each in ids]
            return {"Snapshots": {"Snapshot": found}}
        page, token = self._page(request, self.machines * 2)
        found = [self._taken(number % self.machines, number // self.machines) for number in page]
        return {"Snapshots": {"Snapshot": found}, "NextToken": token}

    def DescribeImages(self, request: Any) -> dict[str, Any]:  # noqa: N802
        start, total = (request.page_number - 1) * 100, self.machines * self.nights
        found = [self._made(*divmod(number, self.nights)) for number in range(start, min(total, start + 100))]
        return {"TotalCount": total, "Images": {"Image": found}}

    def DescribeAutoSnapshotPolicyEx(self, request: Any) -> dict[str, Any]:  # noqa: N802
        policy = {"AutoSnapshotPolicyId": "sp-night", "Status": "Normal", "TimePoints": '["10"]'}
        policy |= {"RepeatWeekdays": '["1","2","3","4","5","6","7"]'}
        return {"AutoSnapshotPolicies": {"AutoSnapshotPolicy": [policy]}, "TotalCount": 1}

    def _page(self, request: Any, count: int) -> tuple[range, str]:
        start = int(request.next_token or 0)
        end = min(count, start + request.max_results)
        return range(start, end), str(end) if end < count else ""

    def _begun(self, night: int) -> datetime:
        return self.now - timedelta(hours=4, days=night)

    def _is_bad(self, machine: int, night: int) -> bool:
        return machine % 10 == 0 and night < 2

    def _disk_of(self, machine: int, number: int) -> dict[str, Any]:
        return {
            "DiskId": f"d-{machine:020}-{number}", "Type": "data" if number else "system", "Size": 40,
            "InstanceId": f"i-{machine:020}", "Device": f"/dev/xvd{'abc'[number]}", "Category": "cloud_essd",
            "AttachedTime": "2026-01-01T00:00:00Z", "AutoSnapshotPolicyId": "sp-night", "Tags": {"Tag": []},
        }  # fmt: skip

    def _taken(self, machine: int, night: int) -> dict[str, Any]:
        words = "failed DataDiskSnapshotMissing" if self._is_bad(machine, night) else "available ImageAvailable"
        return {
            "SnapshotId": f"s-{machine:018}-{night}", "SourceDiskId": f"d-{machine:020}-0", "SourceDiskType": "system",
            "SourceDiskSize": "40", "Status": "accomplished", "SnapshotType": "auto", "Usage": "image",
            "SnapshotName": "auto2.0_20261120_sp-night", "CreationTime": written(self._begun(night)),
            "Tags": {"Tag": [{"TagKey": "snapimage:outcome", "TagValue": words}]},
        }  # fmt: skip

    def _made(self, machine: int, night: int) -> dict[str, Any]:
        """Those of the bad nights were never made; two older ones stand for them, so that the number stays."""
        night = night + self.nights if self._is_bad(machine, night) else night
        snapshot, disk = f"s-{machine:018}-{night}", f"d-{machine:020}-"
        about = OurTags(snapshot, "night", disk + "0", f"i-{machine:020}", overdue_after=14400, of_machine=True)
        data = [MappedDisk(Role.DATA, f"s-{machine}-{night}-{each}", 40, f"{disk}{each}") for each in range(1, DISKS)]
        disks = DiskSet(MappedDisk(Role.SYSTEM, snapshot, 40, disk + "0"), tuple(data))
        mapping = [{"Type": each.role.value, "SnapshotId": each.snapshot_id, "Size": "40"} for each in disks.disks]
        return {
            "ImageId": f"m-{machine:018}-{night}", "ImageName": f"night-{snapshot}", "Status": "Available",
            "CreationTime": written(self._begun(night) + timedelta(minutes=9)),
            "DiskDeviceMappings": {"DiskDeviceMapping": mapping},
            "Tags": {"Tag": [{"TagKey": key, "TagValue": text} for key, text in describe_image(about, disks).items()]},
        }  # fmt: skip


def judge(calls: LargeFleet) -> Coverage:
    return cover(read_inventory(EcsFleet(calls), RULES, calls.now), RULES, calls.now)


def measure(machines: int = 1_000, nights: int = NIGHTS) -> dict[str, float]:
    calls, begun = LargeFleet(machines, nights), time.monotonic()
    counts = judge(calls).counts
    seconds = time.monotonic() - begun
    return {
        "machines": machines,
        "seconds": round(seconds, 1),
        "calls": len(calls.actions),
        "mib": round(peak_kib() / 1024),
        **counts,
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(measure(*map(int, sys.argv[1:]))) + "\n")
