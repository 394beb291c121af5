"""A local cloud for each test, with the world of two machines or one that differs from it. It is loaded with the first test
that wants one: a rule's test takes less time than that."""

import gc
import os
import signal
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest
from _pytest.runner import runtestprotocol

from ops.late_models import import_models_late

if TYPE_CHECKING:
    from localcloud.server import LocalCloud
    from localcloud.world import WorldFile

pytest_plugins = ["opened_product"]


def pytest_configure(config: pytest.Config) -> None:
    gc.disable()  # until everything is imported and collected: nothing of it is garbage
    import_models_late()
    # What a shell runs in the background ignores this signal, and hands that down to the commands that are to hear it.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    # The ECS SDK makes a TLS context for every client, and reading the authorities' certificates is nine tenths of it.
    # With LIVE it is a real account that is asked, and whose certificate counts.
    if "LIVE" not in os.environ:
        os.environ["SSL_CERT_FILE"] = os.devnull
        for name in ("http_proxy", "HTTP_PROXY"):  # everything is on loopback
            os.environ.pop(name, None)
    # alibabacloud-tea-openapi 0.4.6 dates every request with a function that Python 3.12 deprecates.
    config.addinivalue_line("filterwarnings", "ignore:datetime.datetime.utcnow:DeprecationWarning")


LONGEST_FIRST = [
    "scenarios",  # stages the packages, which the next but one would wait for
    "hostile_commands",
    "docs",
    "bench",
    "deployed",
    "build",
    "page_in_browser",
    "histories",
    "simulation",
    "hostile_events",
    "night",
    "slim_packages",
    "secrets",
    "command",
    "serverless_devs",
    "pause",
    "image_tags",
    "hostile_ecs",
    "operate",
    "watch",
]
"""What begins last ends last: with a long file at the end one process works while the others wait. `--durations=40` tells."""

WORTH_TELLING = 0.1
"""Seconds of making or removing what a test needs, for `--durations`."""


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Every second process of xdist begins at the other end: of what is not compiled yet each then compiles a half."""
    report = yield
    is_second = os.environ.get("PYTEST_XDIST_WORKER", "")[-1:] in set("13579")
    if is_second and isinstance(collector, pytest.Session | pytest.Directory):
        report.result.reverse()
    return report


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """A file is one process's, because its tests share what is dear to make; `xdist_group` divides it. A property is slow."""
    places = {f"test_{name}": number for number, name in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: (places.get(item.path.stem, len(places)), str(item.path)))
    has_processes = config.pluginmanager.has_plugin("xdist")
    for item in items:
        if getattr(getattr(item, "obj", None), "is_hypothesis_test", False):
            item.add_marker(pytest.mark.slow)
        if has_processes and item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group(item.path.stem))


def pytest_collection_finish(session: pytest.Session) -> None:
    """pytest-xdist keeps a group together by its name behind the test's, and says nothing when it cannot write it there: the
    tests then pass in twice the time, with everything that is dear made by every process."""
    gc.freeze()  # what is there stays, and need not be looked through again at every collection
    gc.enable()
    if getattr(session.config.option, "loadgroup", False) and not all("@" in item.nodeid for item in session.items):
        raise pytest.UsageError("this pytest-xdist does not group the tests that share a process, with this pytest")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
    """A process of xdist tells of a test only what somebody wants to know: six messages of each cost as much as it does."""
    if not hasattr(item.config, "workerinput"):
        return None
    for report in runtestprotocol(item, nextitem=nextitem, log=False):
        if report.when == "call" or not report.passed or report.duration > WORTH_TELLING:
            item.ihook.pytest_runtest_logreport(report=report)
    item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Without the group that xdist writes behind it, a name can be typed again. The process that ran the test needs it."""
    name, at, group = report.nodeid.rpartition("@")
    if at and "]" not in group and hasattr(report, "node"):
        report.nodeid = name


@pytest.fixture
def world() -> "WorldFile":
    """Its clock starts at 2026-03-01T01:05:00Z, a minute after the newest snapshot that is over."""
    return _read_world()


@pytest.fixture
def cloud(world: "WorldFile") -> "Iterator[LocalCloud]":
    with _local_cloud(world) as started:
        yield started


@pytest.fixture
def serve() -> "Iterator[Callable[..., LocalCloud]]":
    """Starts clouds whose worlds differ from the small one in the parts that are given by name."""
    with ExitStack() as stack:
        yield lambda **parts: stack.enter_context(_local_cloud(_read_world(**parts)))


def _read_world(**parts: Any) -> "WorldFile":
    from world_files import TWO_MACHINES

    from localcloud.world import WorldFile

    return WorldFile.model_validate(TWO_MACHINES | parts)


def _local_cloud(world: "WorldFile") -> "LocalCloud":
    from localcloud.server import LocalCloud

    return LocalCloud(world)
