"""The rules of the house that no other tool checks."""

import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from graphlib import TopologicalSorter
from inspect import CO_NESTED, CO_OPTIMIZED
from pathlib import Path
from types import FrameType
from typing import Any

import grimp
import pytest
from fakes.builders import data_disk, data_snapshot, notice, payload, rules, system_disk, system_snapshot
from fakes.world import World, world

from files.places import ROOT
from shared.flows.create_image import create_images

TRACKED = subprocess.run(
    ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
    cwd=ROOT,
    capture_output=True,
    text=True,
    check=True,
).stdout.split("\n")
MODULES = [name for name in TRACKED if name.endswith(".py") and not name.startswith("tests/")]
LOCKS = ["requirements/dev.txt", "requirements/functions.txt", "requirements/aliyun-mns.txt"]
PACKAGES = ("functions", "shared", "localcloud", "simulation", "ops", "bench", "deploy", "files")
VALUES = {
    "shared.domain.facts",  # what ECS has, in our words: dataclasses and their properties
    "shared.domain.moments",  # how a moment is spelled
    "shared.domain.plans",  # what the operator wants: models and their properties
    "shared.domain.message_fields",  # what a field may hold: enumerations and bounds
    "shared.domain.errors",  # the ways in which the cloud says no: exceptions
    "shared.ports",  # what flows need from the outside: protocols
}
"""Modules that only hold values and types: who follows an event need not read them."""


STEPS_OF_A_RUN = (
    "image_users", "release_snapshots", "retire_images", "retirement_run", "retirement_steps", "retirement_view",
)  # fmt: skip
TRIED_AS_A_WHOLE = {f"shared/flows/{step}.py": "contract/test_retire_images.py" for step in STEPS_OF_A_RUN}
"""Retirement brought modules of its own, which no event passes. A run is its order of steps: they are tried together."""


def test_no_module_is_longer_than_200_lines() -> None:
    assert [name for name in MODULES if len((ROOT / name).read_text().splitlines()) > 200] == []


def test_every_module_opens_with_what_it_knows() -> None:
    modules = [name for name in MODULES if Path(name).name != "__init__.py"]

    assert [name for name in modules if not (ROOT / name).read_text().startswith('"""')] == []


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_names_versions_and_hashes_and_no_index(name: str) -> None:
    text = (ROOT / name).read_text()

    assert "://" not in text
    assert "--index" not in text
    assert text.count("==") <= text.count("--hash=sha256:")


def test_the_node_lock_names_versions_and_hashes_and_no_index() -> None:
    text = (ROOT / "tests/node/package-lock.json").read_text()

    assert "resolved" not in text
    assert text.count('"integrity"') == text.count('"node_modules/')


def test_every_handler_is_a_plug() -> None:
    """No branch, no try, no log: a handler names its event, connects and calls one flow."""
    handlers = {path: path.read_text() for path in (ROOT / "functions").glob("*/handler.py")}

    assert handlers
    assert [
        path for path, text in handlers.items() if re.search(r"^\s+(if|try|for|while|with)\b|logg", text, re.M)
    ] == []


def test_no_modules_import_each_other_in_a_circle() -> None:
    """Imports for the type checker count: a reader follows them, too."""
    graph = grimp.build_graph(*PACKAGES, cache_dir=None)
    imports = {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}

    TopologicalSorter(imports).prepare()  # raises CycleError with the circle


def test_no_two_classes_share_a_name() -> None:
    homes = defaultdict(list)
    for name in MODULES:
        for kind in re.findall(r"^\s*class (\w+)", (ROOT / name).read_text(), re.M):
            homes[kind].append(name)

    assert {name: where for name, where in homes.items() if len(where) > 1} == {}


def test_every_rule_and_every_flow_has_a_test_file_of_its_name() -> None:
    modules = [name for name in MODULES if re.match(r"shared/(domain|flows)/[a-z]", name)]
    tests = {name: ROOT / "tests" / TRIED_AS_A_WHOLE.get(name, f"unit/test_{Path(name).name}") for name in modules}

    assert modules
    assert [name for name, test in tests.items() if not test.exists()] == []


def test_an_accepted_event_passes_at_most_20_modules() -> None:
    there = world(system_snapshot(), system_disk())

    modules, _ = follow(there, notice())

    assert there.images
    assert len(modules - VALUES) <= 20, sorted(modules - VALUES)


@pytest.mark.parametrize("elsewhere", [{"aliyunregionid": "cn-beijing"}, {"data": {"snapshotId": "s-data"}}])
def test_a_refusal_passes_at_most_12_modules(elsewhere: dict[str, Any]) -> None:
    there = world(data_snapshot(), data_disk())

    modules, _ = follow(there, notice() | elsewhere)

    assert there.told() == [("skipped", there.messages[0].data.reason.value, True)]
    assert len(modules - VALUES) <= 12, sorted(modules - VALUES)


def test_an_accepted_event_never_goes_back_up() -> None:
    """No module calls one that imports it: who reads on never needs to turn back."""
    graph = grimp.build_graph("shared", cache_dir=None)

    _, calls = follow(world(system_snapshot(), system_disk()), notice())

    assert [(above, below) for above, below in calls if graph.find_shortest_chain(below, above)] == []


def run_in_turn(work: Callable[[], None], times: int) -> None:
    for _ in range(times):
        work()


def follow(there: World, event: dict[str, Any]) -> tuple[set[str], set[tuple[str, str]]]:
    """The modules whose functions run for one event, and which calls which."""
    modules, calls = set[str](), set[tuple[str, str]]()
    told, cloud = rules(), replace(there.cloud, together=run_in_turn)

    def look(frame: FrameType, kind: str, _: object) -> None:
        if kind == "call" and (here := module_of(frame)):
            modules.add(here)
            is_handed_down = frame.f_code.co_flags & CO_NESTED  # to whoever calls it back: it is its giver's own step
            if not is_handed_down and (caller := module_of(frame.f_back)) and caller != here:
                calls.add((caller, here))

    sys.setprofile(look)
    try:
        create_images(payload(event), told, cloud)
    finally:
        sys.setprofile(None)
    return modules, calls


def module_of(frame: FrameType | None) -> str | None:
    """None for what is not ours, is generated for a dataclass, or is the body of a module or a class."""
    if frame is None or frame.f_code.co_filename == "<string>" or not frame.f_code.co_flags & CO_OPTIMIZED:
        return None
    name = str(frame.f_globals.get("__name__"))
    return name if name.startswith(("shared.", "functions.")) else None
