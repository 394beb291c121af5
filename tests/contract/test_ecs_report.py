"""The adapter of the night's report: snapshots that images hold past their time, and the quota of custom images."""

import json
from datetime import datetime, timezone
from typing import Any

import pytest
from adapter_calls import AT_ONCE, plant
from fakes.old_world import world_of
from hostile_server import hostile, reply
from support import settings_for

from bench.old_images import DAY, NOW, old_image
from localcloud.server import LocalCloud
from shared.adapters.ecs_client import EcsCalls
from shared.adapters.ecs_report import EcsReport
from shared.domain.errors import Curable, OutcomeUnknown
from shared.domain.report import KeptSnapshot
from shared.domain.report_message import ImageQuota

IMAGES = (old_image(0), old_image(9), old_image(30, data=["s-data"]))


def report_of(cloud: LocalCloud, **changes: Any) -> EcsReport:
    settings = settings_for(cloud, **changes)
    return EcsReport(EcsCalls(settings, AT_ONCE), settings)


@pytest.mark.parametrize("days", [1, 7])
def test_snapshots_that_images_hold_come_with_their_size_age_and_retention(days: int) -> None:
    with LocalCloud(world_of(*IMAGES, snapshots={"retention_days": days})) as cloud:
        found = [each for page in report_of(cloud).kept_snapshots(NOW - 8 * DAY) for each in page]

    assert sorted(found, key=lambda each: (each.created, each.size_gib)) == [
        KeptSnapshot(40, NOW - 30 * DAY, days),
        KeptSnapshot(100, NOW - 30 * DAY, days),
        KeptSnapshot(40, NOW - 9 * DAY, days),
    ]


def test_a_snapshot_without_a_retention_is_kept_for_ever() -> None:
    with LocalCloud(world_of(old_image(30))) as cloud:
        found = [each for page in report_of(cloud).kept_snapshots(NOW) for each in page]

    assert found == [KeptSnapshot(40, NOW - 30 * DAY, None)]


@pytest.mark.parametrize(
    ("told", "days"),
    [({}, None), ({"RetentionDays": -1}, None), ({"RetentionDays": 0}, None), ({"RetentionDays": "1"}, 1)],
)
def test_a_retention_is_a_number_of_days_however_it_is_spelt(told: dict[str, object], days: int | None) -> None:
    entry = {"SnapshotId": "s-1", "SourceDiskSize": "40", "CreationTime": "2026-03-01T01:00:00Z", **told}
    answer = reply(json.dumps({"Snapshots": {"Snapshot": [entry]}}).encode())

    with LocalCloud(world_of()) as cloud, hostile(answer) as server:
        pages = list(report_of(cloud, ecs_endpoint=server.endpoint).kept_snapshots(NOW))
    assert pages == [[KeptSnapshot(40, datetime(2026, 3, 1, 1, tzinfo=timezone.utc), days)]] * 2


def test_a_quota_is_a_whole_number_though_ecs_writes_fractions() -> None:
    answer = reply(b'{"Quota": {"TotalQuota": 50.0, "TotalUsage": 3.0}}')

    with LocalCloud(world_of()) as cloud, hostile(answer) as server:
        quota = report_of(cloud, quota_endpoint=server.endpoint).image_quota()
    assert repr(quota) == repr(ImageQuota(50, 3))
    assert server.conversations[0].request.startswith(b"POST /?")


def test_the_quota_of_custom_images_comes_with_how_many_there_are() -> None:
    with LocalCloud(world_of(*IMAGES, image_quota=50)) as cloud:
        assert report_of(cloud).image_quota() == ImageQuota(50, 3)


def test_a_quota_that_is_refused_is_an_error_in_our_words() -> None:
    refusal = {"status": 403, "code": "Forbidden.RAM", "message": "no"}
    with LocalCloud(world_of()) as cloud:
        plant(cloud, "GetProductQuota", error=refusal)

        with pytest.raises(Curable, match=r"Forbidden\.RAM: GetProductQuota: no"):
            report_of(cloud).image_quota()


@pytest.mark.parametrize(
    "quota",
    [None, {}, {"TotalQuota": 50}, {"TotalQuota": 50, "TotalUsage": None}, {"TotalQuota": None, "TotalUsage": 3}, []],
)
def test_a_quota_that_is_not_given_is_never_taken_for_none(quota: object) -> None:
    answer = reply(json.dumps({"Quota": quota}).encode())

    with LocalCloud(world_of()) as cloud, hostile(answer) as server, pytest.raises(OutcomeUnknown):
        report_of(cloud, quota_endpoint=server.endpoint).image_quota()
