"""The packages of a function: those of `requirements/functions.txt`, and none of their installers' traces."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from fnmatch import fnmatch
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

from deploy.slim import SHIPPED, check_names
from files.errors import CommandError
from files.places import ROOT

LOCK = ROOT / "requirements" / "functions.txt"
PLATFORM = "x86_64-manylinux2014"
"""glibc 2.17. Function Compute's python3.10 and python3.12 run on Debian 10 and 11, glibc 2.28 and 2.31."""
OLD_ENOUGH = re.compile(r"none-any|manylinux1_|manylinux2010_|manylinux2014_|manylinux_2_(5|12|17)_")
LEFT_OUT = (
    "bin", "__pycache__", "RECORD", "INSTALLER", "REQUESTED", "direct_url.json", "uv_build.json", "uv_cache.json", ".lock",
    "tests", "test", "SelfTest", "*.pyc", "*.pyi", "*.pyx", "*.pxd", "*.c", "*.h",
)  # fmt: skip
"""Installers' traces, other packages' own tests, and what only a compiler or a type checker reads."""


ENTRY = re.compile(r"^([a-z0-9][^\\\n]*?)\s*\\?$", re.MULTILINE)


def locked() -> list[Requirement]:
    """What the lock names, with the conditions under which."""
    return [Requirement(line) for line in ENTRY.findall(LOCK.read_text())]


def shipped() -> list[Requirement]:
    """What of it a package holds here."""
    check_names(requirement.name for requirement in locked())
    return [each for each in locked() if each.name in SHIPPED and (each.marker is None or each.marker.evaluate())]


def install_for_platform(target: Path, python: str) -> None:
    """From the index that this machine uses, by hash, as wheels that Function Compute can load."""
    scratch = target.parent / ".wheels"
    names = target.parent / ".shipped.txt"
    names.write_text(_lock_of_shipped())
    command = [
        "uv", "pip", "install", "--quiet", "--no-config", "--target", str(scratch), "--python-platform", PLATFORM,
        "--python-version", python, "--require-hashes", "--no-deps", "-r", str(names),
    ]  # fmt: skip
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    result = subprocess.run(command, capture_output=True, text=True, env=environment)  # noqa: S603 - our own arguments
    if result.returncode != 0:
        raise CommandError(f"packages for Python {python}: {result.stderr.strip()[-400:]}")
    check_platform(scratch)
    _copy(scratch, target)
    shutil.rmtree(scratch)
    names.unlink()


def _lock_of_shipped() -> str:
    check_names(requirement.name for requirement in locked())
    entries = re.split(r"\n(?=[a-z0-9])", LOCK.read_text())
    return "\n".join(entry for entry in entries if Requirement(ENTRY.findall(entry)[0]).name in SHIPPED)


def check_platform(folder: Path) -> None:
    """A wheel for a newer glibc would install here and fail to load there."""
    for wheel in sorted(folder.glob("*.dist-info/WHEEL")):
        tags = re.findall(r"^Tag: (.+)$", wheel.read_text(), re.MULTILINE)
        if not any(OLD_ENOUGH.search(tag) for tag in tags):
            raise CommandError(f"{wheel.parent.name}: built for {', '.join(tags)}, newer than {PLATFORM}")


def copy_installed(target: Path, python: str) -> None:
    """The same packages as they are installed here, for tests that run the staged layout with this interpreter."""
    here = "{}.{}".format(*sys.version_info)
    if python != here:
        raise CommandError(f"--local stages for the Python at hand, which is {here}, not {python}")
    for requirement in shipped():
        copy_distribution(metadata.distribution(requirement.name), target)


def copy_distribution(distribution: metadata.Distribution, target: Path, left_out: Sequence[str] = LEFT_OUT) -> None:
    """The files that its wheel brought, but for its commands."""
    for file in distribution.files or []:
        source = Path(str(distribution.locate_file(file)))
        if ".." in file.parts or any(fnmatch(part, pattern) for part in file.parts for pattern in left_out):
            continue
        destination = target / file
        destination.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, destination)


def _copy(source: Path, target: Path) -> None:
    shutil.copytree(source, target, dirs_exist_ok=True, ignore=shutil.ignore_patterns(*LEFT_OUT))
