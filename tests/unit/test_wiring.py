"""The machine's clock, and how long a function has."""

import time
from datetime import datetime, timedelta, timezone
from types import SimpleNamespace

import pytest

from shared.wiring import SystemClock, read_deadline

NOW = datetime(2026, 11, 20, 2, 10, tzinfo=timezone.utc)


def test_the_clock_sleeps_as_long_as_it_is_asked() -> None:
    before = time.monotonic()

    SystemClock().sleep(timedelta(milliseconds=3))

    assert time.monotonic() - before >= 0.003


def test_the_clock_is_in_utc() -> None:
    assert abs(SystemClock().now() - datetime.now(timezone.utc)) < timedelta(seconds=5)


@pytest.mark.parametrize("timeout", [60, "60"])
def test_an_invocation_ends_when_its_functions_timeout_is_over(timeout: object) -> None:
    context = SimpleNamespace(function=SimpleNamespace(timeout=timeout))

    assert read_deadline(context, NOW) == NOW + timedelta(minutes=1)


@pytest.mark.parametrize("context", [None, SimpleNamespace(), SimpleNamespace(function=SimpleNamespace(timeout=-1))])
def test_without_a_timeout_there_is_no_deadline(context: object) -> None:
    assert read_deadline(context, NOW) is None
