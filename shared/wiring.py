"""The only file that names implementations: from the environment to the ports that the flows know."""

import os
import time
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

from shared.adapters.ecs_client import EcsCalls
from shared.adapters.ecs_disks import EcsDisks, EcsSnapshots
from shared.adapters.ecs_images import EcsImages
from shared.adapters.mns_queue import MnsQueue
from shared.adapters.throttling import Throttling, do_together
from shared.domain.rules import Rules
from shared.ports import Clock, Cloud, ReportQueue, Warm
from shared.settings import Settings, read_rules, read_settings

if TYPE_CHECKING:
    from shared.flows.report_night import ReportSources
    from shared.retirement_ports import Retirement

WARM = Warm()
"""Of this instance: gone with it, and missed by nobody."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.fromtimestamp(time.time(), timezone.utc)

    def sleep(self, span: timedelta) -> None:
        time.sleep(span.total_seconds())


def connect(context: object = None, waits: bool = False) -> tuple[Rules, Cloud]:
    """What a handler needs, built anew for every invocation: FC changes the credentials under a warm instance.

    `waits` lets a throttled call wait for the next minute, as long as the function has the time.
    """
    clock = SystemClock()
    deadline = read_deadline(context, clock.now()) if waits else None
    settings = read_settings(os.environ, context)
    return read_rules(settings), open_cloud(settings, clock, deadline, WARM)


def connect_retirement(context: object = None) -> tuple[Rules, Cloud, "Retirement"]:
    """The same with what only retirement asks and does; nobody else loads it."""
    rules, cloud = connect(context, waits=True)
    return rules, cloud, open_retirement(read_settings(os.environ, context), cloud)


def open_retirement(settings: Settings, cloud: Cloud) -> "Retirement":
    """Its calls stand in the cloud's record."""
    from shared.adapters.ecs_retirement import EcsRetirement
    from shared.adapters.generic_calls import ess_calls

    calls: Any = cloud.calls
    return EcsRetirement(calls, ess_calls(settings, calls))


def connect_report(context: object = None) -> "tuple[Rules, ReportSources, ReportQueue]":
    """What the night's report needs: nothing that changes anything but the queue."""
    clock = SystemClock()
    deadline = read_deadline(context, clock.now())
    settings = read_settings(os.environ, context)
    return read_rules(settings), open_sources(settings, clock, deadline), MnsQueue(settings)


def open_sources(settings: Settings, clock: Clock, deadline: datetime | None = None) -> "ReportSources":
    from shared.adapters.ecs_report import EcsReport  # no other function is to load what judges a fleet
    from shared.flows.report_night import ReportSources

    calls = EcsCalls(settings, Throttling(clock, deadline))
    return ReportSources(EcsReport(calls, settings), clock, calls, deadline)


def read_deadline(context: object, started: datetime) -> datetime | None:
    """When FC will end this invocation. The context knows the function's timeout (seconds), not what is left of it."""
    timeout = getattr(getattr(context, "function", None), "timeout", None)
    known = str(timeout)
    return started + timedelta(seconds=int(known)) if known.isdecimal() else None


def open_cloud(settings: Settings, clock: Clock, deadline: datetime | None = None, warm: Warm | None = None) -> Cloud:
    """Nothing is connected, and nothing of an SDK imported, before the first call. Without a deadline no throttling is
    waited out."""
    calls = EcsCalls(settings, Throttling(clock, deadline))
    return Cloud(
        EcsSnapshots(calls), EcsDisks(calls), EcsImages(calls), MnsQueue(settings), clock, calls,
        deadline, warm or Warm(), do_together,
    )  # fmt: skip
