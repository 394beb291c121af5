"""Compiles staged packages for the version that will run them; a function that starts from source starts in seconds.

`unchecked-hash`: the interpreter takes the bytecode as it is. With time stamps it would compare, and a zip rounds them.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

CODE = "/code"
"""Where Function Compute puts a package; it is what tracebacks name, and keeps our own paths out of the bytes."""

NOTHING = "(?!)"
"""A regular expression that is found nowhere."""


@cache
def find_python(version: str) -> str | None:
    """An interpreter of this minor version: the one at hand, one on the PATH, or one that pyenv keeps."""
    if version == "{}.{}".format(*sys.version_info):
        return sys.executable
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    found = [shutil.which(f"python{version}"), *map(str, sorted(pyenv.glob(f"{version}.*/bin/python")))]
    return next((each for each in found if each and _runs(each, version)), None)


def compile_tree(folder: Path, version: str, say: Callable[[str], None], leave: str = NOTHING) -> None:
    """All but files that `leave`, a regular expression, is found in.

    Says so when there is no interpreter for it: the package works without bytecode, but starts slowly.
    """
    python = find_python(version)
    if python is None:
        say(f"no Python {version} here: staged without bytecode, which makes every cold start some seconds longer")
    else:
        _compile(python, folder, folder, "-x", leave)


def compile_file(source: Path, version: str) -> None:
    if python := find_python(version):
        _compile(python, source, source.parent)


def _compile(python: str, what: Path, root: Path, *more: str) -> None:
    command = [
        python, "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash",
        "-s", str(root), "-p", CODE, *more, str(what),
    ]  # fmt: skip
    # One worker: what a file compiles to depends a little on what its worker compiled before.
    environment = {**os.environ, "PYTHONHASHSEED": "0"}
    # Some packages carry files for other versions that do not compile here; they are not meant to.
    subprocess.run(command, capture_output=True, env=environment, check=False)  # noqa: S603 - our own arguments


def _runs(python: str, version: str) -> bool:
    probe = "import sys; print('%d.%d' % sys.version_info[:2])"
    result = subprocess.run([python, "-c", probe], capture_output=True, text=True)  # noqa: S603 - found on the PATH
    return result.returncode == 0 and result.stdout.strip() == version
