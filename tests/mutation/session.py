"""Changes inside functions, each tried in a fork of one session that has imported and collected everything.

There the function gets other code. So a change costs no import, and meets the tests that reach its line alone.
"""

import gc
import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from types import CodeType, FunctionType

import pytest

from files.places import ROOT
from mutation.changes import Change
from mutation.reach import Recorder, import_all, is_recorded, tests_reaching
from mutation.trial import BROKEN, OPTIONS, Fate, Watch, every_file, fate_of_status, hold_back, keeps_promises, silence

Place = tuple[str, int, str]
"""Of a function: its file, its line, its name."""
Swap = tuple[FunctionType, CodeType]


def try_in_session(changes: Mapping[int, Change], jobs: int, log: Path, told: Connection) -> None:
    """Sends the number and the fate of each, None when only an import can tell; of none when the tests fail without any."""
    silence(log)
    options = [*OPTIONS, "-o", "timeout=40", "--capture=sys"]  # what is recorded takes longer
    pytest.main([*options, *every_file()], [Trials(changes, jobs, told)])


class Trials:
    """Records which tests reach which lines, then tries the changes."""

    def __init__(self, changes: Mapping[int, Change], jobs: int, told: Connection) -> None:
        self._changes = changes
        self._jobs = jobs
        self._told = told
        self._recorder = None if is_recorded() else Recorder()
        self._watch = Watch()
        self._running: dict[int, int] = {}
        """The number of the change by its process."""

    def pytest_sessionstart(self) -> None:
        import_all()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._watch.look(report)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        if self._recorder and not self._record(self._recorder, session):
            return True
        functions = functions_by_place(everything())
        for number, change in self._changes.items():
            others = list(swaps(change, functions))
            if not can_be_swapped(others):
                self._told.send((number, None))
                continue
            items = _in_order(session.items, tests_reaching(change), change.module)
            self._running[self._start(change, session, items, others)] = number
        while self._running:
            self._wait()
        return True

    def _start(self, change: Change, session: pytest.Session, items: list[pytest.Item], swaps: list[Swap]) -> int:
        if len(self._running) == self._jobs:
            self._wait()
        child = os.fork()
        if child == 0:
            hold_back()
            for function, code in swaps:
                function.__code__ = code
            self._run(session, items, lambda: keeps_promises(change.module))
        return child

    def _wait(self) -> None:
        child, status = os.wait()
        self._told.send((self._running.pop(child), fate_of_status(status)))

    def _record(self, recorder: Recorder, session: pytest.Session) -> bool:
        """Whether all tests pass without any change."""
        child = os.fork()
        if child == 0:
            session.config.pluginmanager.register(recorder)
            self._run(session, session.items, recorder.save)
        recorder.stop()
        return fate_of_status(os.waitpid(child, 0)[1]) is Fate.SURVIVES

    def _run(self, session: pytest.Session, items: list[pytest.Item], is_kept: Callable[[], bool]) -> None:
        """In the fork, which it ends: all of them, or until one fails; what they let pass is asked for last."""
        status = BROKEN
        try:
            for number, item in enumerate(items, 1):
                item.config.hook.pytest_runtest_protocol(item=item, nextitem=items[number] if items[number:] else None)
                if session.testsfailed:
                    session.config.hook.pytest_sessionfinish(session=session, exitstatus=1)  # what fixtures hold ends
                    break
            status = self._watch.status(bool(session.testsfailed) or not is_kept())
        finally:
            os._exit(status)


def everything() -> list[object]:
    gc.unfreeze()  # what is frozen is not listed
    found = gc.get_objects()
    gc.freeze()
    return found


def functions_by_place(objects: Iterable[object]) -> dict[Place, list[FunctionType]]:
    found = defaultdict(list)
    for each in objects:
        if isinstance(each, FunctionType):
            code = each.__code__
            found[code.co_filename, code.co_firstlineno, code.co_name].append(each)
    return found


def swaps(change: Change, functions: dict[Place, list[FunctionType]]) -> Iterator[Swap]:
    path = ROOT / change.module
    before, after = (
        compile(source, str(path), "exec", dont_inherit=True) for source in (path.read_bytes(), change.source)
    )
    for one, other in _pairs(before, after):
        if one != other:
            for function in functions[str(path), one.co_firstlineno, one.co_name]:
                yield function, other


def can_be_swapped(swaps: Sequence[Swap]) -> bool:
    """What runs at import only is in no function; without its `super()` a method holds one name less."""
    return bool(swaps) and all(function.__code__.co_freevars == code.co_freevars for function, code in swaps)


def _pairs(before: CodeType, after: CodeType) -> Iterator[tuple[CodeType, CodeType]]:
    """The functions of a module and of its classes; what stands in a function comes with it."""
    for one, other in zip(before.co_consts, after.co_consts, strict=False):
        if isinstance(one, CodeType) and isinstance(other, CodeType):
            yield one, other
            yield from _pairs(one, other)


def _in_order(items: Sequence[pytest.Item], reaching: frozenset[str], module: str) -> list[pytest.Item]:
    """Those of the module's own file first, then the quick ones."""
    own = f"test_{Path(module).name}"
    return sorted(
        (each for each in items if each.nodeid in reaching),
        key=lambda item: (item.path.name != own, "unit" not in item.path.parts, "e2e" in item.path.parts),
    )
