"""One change under test: a forked process that imports the changed module in the place of the real one."""

import gc
import importlib
import os
import resource
import sys
from collections.abc import Sequence
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
MOST_SECONDS = 100
MOST_BYTES = 4 << 30
OPTIONS = ["-x", "-q", "--no-header", "-p", "no:cacheprovider", "-m", "not slow", "-o", "timeout=20",
           "-W", "ignore::pytest.PytestAssertRewriteWarning"]  # fmt: skip
IN_PROCESS = ("ecs_adapter", "ecs_disks", "ecs_snapshots", "hostile_ecs", "hostile_mns", "mns_adapter", "throttled")
"""The contract tests that call our code here; the others start processes, which import the real module."""
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
    """First the test files that share the module's name, then the schema, then the fast ones; of an adapter its contract."""
    unit, contract = (
        sorted((ROOT / "tests/unit").glob("test_*.py")),
        sorted((ROOT / "tests/contract").glob("test_*.py")),
    )
    own, last = [path for path in unit if path.stem == f"test_{Path(module).stem}"], []
    if not module.startswith(("shared/domain/", "shared/flows/")):
        words = set(Path(module).stem.split("_"))
        last = [path for path in contract if any(part in path.stem for part in IN_PROCESS)]
        own += [path for path in last if words & set(path.stem.split("_"))]
    parts = [own, DOCUMENTED, [path for path in unit if path not in own], [path for path in last if path not in own]]
    return [[str(path.relative_to(ROOT)) for path in part] for part in parts if part]


def survives(change: Change) -> bool:
    return all(passes(files, change) for files in rounds_for(change.module))


def passes(files: Sequence[str], change: Change | None, log: Path = Path(os.devnull)) -> bool:
    """A process that takes too much time or memory ends, and does not pass. Where no test is chosen nothing fails."""
    child = os.fork()
    if child == 0:
        _run(files, change, log)
    _, status = os.waitpid(child, 0)
    return os.WIFEXITED(status) and os.WEXITSTATUS(status) in {pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED}


def _run(files: Sequence[str], change: Change | None, log: Path) -> None:
    code = 70
    try:
        resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
        resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))
        output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(output, 1)
        os.dup2(output, 2)
        if change:
            sys.meta_path.insert(0, Planted(change))
        code = int(pytest.main([*OPTIONS, *files]))
    finally:
        os._exit(code)
