"""The reconcile_snapshots function over real HTTP: what no event brought to an end is found, and cheaply."""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from made_up import MADE_UP_PLANS, MADE_UP_WORLD
from support import CloudClock, environment_of, published, settings_for

from files import places
from functions.reconcile_snapshots.handler import handler
from localcloud.faults import PlantedFault
from localcloud.server import LocalCloud
from localcloud.world import WorldFile
from ops.local.connection import connect_local
from ops.local.control import LocalControl
from ops.replay.here import replay_file
from shared.domain.errors import ConfigurationError, Transient
from shared.domain.plans import Plans
from shared.domain.rules import rules_for
from shared.flows.reconcile_snapshots import reconcile_snapshots
from shared.settings import compile_plans, read_rules
from shared.wiring import open_cloud

EVERY_DISK = Plans.model_validate({"region": "cn-hangzhou", "plans": [{"name": "all"}]})


@pytest.fixture
def cloud() -> Iterator[LocalCloud]:
    with LocalCloud(MADE_UP_WORLD) as started:
        yield started


@pytest.fixture
def plans() -> Plans:
    return MADE_UP_PLANS


def sweep(cloud: LocalCloud, plans: Plans, days: int = 2) -> dict[str, int]:
    rules = rules_for("1234567890123456", "cn-hangzhou", plans, timedelta(days=days))
    return reconcile_snapshots(rules, open_cloud(settings_for(cloud), CloudClock(cloud)))


def told(cloud: LocalCloud) -> dict[str, str]:
    return {message["data"]["snapshot_id"]: message["data"]["reason"] for message in published(cloud)}


def test_every_snapshot_of_a_plan_gets_its_image_or_its_reason(cloud: LocalCloud, plans: Plans) -> None:
    sweep(cloud, plans)

    assert told(cloud) == {
        "s-bp1websys20": "ImageRequested",
        "s-bp1websys19": "ImageRequested",
        "s-bp1weblone": "DataDiskSnapshotMissing",
        "s-bp1dbsys20": "DataDiskSnapshotPending",
        "s-bp1dbsys19": "ImageRequested",
        "s-bp1dbsys19b": "ImageRequested",
        "s-bp1fleet1sys": "ImageRequested",
        "s-bp1fleet2sys": "ImageRequested",
        "s-bp1buildsys": "ImageRequested",
        "s-bp1buildarch": "EcsRefused",
        "s-bp1buildshared": "EcsRefused",
        "s-bp1buildcrypt": "ImageRequested",
        "s-bp1buildbad": "SnapshotFailed",
        "s-bp1goldsys": "ImageRequested",
    }


def test_the_next_sweep_asks_only_for_what_still_waits(cloud: LocalCloud, plans: Plans) -> None:
    sweep(cloud, plans)

    assert sweep(cloud, plans) == {
        "looked_at": 19,
        "done": 14,
        "no_room": 0,
        "waiting": 1,
        "skipped": 3,
        "postponed": 1,
    }


def test_an_event_that_came_after_all_costs_one_call_and_tells_nothing(cloud: LocalCloud, plans: Plans) -> None:
    sweep(cloud, plans)
    bench = connect_local(LocalControl(cloud.endpoint), plans)

    (outcome,) = replay_file(places.EVENTS / "timer-with-data-disk.json", bench)
    assert (outcome.state, outcome.calls, outcome.messages) == ("creating", ["DescribeSnapshots"], [])


def test_an_image_that_an_event_asked_for_is_found_and_told_as_the_same_fact(cloud: LocalCloud, plans: Plans) -> None:
    bench = connect_local(LocalControl(cloud.endpoint), plans)
    (outcome,) = replay_file(places.EVENTS / "timer-with-data-disk.json", bench)

    sweep(cloud, plans)
    about_it = [each for each in published(cloud) if each["data"]["snapshot_id"] == "s-bp1websys20"]
    assert {(each["id"], each["data"]["image_id"]) for each in about_it} == {(about_it[0]["id"], outcome.image_id)}


def test_a_set_whose_wait_is_over_is_given_up_once(cloud: LocalCloud, plans: Plans) -> None:
    never = plans.model_copy(update={"plans": tuple(plan for plan in plans.plans if plan.name == "web")})
    sweep(cloud, never)
    sweep(cloud, never)

    reasons = [message["data"]["reason"] for message in published(cloud)]
    assert reasons.count("DataDiskSnapshotMissing") == 1


def test_throttling_ends_the_sweep_and_the_repeat_goes_on_from_there(cloud: LocalCloud, plans: Plans) -> None:
    error = {"status": 400, "code": "Throttling.User", "message": "slow down"}
    cloud.faults.plant([PlantedFault.model_validate({"action": "CreateImage", "after": 2, "error": error})])

    with pytest.raises(Transient):
        sweep(cloud, plans)
    sweep(cloud, plans)
    assert len({message["data"]["snapshot_id"] for message in published(cloud)}) == 14
    assert cloud.journal.actions().count("CreateImage") == 12


def busy_world() -> WorldFile:
    """1,400 snapshots; of all but ten the image was told to be usable."""
    names = range(1400)
    moments: dict[str, Any] = {"started": "2026-11-20T02:00:00Z", "ended": "2026-11-20T02:04:00Z"}
    settled = {"tags": {"snapimage:outcome": "available ImageAvailable"}}
    return WorldFile.model_validate(
        {
            "detached_disks": [{"id": f"d-{n}", "type": "system", "size_gib": 40} for n in names],
            "snapshots": [{"id": f"s-{n}", "disk": f"d-{n}", **moments, **(settled if n >= 10 else {})} for n in names],
        }
    )


def test_of_1400_snapshots_only_the_ten_that_are_open_cost_calls_of_their_own() -> None:
    """A run that made images goes over the window once more."""
    with LocalCloud(busy_world()) as cloud:
        counts = sweep(cloud, EVERY_DISK)
        actions = Counter(call.action for call in cloud.journal.calls() if call.service == "ecs")

    assert counts == {"looked_at": 2800, "done": 2790, "no_room": 0, "creating": 10}
    assert actions["CreateImage"] == 10
    assert actions == {"DescribeSnapshots": 28, "CreateImage": 10, "TagResources": 1}


def test_the_handler_returns_the_counts(
    cloud: LocalCloud, plans: Plans, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "plans.json").write_text(compile_plans(plans))
    settings = settings_for(cloud, plans_file=str(tmp_path / "plans.json"), lookback_hours=336)
    for name, text in environment_of(settings).items():
        monkeypatch.setenv(name, text)

    counts = json.loads(json.dumps(handler(b'{"triggerName": "every-hour"}', None)))["counts"]
    assert counts["looked_at"] >= 19


def test_plans_of_another_region_are_a_mistake_of_the_deployment(
    cloud: LocalCloud, plans: Plans, tmp_path: Any
) -> None:
    (tmp_path / "plans.json").write_text(compile_plans(plans.model_copy(update={"region": "cn-beijing"})))
    settings = settings_for(cloud, plans_file=str(tmp_path / "plans.json"))

    with pytest.raises(ConfigurationError, match="the plans are for cn-beijing"):
        read_rules(settings)
