"""A world of the local cloud with images of some age, and a run of retirement on it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from support import CloudClock, settings_for

from bench.old_images import deprecated, facts_of, old_image, plan_of
from localcloud.server import LocalCloud
from localcloud.world import WorldFile
from shared.domain.plans import Plans
from shared.domain.rules import rules_for
from shared.flows.retire_images import RetirementReport, retire_images
from shared.wiring import open_cloud, open_retirement

REGION, ACCOUNT = "cn-hangzhou", "1234567890123456"
FRESH = (old_image(0), old_image(1))
"""What `last: 2` keeps."""
DUE = deprecated(30, since_days=8)
RETAINED = {"retention_days": 7}


def world_of(*images: dict[str, Any], snapshots: dict[str, Any] | None = None, **parts: Any) -> WorldFile:
    return WorldFile.model_validate(facts_of(*images, snapshots=snapshots, **parts))


def run(
    cloud: LocalCloud, time_left: timedelta | None = None, wrap: Callable[[Any], Any] = lambda estate: estate, **retire: Any
) -> RetirementReport:  # fmt: skip
    settings = settings_for(cloud)
    plans = Plans.model_validate({"region": REGION, "plans": [plan_of(**retire)]})
    ports = open_cloud(settings, CloudClock(cloud))
    if time_left is not None:
        ports = replace(ports, deadline=ports.clock.now() + time_left)
    return retire_images(rules_for(ACCOUNT, REGION, plans), ports, wrap(open_retirement(settings, ports)))


def statuses(cloud: LocalCloud) -> dict[str, str]:
    return {each.id: each.status(cloud.clock.now()) for each in cloud.ecs.store.images.values()}


def touching(cloud: LocalCloud) -> list[str]:
    asking = ("Describe", "SendMessage")
    return [call.action for call in cloud.journal.calls() if not call.action.startswith(asking)]
