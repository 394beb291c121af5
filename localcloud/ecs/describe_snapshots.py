"""DescribeSnapshots: the snapshots of the region, in no promised order."""

from collections.abc import Sequence
from typing import Any

from localcloud.ecs import errors
from localcloud.ecs.listing import Listing, Test, given, tagged
from localcloud.ecs.paging import either_page
from localcloud.ecs.params import Params, accepted
from localcloud.ecs.resources import EcsSnapshot
from localcloud.ecs.snapshot_answer import link_id, snapshot_answer, usage
from localcloud.ecs.state import EcsStore
from localcloud.ecs.window import creation_window

PARAMETERS = accepted(
    """RegionId InstanceId DiskId SnapshotIds SnapshotLinkId SnapshotName Status SnapshotType SourceDiskType Usage
    Category Encrypted Filter.#.Key Filter.#.Value Tag.#.Key Tag.#.Value MaxResults NextToken PageNumber PageSize""",
    "KMSKeyId ResourceGroupId DryRun OwnerAccount OwnerId ResourceOwnerAccount ResourceOwnerId",
)


def describe_snapshots(store: EcsStore, params: Params) -> dict[str, Any]:
    """All filters are ANDed, and there is neither a sort parameter nor a documented order: the world's order is kept.

    Unknown ids have no code in the reference's list, so they are just not found.
    """
    ids = params.id_list("SnapshotIds", errors.BAD_SNAPSHOT_IDS)
    tests = given(
        None if ids is None else lambda one: one.id in ids,
        *_by_place(params, store),
        *_by_text(params),
        *_by_kind(params),
        *_by_state(params, store),
        store.exists,
        _by_time(params),
    )
    listing = Listing(store.snapshots, tests, _in(store, params, ids))
    page, facts = either_page(params, listing, params.integer("MaxResults", 1, 100) or 10)
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


def _by_text(params: Params) -> list[Test[EcsSnapshot] | None]:
    name, link = params.text("SnapshotName"), params.text("SnapshotLinkId")
    return [
        None if name is None else lambda one: one.name == name,
        None if link is None else lambda one: link_id(one) == link,
    ]


def _by_kind(params: Params) -> list[Test[EcsSnapshot] | None]:
    """DescribeSnapshots: SnapshotType auto means timer; SourceDiskType and Category are taken in any case."""
    type_ = params.choice("SnapshotType", ("auto", "user", "all"), errors.BAD_SNAPSHOT_TYPE)
    disk_type = params.choice("SourceDiskType", ("system", "data"), errors.BAD_SOURCE_DISK_TYPE)
    category = params.choice("Category", ("standard", "flash", "archive"), errors.BAD_CATEGORY)
    return [
        None if type_ in (None, "all") else lambda one: (type_ == "auto") == (one.type == "timer"),
        None if disk_type is None else lambda one: one.source_disk_type == disk_type,
        None if category is None else lambda one: one.category == category,
        # The default false is read as "no filter", not as "only the unencrypted".
        (lambda one: one.encrypted) if params.boolean("Encrypted") else None,
    ]


def _by_state(params: Params, store: EcsStore) -> list[Test[EcsSnapshot] | None]:
    status = params.choice("Status", ("progressing", "accomplished", "failed", "all"), errors.BAD_SNAPSHOT_STATUS)
    wanted = params.choice("Usage", ("image", "disk", "image_disk", "none"), errors.BAD_USAGE)
    now = store.clock.now()
    return [
        None if status in (None, "all") else lambda one: one.status(now) == status,
        None if wanted is None else lambda one: usage(one, store) == wanted,
    ]


def _by_time(params: Params) -> Test[EcsSnapshot] | None:
    begin, end = creation_window(params)
    return (lambda one: begin <= one.started <= end) if params.items("Filter") else None
