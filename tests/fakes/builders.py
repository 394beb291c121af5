"""Values to start from: a web server whose system disk was snapshotted ten minutes ago, beside its data disk."""

import json
from datetime import datetime, timedelta, timezone
from functools import cache
from typing import Any

from shared.domain.disk_set import DiskSet
from shared.domain.events import SnapshotCompleted
from shared.domain.facts import Disk, Image, Instance, MappedDisk, Role, Snapshot
from shared.domain.image_request import ImageRequest, request_image
from shared.domain.plans import DataDisks, Plan, Plans
from shared.domain.rules import Rules, Subject, rules_for

ACCOUNT = "1234567890123456"
REGION = "cn-hangzhou"
NOW = datetime(2026, 11, 20, 2, 10, tzinfo=timezone.utc)
"""When it is, unless a test says otherwise."""
BEGUN = NOW - timedelta(minutes=10)
ENDED = NOW - timedelta(minutes=6)
POLICY = "sp-night"
RUN = f"auto2.0_20261120_{POLICY}"
LONG_AGO = BEGUN - timedelta(days=100)
SUBJECT = Subject(
    account_id=ACCOUNT,
    region_id=REGION,
    event_id="event-1",
    snapshot_id="s-sys",
    disk_id="d-sys",
    instance_id="i-web",
    plan="web",
    seconds_since_snapshot=360,
)
"""Of `s-sys`, as an event tells of it."""


def system_snapshot(snapshot_id: str = "s-sys", **changes: Any) -> Snapshot:
    usual: dict[str, Any] = {
        "disk_id": "d-sys", "role": Role.SYSTEM, "size_gib": 40, "status": "accomplished", "created": BEGUN,
        "kind": "timer", "name": RUN,
    }  # fmt: skip
    return Snapshot(snapshot_id, **(usual | changes))


def data_snapshot(snapshot_id: str = "s-data", **changes: Any) -> Snapshot:
    return system_snapshot(snapshot_id, **({"disk_id": "d-data", "role": Role.DATA, "size_gib": 100} | changes))


def by_hand(snapshot_id: str, **changes: Any) -> Snapshot:
    """A data disk's snapshot that somebody made."""
    return data_snapshot(snapshot_id, **({"kind": "user", "name": "by hand"} | changes))


def system_disk(disk_id: str = "d-sys", **changes: Any) -> Disk:
    usual: dict[str, Any] = {
        "role": Role.SYSTEM, "size_gib": 40, "instance_id": "i-web", "device": "/dev/xvda", "attached": LONG_AGO,
    }  # fmt: skip
    return Disk(disk_id, **(usual | changes))


def data_disk(disk_id: str = "d-data", **changes: Any) -> Disk:
    return system_disk(disk_id, **({"role": Role.DATA, "size_gib": 100, "device": "/dev/xvdb"} | changes))


def instance(instance_id: str = "i-web", **tags: str) -> Instance:
    return Instance(instance_id, tags)


def data_disks(**parts: Any) -> DataDisks:
    return DataDisks.model_validate(parts)


def plan(name: str = "web", **parts: Any) -> Plan:
    """A plan for the disk `d-sys`, without data disks unless they are asked for."""
    return Plan.model_validate({"name": name, "source": {"disks": ["d-sys"]}} | parts) if parts else _plain_plan(name)


@cache
def _plain_plan(name: str) -> Plan:
    return Plan.model_validate({"name": name, "source": {"disks": ["d-sys"]}})


def rules(*plans: Plan, **more: Any) -> Rules:
    return rules_for(ACCOUNT, REGION, Plans(region=REGION, plans=plans or (plan(),)), **more)


def completed(**changes: Any) -> SnapshotCompleted:
    """The event of `s-sys`."""
    usual: dict[str, Any] = {
        "event_id": "event-1", "account_ids": frozenset({ACCOUNT}), "region_ids": frozenset({REGION}),
        "snapshot_id": "s-sys", "disk_id": "d-sys", "result": "accomplished", "kind": "timer", "begun": BEGUN,
        "ended": ENDED, "time": ENDED,
    }  # fmt: skip
    return SnapshotCompleted(**(usual | changes))


def notice(event_id: str = "event-1", **changes: Any) -> dict[str, Any]:
    """The same event as it arrives; `changes` are of the fields inside `data`."""
    told = {"snapshotId": "s-sys", "diskId": "d-sys", "result": "accomplished", "snapshotType": "timer"}
    return {
        "id": event_id,
        "type": "ecs:Snapshot:CreateSnapshotCompleted",
        "aliyunaccountid": ACCOUNT,
        "aliyunregionid": REGION,
        "data": told | {"startTime": "2026-11-20T02:00:00Z", "endTime": "2026-11-20T02:04:00Z"} | changes,
    }


def payload(*notices: dict[str, Any]) -> bytes:
    """One invocation; an array when there are several."""
    return json.dumps(notices[0] if len(notices) == 1 else notices or notice()).encode()


def disk_set(**changes: Any) -> DiskSet:
    """A system disk, a data disk and an empty one."""
    usual: dict[str, Any] = {
        "system": MappedDisk(Role.SYSTEM, "s-sys", 40, "d-sys"),
        "data": (MappedDisk(Role.DATA, "s-data", 100, "d-data"), MappedDisk(Role.DATA, None, 5)),
        "skew_seconds": 5,
    }
    return DiskSet(**(usual | changes))


def image_request(disks: DiskSet | None = None, **changes: Any) -> ImageRequest:
    usual: dict[str, Any] = {
        "account_id": ACCOUNT, "region_id": REGION, "snapshot": system_snapshot(), "plan": plan(),
        "instance_id": "i-web", "ended": ENDED,
    }  # fmt: skip
    return request_image(**(usual | changes), disk_set=disks or disk_set())


def image(image_id: str = "m-1", **changes: Any) -> Image:
    """An image of ours, finished as it was meant to be."""
    request = image_request()
    usual: dict[str, Any] = {
        "name": request.name, "status": "Available", "created": BEGUN, "disks": request.disk_set.disks,
        "tags": request.tags,
    }  # fmt: skip
    return Image(image_id, **(usual | changes))


def last_image(*disk_ids: str, **changes: Any) -> Image:
    """An image of yesterday's snapshot of the same machine, with these data disks."""
    yesterday = system_snapshot("s-old", created=BEGUN - timedelta(days=1))
    held = tuple(MappedDisk(Role.DATA, f"s-old-{disk_id}", 100, disk_id) for disk_id in disk_ids)
    request = image_request(
        disk_set(system=MappedDisk(Role.SYSTEM, "s-old", 40, "d-sys"), data=held),
        snapshot=yesterday,
        plan=plan(data_disks={"take": "attached"}),
        ended=ENDED - timedelta(days=1),
    )
    usual: dict[str, Any] = {
        "name": request.name, "created": BEGUN - timedelta(hours=23), "disks": request.disk_set.disks,
        "tags": {**request.tags, "snapimage:open": "no", "snapimage:state": "available"},
    }  # fmt: skip
    return image("m-old", **(usual | changes))
