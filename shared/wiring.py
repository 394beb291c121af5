"""The only file that names implementations: from the environment to the ports that the flows know."""

import os
from datetime import timedelta
from pathlib import Path

from pydantic import ValidationError

from shared.adapters.ecs_client import EcsCalls
from shared.adapters.ecs_images import EcsImages
from shared.adapters.ecs_snapshots import EcsSnapshots
from shared.adapters.mns_queue import MnsQueue
from shared.adapters.system_clock import SystemClock
from shared.domain.decision import Rules
from shared.domain.errors import ConfigurationError
from shared.domain.plans import Plans
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


def read_rules(settings: Settings) -> Rules:
    """The compiled plans (JSON), which the build has checked; checked again, because files can be edited."""
    try:
        plans = Plans.model_validate_json(Path(settings.plans_file).read_bytes())
    except OSError as error:
        raise ConfigurationError(f"SNAPIMAGE_PLANS: {settings.plans_file}: {error.strerror}") from error
    except ValidationError as error:
        where = [".".join(map(str, part["loc"])) for part in error.errors(include_input=False)]
        raise ConfigurationError(f"SNAPIMAGE_PLANS: {settings.plans_file} is wrong at {', '.join(where)}") from None
    if plans.region != settings.region_id:
        raise ConfigurationError(f"the plans are for {plans.region}, the function runs in {settings.region_id}")
    return Rules(settings.account_id, settings.region_id, plans, timedelta(hours=settings.lookback_hours))
