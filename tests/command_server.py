"""Forks the snapimage command off a process that has imported everything: the import is most of what a command costs.

Started with a path to listen at. A connection is one command: it sends an order on a line, with the three streams, and gets
the process's id and at last its exit code. Ends when its standard input does, so that nothing is left of tests that were killed.
"""

import gc
import json
import os
import pkgutil
import select
import signal
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module, metadata
from typing import Any, NoReturn

import ops
import shared
from ops.late_models import import_models_late

SDKS = (
    "alibabacloud_ecs20140526",
    "alibabacloud_fc20230330",
    "alibabacloud_fc_open20210406",
    "alibabacloud_credentials",
)
READS_ENVIRONMENT = "alibabacloud_credentials"
"""As it is imported, and so it is imported anew."""
Command = Callable[[], Any]


def load() -> Command:
    """The command; what it imports only when it is needed is imported too. The bench has handlers that do things then."""
    import_models_late()
    ours = [*pkgutil.walk_packages(ops.__path__, "ops."), *pkgutil.walk_packages(shared.__path__, "shared.")]
    for name in (*(each.name for each in ours if ".bench" not in each.name), *(f"{sdk}.client" for sdk in SDKS)):
        import_module(name)
    gc.collect()
    gc.freeze()
    (script,) = metadata.entry_points(group="console_scripts", name="snapimage")
    return script.load()  # type: ignore[no-any-return]


def serve(path: str, command: Command) -> None:
    woken, ended = os.pipe()
    os.set_blocking(ended, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(ended)
    running: dict[int, socket.socket] = {}
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen()
        print("ready", flush=True)  # noqa: T201 - whoever started this waits for it
        while sys.stdin not in (ready := select.select([listener, sys.stdin, woken], [], [])[0]):
            if listener in ready:
                connection, _ = listener.accept()
                running[fork(connection, command)] = connection
            if woken in ready:
                os.read(woken, 4096)
                tell_ends(running)


def fork(connection: socket.socket, command: Command) -> int:
    if (child := os.fork()) == 0:
        become(connection, command)
    connection.sendall(b"%d\n" % child)
    return child


def tell_ends(running: dict[int, socket.socket]) -> None:
    with suppress(ChildProcessError):  # none is left
        while (end := os.waitpid(-1, os.WNOHANG)) != (0, 0):
            with running.pop(end[0]) as connection, suppress(OSError):  # nobody waits for it any more
                connection.sendall(b"%d\n" % os.waitstatus_to_exitcode(end[1]))


def become(connection: socket.socket, command: Command) -> NoReturn:
    """What the shell and the interpreter do before the command's first line; and at its end, without a farewell to modules."""
    code = 1
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        prepare(connection)
        code = run(command)
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(code)


def prepare(connection: socket.socket) -> None:
    text, streams, _, _ = socket.recv_fds(connection, 1 << 16, 3)
    while not text.endswith(b"\n"):
        text += connection.recv(1 << 16)
    connection.close()
    order = json.loads(text)
    os.environ.clear()
    os.environ.update(order["environment"])
    os.chdir(order["cwd"])
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    sys.stdin, sys.stdout, sys.stderr = (open(number, mode) for number, mode in enumerate("rww"))  # noqa: SIM115, PTH123
    for name in [name for name in sys.modules if name.startswith(READS_ENVIRONMENT)]:
        del sys.modules[name]
    sys.argv = ["snapimage", *order["arguments"]]


def run(command: Command) -> int:
    try:
        command()
    except SystemExit as end:
        code: Any = end.code
        return code or 0
    except BaseException as error:  # noqa: BLE001 - as the interpreter does, which the fork is still inside of
        sys.excepthook(type(error), error, error.__traceback__)
        return 1
    return 0


if __name__ == "__main__":
    serve(sys.argv[1], load())
