"""Serves a local cloud until it is told to stop, with the functions or without."""

import errno
import json
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from files.errors import CommandError
from files.yaml_model import read_model
from localcloud.server import LocalCloud
from localcloud.world import WorldFile
from ops.local.product import open_product
from shared.domain.plans import Plans

BEAT = 0.5
"""Seconds between looks for timers and asynchronous invocations that are due, and for a signal to stop."""
PORT_TROUBLE = frozenset({errno.EADDRINUSE, errno.EADDRNOTAVAIL, errno.EACCES, errno.EPERM})


def serve(world: Path, plans: Path, port: int, stop: threading.Event, say: Callable[[str], None]) -> None:
    read_model(plans, Plans)
    with _named(port), LocalCloud(read_model(world, WorldFile), port) as cloud:
        _wait(cloud, stop, say)


def serve_with_functions(
    world: Path, plans: Path, port: int, stop: threading.Event, say: Callable[[str], None]
) -> None:
    """The functions tell the time of the cloud: what is pushed forward passes for them, too."""
    with _named(port), open_product(world, plans, port) as product:
        product.cloud.fc.start_pumping(BEAT)
        _wait(product.cloud, stop, say)


@contextmanager
def _named(port: int) -> Iterator[None]:
    """A port that cannot be had is named; a full disk or a closed pipe is no trouble with the port."""
    try:
        yield
    except OSError as error:
        if error.errno in PORT_TROUBLE and error.filename is None:
            raise CommandError(f"port {port}: {error.strerror}") from None
        raise


def _wait(cloud: LocalCloud, stop: threading.Event, say: Callable[[str], None]) -> None:
    say(json.dumps(cloud.ready()))
    sys.stdout.flush()
    while not stop.wait(BEAT):  # a signal that another thread was given is heard when this one wakes
        pass
