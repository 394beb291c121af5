"""What the night's report asks beside the fleet: snapshots that images hold, and the quota of custom images."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from shared.adapters.ecs_client import EcsCalls
from shared.adapters.ecs_disks import SNAPSHOTS
from shared.adapters.ecs_fleet import EcsFleet
from shared.adapters.generic_calls import quota_calls
from shared.adapters.replies import parse_time, read_each, understand, whole
from shared.domain.moments import write_minute
from shared.domain.report import KeptSnapshot
from shared.domain.report_message import ImageQuota
from shared.settings import Settings

QUOTA = "GetProductQuota"
IMAGES_OF_A_REGION = "q_user-image-count"
"""ECS help, "Limits": custom images per region."""
KEPT = ("image", "image_disk")
"""API reference DescribeSnapshots, Usage: one value a question."""


class EcsReport(EcsFleet):
    def __init__(self, calls: EcsCalls, settings: Settings) -> None:
        super().__init__(calls)
        self._quotas = quota_calls(settings, calls)

    def kept_snapshots(self, until: datetime) -> Iterator[list[KeptSnapshot]]:
        from alibabacloud_ecs20140526.models import DescribeSnapshotsRequestFilter

        begun = [DescribeSnapshotsRequestFilter(key="CreationEndTime", value=write_minute(until))]
        for usage in KEPT:
            for entries in self._snapshots.pages(usage=usage, filter=begun):
                yield read_each(SNAPSHOTS, entries, _kept)

    def image_quota(self) -> ImageQuota:
        query = {
            "ProductCode": "ecs",
            "QuotaActionCode": IMAGES_OF_A_REGION,
            "Dimensions.1.Key": "regionId",
            "Dimensions.1.Value": self._calls.region_id,
        }
        body = self._quotas.call(QUOTA, query)
        return understand(QUOTA, lambda: _quota(body["Quota"]))


def _kept(entry: Any) -> KeptSnapshot:
    """RetentionDays is left out for a snapshot that was made by hand, and -1 for ever (API reference CreateAutoSnapshotPolicy)."""
    days = int(entry.retention_days or 0)
    return KeptSnapshot(whole(entry.source_disk_size), parse_time(entry.creation_time), days if days > 0 else None)


def _quota(quota: Any) -> ImageQuota:
    """Numbers with a fraction (API reference GetProductQuota). What is left out must not pass for nothing."""
    return ImageQuota(whole(_given(quota["TotalQuota"])), whole(_given(quota["TotalUsage"])))


def _given(value: object) -> object:
    if value is None:
        raise ValueError("left out")
    return value
