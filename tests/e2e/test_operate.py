"""The operator's commands as people run them: usage, exit codes, and keys from where the vendor's tools keep them."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from command import run_command
from made_up import MADE_UP_WORLD

from localcloud.server import LocalCloud

SNAPSHOT = "s-bp1weblone"


@pytest.fixture
def cloud() -> Iterator[LocalCloud]:
    with LocalCloud(MADE_UP_WORLD) as started:
        yield started


def run(*arguments: str, cwd: Path, **changes: str) -> "CompletedProcess[str]":
    theirs = {name: text for name, text in os.environ.items() if not name.startswith(("ALIBABA_CLOUD", "SNAPIMAGE"))}
    environment = theirs | {"HOME": str(cwd), "ALIBABA_CLOUD_ECS_METADATA_DISABLED": "true"} | changes
    return run_command(*arguments, environment=environment, cwd=cwd)


def settle(cloud: LocalCloud) -> None:
    cloud.ecs.store.snapshots.retag(SNAPSHOT, {"snapimage:outcome": "failed EcsRefused"})


def own_plans(folder: Path) -> None:
    (folder / "plans.yaml").write_text("region: cn-hangzhou\nplans: [{name: all}]\n")


def attempt(cloud: LocalCloud) -> str | None:
    return cloud.ecs.store.snapshots[SNAPSHOT].tags.get("snapimage:attempt")


def test_keys_of_the_environment_open_an_account(cloud: LocalCloud, tmp_path: Path) -> None:
    settle(cloud)
    own_plans(tmp_path)
    keys = {
        "ALIBABA_CLOUD_ACCESS_KEY_ID": cloud.access_key_id,
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET": cloud.access_key_secret,
    }

    result = run("forget", SNAPSHOT, cwd=tmp_path, SNAPIMAGE_ECS_ENDPOINT=cloud.endpoint, **keys)

    assert (result.returncode, attempt(cloud)) == (0, "2"), result.stderr


def test_a_profile_of_the_vendors_tool_opens_an_account(cloud: LocalCloud, tmp_path: Path) -> None:
    settle(cloud)
    own_plans(tmp_path)
    keys = {"access_key_id": cloud.access_key_id, "access_key_secret": cloud.access_key_secret}
    profile = {"name": "default", "mode": "AK", "region_id": "cn-hangzhou", **keys}
    (tmp_path / ".aliyun").mkdir()
    (tmp_path / ".aliyun/config.json").write_text(json.dumps({"current": "default", "profiles": [profile]}))

    result = run("forget", SNAPSHOT, cwd=tmp_path, SNAPIMAGE_ECS_ENDPOINT=cloud.endpoint)

    assert (result.returncode, attempt(cloud)) == (0, "2"), result.stderr


@pytest.mark.parametrize("elsewhere", [{}, {"ALIBABA_CLOUD_CREDENTIALS_URI": "http://127.0.0.1:9/"}])
def test_without_keys_the_command_ends_with_one_line(elsewhere: dict[str, str], tmp_path: Path) -> None:
    """However much the vendor's package would tell of the places where it looked."""
    own_plans(tmp_path)

    result = run("forget", SNAPSHOT, cwd=tmp_path, **elsewhere)

    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith("snapimage: no keys: set ALIBABA_CLOUD_ACCESS_KEY_ID")
    assert result.stderr.count("\n") == 1


def test_a_key_that_the_cloud_refuses_is_not_repeated(cloud: LocalCloud, tmp_path: Path) -> None:
    own_plans(tmp_path)
    keys = {"ALIBABA_CLOUD_ACCESS_KEY_ID": "LTAIunknownkey", "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "unknown-secret"}

    result = run("forget", SNAPSHOT, cwd=tmp_path, SNAPIMAGE_ECS_ENDPOINT=cloud.endpoint, **keys)

    assert (result.returncode, result.stderr.count("\n")) == (2, 1)
    assert "InvalidAccessKeyId" in result.stderr
    assert "LTAIunknownkey" not in result.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["forget"],
        ["forget", SNAPSHOT, "--plan", "web", "--since", "1d"],
        ["forget", "--plan", "web"],
        ["make"],
        ["make", SNAPSHOT, "--since", "1d"],
        ["make", "--since", "1d", "--plan", "web"],
    ],
)
def test_a_command_that_names_nothing_or_too_much_is_refused(arguments: list[str], tmp_path: Path) -> None:
    result = run(*arguments, cwd=tmp_path)

    assert (result.returncode, result.stdout) == (2, "")
    assert "name snapshots" in result.stderr


def test_make_and_forget_work_on_a_running_local_cloud(cloud: LocalCloud, tmp_path: Path) -> None:
    made = run("make", SNAPSHOT, "--endpoint", cloud.endpoint, cwd=tmp_path)
    again = run("make", SNAPSHOT, "--endpoint", cloud.endpoint, cwd=tmp_path)
    forgot = run("forget", SNAPSHOT, "--endpoint", cloud.endpoint, cwd=tmp_path)

    assert [made.returncode, again.returncode, forgot.returncode] == [0, 1, 0]
    assert "snapimage forget s-bp1weblone" in again.stdout
    assert attempt(cloud) == "2"
