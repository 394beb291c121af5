"""Serves a local cloud until it is told to stop, with the functions or without."""

import json
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from localcloud.server import LocalCloud
from localcloud.world import World
from ops.fleet import open_fleet
from ops.yaml_model import FileError, read_model
from shared.domain.plans import Plans

BEAT = 0.5
"""Seconds between looks for timers and asynchronous invocations that are due."""


def serve(world: Path, plans: Path, port: int, stop: threading.Event, say: Callable[[str], None]) -> None:
    read_model(plans, Plans)
    try:
        with LocalCloud(read_model(world, World), port) as cloud:
            _wait(cloud, stop, say)
    except OSError as error:
        raise FileError(f"port {port}: {error.strerror}") from None


def serve_with_functions(
    world: Path, plans: Path, port: int, stop: threading.Event, say: Callable[[str], None]
) -> None:
    """The world is moved to the present, because the functions tell the time by this machine's clock."""
    try:
        with open_fleet(world, plans, port) as fleet:
            fleet.cloud.fc.start_pumping(BEAT)
            _wait(fleet.cloud, stop, say)
    except OSError as error:
        raise FileError(f"port {port}: {error.strerror}") from None


def _wait(cloud: LocalCloud, stop: threading.Event, say: Callable[[str], None]) -> None:
    say(json.dumps(cloud.ready()))
    sys.stdout.flush()
    stop.wait()
