"""DescribeSnapshots: the snapshots of the region, in no promised order."""

from collections.abc import Callable
from typing import Any

from localcloud.ecs import errors
from localcloud.ecs.paging import either_page
from localcloud.ecs.params import Params, accepted
from localcloud.ecs.state import Snapshot, Store
from localcloud.ecs.tags import has_tags, tag_filter, tag_list
from localcloud.ecs.times import iso
from localcloud.ecs.window import creation_window

PARAMETERS = accepted(
    """RegionId InstanceId DiskId SnapshotIds SnapshotLinkId SnapshotName Status SnapshotType SourceDiskType Usage
    Category Encrypted Filter.#.Key Filter.#.Value Tag.#.Key Tag.#.Value MaxResults NextToken PageNumber PageSize""",
    "KMSKeyId ResourceGroupId DryRun OwnerAccount OwnerId ResourceOwnerAccount ResourceOwnerId",
)
Test = Callable[[Snapshot], bool]


def describe_snapshots(store: Store, params: Params) -> dict[str, Any]:
    tests = [_by_ids(params), _by_place(params, store), _by_kind(params), _by_state(params, store), _by_time(params)]
    tags = tag_filter(params)
    # All filters are ANDed, and there is neither a sort parameter nor a documented order: the world's order is kept.
    found = [
        snapshot
        for snapshot in store.started_snapshots()
        if all(test(snapshot) for test in tests) and has_tags(snapshot.tags, tags)
    ]
    page, facts = either_page(params, found, params.integer("MaxResults", 1, 100) or 10)
    return {"Snapshots": {"Snapshot": [_answer(snapshot, store) for snapshot in page]}, **facts}


def _by_ids(params: Params) -> Test:
    """Unknown ids have no code in the reference's list, so they are just not found."""
    ids = params.id_list("SnapshotIds", errors.BAD_SNAPSHOT_IDS)
    name = params.text("SnapshotName")
    return lambda one: (ids is None or one.id in ids) and name in (None, one.name)


def _by_place(params: Params, store: Store) -> Test:
    """DiskId works after the disk is gone. InstanceId means the disks attached now: the documents name no others."""
    disk_id = params.text("DiskId")
    instance_id = params.text("InstanceId")
    link_id = params.text("SnapshotLinkId")
    attached = {disk.id for disk in store.disks.values() if instance_id and disk.instance_id == instance_id}
    return lambda one: (
        disk_id in (None, one.disk_id)
        and (instance_id is None or one.disk_id in attached)
        and link_id in (None, _link_id(one))
    )


def _by_kind(params: Params) -> Test:
    """DescribeSnapshots: SnapshotType auto means timer; SourceDiskType and Category are taken in any case."""
    type_ = params.choice("SnapshotType", ("auto", "user", "all"), errors.BAD_SNAPSHOT_TYPE)
    disk_type = params.choice("SourceDiskType", ("system", "data"), errors.BAD_SOURCE_DISK_TYPE)
    category = params.choice("Category", ("standard", "flash", "archive"), errors.BAD_CATEGORY)
    # The default false is read as "no filter", not as "only the unencrypted".
    only_encrypted = params.boolean("Encrypted") is True
    return lambda one: (
        (type_ in (None, "all") or (type_ == "auto") == (one.type == "timer"))
        and disk_type in (None, one.source_disk_type)
        and category in (None, one.category)
        and (one.encrypted or not only_encrypted)
    )


def _by_state(params: Params, store: Store) -> Test:
    status = params.choice("Status", ("progressing", "accomplished", "failed", "all"), errors.BAD_SNAPSHOT_STATUS)
    usage = params.choice("Usage", ("image", "disk", "image_disk", "none"), errors.BAD_USAGE)
    now = store.clock.now()
    return lambda one: status in (None, "all", one.status(now)) and (usage is None or usage == _usage(one, store))


def _by_time(params: Params) -> Test:
    begin, end = creation_window(params)
    return lambda one: begin <= one.started <= end


def _usage(snapshot: Snapshot, store: Store) -> str:
    in_image = any(disk.snapshot_id == snapshot.id for image in store.images.values() for disk in image.disks)
    return "image" if in_image else "none"


def _link_id(snapshot: Snapshot) -> str:
    return "sl-" + snapshot.disk_id.removeprefix("d-")


def _answer(snapshot: Snapshot, store: Store) -> dict[str, Any]:
    """There is no InstanceId in it. SourceDiskSize is text by the reference; samples show a number."""
    status = snapshot.status(store.clock.now())
    changed = snapshot.ended if snapshot.ended is not None and status != "progressing" else snapshot.started
    answer = {
        "SnapshotId": snapshot.id,
        "Status": status,
        "Progress": "100%" if status == "accomplished" else "0%",
        "Available": status == "accomplished",
        "CreationTime": iso(snapshot.started),
        "LastModifiedTime": iso(changed),
        "SnapshotType": "timer" if snapshot.type == "timer" else "user",
        "SourceDiskId": snapshot.disk_id,
        "SourceDiskType": snapshot.source_disk_type,
        "SourceDiskSize": str(snapshot.size_gib),
        "SourceStorageType": "disk",
        "SnapshotLinkId": _link_id(snapshot),
        "Category": snapshot.category,
        "Encrypted": snapshot.encrypted,
        "Usage": _usage(snapshot, store),
        "RegionId": store.world.region,
        "Tags": tag_list(snapshot.tags),
    }
    return {**answer, **_optional(snapshot)}


def _optional(snapshot: Snapshot) -> dict[str, Any]:
    """A name only where one was given; a source only for a copy, which is otherwise shown as `user`."""
    named = {"SnapshotName": snapshot.name} if snapshot.name is not None else {}
    copied = {"SourceSnapshotId": f"s-source-of-{snapshot.id[2:]}"} if snapshot.type == "copied" else {}
    return {**named, **copied}
