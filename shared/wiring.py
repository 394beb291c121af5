"""The only file that names implementations: from the environment to the ports that the flows know."""

import os
from datetime import datetime, timedelta
from typing import cast

from shared.adapters.ecs_client import EcsCalls
from shared.adapters.late_imports import Late
from shared.adapters.mns_queue import MnsQueue
from shared.adapters.patience import Patience
from shared.adapters.system_clock import SystemClock
from shared.domain.rules import Rules
from shared.plans_file import read_rules
from shared.ports import Clock, Cloud, Images, Snapshots
from shared.settings import Settings, read_settings


def connect(context: object = None) -> tuple[Rules, Cloud]:
    """What a handler needs, built anew for every invocation: FC changes the credentials under a warm instance."""
    clock = SystemClock()
    deadline = read_deadline(context, clock.now())
    settings = read_settings(os.environ, context)
    return read_rules(settings), open_cloud(settings, clock, deadline)


def read_deadline(context: object, started: datetime) -> datetime | None:
    """When FC will end this invocation. The context knows the function's timeout (seconds), not what is left of it."""
    timeout = getattr(getattr(context, "function", None), "timeout", None)
    known = str(timeout)
    return started + timedelta(seconds=int(known)) if known.isdecimal() else None


def open_cloud(settings: Settings, clock: Clock, deadline: datetime | None = None) -> Cloud:
    """Nothing is connected, and nothing of ECS imported, before the first call. Without a deadline no throttling is waited out."""
    calls = EcsCalls(settings, Patience(clock, deadline))
    snapshots, images = Late(lambda: _snapshots(calls)), Late(lambda: _images(calls))
    return Cloud(cast("Snapshots", snapshots), cast("Images", images), MnsQueue(settings), clock, calls)


def _snapshots(calls: EcsCalls) -> Snapshots:
    from shared.adapters.ecs_snapshots import EcsSnapshots

    return EcsSnapshots(calls)


def _images(calls: EcsCalls) -> Images:
    from shared.adapters.ecs_images import EcsImages

    return EcsImages(calls)
