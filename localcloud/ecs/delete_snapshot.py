"""DeleteSnapshot: also of one in progress, which ends its making."""

from typing import Any

from localcloud.ecs import errors
from localcloud.ecs.action import ApiAction, named
from localcloud.ecs.errors import EcsError
from localcloud.ecs.params import Params
from localcloud.ecs.state import EcsStore


def delete_snapshot(store: EcsStore, params: Params) -> dict[str, Any]:
    """API reference DeleteSnapshot: never while an image holds it; where a disk was made of it, by Force only.

    Of an unknown id the parameter says that it is ignored, the list of codes that it is refused; here it is refused.
    """
    snapshot_id = params.required("SnapshotId")
    snapshot = store.snapshot(snapshot_id)
    if snapshot is None or snapshot.shared:
        raise EcsError(errors.SNAPSHOT_NOT_FOUND, id=snapshot_id)
    if store.images.of_snapshot(snapshot_id):
        raise EcsError(errors.SNAPSHOT_HAS_IMAGE, id=snapshot_id)
    if snapshot.is_locked(store.clock.now()):
        raise EcsError(errors.SNAPSHOT_LOCKED, id=snapshot_id)
    if store.disks.has_one_from(snapshot_id) and not params.boolean("Force"):
        raise EcsError(errors.SNAPSHOT_HAS_DISK, id=snapshot_id)
    store.snapshots.remove(snapshot_id)
    return {}


ACTIONS = {"DeleteSnapshot": ApiAction(delete_snapshot, "SnapshotId Force", named("Snapshot"))}
