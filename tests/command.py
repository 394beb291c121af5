"""The snapimage command in a process of its own, with its streams, its exit code and its environment, in hundredths of a second.

For tests whose subject is what the command does. How it starts is for those that start `COMMAND` itself.
"""

import atexit
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from threading import Lock

COMMAND = str(Path(sys.executable).with_name("snapimage"))
STARTING = Lock()
SCRIPT = """#!{python} -IS
import sys
sys.path.insert(0, {tests!r})
from command import pass_on
pass_on({server!r})
"""
Environment = Mapping[str, str] | None


class _Ordered:
    """A process that runs the command with these three streams."""

    def __init__(
        self, server: str, arguments: Sequence[str], streams: Sequence[int], environment: Environment, cwd: Path | None
    ) -> None:
        order = {
            "arguments": arguments,
            "environment": dict(os.environ if environment is None else environment),
            "cwd": str(cwd or Path.cwd()),
        }
        self._connection = socket.socket(socket.AF_UNIX)
        self._connection.connect(server)
        text = json.dumps(order).encode() + b"\n"
        sent = socket.send_fds(self._connection, [text], list(streams))
        self._connection.sendall(text[sent:])
        self._told = self._connection.makefile()
        self._pid = int(self._told.readline())

    def send_signal(self, number: int) -> None:
        os.kill(self._pid, number)

    def wait(self, timeout: float | None) -> int:
        """Its exit code. What takes longer is killed."""
        self._connection.settimeout(timeout)
        try:
            return int(self._told.readline())
        except TimeoutError:
            self.send_signal(signal.SIGKILL)
            raise
        finally:
            self._told.close()
            self._connection.close()


class StartedCommand:
    """As `subprocess.Popen([COMMAND, ...], stdout=PIPE, stderr=PIPE, text=True)`, of a command that does not say much."""

    def __init__(self, *arguments: str, environment: Environment = None, cwd: Path | None = None) -> None:
        reads, writes = os.pipe()
        self.stdout = os.fdopen(reads)
        self._stderr = tempfile.TemporaryFile("w+")  # noqa: SIM115 - read when the command is over
        with open(os.devnull) as nothing:  # noqa: PTH123
            streams = (nothing.fileno(), writes, self._stderr.fileno())
            self._process = _Ordered(_server(), arguments, streams, environment, cwd)
        os.close(writes)

    def send_signal(self, number: int) -> None:
        self._process.send_signal(number)

    def wait_until_told(self, words: str) -> None:
        """Until they stand in its standard error; without them it is the test's time that ends."""
        while words not in os.pread(self._stderr.fileno(), 65536, 0).decode():
            time.sleep(0.02)

    def end(self, timeout: float = 50) -> tuple[int, str, str]:
        """Waits for it: its exit code, and what of its streams was not read yet."""
        code = self._process.wait(timeout)
        self._stderr.seek(0)
        with self.stdout, self._stderr:
            return code, self.stdout.read(), self._stderr.read()


def run_command(
    *arguments: str, environment: Environment = None, cwd: Path | None = None, timeout: float = 60
) -> "subprocess.CompletedProcess[str]":
    """As `subprocess.run([COMMAND, ...])`."""
    with open(os.devnull) as nothing, tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:  # noqa: PTH123
        streams = (nothing.fileno(), out.fileno(), err.fileno())
        code = _Ordered(_server(), arguments, streams, environment, cwd).wait(timeout)
        for stream in (out, err):
            stream.seek(0)
        return subprocess.CompletedProcess([COMMAND, *arguments], code, out.read(), err.read())


def put_command(folder: Path) -> Path:
    """The same as a script for shells, which runs as long as these tests do."""
    script = folder / "snapimage"
    script.write_text(SCRIPT.format(python=sys.executable, tests=str(Path(__file__).parent), server=_server()))
    script.chmod(0o755)
    return script


def pass_on(server: str) -> None:
    """What the script does: its streams and its signals are the command's."""
    process = _Ordered(server, sys.argv[1:], (0, 1, 2), None, None)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda number, _: process.send_signal(number))
    sys.exit(process.wait(None))


def start_command(
    *arguments: str, environment: Environment = None, cwd: Path | None = None, timeout: float = 60
) -> "subprocess.CompletedProcess[str]":
    """The same from the interpreter's first step on: for what is read as modules are imported."""
    command = [COMMAND, *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=environment, cwd=cwd, timeout=timeout)


def _server() -> str:
    """Where it listens; one for each process of tests."""
    with STARTING:  # threads that come at once start one
        return _start_server()


@cache
def _start_server() -> str:
    folder = tempfile.mkdtemp()  # short, as the path of a socket must be
    path = str(Path(folder) / "commands")
    script = str(Path(__file__).with_name("command_server.py"))
    process = subprocess.Popen([sys.executable, script, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    atexit.register(process.communicate)
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    return path
