"""The only file that names implementations: from the environment to the ports that the flows know."""

import os

from shared.adapters.ecs_client import EcsCalls
from shared.adapters.ecs_images import EcsImages
from shared.adapters.ecs_snapshots import EcsSnapshots
from shared.adapters.mns_queue import MnsQueue
from shared.adapters.system_clock import SystemClock
from shared.domain.rules import Rules
from shared.plans_file import read_rules
from shared.ports import Clock, Cloud
from shared.settings import Settings, read_settings


def connect(context: object = None) -> tuple[Rules, Cloud]:
    """What a handler needs, built anew for every invocation: FC changes the credentials under a warm instance."""
    settings = read_settings(os.environ, context)
    return read_rules(settings), open_cloud(settings, SystemClock())


def open_cloud(settings: Settings, clock: Clock) -> Cloud:
    """Nothing is connected, and no SDK imported, before the first call."""
    calls = EcsCalls(settings)
    return Cloud(EcsSnapshots(calls), EcsImages(calls), MnsQueue(settings), clock, calls)
