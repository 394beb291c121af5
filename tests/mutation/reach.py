"""Which tests reach which lines of shared/: no other test can notice a change there."""

import ast
import importlib
from collections.abc import Iterator
from functools import cache

from coverage import Coverage, CoverageData

from files.places import ROOT
from mutation.changes import Change

RECORD = ROOT / ".cache/mutants.coverage"
SHARED_BY_TESTS = {"lru_cache", "cache"}
"""What one test left there the next one gets, for which then no line is run."""
AT_IMPORT = ""
"""The name that coverage has for what runs before the first test."""


class Recorder:
    """Writes it down, from the first import on, while the tests run without any change."""

    def __init__(self) -> None:
        RECORD.unlink(missing_ok=True)
        self._coverage = Coverage(data_file=str(RECORD), include=[f"{ROOT}/shared/*"], config_file=False)
        self._coverage.start()

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self._coverage.switch_context(nodeid)

    def stop(self) -> None:
        self._coverage.stop()

    def save(self) -> bool:
        self._coverage.stop()
        self._coverage.save()
        return True


def is_recorded() -> bool:
    """Since then no source has been changed."""
    if not RECORD.exists():
        return False
    parts = [path for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith(".")]
    newest = max(path.stat().st_mtime for part in parts for path in part.rglob("*.py"))
    return RECORD.stat().st_mtime > newest


def import_all() -> None:
    for path in sorted((ROOT / "shared").rglob("*.py")):
        importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))


def tests_reaching(change: Change) -> frozenset[str]:
    """Those that run the changed line in a function."""
    return frozenset(_contexts_of(change)) - {AT_IMPORT}


def may_reach_others(change: Change) -> bool:
    """What runs at import or while tests are collected, and what is kept for the next who asks."""
    return _lines_of(change) is None or AT_IMPORT in _contexts_of(change)


def _contexts_of(change: Change) -> set[str]:
    contexts = _contexts(change.module)
    return {context for line in _lines_of(change) or () for context in contexts.get(line, ())}


def _lines_of(change: Change) -> range | None:
    return _lines_with(ast.parse((ROOT / change.module).read_text()), change.line)


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
