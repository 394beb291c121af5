"""The staged packages: complete, slim, the same bytes every time. The scenarios run them, as Function Compute would."""

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from made_up import MADE_UP_WORLD
from support import environment_of, published, settings_for

from deploy.build import BuildOrder, Package, build
from deploy.called import called_models
from deploy.dependencies import check_platform, shipped
from deploy.serverless import declared_python
from deploy.staging import stage_once
from files import places
from files.errors import CommandError
from files.once import fill_once
from localcloud.server import LocalCloud
from ops.cli import main
from ops.plans.check import plans_to_stage

pytestmark = [pytest.mark.xdist_group("build"), pytest.mark.timeout(300)]

FUNCTIONS = ["create_image", "reconcile_snapshots", "report_night", "retire_images", "track_images"]
HERE = "{}.{}".format(*sys.version_info)
OPERATORS_ONLY = [
    "typer",
    "rich",
    "yaml",
    "uv",
    "pytest",
    "localcloud",
    "ops",
    "alibabacloud_fc_open20210406",
    "setuptools",
]
CALL = """
import json, sys
sys.path.insert(0, sys.argv[1])
import handler
print(json.dumps(handler.handler(sys.stdin.buffer.read(), None)))
print(json.dumps(sorted(name for name in sys.modules if not name.startswith("shared"))))
"""
"""Prints the answer, and what was loaded for it."""

OWN_PLANS = """\
region: cn-hangzhou
plans:
  - {name: mine, since: 2026-11-20T00:00:00Z, source: {tags: {backup: nightly}}}
"""


@pytest.fixture(scope="module")
def built() -> dict[str, Package]:
    """Those that the other tests run."""
    folder = stage_once(places.PLANS)
    return {name: Package(name, folder / name, folder / f"{name}.zip") for name in FUNCTIONS}


@pytest.fixture
def cloud() -> Iterator[LocalCloud]:
    with LocalCloud(MADE_UP_WORLD) as started:
        yield started


def invoke(folder: Path, cloud: LocalCloud, payload: bytes) -> "subprocess.CompletedProcess[bytes]":
    """The handler in a clean process that sees the standard library, the package and what FC sets: nothing else."""
    settings = settings_for(cloud, plans_file=str(folder / "plans.json"))
    command = [sys.executable, "-B", "-S", "-E", "-s", "-W", "ignore", "-c", CALL, str(folder)]
    return subprocess.run(
        command, input=payload, env=environment_of(settings), cwd=folder, capture_output=True, timeout=100
    )


def test_retirement_runs_from_its_package(built: dict[str, Package], cloud: LocalCloud) -> None:
    result = invoke(built["retire_images"].folder, cloud, b'{"triggerName": "sweep"}')

    assert result.stderr == b""
    assert json.loads(result.stdout.splitlines()[0]) == {"counts": {}, "held_back": {}, "told": 0}


def test_a_package_that_misses_a_module_does_not_load(
    built: dict[str, Package], cloud: LocalCloud, tmp_path: Path
) -> None:
    without = shutil.ignore_patterns("requests")
    folder = shutil.copytree(built["track_images"].folder, tmp_path / "package", ignore=without, copy_function=os.link)

    result = invoke(folder, cloud, b"{}")
    assert b"ModuleNotFoundError: No module named 'requests'" in result.stderr


@pytest.mark.parametrize("name", OPERATORS_ONLY)
def test_what_only_operators_need_is_in_no_package(name: str, built: dict[str, Package]) -> None:
    assert [package.function for package in built.values() if (package.folder / name).exists()] == []


def test_a_package_holds_what_is_meant_to_ship_and_nothing_beside(built: dict[str, Package]) -> None:
    names = {requirement.name for requirement in shipped()}

    staged = {
        path.name.rsplit("-", 1)[0] for path in built["create_image"].folder.iterdir() if path.suffix == ".dist-info"
    }
    assert {name.rsplit("-", 1)[0].lower().replace("_", "-") for name in staged} == {n.replace("_", "-") for n in names}


def test_every_module_has_bytecode_that_is_taken_without_a_look_at_its_source(built: dict[str, Package]) -> None:
    folder = built["create_image"].folder
    tag = sys.implementation.cache_tag
    compiled = [path.parent / "__pycache__" / f"{path.stem}.{tag}.pyc" for path in (folder / "shared").rglob("*.py")]
    compiled.append(folder / "__pycache__" / f"handler.{tag}.pyc")

    flags = {int.from_bytes(path.read_bytes()[4:8], "little") for path in compiled}
    assert flags == {0b01}


def test_the_same_input_gives_the_same_bytes(built: dict[str, Package], tmp_path: Path) -> None:
    again = {each.function: each for each in build(BuildOrder(HERE, True, places.PLANS, tmp_path), print)}

    assert {name: each.archive.read_bytes() == built[name].archive.read_bytes() for name, each in again.items()} == {
        "create_image": True,
        "reconcile_snapshots": True,
        "report_night": True,
        "retire_images": True,
        "track_images": True,
    }


def test_what_was_filled_is_not_filled_again_and_what_was_broken_off_is(tmp_path: Path) -> None:
    folder, filled = tmp_path / "folder", []

    def fill() -> None:
        folder.mkdir()  # which fails where something was left
        filled.append(folder)

    folder.mkdir()
    for _ in range(2):
        fill_once(folder, fill)

    assert filled == [folder]


