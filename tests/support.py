"""What tests of several layers need: settings for a local cloud, and what is on its queue."""

import base64
import json
import os
from datetime import datetime, timedelta
from typing import Any

from localcloud.server import LocalCloud
from ops.local.control import settings_of
from shared.settings import VARIABLES, Settings

SEARCH_SHARE = int(os.environ.get("SNAPIMAGE_SEARCH_SHARE", "1"))
"""Of the long random searches: 1 runs them whole, 10 a tenth. CI runs them whole on one Python, a tenth on the others."""


class CloudClock:
    """The local cloud's time, for flows whose world is dated."""

    def __init__(self, cloud: LocalCloud) -> None:
        self._cloud = cloud

    def now(self) -> datetime:
        return self._cloud.clock.utc()

    def sleep(self, span: timedelta) -> None:
        self._cloud.clock.advance(span.total_seconds())


def settings_for(cloud: LocalCloud, **changes: Any) -> Settings:
    known: dict[str, Any] = settings_of(cloud.ready(), "none") | changes
    return Settings(**known)


def environment_of(settings: Settings) -> dict[str, str]:
    """The variables that FC and s.yaml would set."""
    return {name: str(getattr(settings, field) or "") for field, name in VARIABLES.items()}


def published(cloud: LocalCloud) -> list[dict[str, Any]]:
    """The messages on the status queue, decoded, in the order of their arrival."""
    stored = cloud.mns.queues.peek_all("snapimage-status")
    return [json.loads(base64.b64decode(message.body)) for message in stored]
