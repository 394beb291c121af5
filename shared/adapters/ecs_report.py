"""What the night's report asks beside the fleet: snapshots that images hold, and the quota of custom images."""

from collections.abc import Iterator
from datetime import datetime
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from shared.adapters.ecs_client import EcsCalls, open_client, token_pages
from shared.adapters.ecs_fleet import EcsFleet
from shared.adapters.ecs_snapshots import PAGE, SNAPSHOTS
from shared.adapters.replies import credentials, parse_time, read_each, understand, whole, whole_minutes
from shared.domain.report import KeptSnapshot
from shared.domain.report_message import ImageQuota
from shared.settings import Settings

if TYPE_CHECKING:
    from alibabacloud_tea_openapi.client import Client

QUOTA = "GetProductQuota"
QUOTA_CENTER = "quotas.aliyuncs.com"
"""One for all regions (alibabacloud-quotas20200510 1.2.2, endpoint rule "central")."""
IMAGES_OF_A_REGION = "q_user-image-count"
"""ECS help, "Limits": custom images per region."""
KEPT = ("image", "image_disk")
"""API reference DescribeSnapshots, Usage: one value a question."""


class EcsReport(EcsFleet):
    def __init__(self, calls: EcsCalls, settings: Settings) -> None:
        super().__init__(calls)
        self._settings = settings

    def kept_snapshots(self, until: datetime) -> Iterator[list[KeptSnapshot]]:
        from alibabacloud_ecs20140526.models import DescribeSnapshotsRequest, DescribeSnapshotsRequestFilter

        begun = [DescribeSnapshotsRequestFilter(key="CreationEndTime", value=whole_minutes(until))]
        for usage in KEPT:
            request = partial(DescribeSnapshotsRequest, max_results=PAGE, usage=usage, filter=begun)
            for entries in token_pages(self._calls, SNAPSHOTS, request, lambda reply: reply.snapshots.snapshot):
                yield read_each(SNAPSHOTS, entries, _kept)

    def image_quota(self) -> ImageQuota:
        quota = self._calls.send(QUOTA, self._ask_quota)
        return understand(QUOTA, lambda: _quota(quota["body"]["Quota"]))

    def _ask_quota(self) -> Any:
        client = self._quota_center
        from alibabacloud_tea_openapi.utils_models import OpenApiRequest, Params
        from darabonba.runtime import RuntimeOptions

        from shared.adapters.aliyun_errors import SDK_ERRORS, translate

        query = {
            "ProductCode": "ecs",
            "QuotaActionCode": IMAGES_OF_A_REGION,
            "Dimensions.1.Key": "regionId",
            "Dimensions.1.Value": self._settings.region_id,
        }
        try:
            return client.call_api(Params(**PARAMS), OpenApiRequest(query=query), RuntimeOptions())
        except SDK_ERRORS as error:
            trouble = translate(error, QUOTA, credentials(self._settings))
        raise trouble

    @cached_property
    def _quota_center(self) -> "Client":
        from alibabacloud_tea_openapi.client import Client

        return open_client(Client, self._settings, self._settings.quota_endpoint or QUOTA_CENTER)


PARAMS = {
    "action": QUOTA, "version": "2020-05-10", "pathname": "/", "method": "POST", "auth_type": "AK", "style": "RPC",
    "body_type": "json",
}  # fmt: skip
"""The call as the SDK of Quota Center spells it; its package is not shipped for this one."""


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
