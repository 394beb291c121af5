"""Takes tags off snapshots (API reference UntagResources). No function may do this, so it is no part of what is deployed."""

from collections.abc import Sequence

from shared.adapters.ecs_client import TAGGED_AT_ONCE, EcsCalls


def untag_snapshots(calls: EcsCalls, snapshot_ids: Sequence[str], keys: Sequence[str]) -> None:
    """A key that a snapshot does not carry is no error; a snapshot that is gone fails its whole call."""
    from alibabacloud_ecs20140526.models import UntagResourcesRequest

    for start in range(0, len(snapshot_ids), TAGGED_AT_ONCE):
        some = list(snapshot_ids[start : start + TAGGED_AT_ONCE])
        request = UntagResourcesRequest(
            region_id=calls.region_id, resource_type="snapshot", resource_id=some, tag_key=list(keys)
        )
        calls.call("UntagResources", request)
