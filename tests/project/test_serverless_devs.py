"""The real `s` reads the real s.yaml: what it hands to its component, in an empty home and without a network.

Only the component is another: a few lines that write down what they are given, in place of `fc3`, which `s` would fetch
from its own registry. A component's name may be a path.
"""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from files.places import ROOT

TOOL = ROOT / "tests" / "node" / "node_modules" / ".bin" / "s"
ACCOUNT = "1234567890123456"
ENDPOINT = f"http://{ACCOUNT}.mns.cn-hangzhou-internal.aliyuncs.com"
OFFLINE = {"NODE_ENV": "test", **dict.fromkeys(("http_proxy", "https_proxy"), "http://127.0.0.1:9")}
"""With NODE_ENV=test the tool starts none of its daemons, which report its use and look for updates."""
FUNCTIONS = ["create_image", "reconcile_snapshots", "report_night", "retire_images", "track_images"]

STAND_IN = """
const fs = require("fs");
module.exports = class {
  async deploy(inputs) { fs.appendFileSync(process.env.SEEN, JSON.stringify(inputs) + "\\n"); return {}; }
  async remove(inputs) { fs.appendFileSync(process.env.SEEN + ".removed", inputs.resource.name + "\\n"); return {}; }
  async info(inputs) { return {functionName: inputs.props.functionName, logConfig: inputs.props.logConfig}; }
  async getSchema() { return fs.readFileSync(process.env.WANTED, "utf8"); }
};
"""
WANTED = {
    "type": "object",
    "required": ["functionName", "region", "runtime", "handler", "code"],
    "properties": {"timeout": {"type": "integer", "minimum": 1, "maximum": 86400}},
}
"""Of fc3's own schema (src/schema.json) what it requires of a function."""

pytestmark = [
    pytest.mark.skipif(shutil.which("node") is None or not TOOL.exists(), reason="no Node, no npm"),
    pytest.mark.xdist_group("serverless devs"),
]


class Bench:
    """A folder with s.yaml and the stand-in, and a home."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.home = folder / "project", folder / "home"
        self.seen = folder / "seen"
        self.home.mkdir()
        (self.folder / "stand-in" / "dist").mkdir(parents=True)
        (self.folder / "stand-in" / "package.json").write_text('{"name": "stand-in", "main": "dist/index.js"}')
        (self.folder / "stand-in" / "dist" / "index.js").write_text(STAND_IN)
        (self.folder / "wanted.json").write_text(json.dumps(WANTED))
        text = (ROOT / "s.yaml").read_text()
        assert text.count("component: fc3") == len(FUNCTIONS)
        (self.folder / "s.yaml").write_text(text.replace("component: fc3", "component: ./stand-in"))
        command = self.folder / ".venv" / "bin" / "snapimage"
        command.parent.mkdir(parents=True)
        command.write_text(f'#!/bin/sh\necho "$@" > {folder}/staged\n')
        command.chmod(0o755)

    def run(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "SEEN": str(self.seen),
            "WANTED": str(self.folder / "wanted.json"),
            "SNAPIMAGE_REGION": "cn-hangzhou",
            "SNAPIMAGE_MNS_ENDPOINT": ENDPOINT,
            **OFFLINE,
        }
        return subprocess.run(
            [str(TOOL), *arguments], cwd=self.folder, env=environment, capture_output=True, text=True, timeout=100,
            stdin=subprocess.DEVNULL, check=False,
        )  # fmt: skip

    def add_access(self, alias: str, account: str) -> None:
        keys = ("--AccessKeyID", "made-up", "--AccessKeySecret", "made-up", "--AccountID", account)
        assert self.run("config", "add", *keys, "-a", alias, "-f").returncode == 0

    def handed_over(self) -> dict[str, dict[str, Any]]:
        """The properties of each function, by its folder's name."""
        inputs = [json.loads(line) for line in self.seen.read_text().splitlines()]
        return {each["resource"]["name"]: each["props"] for each in inputs}


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """One deployment with one configured access."""
    bench = Bench(tmp_path_factory.mktemp("deployed"))
    bench.add_access("default", ACCOUNT)
    result = bench.run("deploy", "-y")
    assert result.returncode == 0, result.stdout + result.stderr
    return bench


