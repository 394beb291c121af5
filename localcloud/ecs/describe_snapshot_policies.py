"""DescribeAutoSnapshotPolicyEx: when the automatic snapshot policies of the region fire. Here none ever does."""

import json
from typing import Any

from localcloud.ecs.action import ApiAction, every
from localcloud.ecs.paging import numbered_page
from localcloud.ecs.params import Params
from localcloud.ecs.resources import EcsSnapshotPolicy
from localcloud.ecs.state import EcsStore
from localcloud.ecs.tags import tag_list
from localcloud.ecs.times import iso


def describe_snapshot_policies(store: EcsStore, params: Params) -> dict[str, Any]:
    """An unknown id is no error in its list of codes: the answer is empty."""
    policy_id = params.text("AutoSnapshotPolicyId")
    page, facts = numbered_page(params, [each for each in store.policies() if policy_id in (None, each.id)])
    return {"AutoSnapshotPolicies": {"AutoSnapshotPolicy": [_answer(each, store) for each in page]}, **facts}


def _answer(policy: EcsSnapshotPolicy, store: EcsStore) -> dict[str, Any]:
    """API reference: TimePoints are hours of UTC+8, RepeatWeekdays days from Monday; both are JSON arrays of texts."""
    return {
        "AutoSnapshotPolicyId": policy.id,
        "AutoSnapshotPolicyName": policy.name,
        "RegionId": store.world.region,
        "Status": policy.status,
        "TimePoints": json.dumps([str(hour) for hour in policy.hours]),
        "RepeatWeekdays": json.dumps([str(day) for day in policy.weekdays]),
        "RetentionDays": policy.retention_days,
        "CreationTime": iso(store.world.first_attached().timestamp()),
        "DiskNums": sum(policy.id == disk.policy for disk in store.disks.values()),
        "Tags": tag_list(policy.tags),
    }


ACTIONS = {
    "DescribeAutoSnapshotPolicyEx": ApiAction(
        describe_snapshot_policies, "RegionId AutoSnapshotPolicyId PageNumber PageSize", every("snapshotpolicy")
    )
}
