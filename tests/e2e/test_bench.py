"""The bench: every figure is there, and what it compares is comparable. How fast anything is, is no test's business."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bench.cold import ColdFigures, check_state
from bench.process import Contender, ContenderProcess, MeasuredAnswer
from bench.ratios import Ratio, compare_cold, compare_warm
from bench.trees import Trees, make_trees
from bench.warm import WarmFigures
from deploy.called import MODELS
from files.errors import CommandError

pytestmark = [pytest.mark.xdist_group("build"), pytest.mark.timeout(300)]

COMMAND = str(Path(sys.executable).with_name("snapimage"))
IMAGES = 101
ONE_IMAGE = ["DescribeSnapshots", "DescribeDisks", "CreateImage", "SendMessage"]
WITH_A_LOOK = ["DescribeSnapshots", "DescribeDisks", "DescribeImages", "CreateImage", "SendMessage"]
"""The plain handler looks for an image each time; ours is told by the snapshot that there is none."""


@pytest.fixture(scope="module")
def figures(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Of one round, which is enough for their shape."""
    out = tmp_path_factory.mktemp("bench") / "bench.json"
    command = [COMMAND, "bench", "--rounds", "1", "--images", str(IMAGES), "--json", "--out", str(out)]
    result = subprocess.run(command, capture_output=True, text=True, timeout=280)
    assert result.returncode == 0, result.stderr
    assert out.read_text() == result.stdout
    return dict(json.loads(result.stdout))


@pytest.fixture(scope="module")
def trees() -> Trees:
    return make_trees(print)


def write_handler(folder: Path, body: str) -> Contender:
    (folder / "handler.py").write_text(body)
    return Contender("probe", folder)


def probe(folder: Path, body: str) -> MeasuredAnswer:
    with ContenderProcess(write_handler(folder, body), {}) as process:
        process.give(b"{}")
        process.read_start()
        return process.read_answer()


def test_every_contender_is_started_with_every_job(figures: dict[str, Any]) -> None:
    started = {(each["contender"], each["job"]) for each in figures["cold"]}

    jobs = {(name, job) for name in ("plain", "ours") for job in ("create", "refuse")}
    assert started == jobs | {("floor", "nothing")}


def test_every_cold_start_has_every_figure(figures: dict[str, Any]) -> None:
    names = ["ready_s", "answer_s", "ready_cpu_s", "answer_cpu_s", "peak_mib"]

    assert [each for each in figures["cold"] if not all(each[name] > 0 for name in names)] == []


def test_ours_and_the_plain_handler_make_the_same_calls_but_for_one_look(figures: dict[str, Any]) -> None:
    assert {each["contender"]: each["calls"] for each in figures["cold"] if each["job"] == "create"} == {
        "plain": WITH_A_LOOK,
        "ours": ONE_IMAGE,
    }


def test_a_refusal_is_told_and_asks_ecs_for_nothing(figures: dict[str, Any]) -> None:
    assert [each["calls"] for each in figures["cold"] if each["job"] == "refuse"] == [["SendMessage"]] * 2


def test_the_bare_calls_are_those_of_ours(figures: dict[str, Any]) -> None:
    calls = {name: each["calls"] for name, each in figures["warm"].items()}

    assert calls == {**dict.fromkeys(("ours", "bare"), ONE_IMAGE), "plain": WITH_A_LOOK}


def test_the_calls_of_an_image_are_counted_for_each_kind_of_plan(figures: dict[str, Any]) -> None:
    totals = {kind: (each["ecs_total"], each["messages"]) for kind, each in figures["calls_per_image"].items()}

    assert totals == {"ordinary": (3, 1), "by-snapshot": (2, 1), "with-data-disk": (6, 1)}


def test_the_calls_of_sweeps_are_counted(figures: dict[str, Any]) -> None:
    """Nothing to follow: three queries for images and one for snapshots. 101 images are two pages, and so are their
    snapshots, which the sweep lists. At their end three calls look at the snapshots, three tag these and three the images,
    fifty in each; the snapshots are in no query then."""
    assert {what: each["ecs_total"] for what, each in figures["followed"].items()} == {
        f"{IMAGES} images in the making": 4 + 2,
        f"the end of {IMAGES} images": 4 + 1 + 3 * 3,
        "nothing to follow": 4,
        f"{IMAGES} snapshots that have images": 2,
    }
    assert figures["followed"][f"the end of {IMAGES} images"]["messages"] == IMAGES


