"""The events of a history as they arrive: one fact in several shapes. Each channel gives it an id of its own."""

import json
from collections.abc import Callable, Mapping

from simulation.histories.history import Delivery, Form, History, TakenSnapshot
from simulation.memory.cloud import ACCOUNT, REGION

TYPE = "Snapshot:CreateSnapshotCompleted"


def payload_of(delivery: Delivery, history: History) -> bytes:
    """One event, or an array of several."""
    by_id = {taken.id: taken for taken in history.snapshots}
    events = [SHAPES[delivery.form](by_id[snapshot_id]) for snapshot_id in delivery.snapshot_ids]
    return json.dumps(events[0] if len(events) == 1 else events).encode()


def _event(taken: TakenSnapshot) -> dict[str, object]:
    """As EventBridge delivers it."""
    return {
        "id": f"event-{taken.id}",
        "type": f"ecs:{TYPE}",
        "aliyunaccountid": ACCOUNT,
        "aliyunregionid": REGION,
        "data": _content(taken),
    }


def _notice(taken: TakenSnapshot) -> dict[str, object]:
    """As CloudMonitor delivers it."""
    return {
        "id": f"notice-{taken.id}",
        "name": TYPE,
        "userId": ACCOUNT,
        "regionId": REGION,
        "resourceId": _arn(taken),
        "content": _content(taken),
    }


def _sparse(taken: TakenSnapshot) -> dict[str, object]:
    """Only the ARN says which snapshot it is."""
    return {"id": f"sparse-{taken.id}", "type": f"ecs:{TYPE}", "subject": _arn(taken), "data": {}}


def _content(taken: TakenSnapshot) -> dict[str, str]:
    return {
        "snapshotId": taken.id,
        "diskId": taken.disk_id,
        "result": "failed" if taken.fails else "accomplished",
        "snapshotType": taken.kind,
        "startTime": taken.created.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "endTime": taken.ended.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }


def _arn(taken: TakenSnapshot) -> str:
    return f"acs:ecs:{REGION}:{ACCOUNT}:snapshot/{taken.id}"


SHAPES: Mapping[Form, Callable[[TakenSnapshot], dict[str, object]]] = {
    "event": _event,
    "notice": _notice,
    "sparse": _sparse,
}
