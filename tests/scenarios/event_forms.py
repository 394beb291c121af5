"""The event of a finished snapshot, as the places that bring it spell it."""

import json
from datetime import datetime
from typing import Any

from scenario import Event

from localcloud.world import WorldFile
from localcloud.world_parts import WorldSnapshot

KIND = "ecs:Snapshot:CreateSnapshotCompleted"


def write_event(asked: str | Event, world: WorldFile) -> dict[str, Any]:
    event = Event(of=asked) if isinstance(asked, str) else asked
    snapshot = next(each for each in world.snapshots if each.id == event.of)
    fields = {**_fields(snapshot), **event.data}
    forms = {"bus": _on_bus, "content": _in_content, "cloudmonitor": _by_cloudmonitor, "queue": _in_queue}
    return {**forms[event.form](snapshot, fields, world), **event.change}


def _fields(snapshot: WorldSnapshot) -> dict[str, Any]:
    result = "failed" if snapshot.status == "failed" else "accomplished"
    ends = {"endTime": _utc(snapshot.ended)} if snapshot.ended else {}
    return {
        "result": result,
        "snapshotId": snapshot.id,
        "snapshotName": snapshot.name or "",
        "snapshotType": snapshot.type,
        "diskId": snapshot.disk,
        "startTime": _utc(snapshot.started),
        **ends,
    }


def _on_bus(snapshot: WorldSnapshot, fields: dict[str, Any], world: WorldFile) -> dict[str, Any]:
    """EventBridge help, "ECS events"."""
    return {
        "id": f"bus-{snapshot.id}",
        "source": "acs.ecs",
        "specversion": "1.0",
        "type": KIND,
        "datacontenttype": "application/json;charset=utf-8",
        "subject": _arn(snapshot, world),
        "time": _utc(snapshot.ended or snapshot.started),
        "aliyunaccountid": world.account_id,
        "aliyunregionid": world.region,
        "data": fields,
    }


def _in_content(snapshot: WorldSnapshot, fields: dict[str, Any], world: WorldFile) -> dict[str, Any]:
    """The CloudMonitor notification inside an event of the bus."""
    notice = {key: value for key, value in _by_cloudmonitor(snapshot, fields, world).items() if key != "name"}
    return {**_on_bus(snapshot, fields, world), "data": notice}


def _by_cloudmonitor(snapshot: WorldSnapshot, fields: dict[str, Any], world: WorldFile) -> dict[str, Any]:
    """ECS help, "Snapshot event notifications"."""
    return {
        "id": f"monitor-{snapshot.id}",
        "product": "ECS",
        "name": KIND.removeprefix("ecs:"),
        "userId": world.account_id,
        "regionId": world.region,
        "resourceId": _arn(snapshot, world),
        "level": "INFO",
        "status": "Normal",
        "eventTime": (snapshot.ended or snapshot.started).strftime("%Y%m%dT%H%M%S.000+0000"),
        "content": fields,
    }


def _in_queue(snapshot: WorldSnapshot, fields: dict[str, Any], world: WorldFile) -> dict[str, Any]:
    """EventBridge help, "SMQ as an event source": the message's body is text."""
    return {
        "id": f"queue-{snapshot.id}",
        "source": "acs.mns",
        "specversion": "1.0",
        "type": "mns:Queue:SendMessage",
        "aliyunaccountid": world.account_id,
        "aliyunregionid": world.region,
        "data": {"requestId": "1", "messageBody": json.dumps(_on_bus(snapshot, fields, world))},
    }


def _arn(snapshot: WorldSnapshot, world: WorldFile) -> str:
    return f"acs:ecs:{world.region}:{world.account_id}:snapshot/{snapshot.id}"


def _utc(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
