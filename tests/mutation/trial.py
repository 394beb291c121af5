"""Changes that any test may notice: each in a forked process that imports the changed module in the place of the real one."""

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

WARM = ("hypothesis", "jsonschema", "localcloud.server", "yaml", "rich.console", "h11", "pydantic.networks", "typer",
        "mns.account", "mns.queue", "alibabacloud_ecs20140526.client", "alibabacloud_tea_openapi.models")  # fmt: skip
"""What the tests import and needs nothing of shared/: imported once, before the forks."""
PLAYED, HISTORIES = ("shared/domain/", "shared/flows/"), 600
MOST_SECONDS = 100
BROKEN, TOOK_TOO_LONG = 70, 71
MOST_BYTES = 4 << 30
OPTIONS = ["-x", "-q", "--no-header", "-p", "no:cacheprovider", "-m", "not slow", "-o", "timeout=20",
           "-W", "ignore::pytest.PytestAssertRewriteWarning"]  # fmt: skip
IN_PROCESS = ("any_account", "ecs_adapter", "ecs_disks", "ecs_fleet", "ecs_report", "ecs_snapshots", "explain_agrees", "hostile_ecs",
              "hostile_mns", "image_users", "mns_adapter", "retire_images", "throttled")  # fmt: skip
"""The contract tests that call our code here; the others start processes, which import the real module."""
END_TO_END = ("create_image_function", "event_files", "forget", "make_command", "reconcile_snapshots", "sweep_since")
"""As above; where every test is tried they would take too long."""
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


def every_file() -> list[str]:
    found = [*files_of("unit"), *DOCUMENTED, *files_of("contract", IN_PROCESS), *files_of("e2e", END_TO_END)]
    return [str(path.relative_to(ROOT)) for path in found]


class Fate(Enum):
    SURVIVES = "survives"
    KILLED = "killed"
    OUT_OF_TIME = "out of time"
    """Killed, too, unless the machine was busy with something else."""


class Watch:
    """Tells a test that took too long from one that failed."""

    def __init__(self) -> None:
        self._is_out_of_time = False

    def look(self, report: pytest.TestReport) -> None:
        if report.failed:
            os.write(2, f"{report.nodeid}\n{report.longreprtext}\n".encode())  # what ends so flushes nothing
            self._is_out_of_time |= "Timeout (>" in report.longreprtext

    pytest_runtest_logreport = look

    def status(self, has_failed: bool) -> int:
        return TOOK_TOO_LONG if self._is_out_of_time else int(has_failed)


def fate_of_status(status: int) -> Fate:
    if os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == TOOK_TOO_LONG:
        return Fate.OUT_OF_TIME
    if os.WEXITSTATUS(status) == BROKEN:
        raise RuntimeError("a trial did not come to its end")
    return Fate.KILLED if os.WEXITSTATUS(status) else Fate.SURVIVES


def hold_back() -> None:
    """Ends this process when it takes too much time or memory."""
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))


def fate_of(change: Change) -> Fate:
    """Of what any test may notice: the module is imported with it."""
    fates = (run(files, change) for files in [*rounds_for(change.module), []])
    return next((fate for fate in fates if fate is not Fate.SURVIVES), Fate.SURVIVES)


def keeps_promises(module: str) -> bool:
    """The suite plays ten thousand histories; these few notice most of what those do."""
    if not module.startswith(PLAYED):
        return True
    found = importlib.import_module("simulation.histories.search")  # not before the changed module is in its place
    try:
        return found.search(range(HISTORIES))[1] is None
    except found.Crashed:
        return False


def run(files: Sequence[str], change: Change) -> Fate:
    """In a process of its own."""
    child = os.fork()
    if child == 0:
        _run(files, change)
    return fate_of_status(os.waitpid(child, 0)[1])


def _run(files: Sequence[str], change: Change) -> None:
    status, watch = 1, Watch()  # no test survives what cannot be imported
    try:
        hold_back()
        sys.meta_path.insert(0, Planted(change))
        silence(Path(os.devnull))
        if files:
            code = pytest.main([*OPTIONS, *files], [watch])
            status = watch.status(code not in {pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED})
        else:
            status = int(not keeps_promises(change.module))
    finally:
        os._exit(status)


def silence(log: Path) -> None:
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(output, 1)
    os.dup2(output, 2)