def test_every_function_is_deployed_under_its_name_with_its_package(deployed: Bench) -> None:
    assert {name: (props["functionName"], props["code"]) for name, props in deployed.handed_over().items()} == {
        "create_image": ("snapimage-create-image", "./build/create_image.zip"),
        "reconcile_snapshots": ("snapimage-reconcile-snapshots", "./build/reconcile_snapshots.zip"),
        "report_night": ("snapimage-report-night", "./build/report_night.zip"),
        "retire_images": ("snapimage-retire-images", "./build/retire_images.zip"),
        "track_images": ("snapimage-track-images", "./build/track_images.zip"),
    }


def test_every_role_is_of_the_account_whose_keys_are_used(deployed: Bench) -> None:
    assert {name: props["role"] for name, props in deployed.handed_over().items()} == {
        "create_image": f"acs:ram::{ACCOUNT}:role/snapimage-create-image",
        "reconcile_snapshots": f"acs:ram::{ACCOUNT}:role/snapimage-reconcile-snapshots",
        "report_night": f"acs:ram::{ACCOUNT}:role/snapimage-report-night",
        "retire_images": f"acs:ram::{ACCOUNT}:role/snapimage-retire-images",
        "track_images": f"acs:ram::{ACCOUNT}:role/snapimage-track-images",
    }


def test_an_event_that_is_given_up_goes_to_the_accounts_dead_letters(deployed: Bench) -> None:
    config = {name: props["asyncInvokeConfig"] for name, props in deployed.handed_over().items()}

    queue = f"acs:mns:cn-hangzhou:{ACCOUNT}:/queues/snapimage-dead-letters/messages"
    assert config["create_image"]["destinationConfig"] == {"onFailure": {"destination": queue}}
    assert "destinationConfig" not in config["reconcile_snapshots"] | config["track_images"]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_function_gets_its_region_and_its_environment(function: str, deployed: Bench) -> None:
    props = deployed.handed_over()[function]

    assert props["region"] == "cn-hangzhou"
    assert props["environmentVariables"] == {
        "SNAPIMAGE_MNS_ENDPOINT": ENDPOINT,
        "SNAPIMAGE_STATUS_QUEUE": "snapimage-status",
        "SNAPIMAGE_PLANS": "/code/plans.json",
    }


def test_nothing_is_left_to_be_filled_in(deployed: Bench) -> None:
    assert "${" not in deployed.seen.read_text()


def test_the_packages_are_staged_before_they_are_deployed(deployed: Bench) -> None:
    assert (deployed.folder.parent / "staged").read_text() == "build --deploy\n"


def test_another_access_is_named_on_the_command_line(bench: Bench) -> None:
    bench.add_access("other", "2222222222222222")

    assert bench.run("deploy", "-y", "-a", "other").returncode == 0
    assert bench.handed_over()["track_images"]["role"] == "acs:ram::2222222222222222:role/snapimage-track-images"


def test_every_function_is_removed(deployed: Bench) -> None:
    assert deployed.run("remove", "-y").returncode == 0

    removed = deployed.seen.with_suffix(".removed").read_text().split()
    assert sorted(removed) == FUNCTIONS


def test_it_tells_of_the_logs_of_every_function(deployed: Bench) -> None:
    result = deployed.run("info")

    assert (result.returncode, result.stdout.count("logConfig")) == (0, len(FUNCTIONS))


@pytest.mark.parametrize("command", [("deploy", "-y"), ("verify",)])
def test_without_any_access_it_says_what_to_do(command: tuple[str, ...], bench: Bench) -> None:
    result = bench.run(*command)

    assert result.returncode == 1
    assert "Not found? First give the tool your keys: s config add -a default" in result.stdout + result.stderr
    assert not bench.seen.exists()


def test_the_file_is_verified(deployed: Bench) -> None:
    result = deployed.run("verify")

    assert (result.returncode, "Format verification for [s.yaml] passed" in result.stdout) == (0, True)


def test_verification_does_read_the_components_schema(deployed: Bench) -> None:
    stricter = json.dumps({**WANTED, "properties": {"timeout": {"type": "integer", "maximum": 100}}})
    (deployed.folder / "wanted.json").write_text(stricter)

    result = deployed.run("verify")
    (deployed.folder / "wanted.json").write_text(json.dumps(WANTED))
    assert result.returncode != 0


def test_the_preview_shows_roles_and_destination_filled_in(deployed: Bench) -> None:
    shown = deployed.run("preview").stdout

    assert shown.count(f"acs:ram::{ACCOUNT}:role/snapimage-") == len(FUNCTIONS)
    assert f"acs:mns:cn-hangzhou:{ACCOUNT}:/queues/snapimage-dead-letters/messages" in shown
    assert ENDPOINT in shown
