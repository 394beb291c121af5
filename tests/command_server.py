"""Forks the snapimage command off a process that has imported everything: the import is most of what a command costs.

Started with a path to listen at. A connection is one command: it sends the folder that `command.py` has filled and gets the
exit code. Ends when its standard input does, so that nothing is left of tests that were killed.
"""

import json
import os
import pkgutil
import select
import signal
import socket
import sys
from collections.abc import Callable
from importlib import import_module, metadata
from pathlib import Path
from typing import Any

import ops
import shared

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
    ours = [*pkgutil.walk_packages(ops.__path__, "ops."), *pkgutil.walk_packages(shared.__path__, "shared.")]
    for name in (*(each.name for each in ours if ".bench" not in each.name), *(f"{sdk}.client" for sdk in SDKS)):
        import_module(name)
    (script,) = metadata.entry_points(group="console_scripts", name="snapimage")
    return script.load()  # type: ignore[no-any-return]


def serve(path: str, command: Command) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen()
        print("ready", flush=True)  # noqa: T201 - whoever started this waits for it
        while sys.stdin not in select.select([listener, sys.stdin], [], [])[0]:
            connection, _ = listener.accept()
            if os.fork() == 0:
                listener.close()
                attend(connection, command)
            connection.close()


def attend(connection: socket.socket, command: Command) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    folder = Path(connection.makefile().readline().rstrip("\n"))
    if (child := os.fork()) == 0:
        connection.close()
        become(json.loads((folder / "order.json").read_text()), folder, command)
    _, status = os.waitpid(child, 0)
    connection.sendall(b"%d\n" % os.waitstatus_to_exitcode(status))
    os._exit(0)


def become(order: dict[str, Any], folder: Path, command: Command) -> None:
    """What the shell and the interpreter do before the command's first line; and at its end, without a farewell to modules."""
    os.environ.clear()
    os.environ.update(order["environment"])
    os.chdir(order["cwd"])
    for number, name, flags in ((0, os.devnull, os.O_RDONLY), (1, folder / "out", WRITE), (2, folder / "err", WRITE)):
        os.dup2(os.open(name, flags), number)
    sys.stdin, sys.stdout, sys.stderr = (open(number, mode) for number, mode in enumerate("rww"))  # noqa: SIM115, PTH123
    for name in [name for name in sys.modules if name.startswith(READS_ENVIRONMENT)]:
        del sys.modules[name]
    sys.argv = ["snapimage", *order["arguments"]]
    code: Any = 1
    try:
        command()
    except SystemExit as end:
        code = end.code
    except BaseException as error:  # noqa: BLE001 - as the interpreter does, which the fork is still inside of
        sys.excepthook(type(error), error, error.__traceback__)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code or 0)


WRITE = os.O_WRONLY | os.O_CREAT

if __name__ == "__main__":
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    serve(sys.argv[1], load())
