"""One change under test: a forked process that imports the changed module in the place of the real one."""

import gc
import importlib
import os
import resource
import sys
from collections.abc import Sequence
from enum import Enum
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from importlib.util import spec_from_file_location
from pathlib import Path
from types import CodeType, ModuleType

import pytest

from files.places import ROOT
from mutation.changes import Change
from mutation.reach import Chosen, Recorder, tests_reaching

WARM = ("hypothesis", "jsonschema", "localcloud.server", "yaml", "rich.console", "h11", "pydantic.networks", "typer",
        "mns.account", "mns.queue", "alibabacloud_ecs20140526.client", "alibabacloud_tea_openapi.models")  # fmt: skip
"""What the tests import and needs nothing of shared/: imported once, before the forks."""
MOST_SECONDS = 100
TOOK_TOO_LONG = 71
MOST_BYTES = 4 << 30
OPTIONS = ["-x", "-q", "--no-header", "-p", "no:cacheprovider", "-m", "not slow", "-o", "timeout=60",
           "-W", "ignore::pytest.PytestAssertRewriteWarning"]  # fmt: skip
IN_PROCESS = ("any_account", "ecs_adapter", "ecs_disks", "ecs_fleet", "ecs_report", "ecs_snapshots", "explain_agrees", "hostile_ecs",
              "hostile_mns", "image_users", "mns_adapter", "retire_images", "throttled")  # fmt: skip
"""The contract tests that call our code here; the others start processes, which import the real module."""
END_TO_END = ("create_image_function", "event_files", "forget", "make_command", "reconcile_snapshots", "sweep_since")
"""As above; for what every test may notice they would take too long."""
DOCUMENTED = [ROOT / "tests/project" / name for name in ("test_schema.py", "test_deployment.py")]


class Loader(SourceFileLoader):
    def __init__(self, name: str, change: Change) -> None:
        super().__init__(name, str(ROOT / change.module))
        self._change = change

    def get_code(self, fullname: str) -> CodeType | None:
        return compile(self._change.source, self.path, "exec", dont_inherit=True)


class Planted(PathFinder):
    """Finds the changed module; all others are left to the finders behind it."""

    def __init__(self, change: Change) -> None:
        self._change = change
        self._name = change.module.removesuffix(".py").replace("/", ".")

    def find_spec(self, fullname: str, path: object = None, target: ModuleType | None = None) -> ModuleSpec | None:  # type: ignore[override]
        if fullname != self._name:
            return None
        return spec_from_file_location(fullname, loader=Loader(fullname, self._change))


def warm() -> None:
    for name in WARM:
        importlib.import_module(name)
    gc.freeze()  # pytest collects garbage at its end, twice


def rounds_for(module: str) -> list[list[str]]:
    """First the test files that share the module's name, of an adapter its contract, too; then the schema, then the fast ones."""
    unit, contract = files_of("unit"), files_of("contract", IN_PROCESS)
    own = [path for path in unit if path.stem == f"test_{Path(module).stem}"]
    if not module.startswith("shared/domain/"):
        own += [path for path in contract if set(Path(module).stem.split("_")) & set(path.stem.split("_"))]
    parts = [own, DOCUMENTED, *([path for path in paths if path not in own] for paths in (unit, contract))]
    return [[str(path.relative_to(ROOT)) for path in part] for part in parts if part]


def files_of(folder: str, parts: Sequence[str] = ("",)) -> list[Path]:
    found = sorted((ROOT / "tests" / folder).glob("test_*.py"))
    return [path for path in found if any(part in path.stem for part in parts)]


def all_rounds(module: str) -> list[list[str]]:
    return [*rounds_for(module), [str(path.relative_to(ROOT)) for path in files_of("e2e", END_TO_END)]]


class Fate(Enum):
    SURVIVES = "survives"
    KILLED = "killed"
    OUT_OF_TIME = "out of time"
    """Killed, too, unless the machine was busy with something else."""


class Watch:
    """Tells a test that took too long from one that failed."""

    is_out_of_time = False

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.is_out_of_time |= report.failed and "Timeout (>" in report.longreprtext


def fate_of(change: Change) -> Fate:
    """Each round has the tests that reach the change."""
    chosen = tests_reaching(change)
    plugins, rounds = [], rounds_for(change.module)
    if chosen is not None:
        places = {test.split("::")[0] for test in chosen}
        plugins, rounds = [Chosen(chosen)], [[f for f in files if f in places] for files in all_rounds(change.module)]
    fates = (run(files, change, plugins) for files in rounds if files)
    return next((fate for fate in fates if fate is not Fate.SURVIVES), Fate.SURVIVES)


def passes_unchanged(log: Path) -> bool:
    """All that is tried of any module."""
    files = [file for files in all_rounds("shared/none.py") for file in files]
    return run(files, None, [Recorder()], log) is Fate.SURVIVES


def run(files: Sequence[str], change: Change | None, plugins: Sequence[object], log: Path = Path(os.devnull)) -> Fate:
    """In a process of its own, which ends when it takes too much time or memory. Where no test is chosen nothing fails."""
    child = os.fork()
    if child == 0:
        _run(files, change, plugins, log)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == TOOK_TOO_LONG:
        return Fate.OUT_OF_TIME
    has_passed = os.WEXITSTATUS(status) in {pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED}
    return Fate.SURVIVES if has_passed else Fate.KILLED


def _run(files: Sequence[str], change: Change | None, plugins: Sequence[object], log: Path) -> None:
    code, watch = 70, Watch()
    try:
        if change:
            resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
            sys.meta_path.insert(0, Planted(change))
        resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))
        output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(output, 1)
        os.dup2(output, 2)
        patient = [] if change else ["-o", "timeout=200"]  # what is recorded takes longer
        code = int(pytest.main([*OPTIONS, *patient, *files], [watch, *plugins]))
    finally:
        os._exit(TOOK_TOO_LONG if watch.is_out_of_time else code)
