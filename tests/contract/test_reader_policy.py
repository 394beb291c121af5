"""The shipped policy of those who only look: every command works with it, with any one grant less one does not, and it changes nothing."""

from collections.abc import Iterator
from typing import Any

import pytest
from made_up import MADE_UP_PLANS, MADE_UP_WORLD
from support import CloudClock, settings_for

from deploy.policies import read_policy
from localcloud.ram import Policy
from localcloud.server import LocalCloud
from ops.fleet_view.explain_named import explain_named
from ops.fleet_view.preview_command import foresee
from ops.fleet_view.reading import FleetReading, read_only
from ops.session import Account
from shared.domain.coverage import cover
from shared.domain.errors import CloudError
from shared.flows.inventory import read_inventory
from shared.wiring import open_cloud

KEYS = {"access_key_id": "LTAIreader", "access_key_secret": "made-up"}
SHIPPED = Policy.model_validate(read_policy("reader", "cn-hangzhou", "1234567890123456"))


@pytest.fixture
def cloud() -> Iterator[LocalCloud]:
    with LocalCloud(MADE_UP_WORLD) as started:
        yield started


def allow(cloud: LocalCloud, policy: Policy) -> FleetReading:
    cloud.keys.add(KEYS["access_key_id"], KEYS["access_key_secret"], policy)
    settings = settings_for(cloud, **KEYS)
    return read_only(Account(settings, MADE_UP_PLANS, open_cloud(settings, CloudClock(cloud))))


def look(reading: FleetReading) -> tuple[int, int, str | None]:
    """Machines of the coverage, of the preview, and what becomes of a snapshot of a consistent group. The report asks, too."""
    now = reading.cloud.clock.now()
    covered = cover(read_inventory(reading.fleet, reading.rules, now), reading.rules, now)
    told = explain_named("s-bp1fleet2sys", reading).snapshot
    trouble = told.answer.trouble if told else None
    if trouble:
        raise trouble
    reading.night.reader.image_quota()
    return len(covered.machines), len(foresee(reading, (), ()).nights), told.snapshot.id if told else None


def grants() -> list[tuple[str, str]]:
    return [(action, resource) for each in SHIPPED.statements for action in each.actions for resource in each.resources]


def without(missing: tuple[str, str]) -> Policy:
    left: list[dict[str, Any]] = [
        {"Effect": "Allow", "Action": [action], "Resource": [resource]}
        for action, resource in grants()
        if (action, resource) != missing
    ]
    return Policy.model_validate({"Version": "1", "Statement": left})


def test_who_only_looks_can_look_at_everything(cloud: LocalCloud) -> None:
    assert look(allow(cloud, SHIPPED)) == (8, 8, "s-bp1fleet2sys")


@pytest.mark.parametrize("missing", grants())
def test_with_any_one_grant_less_something_cannot_be_seen(cloud: LocalCloud, missing: tuple[str, str]) -> None:
    with pytest.raises(CloudError):
        look(allow(cloud, without(missing)))


def test_no_grant_changes_anything() -> None:
    assert [action for action, _ in grants() if not action.startswith(("ecs:Describe", "quotas:Get"))] == []