def test_other_plans_do_not_make_anew_what_packages_share(tmp_path: Path, built: dict[str, Package]) -> None:
    (tmp_path / "plans.yaml").write_text(OWN_PLANS)

    own = stage_once(tmp_path / "plans.yaml")

    shared, theirs = (
        folder / "track_images" / "shared" / "ports.py" for folder in (own, built["track_images"].folder.parent)
    )
    plans = json.loads((own / "track_images" / "plans.json").read_text())["plans"]
    assert shared.samefile(theirs)
    assert [plan["name"] for plan in plans] == ["mine"]


def test_no_path_of_this_machine_is_in_a_package(built: dict[str, Package]) -> None:
    with zipfile.ZipFile(built["create_image"].archive) as archive:
        ours = [name for name in archive.namelist() if name.startswith(("shared/", "handler", "__pycache__/", "plans"))]
        named = [name for name in ours if str(places.ROOT).encode() in archive.read(name)]

    assert named == []


def test_a_wheel_for_a_newer_glibc_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x-1.dist-info").mkdir()
    (tmp_path / "x-1.dist-info" / "WHEEL").write_text("Tag: cp312-abi3-manylinux_2_34_x86_64\n")

    with pytest.raises(CommandError, match=r"x-1.dist-info: built for cp312-abi3-manylinux_2_34_x86_64"):
        check_platform(tmp_path)


def test_a_wrong_plan_stops_the_build(tmp_path: Path) -> None:
    (tmp_path / "plans.yaml").write_text("region: cn-hangzhou\nplans: []\n")

    with pytest.raises(CommandError, match=r"plans.yaml:2: plans: no plan at all"):
        build(BuildOrder(HERE, True, tmp_path / "plans.yaml", tmp_path / "out"), print)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_the_documents_tell_the_size_of_every_package(function: str, built: dict[str, Package]) -> None:
    """Within a megabyte: other platforms and versions have other binaries."""
    match = re.search(rf"`{function}.zip` \| (\d+) MB", (places.ROOT / "docs" / "operating.md").read_text())

    assert match
    assert int(match[1]) == pytest.approx(built[function].zip_bytes / 1e6, abs=1)


def test_what_other_commands_keep_is_not_in_the_way_of_a_build() -> None:
    """The default folder of a build is refused when somebody else's files are in it."""
    assert not places.CACHE.is_relative_to(places.ROOT / "build")


def test_packages_for_another_python_than_the_declared_one_are_not_deployed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Their binaries would not load, and only an accepted event would notice."""
    (tmp_path / "plans.yaml").write_text(OWN_PLANS)
    monkeypatch.chdir(tmp_path)
    for name, text in {"REGION": "cn-hangzhou", "MNS_ENDPOINT": "http://1.mns.cn-hangzhou.aliyuncs.com"}.items():
        monkeypatch.setenv(f"SNAPIMAGE_{name}", text)
    monkeypatch.setattr(sys, "argv", ["snapimage", "build", "--deploy", "--python", "3.9"])

    with pytest.raises(SystemExit) as end:
        main()
    assert (end.value.code, capsys.readouterr().err) == (2, "snapimage: s.yaml declares Python 3.12, not 3.9\n")


def test_without_plans_of_ones_own_the_packages_get_those_of_the_made_up_world(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    warnings: list[str] = []

    assert plans_to_stage(places.OWN_PLANS, warnings.append) == places.PLANS
    assert "not for deploying" in warnings[0]


def test_plans_of_ones_own_are_staged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "plans.yaml").write_text(OWN_PLANS)
    monkeypatch.chdir(tmp_path)

    assert plans_to_stage(places.OWN_PLANS, print) == places.OWN_PLANS


def test_the_declared_python_is_what_is_built_for() -> None:
    assert declared_python() == "3.12"


@pytest.mark.parametrize(
    "event",
    [
        "not-json.txt",
        "wrong-event-type.json",
        "other-region.json",
        "other-account.json",
        "original-account-differs.json",
        "arn-of-another-account.json",
        "copied-snapshot.json",
        "imported-snapshot.json",
    ],
)
def test_a_refusal_loads_no_sdk_but_the_queues_and_no_pydantic(
    event: str, built: dict[str, Package], cloud: LocalCloud
) -> None:
    result = invoke(built["create_image"].folder, cloud, (places.EVENTS / event).read_bytes())

    loaded = {name.partition(".")[0] for name in json.loads(result.stdout.splitlines()[1])}
    assert loaded & {"mns", "pydantic", "alibabacloud_ecs20140526", "alibabacloud_tea_openapi", "Tea", "requests"} == {
        "mns"
    }
    assert len(published(cloud)) == 1


def test_an_image_is_made_with_the_models_of_its_calls_and_nothing_that_was_left_out(
    built: dict[str, Package], cloud: LocalCloud
) -> None:
    event = (places.EVENTS / "attached-data-disks.json").read_bytes()

    result = invoke(built["create_image"].folder, cloud, event)

    answers, loaded = map(json.loads, result.stdout.splitlines())
    assert (result.stderr, [each["reason"] for each in answers["answers"]]) == (b"", ["ImageRequested"])
    models = {name.rpartition(".")[2] for name in loaded if name.startswith("alibabacloud_ecs20140526.models._")}
    assert {"_create_image_request", "_describe_images_response_body"} <= models <= called_models()
    assert [name for name in loaded if name.startswith(("apscheduler", "wrapt", "cffi", "multidict"))] == []
