"""One snapshot as DescribeSnapshots shows it."""

from typing import Any

from localcloud.ecs.resources import EcsSnapshot
from localcloud.ecs.state import EcsStore
from localcloud.ecs.tags import tag_list
from localcloud.ecs.times import iso


def snapshot_answer(snapshot: EcsSnapshot, store: EcsStore) -> dict[str, Any]:
    """There is no InstanceId in it.

    The reference and the replies seen in public differ in spelling, so every other snapshot is written either way.
    """
    kept = {"RetentionDays": snapshot.retention_days} if snapshot.retention_days is not None else {}
    answer = {**_facts(snapshot, store), **kept}
    if store.snapshots.place(snapshot) % 2:
        return {name: value for name, value in answer.items() if value != ""}
    return {**answer, **_as_seen(snapshot)}


def usage(snapshot: EcsSnapshot, store: EcsStore) -> str:
    """DescribeSnapshots, Usage: whether images or disks were made from it."""
    in_image = bool(store.images.of_snapshot(snapshot.id))
    in_disk = store.disks.has_one_from(snapshot.id)
    if in_image and in_disk:
        return "image_disk"
    return "image" if in_image else "disk" if in_disk else "none"


def _facts(snapshot: EcsSnapshot, store: EcsStore) -> dict[str, Any]:
    """As the reference has it: sizes are text, an automatic snapshot is a `timer`."""
    status = snapshot.status(store.clock.now())
    changed = snapshot.ended if snapshot.ended is not None and status != "progressing" else snapshot.started
    return {
        "SnapshotId": snapshot.id,
        "SnapshotName": snapshot.name or "",
        "Description": "",
        "Status": status,
        "Progress": "100%" if status == "accomplished" else "0%",
        # Instant access: a snapshot may be used for disks, not for images, before it is accomplished.
        "Available": status == "accomplished" or (status == "progressing" and snapshot.instant),
        "InstantAccess": snapshot.instant,
        "CreationTime": iso(snapshot.started),
        "LastModifiedTime": iso(changed),
        "SnapshotType": "timer" if snapshot.type == "timer" else "user",
        "SourceDiskId": snapshot.disk_id,
        "SourceDiskType": snapshot.source_disk_type,
        "SourceDiskSize": str(snapshot.size_gib),
        "SourceStorageType": "disk",
        "SourceSnapshotId": f"s-source-of-{snapshot.id[2:]}" if snapshot.type == "copied" else "",
        "SnapshotLinkId": "sl-" + snapshot.disk_id.removeprefix("d-"),
        "Category": snapshot.category,
        "Encrypted": snapshot.encrypted,
        "KMSKeyId": "",
        "ProductCode": "",
        "ResourceGroupId": "",
        "Usage": usage(snapshot, store),
        "RegionId": store.world.region,
        "Tags": tag_list(snapshot.tags),
    }


def _as_seen(snapshot: EcsSnapshot) -> dict[str, Any]:
    """As samples have it: a number of GiB, `auto`, and a capital letter (SDK 6.0.0, Category)."""
    category = snapshot.category if snapshot.category == "archive" else snapshot.category.capitalize()
    kind = "auto" if snapshot.type == "timer" else "user"
    return {"SourceDiskSize": snapshot.size_gib, "SnapshotType": kind, "Category": category}
