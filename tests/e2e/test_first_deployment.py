"""The way of a new operator in an empty folder, from `init` to a `doctor` that finds nothing: what is printed is typed."""

import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from command import put_command

from deploy.build import MARKER, fingerprint, functions
from deploy.policies import DEAD_LETTER_QUEUE, STATUS_QUEUE
from localcloud.server import LocalCloud
from localcloud.world import WorldFile
from ops.account import QUEUES
from ops.keys import KEY, SECRET, TOKEN
from ops.local.product import deploy
from ops.plans.before_deployment import check_deployment
from ops.plans.check import read_plans
from ops.session import REGION

WORLD = {
    "now": "2026-11-20T02:10:00Z",
    "instances": [
        {
            "id": "i-web1",
            "name": "web-1",
            "tags": {"stage": "live"},
            "disks": [
                {"id": "d-web1sys", "type": "system", "size_gib": 40, "policy": "sp-night"},
                {"id": "d-web1data", "type": "data", "size_gib": 100, "policy": "sp-night"},
            ],
        }
    ],
}


class Operator:
    """A shell in an empty folder: it runs lines as they were printed, and keeps what was exported."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        unwanted = {KEY, SECRET, TOKEN, QUEUES, REGION}
        self.environment = {name: text for name, text in os.environ.items() if name not in unwanted}
        programs = folder / "programs"
        programs.mkdir()
        put_command(programs)
        python = str(Path(sys.executable).parent)
        self.environment["PATH"] = os.pathsep.join([str(programs), python, self.environment["PATH"]])

    def type(self, line: str) -> "subprocess.CompletedProcess[str]":
        script = f"{line}\nstatus=$?\nenv -0 > .env\nexit $status"
        result = subprocess.run(
            ["bash", "-c", script],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
        )
        told = (self.folder / ".env").read_text().split("\0")
        self.environment = dict(entry.split("=", 1) for entry in told if "=" in entry)
        return result


@pytest.fixture
def cloud() -> Iterator[LocalCloud]:
    """An account in which nothing of ours is."""
    with LocalCloud(WorldFile.model_validate(WORLD)) as started:
        for queue in (STATUS_QUEUE, DEAD_LETTER_QUEUE):
            started.mns.queues.delete(queue)
        yield started


def build(operator: Operator) -> Path:
    """In the place of `snapimage build --deploy`, which gets packages from a registry: its checks, and small packages."""
    plans, out = operator.folder / "plans.yaml", operator.folder / "build"
    check_deployment(plans, operator.environment)
    for name in functions():
        (out / name).mkdir(parents=True)
        (out / name / "handler.py").touch()
        with zipfile.ZipFile(out / f"{name}.zip", "w") as archive:
            archive.writestr("handler.py", name)
    (out / MARKER).write_text(fingerprint(plans))
    return out


def run_sweeps(cloud: LocalCloud) -> None:
    for function in cloud.fc.functions():
        function.last_invoked = cloud.clock.now()


def test_what_init_and_doctor_print_leads_to_a_deployment(cloud: LocalCloud, tmp_path: Path) -> None:
    operator = Operator(tmp_path)

    begun = operator.type(f"snapimage init --endpoint {cloud.endpoint} --instance i-web1")
    assert begun.returncode == 0, begun.stderr
    steps = [line.strip() for line in begun.stdout.partition("next:\n")[2].splitlines()]
    typed = [step for step in steps if "build --deploy" not in step and "doctor" not in step]
    assert [operator.type(step).returncode for step in typed] == [0] * len(typed)
    packages = build(operator)
    doctor = f"{steps[-1]} --packages {packages}"

    before = operator.type(doctor)
    wrong = [line.split()[0] for line in before.stdout.splitlines() if line.startswith("WRONG")]
    mends = {line.split("mend it: ")[1].split(" && ")[-1] for line in before.stdout.splitlines() if "mend it" in line}
    assert (before.returncode, len(wrong)) == (1, 11), before.stdout + before.stderr
    assert {mend.split()[0] for mend in mends} == {"s", "aliyun"}

    deploy(
        cloud, packages, WorldFile.model_validate(WORLD), read_plans(tmp_path / "plans.yaml")
    )  # `s deploy`, and the roles of the README
    run_sweeps(cloud)
    after = operator.type(doctor)
    assert (after.returncode, after.stdout.splitlines()[-1]) == (0, "37 OK, 0 WRONG, 0 UNKNOWN"), after.stdout


def test_the_commands_that_look_ask_nothing_where_nobody_is(cloud: LocalCloud, tmp_path: Path) -> None:
    operator = Operator(tmp_path)

    begun = operator.type(f"snapimage init --endpoint {cloud.endpoint}")

    assert (begun.returncode, begun.stderr) == (
        2,
        "snapimage: which machines? give --instance i-... or --instance-tag key=value\n",
    )
    assert "i-web1" in begun.stdout


def test_doctor_as_json_has_every_finding(cloud: LocalCloud, tmp_path: Path) -> None:
    operator = Operator(tmp_path)

    looked = operator.type(f"snapimage doctor --json --endpoint {cloud.endpoint} > found.json")

    script = "import json; found = json.load(open('found.json'))['findings']; print(len(found), *sorted(found[0]))"
    assert looked.returncode == 1, looked.stderr
    assert operator.type(f'python -c "{script}"').stdout == "37 check health mend text\n"


def test_a_thing_broken_by_hand_is_found(cloud: LocalCloud, tmp_path: Path) -> None:
    operator = Operator(tmp_path)
    operator.type(f"snapimage setup --endpoint {cloud.endpoint} --out policies")
    url = f"{cloud.endpoint}/_local/break"
    broken = """--data '{"what": "dead-letter", "name": "snapimage-dead-letters"}' """

    assert operator.type(f"curl -s {broken} {url}").stdout == '{"broken": "dead-letter"}'

    assert "WRONG    dead letters: 1: events" in operator.type(f"snapimage doctor --endpoint {cloud.endpoint}").stdout
