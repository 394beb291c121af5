"""A local cloud for each test, with the world of two machines or one that differs from it."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from world_files import TWO_MACHINES

from localcloud.server import LocalCloud
from localcloud.world import WorldFile


def pytest_configure(config: pytest.Config) -> None:
    # alibabacloud-tea-openapi 0.4.6 dates every request with a function that Python 3.12 deprecates.
    config.addinivalue_line("filterwarnings", "ignore:datetime.datetime.utcnow:DeprecationWarning")


@pytest.fixture
def world() -> WorldFile:
    """Its clock starts at 2026-03-01T01:05:00Z, a minute after the newest snapshot that is over."""
    return WorldFile.model_validate(TWO_MACHINES)


@pytest.fixture
def cloud(world: WorldFile) -> Iterator[LocalCloud]:
    with LocalCloud(world) as started:
        yield started


@pytest.fixture
def serve() -> Iterator[Callable[..., LocalCloud]]:
    """Starts clouds whose worlds differ from the small one in the parts that are given by name."""
    with ExitStack() as stack:
        yield lambda **parts: stack.enter_context(LocalCloud(WorldFile.model_validate(TWO_MACHINES | parts)))
