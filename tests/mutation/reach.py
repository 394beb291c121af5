"""Which tests reach which lines of shared/: no other test can notice a change there."""

import ast
import importlib
from collections.abc import Iterator
from functools import cache

import pytest
from coverage import Coverage, CoverageData

from files.places import ROOT
from mutation.changes import Change

RECORD = ROOT / ".cache/mutants.coverage"
SHARED_BY_TESTS = {"lru_cache", "cache"}
"""What one test left there the next one gets, for which then no line is run."""


class Recorder:
    """Writes it down while the tests run without any change."""

    def __init__(self) -> None:
        RECORD.unlink(missing_ok=True)
        self._coverage = Coverage(data_file=str(RECORD), include=[f"{ROOT}/shared/*"], config_file=False)

    def pytest_sessionstart(self) -> None:
        self._coverage.start()
        for path in sorted((ROOT / "shared").rglob("*.py")):
            importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self._coverage.switch_context(nodeid)

    def pytest_sessionfinish(self) -> None:
        self._coverage.stop()
        self._coverage.save()


class Chosen:
    """Leaves the other tests out."""

    def __init__(self, ids: frozenset[str]) -> None:
        self._ids = ids

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = [item for item in items if item.nodeid in self._ids]


def tests_reaching(change: Change) -> frozenset[str] | None:
    """None when any test may notice it: what runs at import, and what is kept for the next who asks."""
    lines = _lines_with(ast.parse((ROOT / change.module).read_text()), change.line)
    contexts = _contexts(change.module)
    reaching = frozenset(context for line in lines or () for context in contexts.get(line, ()))
    return None if lines is None or "" in reaching else reaching


@cache
def _contexts(module: str) -> dict[int, list[str]]:
    record = CoverageData(str(RECORD))
    record.read()
    return record.contexts_by_lineno(str(ROOT / module))


def _lines_with(tree: ast.Module, line: int) -> range | None:
    """Those of the innermost statement of a function that holds the line; of one with a block those before its block."""
    found = None
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef):
            marks = {ast.unparse(mark).split("(")[0].split(".")[-1] for mark in function.decorator_list}
            for statement in _statements(function):
                if statement.lineno <= line <= (statement.end_lineno or 0):
                    found = None if marks & SHARED_BY_TESTS else _head(statement)
    return found


def _statements(function: ast.FunctionDef) -> Iterator[ast.stmt]:
    return (node for part in function.body for node in ast.walk(part) if isinstance(node, ast.stmt))


def _head(statement: ast.stmt) -> range:
    body = getattr(statement, "body", None)
    return range(statement.lineno, body[0].lineno if body else (statement.end_lineno or statement.lineno) + 1)
