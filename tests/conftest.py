"""A small world, and a local cloud that serves it: two machines, their disks, and snapshots of every kind."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from localcloud.server import LocalCloud
from localcloud.world import World

WORLD: dict[str, Any] = {
    "region": "cn-hangzhou",
    "account_id": "1234567890123456",
    "instances": [
        {
            "id": "i-web1",
            "tags": {"role": "web"},
            "disks": [
                {"id": "d-web1sys", "type": "system", "size_gib": 40, "device": "/dev/xvda", "tags": {"role": "web"}},
                {"id": "d-web1data", "type": "data", "size_gib": 100, "device": "/dev/xvdb", "tags": {"kind": "db"}},
                {"id": "d-web1logs", "type": "data", "size_gib": 200, "device": "/dev/xvdc"},
            ],
        },
        {
            "id": "i-old1",
            "disks": [{"id": "d-old1sys", "type": "system", "size_gib": 20, "category": "cloud_efficiency"}],
        },
    ],
    "detached_disks": [{"id": "d-spare", "type": "data", "size_gib": 50, "encrypted": True}],
    "snapshots": [
        {
            "id": "s-web1data",
            "disk": "d-web1data",
            "type": "timer",
            "started": "2026-03-01T01:00:05Z",
            "ended": "2026-03-01T01:04:00Z",
            "name": "auto2.0_20260301_sp-1",
        },
        {
            "id": "s-web1sys",
            "disk": "d-web1sys",
            "type": "timer",
            "started": "2026-03-01T01:00:00Z",
            "ended": "2026-03-01T01:02:00Z",
            "name": "auto2.0_20260301_sp-1",
            "tags": {"role": "web"},
        },
        {
            "id": "s-web1logs",
            "disk": "d-web1logs",
            "type": "timer",
            "status": "progressing",
            "started": "2026-03-01T01:00:05Z",
            "ended": "2026-03-01T01:15:00Z",
        },
        {
            "id": "s-old1sys",
            "disk": "d-old1sys",
            "started": "2026-02-01T10:00:00Z",
            "ended": "2026-02-01T10:05:00Z",
        },
        {
            "id": "s-failed",
            "disk": "d-old1sys",
            "status": "failed",
            "started": "2026-02-02T10:00:00Z",
            "ended": "2026-02-02T10:05:00Z",
        },
        {
            "id": "s-gone",
            "disk": "d-gone",
            "type": "copied",
            "source_disk_type": "system",
            "size_gib": 30,
            "started": "2026-01-01T00:00:00Z",
            "ended": "2026-01-01T00:05:00Z",
        },
        {
            "id": "s-spare",
            "disk": "d-spare",
            "started": "2026-01-02T00:00:00Z",
            "ended": "2026-01-02T00:05:00Z",
        },
        {
            "id": "s-archived",
            "disk": "d-old1sys",
            "category": "archive",
            "started": "2025-01-01T00:00:00Z",
            "ended": "2025-01-01T00:05:00Z",
        },
        {
            "id": "s-shared",
            "disk": "d-theirs",
            "source_disk_type": "system",
            "size_gib": 40,
            "shared": True,
            "started": "2025-01-02T00:00:00Z",
            "ended": "2025-01-02T00:05:00Z",
        },
        {
            "id": "s-secret",
            "disk": "d-old1sys",
            "encrypted": True,
            "started": "2025-01-03T00:00:00Z",
            "ended": "2025-01-03T00:05:00Z",
        },
        {
            "id": "s-ancient",
            "disk": "d-old1sys",
            "started": "2013-07-14T00:00:00Z",
            "ended": "2013-07-14T00:05:00Z",
        },
    ],
    "groups": [{"id": "ssg-web1", "instance": "i-web1", "snapshots": ["s-web1sys", "s-web1data"]}],
    "images": [
        {
            "id": "m-existing",
            "name": "existing-image",
            "snapshot": "s-old1sys",
            "tags": {"owner": "platform"},
            "created": "2026-02-01T11:00:00Z",
            "family": "old",
        },
        {
            "id": "m-alinux",
            "name": "aliyun_3_x64",
            "owner": "system",
            "disks": [{"size_gib": 20, "device": "/dev/xvda", "type": "system"}],
        },
    ],
}


def pytest_configure(config: pytest.Config) -> None:
    # The ECS SDK makes a TLS context for every client, and reading the authorities' certificates is nine tenths of it.
    os.environ["SSL_CERT_FILE"] = os.devnull
    # alibabacloud-tea-openapi 0.4.6 dates every request with a function that Python 3.12 deprecates.
    config.addinivalue_line("filterwarnings", "ignore:datetime.datetime.utcnow:DeprecationWarning")


LONGEST_FIRST = [
    "scenarios",
    "docs",
    "bench",
    "deployed",
    "hostile_commands",
    "build",
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


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """A file is one process's, because its tests share what is dear to make; `xdist_group` divides it. A property is slow."""
    places = {f"test_{name}": number for number, name in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: places.get(item.path.stem, len(places)))
    has_processes = config.pluginmanager.has_plugin("xdist")
    for item in items:
        if getattr(getattr(item, "obj", None), "is_hypothesis_test", False):
            item.add_marker(pytest.mark.slow)
        if has_processes and item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group(item.path.stem))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Without the group that xdist writes behind it, a name can be typed again."""
    name, at, group = report.nodeid.rpartition("@")
    if at and "]" not in group:
        report.nodeid = name


@pytest.fixture
def world() -> World:
    """Its clock starts at 2026-03-01T01:05:00Z, a minute after the newest snapshot that is over."""
    return World.model_validate(WORLD)


@pytest.fixture
def cloud(world: World) -> Iterator[LocalCloud]:
    with LocalCloud(world) as started:
        yield started


@pytest.fixture
def serve() -> Iterator[Callable[..., LocalCloud]]:
    """Starts clouds whose worlds differ from the small one in the parts that are given by name."""
    with ExitStack() as stack:
        yield lambda **parts: stack.enter_context(LocalCloud(World.model_validate(WORLD | parts)))
