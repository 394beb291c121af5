"""`snapimage coverage` as an operator runs it: in a process of its own, with keys where the vendor's chain finds them."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from pathlib import Path

import pytest
import yaml
from command import run_command
from fakes.fleet import PLANS, small_fleet, world_of

from localcloud.server import LocalCloud

Keys = Callable[[LocalCloud, Path], dict[str, str]]


@pytest.fixture
def cloud() -> Iterator[LocalCloud]:
    with LocalCloud(world_of(small_fleet(), datetime.now(timezone.utc))) as started:
        yield started


def with_environment(cloud: LocalCloud, home: Path) -> dict[str, str]:
    return {
        "ALIBABA_CLOUD_ACCESS_KEY_ID": cloud.access_key_id,
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET": cloud.access_key_secret,
    }


def with_profile(cloud: LocalCloud, home: Path) -> dict[str, str]:
    """Where the vendor's credentials package looks for it (alibabacloud-credentials 1.0.12)."""
    file = home / ".alibabacloud" / "credentials.ini"
    file.parent.mkdir()
    keys = f"access_key_id = {cloud.access_key_id}\naccess_key_secret = {cloud.access_key_secret}\n"
    file.write_text(f"[default]\ntype = access_key\n{keys}")
    return {}


@pytest.mark.parametrize("keys", [with_environment, with_profile])
def test_coverage_of_an_account_with_the_operators_own_keys(cloud: LocalCloud, tmp_path: Path, keys: Keys) -> None:
    (tmp_path / "plans.yaml").write_text(yaml.safe_dump(PLANS))
    found = keys(cloud, tmp_path)
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "SNAPIMAGE_ECS_ENDPOINT": cloud.endpoint}

    result = run_command("coverage", "--json", cwd=tmp_path, environment=environment | found)

    assert (result.returncode, result.stderr) == (1, "")
    assert json.loads(result.stdout)["counts"] == {
        "failing": 1, "never": 2, "stale": 1, "waiting": 1, "unplanned": 1, "fresh": 3,
    }  # fmt: skip


def test_coverage_writes_a_page_beside_what_it_prints(cloud: LocalCloud, tmp_path: Path) -> None:
    (tmp_path / "plans.yaml").write_text(yaml.safe_dump(PLANS))
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "SNAPIMAGE_ECS_ENDPOINT": cloud.endpoint}

    found = with_environment(cloud, tmp_path)
    result = run_command("coverage", "--html", "fleet.html", cwd=tmp_path, environment=environment | found)

    page = (tmp_path / "fleet.html").read_text("utf-8")
    assert (result.returncode, result.stderr) == (1, "")
    assert "9 machines: 1 failing, 2 never, 1 stale, 1 waiting, 1 unplanned, 3 fresh" in result.stdout
    assert page.count('role="columnheader" class="night') == 30
    assert '"name":"the rescued one"' in page


def test_report_of_an_account_whose_number_nobody_told_says_no_number(cloud: LocalCloud, tmp_path: Path) -> None:
    (tmp_path / "plans.yaml").write_text(yaml.safe_dump(PLANS))
    places = dict.fromkeys(("SNAPIMAGE_ECS_ENDPOINT", "SNAPIMAGE_QUOTA_ENDPOINT"), cloud.endpoint)
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), **places}

    result = run_command("report", cwd=tmp_path, environment=environment | with_environment(cloud, tmp_path))

    first, counts, *_ = result.stdout.splitlines()
    assert (result.returncode, result.stderr) == (1, "")
    assert (first.split()[0], first.split(", ")[1:]) == ("PARTIAL", ["cn-hangzhou"])
    assert counts == "9 machines: 1 failing, 2 never, 1 stale, 1 waiting, 1 unplanned, 3 fresh"


def test_a_thousand_machines_cost_few_calls_and_little_memory() -> None:
    """Two images each, through the real adapter; of fourteen, `python -m bench.fleet` takes 120 calls more."""
    result = subprocess.run(
        [sys.executable, "-m", "bench.fleet", "1000", "2"], capture_output=True, text=True, timeout=100, check=True
    )

    cost = json.loads(result.stdout)
    assert cost["calls"] <= 20 + 50  # pages of images, and of everything else
    assert (cost["fresh"], cost["failing"], cost["mib"] < 256) == (900, 100, True)
