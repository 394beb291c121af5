"""Plays scenarios on the staged functions in one local cloud, whose time is also the functions' own."""

import base64
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from alibabacloud_ecs20140526 import models
from alibabacloud_ecs20140526.client import Client
from event_forms import write_event
from made_up import MADE_UP_PLANS
from scenario import Event, Facts, Scenario, Step
from sdk_calls import sdk_config

from deploy.policies import read_policy
from deploy.staging import stage_once
from files import places
from localcloud.faults import PlantedFault
from localcloud.fc.function import HostedFunction
from localcloud.ram import Policy
from localcloud.server import QUEUES, LocalCloud
from localcloud.world import WorldFile
from ops.local.control import LocalControl
from ops.local.product import deploy
from shared.domain.message import TYPE_PREFIX
from shared.domain.plans import Plans
from shared.settings import compile_plans


@dataclass(frozen=True)
class Played:
    """What came of it so far."""

    images: list[dict[str, Any]]
    messages: list[dict[str, Any]]
    dead_letters: int
    faults_left: int


class Theatre:
    def __init__(self, cloud: LocalCloud, plans_file: Path) -> None:
        self._cloud = cloud
        self._control = LocalControl(cloud.endpoint)
        self._plans_file = plans_file
        self._deliveries = 0
        self._is_tainted = False
        """A warm process remembers that it was throttled; the next scenario is to know nothing of that."""
        self._log_marks: dict[str, int] = {}

    def begin(self, scenario: Scenario) -> None:
        self._cloud.begin(scenario.world)
        if self._is_tainted:
            self._cloud.fc.deploy([self._function("create_image").spec])
        self._is_tainted = any(map(_throttles, [*scenario.world.faults, *(each.fault for each in scenario.steps)]))
        self._log_marks = {each.spec.key: len(each.log()) for each in self._cloud.fc.functions()}
        self.put_plans(scenario.read(scenario.plans))

    def put_plans(self, plans: Plans) -> None:
        """As a deployment does: the functions' file, and what their roles may do."""
        self._plans_file.write_text(compile_plans(plans))
        for function in self._cloud.fc.functions():
            policy = read_policy(function.spec.folder.name, plans.region, WorldFile().account_id, plans)
            credentials = function.spec.credentials
            secret = credentials.access_key_secret.get_secret_value()
            self._cloud.keys.add(credentials.access_key_id, secret, Policy.model_validate(policy))

    def happen(self, step: Step, scenario: Scenario) -> None:
        """Of everything but an expectation."""
        if step.event is not None:
            self._deliver(step.event, scenario.world)
        elif step.advance is not None:
            self._pass(step.advance, step.stride)
        elif step.fault is not None:
            self._cloud.faults.plant([step.fault])
        elif step.ecs is not None:
            self._call(step.ecs, step.params)
        elif step.plans is not None:
            self.put_plans(scenario.read(step.plans))
        self._cloud.fc.pump()

    def look(self) -> Played:
        queues = self._cloud.mns.queues
        told = [json.loads(base64.b64decode(message.body)) for message in queues.peek_all(QUEUES["status"])]
        return Played(
            self._control.images(),
            [message for message in told if message["type"].startswith(TYPE_PREFIX)],  # a night's report is of no image
            len(queues.peek_all(QUEUES["dead_letters"])),
            len(self._cloud.faults.pending()),
        )

    def log(self) -> str:
        """What the functions wrote since the beginning, without what FC adds, for whoever wonders."""
        texts = [function.log()[self._log_marks[function.spec.key] :] for function in self._cloud.fc.functions()]
        lines = [line for text in texts for line in text.splitlines() if not line.startswith("FC Invoke")]
        return "\n".join(sorted(lines))

    def _deliver(self, event: str | Event | list[str | Event] | Facts, world: WorldFile) -> None:
        """A single event of the bus by its rule; whatever else an operator's own rule would bring, to the function itself."""
        if isinstance(event, list):
            payload: Any = [write_event(each, world) for each in event]
        else:
            payload = event if isinstance(event, dict) else write_event(event, world)
        text = json.dumps(payload).encode()
        if isinstance(payload, dict) and payload.get("type", "").startswith("ecs:"):
            self._cloud.fc.triggers.publish(text)
            return
        self._deliveries += 1
        self._cloud.fc.queue.submit(self._function("create_image"), text, f"delivery-{self._deliveries}")

    def _function(self, folder: str) -> HostedFunction:
        return next(each for each in self._cloud.fc.functions() if each.spec.folder.name == folder)

    def _pass(self, span: timedelta, stride: timedelta) -> None:
        while span:
            some = min(span, stride)
            self._cloud.clock.advance(some.total_seconds())
            self._cloud.fc.pump()
            span -= some

    def _call(self, action: str, params: Facts) -> None:
        region = self._cloud.ready()["region"]
        client = Client(sdk_config(self._cloud, region_id=region))
        request = getattr(models, f"{action}Request")()
        filled = {key: self._fill(value) for key, value in params.items()}
        known = {"region_id": region} if hasattr(request, "region_id") else {}
        for key, value in {**known, **filled}.items():
            setattr(request, key, value)
        getattr(client, re.sub(r"(?<!^)(?=[A-Z])", "_", action).lower())(request)

    def _fill(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._fill(each) for each in value]
        if value != "$image":
            return value
        return self._control.images()[-1]["id"]


def _throttles(fault: PlantedFault | None) -> bool:
    error = fault.error if fault else None
    return error is not None and (error.status == 429 or error.code.startswith("Throttling"))


@contextmanager
def open_theatre(folder: Path) -> Iterator[Theatre]:
    """One cloud, one deployment; the packages are those that other tests stage, only the plans lie elsewhere."""
    plans_file = folder / "plans.json"
    with LocalCloud(WorldFile()) as cloud:
        deploy(cloud, stage_once(places.PLANS), WorldFile(), MADE_UP_PLANS)
        for function in cloud.fc.functions():
            environment = {**function.spec.environment, "SNAPIMAGE_PLANS": str(plans_file)}
            cloud.fc.deploy([function.spec.model_copy(update={"environment": environment, "clock": "cloud"})])
        yield Theatre(cloud, plans_file)
