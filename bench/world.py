"""The world that the contenders work in: as many machines as there are events, so that each event makes a new image.

Every machine has a system disk and a data disk, both with a snapshot of a few minutes ago. What the plans of the bench
make of a machine depends on how it was numbered: see `KINDS`.
"""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from itertools import count
from typing import Any

from shared.domain.disk_set import DiskSet
from shared.domain.facts import MappedDisk, Role
from shared.domain.image_tags import OurTags, describe_image
from shared.domain.plans import Plans

REGION, ACCOUNT = "cn-hangzhou", "1234567890123456"
FORM = "%Y-%m-%dT%H:%M:%SZ"
ORDINARY, BY_SNAPSHOT, WITH_DATA = "ordinary", "by-snapshot", "with-data-disk"
KINDS = (ORDINARY, BY_SNAPSHOT, WITH_DATA)
"""`ordinary`: the system disk alone, in a plan chosen by the disk's tag, which costs the same calls as the plain handler;
`by-snapshot`: the same in a plan that the snapshot alone tells; `with-data-disk`: with whatever is attached."""

PLANS = Plans.model_validate({
    "region": REGION,
    "plans": [
        {"name": BY_SNAPSHOT, "source": {"tags": {"snapshot": "yes"}}},
        {"name": ORDINARY, "source": {"tags": {"disk": "yes"}}},
        {"name": WITH_DATA, "source": {"tags": {"whole": "yes"}}, "data_disks": {"take": "attached"}},
    ],
})  # fmt: skip


class Machines:
    """Numbers machines for a world that is written before the first event, and hands them out one by one."""

    def __init__(self, now: datetime, amounts: dict[str, int]) -> None:
        self.now = now
        numbers = count(1)
        names = {kind: [f"bench{next(numbers):05}" for _ in range(amount)] for kind, amount in amounts.items()}
        self._kinds = {name: kind for kind, some in names.items() for name in some}
        self._left: dict[str, Iterator[str]] = {kind: iter(some) for kind, some in names.items()}

    def world(self) -> dict[str, Any]:
        return {
            "region": REGION,
            "account_id": ACCOUNT,
            "now": self.now.isoformat(),
            "instances": [_instance(name, kind) for name, kind in self._kinds.items()],
            "snapshots": [each for name, kind in self._kinds.items() for each in _snapshots(name, kind, self.now)],
        }

    def event(self, kind: str) -> bytes:
        """Of a machine that had none yet."""
        return event(next(self._left[kind]), self.now, REGION)

    def refused_event(self) -> bytes:
        """For another region than the function's; no machine is touched by it."""
        return event("bench00000", self.now, "cn-beijing")


def event(name: str, now: datetime, region: str) -> bytes:
    begun, ended = ((now - timedelta(minutes=minutes)).strftime(FORM) for minutes in (6, 2))
    return json.dumps({
        "id": f"031903FD-AC84-D81A-195A-{name:0>12}",
        "source": "acs.ecs",
        "specversion": "1.0",
        "type": "ecs:Snapshot:CreateSnapshotCompleted",
        "datacontenttype": "application/json;charset=utf-8",
        "subject": f"acs:ecs:{region}:{ACCOUNT}:snapshot/s-{name}sys",
        "time": ended,
        "aliyunaccountid": ACCOUNT,
        "aliyunoriginalaccountid": ACCOUNT,
        "aliyunpublishtime": ended,
        "aliyuneventbusname": "default",
        "aliyunregionid": region,
        "data": {
            "result": "accomplished",
            "snapshotId": f"s-{name}sys",
            "snapshotName": "auto2.0_20261120_sp-bp1night",
            "snapshotType": "timer",
            "diskId": f"d-{name}sys",
            "startTime": begun,
            "endTime": ended,
        },
    }).encode()  # fmt: skip


def followed_world(now: datetime, amount: int) -> dict[str, Any]:
    """So many of our images in the making, asked for just now."""
    machines = Machines(now, {ORDINARY: amount})
    world = machines.world()
    names = [instance["id"].removeprefix("i-") for instance in world["instances"]]
    return {**world, "images": [_image(name, now) for name in names]}


def _instance(name: str, kind: str) -> dict[str, Any]:
    tags = {ORDINARY: {"disk": "yes"}, WITH_DATA: {"whole": "yes"}}.get(kind, {})
    system = {"id": f"d-{name}sys", "type": "system", "size_gib": 40, "device": "/dev/xvda", "tags": tags}
    data = {"id": f"d-{name}data", "type": "data", "size_gib": 100, "device": "/dev/xvdb"}
    return {"id": f"i-{name}", "disks": [system, data]}


def _snapshots(name: str, kind: str, now: datetime) -> list[dict[str, Any]]:
    span = {"started": (now - timedelta(minutes=6)).isoformat(), "ended": (now - timedelta(minutes=2)).isoformat()}
    common = {"type": "timer", "name": "auto2.0_20261120_sp-bp1night", **span}
    tags = {"snapshot": "yes"} if kind == BY_SNAPSHOT else {}
    return [
        {"id": f"s-{name}sys", "disk": f"d-{name}sys", "tags": tags, **common},
        {"id": f"s-{name}data", "disk": f"d-{name}data", **common},
    ]


def _image(name: str, now: datetime) -> dict[str, Any]:
    snapshot_id, disk_id = f"s-{name}sys", f"d-{name}sys"
    about = OurTags(snapshot_id, ORDINARY, disk_id, f"i-{name}", overdue_after=14400, ended=int(now.timestamp()))
    tags = describe_image(about, DiskSet(MappedDisk(Role.SYSTEM, snapshot_id, 40, disk_id)))
    image = {"id": f"m-{name}", "name": f"{ORDINARY}-{snapshot_id}", "snapshot": snapshot_id, "status": "Creating"}
    return {**image, "created": now.isoformat(), "tags": tags}


def utc_now() -> datetime:
    """Whole seconds, as ECS writes them."""
    return datetime.now(timezone.utc).replace(microsecond=0)
