"""DescribeLockedSnapshots: which snapshots nobody may delete for the time being."""

from typing import Any

from localcloud.ecs import errors
from localcloud.ecs.action import ApiAction, every
from localcloud.ecs.errors import EcsError
from localcloud.ecs.params import Params
from localcloud.ecs.state import EcsStore
from localcloud.ecs.times import iso


def describe_locked_snapshots(store: EcsStore, params: Params) -> dict[str, Any]:
    """ECS help, "Lock snapshots": a lock whose time is over is shown as expired."""
    ids = params.values("SnapshotIds")
    if not 1 <= len(ids) <= 100:
        raise EcsError(errors.BAD_PARAMETER, name="SnapshotIds", value=len(ids), why="1 to 100 ids")
    now = store.clock.now()
    found = [snapshot for each in ids if (snapshot := store.snapshot(each)) and snapshot.locked_until is not None]
    return {
        "LockedSnapshotsInfo": [
            {
                "SnapshotId": each.id,
                "LockMode": "compliance",
                "LockStatus": "compliance" if each.is_locked(now) else "expired",
                "LockExpiredTime": iso(each.locked_until or 0.0),
            }
            for each in found
        ],
        "NextToken": "",
    }


ACTIONS = {
    "DescribeLockedSnapshots": ApiAction(
        describe_locked_snapshots, "RegionId SnapshotIds.# MaxResults", every("snapshot")
    )
}
