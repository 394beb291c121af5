"""The only file that names implementations: from the environment to the ports that the flows know."""

import os
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from shared.adapters.ecs_client import EcsCalls
from shared.adapters.mns_queue import MnsQueue
from shared.adapters.patience import Patience
from shared.adapters.system_clock import SystemClock
from shared.adapters.together import do_together
from shared.domain.rules import Rules
from shared.plans_file import read_rules
from shared.ports import Clock, Cloud, Disks, Images, Snapshots, Warm
from shared.settings import Settings, read_settings

WARM = Warm()
"""Of this instance: gone with it, and missed by nobody."""


def connect(context: object = None, waits: bool = False) -> tuple[Rules, Cloud]:
    """What a handler needs, built anew for every invocation: FC changes the credentials under a warm instance.

    `waits` lets a throttled call wait for the next minute, as long as the function has the time.
    """
    clock = SystemClock()
    deadline = read_deadline(context, clock.now()) if waits else None
    settings = read_settings(os.environ, context)
    return read_rules(settings), open_cloud(settings, clock, deadline, WARM)


def read_deadline(context: object, started: datetime) -> datetime | None:
    """When FC will end this invocation. The context knows the function's timeout (seconds), not what is left of it."""
    timeout = getattr(getattr(context, "function", None), "timeout", None)
    known = str(timeout)
    return started + timedelta(seconds=int(known)) if known.isdecimal() else None


def open_cloud(settings: Settings, clock: Clock, deadline: datetime | None = None, warm: Warm | None = None) -> Cloud:
    """Nothing is connected, and nothing of ECS imported, before the first call. Without a deadline no throttling is waited out."""
    calls = EcsCalls(settings, Patience(clock, deadline))
    late: Any = _Late  # for mypy it has no methods
    snapshots, disks, images = late(_open_snapshots, calls), late(_open_disks, calls), late(_open_images, calls)
    return Cloud(snapshots, disks, images, MnsQueue(settings), clock, calls, deadline, warm or Warm(), do_together)


class _Late:
    """A port whose adapter is imported when it is first asked for something: an event that is refused never asks."""

    def __init__(self, open_port: Callable[[EcsCalls], object], calls: EcsCalls) -> None:
        self._open_port = open_port
        self._calls = calls

    def __getattr__(self, name: str) -> Any:
        return getattr(self._port, name)

    @cached_property
    def _port(self) -> object:
        return self._open_port(self._calls)


def _open_snapshots(calls: EcsCalls) -> Snapshots:
    from shared.adapters.ecs_snapshots import EcsSnapshots

    return EcsSnapshots(calls)


def _open_disks(calls: EcsCalls) -> Disks:
    from shared.adapters.ecs_disks import EcsDisks

    return EcsDisks(calls)


def _open_images(calls: EcsCalls) -> Images:
    from shared.adapters.ecs_images import EcsImages

    return EcsImages(calls)