def test_every_goal_stands_beside_its_figure(figures: dict[str, Any]) -> None:
    goals = {each["what"]: each["goal"] for each in figures["ratios"] if each["goal"] is not None}

    assert goals == {
        "cold start to ready, ours : plain": 0.35,
        "cold start to ready, ours : floor": 4,
        "peak memory, ours : plain": 0.6,
        "refusal, ours : floor": 2.5,
        "warm event, ours : bare SDK calls": 1.15,
        "create_image.zip, with bytecode": 8,
    }
    assert len({each["what"] for each in figures["ratios"]}) == len(figures["ratios"])
    assert all(each["met"] is (each["value"] <= each["goal"]) for each in figures["ratios"] if each["goal"])


def test_the_plain_handler_keeps_every_file_of_its_packages(trees: Trees) -> None:
    """Among them what our staging leaves out: type stubs, other packages' own tests, installers' records."""
    folder = trees.plain().folder
    names = {path.relative_to(folder).as_posix() for path in folder.rglob("*")}

    assert {"attr/__init__.pyi", "aiohttp/_http_parser.pyx", "Crypto/SelfTest/__init__.py"} <= names
    assert len(list((folder / MODELS).glob("*.py"))) > 1000


@pytest.mark.parametrize("name", ["plain", "ours"])
def test_a_tree_has_bytecode_for_every_module(name: str, trees: Trees) -> None:
    """Of ours the models that no adapter calls ship without."""
    folder = getattr(trees, name)().folder
    modules = [path for path in folder.rglob("*.py") if name == "plain" or path.parent != folder / MODELS]

    assert len(list(folder.rglob("*.pyc"))) >= 0.99 * len(modules)


def test_a_contender_sees_the_standard_library_and_its_own_folder(tmp_path: Path) -> None:
    body = "import sys\ndef handler(event, context):\n    return {'path': sys.path, 'site': 'site' in sys.modules}\n"

    answer = probe(tmp_path, body)
    assert answer.body["site"] is False
    assert answer.body["path"][0] == str(tmp_path)
    assert [path for path in answer.body["path"] if "site-packages" in path or "bench" in Path(path).parts] == []


def test_peak_memory_is_not_that_of_the_parent(tmp_path: Path) -> None:
    ballast = b"x" * (200 << 20)

    answer = probe(tmp_path, "def handler(event, context):\n    return {}\n")
    assert len(ballast) / (1 << 20) > 4 * answer.peak_mib


def test_a_contender_that_breaks_is_named_with_its_last_words(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"(?s)bench: probe ended: .*ModuleNotFoundError: No module named 'gone'"):
        probe(tmp_path, "import gone\n")


def test_an_answer_of_another_kind_is_not_measured() -> None:
    answer = MeasuredAnswer(0.1, 0.1, 0.1, 0.1, 10.0, {"answers": [{"state": "skipped"}]})

    with pytest.raises(CommandError, match=r"bench: ours answered \['skipped'\], not creating"):
        check_state(Contender("ours", Path()), answer, "creating")


@pytest.mark.parametrize(("goal", "met"), [(1.2, True), (1.1, False), (None, None)])
def test_a_goal_is_the_most_that_a_figure_may_be(goal: float | None, met: bool | None) -> None:
    assert Ratio("warm", 1.2, goal=goal).is_met is met


def cold_figures(ready: float, answer: float, peak: float) -> ColdFigures:
    return ColdFigures(ready, answer, 2 * ready, 2 * answer, peak, ())


def test_cold_ratios_are_of_ours_to_the_right_other() -> None:
    cold = {
        ("floor", "nothing"): cold_figures(1, 2, 10),
        ("plain", "create"): cold_figures(10, 20, 100),
        ("plain", "refuse"): cold_figures(11, 21, 110),
        ("ours", "create"): cold_figures(3, 5, 50),
        ("ours", "refuse"): cold_figures(3, 4, 22),
    }

    assert {ratio.what: ratio.value for ratio in compare_cold(cold)} == pytest.approx({
        "cold start to ready, ours : plain": 3 / 10,
        "processor time to ready, ours : plain": 3 / 10,
        "cold start to ready, ours : floor": 3,
        "processor time to ready, ours : floor": 3,
        "cold start to first answer, ours : plain": 5 / 20,
        "processor time to first answer, ours : plain": 5 / 20,
        "peak memory, ours : plain": 50 / 100,
        "refusal, ours : floor": 4 / 2,
        "processor time of a refusal, ours : floor": 4 / 2,
        "refusal, ours : plain": 4 / 21,
        "peak memory of a refusal, ours : plain": 22 / 110,
    })  # fmt: skip


def test_warm_ratios_are_of_ours_to_the_bare_calls() -> None:
    warm = {
        "ours": WarmFigures(12, 5, 1, ()), "bare": WarmFigures(10, 4, 1, ()), "plain": WarmFigures(9, 2, 1, ())
    }  # fmt: skip
    assert [ratio.value for ratio in compare_warm(warm)] == pytest.approx([12 / 10, 5 / 4])
