"""Starts a contender as Function Compute starts a function, gives it events, and reads the parent's clock.

Every contender gets the same interpreter and flags: `-I -S` because a deployed function sees the standard library and its
own package, not this machine's site-packages, path files or editable installs, which cost each start some milliseconds
that the cloud does not know; `-B` so that a package without bytecode stays without; `-X utf8 -W ignore` as the platform
has it. The standard library keeps its bytecode, as it does there.
"""

import json
import os
import select
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from files.errors import CommandError

CHILD = Path(__file__).with_name("child.py")
FLAGS = ("-I", "-S", "-B", "-X", "utf8", "-W", "ignore")
PATIENCE = 120
"""Seconds for one report. A start from source takes about ten on a busy machine."""


@dataclass(frozen=True)
class Contender:
    name: str
    folder: Path
    module: str = "handler"


@dataclass(frozen=True)
class MeasuredStart:
    """From the moment before the process was made until its handler was imported."""

    seconds: float
    cpu_seconds: float


@dataclass(frozen=True)
class MeasuredAnswer:
    """`since_start` is by the parent's clock; `seconds` and `cpu_seconds` are the handler's alone, in the process."""

    since_start: float
    seconds: float
    cpu_seconds: float
    cpu_since_start: float
    peak_mib: float
    body: Any


class ContenderProcess:
    """One process of a contender. As a context manager it ends with the block."""

    def __init__(self, contender: Contender, environment: Mapping[str, str]) -> None:
        self._name = contender.name
        self._pending = b""
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the process
        self._reports, theirs = os.pipe()
        arguments = [str(CHILD), str(theirs), str(contender.folder), contender.module]
        self._begun = time.perf_counter()
        self._process = subprocess.Popen(  # noqa: S603 - this interpreter and our own files
            [sys.executable, *FLAGS, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=self._errors,
            pass_fds=(theirs,),
            cwd=contender.folder,
            env=dict(environment),
        )
        os.close(theirs)
        self._cpu = 0.0

    def __enter__(self) -> "ContenderProcess":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._errors):
            with suppress(OSError):  # what was never read of a pipe
                stream.close()  # type: ignore[union-attr]
        os.close(self._reports)

    def give(self, event: bytes) -> None:
        """May come before the process is ready: the event waits in the pipe."""
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):  # a process that died says why when its report is read
            self._process.stdin.write(one_line(event) + b"\n")
            self._process.stdin.flush()

    def read_start(self) -> MeasuredStart:
        (cpu,) = self._report("ready")
        self._cpu = int(cpu) / 1e9
        return MeasuredStart(time.perf_counter() - self._begun, self._cpu)

    def read_answer(self) -> MeasuredAnswer:
        wall, cpu = self._report("answer")
        since_start = time.perf_counter() - self._begun
        cost = json.loads(self._line().removeprefix("cost "))
        before, self._cpu = self._cpu, int(cpu) / 1e9
        return MeasuredAnswer(
            since_start, int(wall) / 1e9, self._cpu - before, self._cpu, cost["peak_kib"] / 1024, cost["answer"]
        )

    def ask(self, event: bytes) -> MeasuredAnswer:
        self.give(event)
        return self.read_answer()

    def _report(self, kind: str) -> list[str]:
        word, *figures = self._line().split()
        assert word == kind, f"{self._name}: {word} where {kind} was due"
        return figures

    def _line(self) -> str:
        while b"\n" not in self._pending:
            readable, _, _ = select.select([self._reports], [], [], PATIENCE)
            chunk = os.read(self._reports, 65536) if readable else b""
            if not chunk:
                raise CommandError(f"bench: {self._name} {'ended' if readable else 'is silent'}: {self._last_words()}")
            self._pending += chunk
        line, _, self._pending = self._pending.partition(b"\n")
        return line.decode()

    def _last_words(self) -> str:
        self._errors.seek(0)
        return self._errors.read().decode("utf-8", "replace").strip()[-2000:] or "it said nothing"


def one_line(event: bytes) -> bytes:
    """The same JSON on one line."""
    return json.dumps(json.loads(event)).encode()
