"""The machine's clock, and how long a function has."""

import time
from datetime import datetime, timedelta, timezone
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from fakes.builders import ACCOUNT, REGION, plan
from support import environment_of

from shared.domain.plans import Plans
from shared.settings import Settings, compile_plans
from shared.wiring import SystemClock, connect, connect_report, connect_retirement, read_deadline

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


@pytest.fixture
def deployed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """The environment of a function, and the context of an invocation that has ten minutes."""
    file = tmp_path / "plans.json"
    file.write_text(compile_plans(Plans(region=REGION, plans=(plan(),))))
    keys: dict[str, Any] = {"access_key_id": "a-key", "access_key_secret": "a-secret", "security_token": "a-token"}
    settings = Settings(
        ACCOUNT, REGION, mns_endpoint="http://127.0.0.1:9", status_queue="status", plans_file=str(file), **keys
    )
    for name, text in environment_of(settings).items():
        monkeypatch.setenv(name, text)
    return SimpleNamespace(function=SimpleNamespace(timeout=600))


def test_an_event_waits_for_no_minute_and_what_works_by_the_clock_does(deployed: SimpleNamespace) -> None:
    deadlines = [
        connect(deployed)[1].deadline, connect(deployed, waits=True)[1].deadline,
        connect_retirement(deployed)[1].deadline, connect_report(deployed)[1].deadline,
    ]  # fmt: skip

    assert [deadline is not None for deadline in deadlines] == [False, True, True, True]


def test_an_instance_remembers_from_one_invocation_to_the_next(deployed: SimpleNamespace) -> None:
    assert connect(deployed)[1].warm is connect(deployed)[1].warm


def test_everybody_works_by_the_plans_that_are_deployed(deployed: SimpleNamespace) -> None:
    found = [connect(deployed)[0], connect_retirement(deployed)[0], connect_report(deployed)[0]]

    assert [(each.account_id, each.region_id, each.plans.plans) for each in found] == [(ACCOUNT, REGION, (plan(),))] * 3
