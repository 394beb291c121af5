"""DescribeSnapshots: the snapshots of the region, in no promised order."""

from collections.abc import Sequence
from typing import Any

from localcloud.ecs import errors
from localcloud.ecs.action import ApiAction, every
from localcloud.ecs.listing import Listing, Test, given, tagged
from localcloud.ecs.paging import token_page
from localcloud.ecs.params import Params
from localcloud.ecs.resources import EcsSnapshot
from localcloud.ecs.snapshot_answer import snapshot_answer, usage
from localcloud.ecs.state import EcsStore
from localcloud.ecs.window import creation_window


def describe_snapshots(store: EcsStore, params: Params) -> dict[str, Any]:
    """All filters are ANDed, and there is neither a sort parameter nor a documented order: the world's order is kept.

    Unknown ids have no code in the reference's list, so they are just not found.
    """
    ids = params.id_list("SnapshotIds", errors.BAD_SNAPSHOT_IDS)
    tests = given(
        None if ids is None else lambda one: one.id in ids,
        *_by_place(params, store),
        *_by_kind(params, store),
        store.exists,
        _by_time(params),
    )
    listing = Listing(store.snapshots, tests, _in(store, params, ids))
    page, facts = token_page(params, listing, params.integer("MaxResults", 1, 100) or 10)
    return {"Snapshots": {"Snapshot": [snapshot_answer(snapshot, store) for snapshot in page]}, **facts}


def _in(store: EcsStore, params: Params, ids: list[str] | None) -> Sequence[EcsSnapshot] | None:
    """Where to look: by tag, else by id, else by disk."""
    by_tag = tagged(params, store.snapshots, store.exists)
    if by_tag is not None:
        return by_tag
    if ids is not None:
        return store.snapshots.in_order(ids)
    disk_id, instance_id = params.text("DiskId"), params.text("InstanceId")
    if disk_id is not None:
        return store.snapshots.of_disks([disk_id])
    if instance_id is not None:
        return store.snapshots.of_disks([disk.id for disk in store.disks.attached(instance_id)])
    return None


def _by_place(params: Params, store: EcsStore) -> list[Test[EcsSnapshot] | None]:
    """DiskId works after the disk is gone. InstanceId means the disks attached now: the documents name no others."""
    disk_id, instance_id = params.text("DiskId"), params.text("InstanceId")
    attached = {disk.id for disk in store.disks.attached(instance_id or "")}
    return [
        None if disk_id is None else lambda one: one.disk_id == disk_id,
        None if instance_id is None else lambda one: one.disk_id in attached,
    ]


def _by_kind(params: Params, store: EcsStore) -> list[Test[EcsSnapshot] | None]:
    """DescribeSnapshots: SourceDiskType is taken in any case."""
    disk_type = params.choice("SourceDiskType", ("system", "data"), errors.BAD_SOURCE_DISK_TYPE)
    wanted = params.choice("Usage", ("image", "disk", "image_disk", "none"), errors.BAD_USAGE)
    return [
        None if disk_type is None else lambda one: one.source_disk_type == disk_type,
        None if wanted is None else lambda one: usage(one, store) == wanted,
    ]


def _by_time(params: Params) -> Test[EcsSnapshot] | None:
    begin, end = creation_window(params)
    return (lambda one: begin <= one.started <= end) if params.items("Filter") else None


ACTIONS = {
    "DescribeSnapshots": ApiAction(
        describe_snapshots,
        """RegionId InstanceId DiskId SnapshotIds SourceDiskType Usage
        Filter.#.Key Filter.#.Value Tag.#.Key Tag.#.Value MaxResults NextToken""",
        every("snapshot"),
    )
}
