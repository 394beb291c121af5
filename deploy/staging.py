"""The packages for the interpreter at hand, kept from command to command."""

import fcntl
import hashlib
import sys
from pathlib import Path

from deploy.build import BuildOrder, build
from deploy.dependencies import LOCK
from files.places import CACHE, ROOT

HERE = "{}.{}".format(*sys.version_info)


def stage_once(plans_file: Path) -> Path:
    """Staged anew only when something that goes into them has changed."""
    inputs = [path for folder in ("shared", "functions") for path in sorted((ROOT / folder).rglob("*.py"))]
    digest = hashlib.sha256(HERE.encode())
    for path in [*inputs, plans_file, LOCK, *sorted((ROOT / "deploy").glob("*.py"))]:
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    folder = CACHE / f"local-{HERE}" / digest.hexdigest()[:16]
    if (folder / "complete").exists():  # looked at before the lock, which a read-only disk cannot hold
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (folder.parent / f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two commands at once stage once
        if not (folder / "complete").exists():
            build(BuildOrder(HERE, True, plans_file, folder), _to_stderr)
            (folder / "complete").touch()
    return folder


def _to_stderr(text: str) -> None:
    """The first line of `snapimage localcloud` on stdout is for programs."""
    sys.stderr.write(text + "\n")
