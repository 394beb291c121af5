"""The snapimage command in a process of its own, with its streams, its exit code and its environment, in hundredths of a second.

For tests whose subject is what the command does. How it starts is for those that start `COMMAND` itself.
"""

import atexit
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping
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


def run_command(
    *arguments: str, environment: Mapping[str, str] | None = None, cwd: Path | None = None, timeout: float = 60
) -> "subprocess.CompletedProcess[str]":
    """As `subprocess.run([COMMAND, ...])`."""
    return _order(_server(), arguments, environment, cwd, timeout)


def put_command(folder: Path) -> None:
    """The same as a script for shells, which runs as long as these tests do."""
    script = folder / "snapimage"
    script.write_text(SCRIPT.format(python=sys.executable, tests=str(Path(__file__).parent), server=_server()))
    script.chmod(0o755)


def pass_on(server: str) -> None:
    """What the script does."""
    result = _order(server, tuple(sys.argv[1:]), None, None, 60)
    sys.stdout.write(result.stdout)
    sys.stderr.write(result.stderr)
    sys.exit(result.returncode)


def _order(
    server: str, arguments: tuple[str, ...], environment: Mapping[str, str] | None, cwd: Path | None, timeout: float
) -> "subprocess.CompletedProcess[str]":
    with tempfile.TemporaryDirectory() as name, socket.socket(socket.AF_UNIX) as connection:
        folder = Path(name)
        order = {
            "arguments": arguments,
            "environment": dict(os.environ if environment is None else environment),
            "cwd": str(cwd or Path.cwd()),
        }
        (folder / "order.json").write_text(json.dumps(order))
        connection.settimeout(timeout)
        connection.connect(server)
        connection.sendall(name.encode() + b"\n")
        code = int(connection.makefile().readline())
        out, err = ((folder / stream).read_text() for stream in ("out", "err"))
    return subprocess.CompletedProcess([COMMAND, *arguments], code, out, err)


def start_command(
    *arguments: str, environment: Mapping[str, str] | None = None, cwd: Path | None = None, timeout: float = 60
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
