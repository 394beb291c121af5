"""A sweep after a pause: it looks back as far as it would have done when the pause began, and what it tells is an end."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone

import pytest
from made_up import MADE_UP_PLANS, MADE_UP_WORLD
from support import CloudClock, published, settings_for

from localcloud.faults import PlantedFault
from localcloud.server import LocalCloud
from shared.domain.errors import ConfigurationError
from shared.domain.rules import rules_for
from shared.flows.reconcile_snapshots import Order, Scope, read_order, reconcile_snapshots
from shared.wiring import open_cloud

PAUSE = timedelta(days=5)
QUOTA = {"status": 400, "code": "QuotaExceed.Image", "message": "full"}


@pytest.fixture
def cloud() -> Iterator[LocalCloud]:
    """Five days after the last snapshot."""
    with LocalCloud(MADE_UP_WORLD) as started:
        started.clock.advance(PAUSE.total_seconds())
        yield started


def sweep(cloud: LocalCloud, since: datetime | None) -> dict[str, int]:
    rules = rules_for("1234567890123456", "cn-hangzhou", MADE_UP_PLANS)
    return reconcile_snapshots(rules, open_cloud(settings_for(cloud), CloudClock(cloud)), Order(paused=since))


def begun(cloud: LocalCloud) -> datetime:
    return cloud.clock.utc() - PAUSE


def told(cloud: LocalCloud) -> dict[str, tuple[str, bool]]:
    facts = [message["data"] for message in published(cloud)]
    return {fact["snapshot_id"]: (fact["reason"], fact["terminal"]) for fact in facts}


def test_an_ordinary_sweep_sees_nothing_of_a_pause_of_days(cloud: LocalCloud) -> None:
    sweep(cloud, None)

    assert told(cloud) == {}


def test_a_sweep_since_the_pause_answers_for_all_that_a_plan_wants(cloud: LocalCloud) -> None:
    sweep(cloud, begun(cloud))

    reasons = {snapshot_id: reason for snapshot_id, (reason, _) in told(cloud).items()}
    assert reasons == {
        "s-bp1websys20": "ImageRequested",
        "s-bp1websys19": "ImageRequested",
        "s-bp1weblone": "DataDiskSnapshotMissing",
        "s-bp1dbsys20": "ImageRequested",
        "s-bp1dbsys19": "ImageRequested",
        "s-bp1dbsys19b": "ImageRequested",
        "s-bp1fleet1sys": "ImageRequested",
        "s-bp1fleet2sys": "ImageRequested",
        "s-bp1driftsys": "DataDisksUnknown",
        "s-bp1goldsys": "ImageRequested",
        "s-bp1buildsys": "ImageRequested",
        "s-bp1buildcrypt": "ImageRequested",
        "s-bp1buildbusy": "ImageRequested",
        "s-bp1buildbad": "SnapshotFailed",
        "s-bp1buildarch": "EcsRefused",
        "s-bp1buildshared": "EcsRefused",
    }


def test_what_was_out_of_sight_when_the_pause_began_stays_so(cloud: LocalCloud) -> None:
    sweep(cloud, begun(cloud) + timedelta(days=1))

    assert "s-bp1websys19" not in told(cloud)


def test_a_refusal_that_no_later_sweep_would_try_again_is_the_end(cloud: LocalCloud) -> None:
    cloud.faults.plant([PlantedFault.model_validate({"action": "CreateImage", "error": QUOTA, "times": 1})])

    sweep(cloud, begun(cloud))

    ends = [terminal for reason, terminal in told(cloud).values() if reason == "QuotaExceeded"]
    assert ends == [True]


def test_a_second_sweep_since_the_pause_tells_nothing_new(cloud: LocalCloud) -> None:
    sweep(cloud, begun(cloud))
    before = len(published(cloud))

    sweep(cloud, begun(cloud))

    assert len(published(cloud)) == before


def test_the_moment_is_read_from_the_invocation() -> None:
    order = read_order(b'{"since": "2026-11-20T02:00:00Z"}')

    assert order == Order(paused=datetime(2026, 11, 20, 2, tzinfo=timezone.utc))


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"sweep",
        b"[]",
        b"\xff",
        json.dumps({"triggerTime": "2026-11-20T02:00:00Z", "triggerName": "every-hour", "payload": "sweep"}).encode(),
    ],
)
def test_a_timer_asks_for_no_moment(payload: bytes) -> None:
    assert read_order(payload) == Order()


def test_the_timer_of_every_minute_asks_for_what_began_lately() -> None:
    event = b'{"triggerTime": "2026-11-20T02:00:00Z", "triggerName": "every-minute", "payload": "recent"}'

    assert read_order(event) == Order(Scope.RECENT)


@pytest.mark.parametrize("text", ["yesterday", "2026-11-20", 5])
def test_a_moment_that_is_none_is_no_ordinary_sweep(text: object) -> None:
    with pytest.raises(ConfigurationError, match="since"):
        read_order(json.dumps({"since": text}).encode())
