"""The snapimage command as people run it, in a process of its own."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from command import COMMAND, StartedCommand, put_command, start_command
from command import run_command as run
from made_up import MADE_UP_WORLD

from files import places
from localcloud.faults import PlantedFault
from localcloud.server import LocalCloud
from ops.local.serve import serve

EVENT = str(places.EVENTS / "timer-with-data-disk.json")
DOWN = {"status": 503, "code": "ServiceUnavailable", "message": "down"}


@pytest.fixture
def ready() -> Iterator[dict[str, Any]]:
    """What a local cloud in its own process says when it is there."""
    process = StartedCommand("localcloud")
    yield json.loads(process.stdout.readline())
    process.send_signal(signal.SIGTERM)
    assert process.end() == (0, "", "")


def test_localcloud_says_where_it_is_and_stops_on_sigterm(ready: dict[str, Any]) -> None:
    assert ready["endpoint"].startswith("http://127.0.0.1:")
    assert ready["queues"]["status"] == "snapimage-status"
    assert {"region", "account_id", "access_key_id", "access_key_secret"} <= ready.keys()


@pytest.mark.parametrize("line", ["build --local --out built", "plans check"])
def test_the_command_of_one_clone_reads_no_plans_of_another(line: str, tmp_path: Path) -> None:
    """Two regions are deployed from two clones: one's plans must not be packed with the other's code."""
    shutil.copy(places.PLANS, tmp_path / "plans.yaml")
    (tmp_path / "s.yaml").touch()
    (tmp_path / "ops").mkdir()
    (tmp_path / "ops" / "cli.py").touch()

    result = run(*line.split(), cwd=tmp_path)

    assert (result.returncode, result.stdout, [*tmp_path.rglob("built")]) == (2, "", [])
    assert result.stderr == (
        f"snapimage: this folder is a clone of its own, and the command is that of {places.ROOT}: "
        f"export PATH={tmp_path}/.venv/bin:$PATH\n"
    )


def test_two_replays_on_one_cloud_leave_one_image(ready: dict[str, Any]) -> None:
    outputs = [run("replay", EVENT, "--endpoint", ready["endpoint"], "--json").stdout for _ in range(2)]

    first, second = (json.loads(output) for output in outputs)
    assert (first["reason"], second["reason"]) == ("ImageRequested", "ImageAdopted")
    assert first["image_id"] == second["image_id"]
    assert first["messages"][0]["id"] == second["messages"][0]["id"]


@pytest.mark.parametrize("name", ["http_proxy", "HTTP_PROXY"])
def test_a_proxy_is_not_asked_for_what_is_on_this_machine(name: str) -> None:
    assert run("replay", EVENT, environment=os.environ | {name: "http://127.0.0.1:9"}).returncode == 0


def test_replay_tells_state_calls_and_messages() -> None:
    result = run("replay", EVENT, "--json")

    outcome = json.loads(result.stdout)
    assert (result.returncode, outcome["event"], outcome["state"]) == (0, EVENT, "creating")
    assert outcome["calls"] == [
        "DescribeSnapshots",
        "DescribeDisks",
        "DescribeDisks",
        "DescribeSnapshots",
        "CreateImage",
    ]
    assert [message["type"] for message in outcome["messages"]] == ["snapimage.image.creating"]


def test_a_dry_run_shows_the_request_with_the_system_snapshot_first() -> None:
    result = run("replay", EVENT, "--json", "--dry-run")

    outcome = json.loads(result.stdout)
    assert outcome["request"]["DiskDeviceMapping"][0] == {
        "DiskType": "system",
        "SnapshotId": "s-bp1websys20",
        "Size": 40,
    }
    assert "SnapshotId" not in outcome["request"]
    assert outcome["messages"] == []


def test_an_event_that_the_platform_must_bring_again_is_exit_1() -> None:
    with LocalCloud(MADE_UP_WORLD) as cloud:
        cloud.faults.plant([PlantedFault.model_validate({"action": "DescribeSnapshots", "error": DOWN})])
        result = run("replay", EVENT, "--endpoint", cloud.endpoint)

    assert result.returncode == 1
    assert "retry/ServiceUnavailable" in result.stdout


def test_an_event_that_is_left_to_the_sweep_is_exit_0() -> None:
    result = run("replay", str(places.EVENTS / "snapshot-not-ready.json"))

    assert result.returncode == 0
    assert "left/SnapshotNotReady" in result.stdout


def test_a_missing_event_file_is_named() -> None:
    result = run("replay", "no-such-event.json")

    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr == "snapimage: no-such-event.json: no such file\n"


BAD_PLANS = """\
region: cn-hangzhou
plans:
  - name: web
    source: {disks: [d-1]}
    image:
      nmae: "{plan}-{snapshot_id}"
