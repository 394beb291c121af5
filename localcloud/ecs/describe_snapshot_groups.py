"""DescribeSnapshotGroups: snapshots of one moment across the disks of an instance."""

from typing import Any

from localcloud.ecs.action import ApiAction, every
from localcloud.ecs.listing import Listing, Test, given
from localcloud.ecs.paging import token_page
from localcloud.ecs.params import Params
from localcloud.ecs.resources import EcsSnapshot, EcsSnapshotGroup
from localcloud.ecs.state import EcsStore
from localcloud.ecs.times import iso


def describe_snapshot_groups(store: EcsStore, params: Params) -> dict[str, Any]:
    """There is no filter by snapshot id: a caller lists by instance and searches."""
    instance_id = params.text("InstanceId")
    tests: tuple[Test[EcsSnapshotGroup], ...] = given(
        lambda group: bool(_members(group, store)),
        None if instance_id is None else lambda group: group.instance_id == instance_id,
    )
    page, facts = token_page(params, Listing(store.groups, tests), params.integer("MaxResults", 1, 100) or 10)
    return {"SnapshotGroups": {"SnapshotGroup": [_answer(group, store) for group in page]}, **facts}


def _members(group: EcsSnapshotGroup, store: EcsStore) -> list[EcsSnapshot]:
    """Those that have begun and were not deleted since."""
    return [snapshot for snapshot in store.snapshots.in_order(group.snapshot_ids) if store.exists(snapshot)]


def _status(group: EcsSnapshotGroup, store: EcsStore) -> str:
    """A group is as far as the last of its snapshots, and failed when one of them is."""
    statuses = {snapshot.status(store.clock.now()) for snapshot in _members(group, store)}
    return next(status for status in ("failed", "progressing", "accomplished") if status in statuses)


def _answer(group: EcsSnapshotGroup, store: EcsStore) -> dict[str, Any]:
    members = _members(group, store)
    return {
        "SnapshotGroupId": group.id,
        "InstanceId": group.instance_id,
        "Status": _status(group, store),
        "CreationTime": iso(min(snapshot.started for snapshot in members)),
        "Tags": {"Tag": [{"Key": key, "Value": value} for key, value in group.tags.items()]},
        "Snapshots": {"Snapshot": [_member_answer(snapshot, store) for snapshot in members]},
    }


def _member_answer(snapshot: EcsSnapshot, store: EcsStore) -> dict[str, Any]:
    accomplished = snapshot.status(store.clock.now()) == "accomplished"
    return {
        "SnapshotId": snapshot.id,
        "SourceDiskId": snapshot.disk_id,
        "SourceDiskType": snapshot.source_disk_type,
        "Progress": "100%" if accomplished else "0%",
        "Available": accomplished,
        # Key and Value here, where DescribeSnapshots has TagKey and TagValue (the SDK's response models).
        "Tags": {"Tag": [{"Key": key, "Value": value} for key, value in snapshot.tags.items()]},
    }


ACTIONS = {
    "DescribeSnapshotGroups": ApiAction(
        describe_snapshot_groups, "RegionId InstanceId MaxResults NextToken", every("snapshotgroup")
    )
}
