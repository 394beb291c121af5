"""A folder in the cache that is filled once, by whichever process needs it first."""

import fcntl
import shutil
from collections.abc import Callable
from pathlib import Path


def fill_once(folder: Path, fill: Callable[[], object]) -> None:
    """Two that come at once fill it once, and what was broken off is begun again."""
    complete = folder.with_name(f"{folder.name}.complete")
    if complete.exists():  # looked at before the lock, which a read-only disk cannot hold
        return
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_name(f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not complete.exists():
            shutil.rmtree(folder, ignore_errors=True)
            fill()
            complete.touch()