"""


def test_a_bad_plans_file_is_named_with_line_and_key(tmp_path: Path) -> None:
    (tmp_path / "plans.yaml").write_text(BAD_PLANS)

    result = run("plans", "check", "plans.yaml", cwd=tmp_path)
    assert result.returncode == 2
    assert result.stderr == "snapimage: plans.yaml:6: plan web: image.nmae: unknown key; did you mean `name`?\n"


def test_a_plans_file_that_is_no_yaml_is_named_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "plans.yaml").write_text("region: cn-hangzhou\nplans: [\n")

    result = run("plans", "check", "plans.yaml", cwd=tmp_path)
    assert result.returncode == 2
    assert result.stderr.startswith("snapimage: plans.yaml:3: ")


def test_two_plans_for_one_disk_are_found(tmp_path: Path) -> None:
    plans = (
        "region: cn-hangzhou\nplans:\n  - {name: a, source: {disks: [d-1]}}\n  - {name: b, source: {disks: [d-1]}}\n"
    )
    (tmp_path / "plans.yaml").write_text(plans)

    result = run("plans", "check", "plans.yaml", cwd=tmp_path)
    assert result.returncode == 2
    assert result.stderr == "snapimage: plans.yaml:4: plan b: plans a and b both claim d-1\n"


def test_the_plans_of_the_made_up_world_are_in_order() -> None:
    assert run("plans", "check", str(places.PLANS)).returncode == 0


def test_the_plans_are_shown_with_their_defaults_in_the_words_of_the_file() -> None:
    shown = json.loads(run("plans", "show", str(places.PLANS)).stdout)

    spans = [shown["plans"][number]["data_disks"]["wait_for"] for number in (1, 2, 3)]
    assert spans == ["1h", "2h", "30m"]


def test_the_plans_of_the_current_folder_are_checked(tmp_path: Path) -> None:
    (tmp_path / "plans.yaml").write_text(
        "region: cn-beijing\nplans:\n  - {name: mine, source: {tags: {backup: nightly}}}\n"
    )

    result = run("plans", "check", cwd=tmp_path)
    assert (result.returncode, result.stdout) == (0, "plans.yaml: 1 plan for cn-beijing\n")


@pytest.mark.parametrize("command", [("replay", EVENT, "--dry-run"), ("demo",)])
def test_nothing_but_deployment_reads_the_plans_of_the_current_folder(command: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "plans.yaml").write_text("unfinished: [\n")

    assert run(*command, cwd=tmp_path).returncode == 0


def test_plans_that_nobody_has_written_yet_have_a_beginning(tmp_path: Path) -> None:
    result = run("plans", "check", cwd=tmp_path)

    assert result.returncode == 2
    assert result.stderr.endswith("plans.yaml: not in this folder; begin with: snapimage init\n")


def test_a_world_with_a_mistake_is_named_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "world.yaml").write_text("region: cn-hangzhou\ninstances:\n  - id: i-1\n    discs: []\n")

    result = run("replay", EVENT, "--world", "world.yaml", cwd=tmp_path)
    assert result.returncode == 2
    assert "world.yaml:4: instances.0.discs: unknown key" in result.stderr


def test_an_endpoint_beyond_loopback_is_refused() -> None:
    result = run("replay", EVENT, "--endpoint", "http://192.0.2.1:80")

    assert result.returncode == 2
    assert "127.0.0.1" in result.stderr


def test_the_version_is_that_of_the_project() -> None:
    declared = re.search(r'^version = "(.+)"', (places.ROOT / "pyproject.toml").read_text(), re.M)

    assert declared is not None
    told = start_command("--version")
    assert (told.returncode, told.stdout) == (0, f"snapimage {declared[1]}\n")


def test_the_commands_are_in_the_order_of_need() -> None:
    order = ["demo", "replay", "localcloud", "plans", "build", "setup", "watch", "simulate", "bench"]

    shown = re.findall(r"^. ([a-z]+) ", run("--help").stdout, re.M)
    assert [name for name in shown if name in order] == order


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_shell_completes_commands(shell: str) -> None:
    """Which shell it is called from, it finds out by itself where there is one."""
    told = {**os.environ, "_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"}

    source = run("--show-completion", shell, environment=told)

    assert (source.returncode, "snapimage" in source.stdout) == (0, True)


@pytest.fixture
def stop() -> Iterator[threading.Event]:
    """Set by SIGTERM."""
    told = threading.Event()
    before = signal.signal(signal.SIGTERM, lambda *_: told.set())
    yield told
    signal.signal(signal.SIGTERM, before)


def test_localcloud_hears_a_signal_that_another_of_its_threads_was_given(stop: threading.Event) -> None:
    """As when it was stopped by ^Z, and `kill` came before `fg`."""
    give = threading.Timer(0.1, lambda: signal.pthread_kill(threading.get_ident(), signal.SIGTERM))

    serve(places.WORLD, places.PLANS, 0, stop, lambda _: give.start())

    assert stop.is_set()


def test_a_folder_is_all_of_its_events_in_order(tmp_path: Path) -> None:
    names = ["empty-array.json", "no-plan.json", "not-json.txt"]
    for name in [*names, "index.yaml"]:
        shutil.copy(places.EVENTS / name, tmp_path)

    outcomes = [json.loads(line) for line in run("replay", str(tmp_path), "--json").stdout.splitlines()]
    assert [outcome["event"] for outcome in outcomes] == [str(tmp_path / name) for name in names]


def test_a_folder_without_events_is_named(tmp_path: Path) -> None:
    result = run("replay", str(tmp_path))

    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr == f"snapimage: {tmp_path}: no event file in this folder (.json, .txt)\n"


def test_a_dry_run_prints_text_as_it_is(tmp_path: Path) -> None:
    plans = "region: cn-hangzhou\nplans: [{name: web, source: {disks: [d-bp1websys]}, image: {description: 网站}}]\n"
    (tmp_path / "plans.yaml").write_text(plans, encoding="utf-8")

    result = run("replay", EVENT, "--dry-run", "--plans", str(tmp_path / "plans.yaml"))
    assert '"Description": "网站"' in result.stdout
    assert "\\u" not in result.stdout


def test_the_block_of_the_documents_works_when_it_is_pasted(tmp_path: Path) -> None:
    """An event that is posted to a local cloud is answered by its functions. The last line ends the cloud, and the shell
    waits for nothing else."""
    page = (places.ROOT / "docs" / "local-cloud.md").read_text()
    block = re.search(r"^```sh\n(snapimage localcloud.+?)^```", page, re.M | re.S)
    (tmp_path / "events").symlink_to(places.EVENTS)
    path = os.pathsep.join([str(put_command(tmp_path).parent), str(Path(sys.executable).parent), os.environ["PATH"]])

    assert block is not None
    result = subprocess.run(
        ["bash", "-c", block[1] + "wait $CLOUD"],
        capture_output=True, text=True, cwd=tmp_path, env={**os.environ, "PATH": path}, timeout=100,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    assert re.findall(r'"state": "(\w+)"', result.stdout) == ["creating", "available"]


TAKES_NOTHING = [("| true", "stopped: nobody reads"), ("> /dev/full", "cannot write: No")]


def type_line(line: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(["bash", "-o", "pipefail", "-c", line], capture_output=True, text=True, cwd=places.ROOT)


def assert_one_line(result: "subprocess.CompletedProcess[str]", says: str) -> None:
    *_, last = result.stderr.splitlines()
    assert result.returncode == 2
    assert last.startswith(f"snapimage: {says}")
    assert "Traceback" not in result.stderr
    assert "port" not in result.stderr


@pytest.mark.parametrize("what", ["demo", "localcloud", "replay events/no-plan.json"])
@pytest.mark.parametrize(("target", "says"), TAKES_NOTHING)
def test_an_output_that_takes_nothing_is_one_line(what: str, target: str, says: str, tmp_path: Path) -> None:
    result = type_line(f"{put_command(tmp_path)} {what} {target}")

    assert_one_line(result, says)


@pytest.mark.parametrize(("target", "says"), TAKES_NOTHING)
def test_an_output_that_takes_nothing_is_one_line_to_the_end_of_the_interpreter(target: str, says: str) -> None:
    """Which flushes the streams once more; it does so whatever the command was."""
    result = type_line(f"{COMMAND} setup --dry-run --region cn-hangzhou --account 1 {target}")

    assert_one_line(result, says)


@pytest.mark.parametrize(
    "what", [f"build --local --plans {places.PLANS} --out", "setup --dry-run --region cn-hangzhou --account 1 --out"]
)
def test_a_full_disk_is_one_line(what: str, tmp_path: Path) -> None:
    """No file may grow, which a program meets as it meets a full disk: a write that fails."""
    line = f"ulimit -f 0; exec {COMMAND} {what} {tmp_path / 'out'}"

    result = subprocess.run(["bash", "-c", line], capture_output=True, text=True)
    assert (result.returncode, result.stderr.count("\n")) == (2, 1)
    assert result.stderr.endswith("File too large\n")


LATE = """
import sys
import threading
from ops.late_models import import_models_late
import_models_late()
from alibabacloud_ecs20140526 import client, models
print(models.CreateImageRequest.__module__, sum(name.startswith(models.__name__ + ".") for name in sys.modules))
"""


def test_a_command_loads_the_models_of_its_calls_and_not_a_thousand() -> None:
    result = subprocess.run([sys.executable, "-c", LATE], capture_output=True, text=True, cwd=places.ROOT, check=True)

    assert result.stdout == "alibabacloud_ecs20140526.models._create_image_request 1\n"


def test_a_checkout_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    """What `pip install .` leaves on a machine."""
    for package, modules in (("ops", ("start.py", "late_models.py")), ("files", ("places.py",))):
        (tmp_path / package).mkdir()
        for name in ("__init__.py", *modules):
            shutil.copy(places.ROOT / package / name, tmp_path / package)

    script = f"import sys; sys.path[:] = [{str(tmp_path)!r}, *sys.path]; from ops.start import main; main()"
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=tmp_path)
    assert (result.returncode, result.stdout, result.stderr.count("\n")) == (1, "", 1)
    assert result.stderr.startswith("snapimage: is run from its checkout")
