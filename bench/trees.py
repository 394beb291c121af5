"""The folders that the contenders run from, each with bytecode and without.

Ours is the staged package, as it would be deployed. The plain one holds every file of the same locked packages, as an
installer would put them there: nothing that our staging leaves out is left out of it.
"""

import fcntl
import hashlib
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from bench.process import Contender
from deploy import bytecode
from deploy.archive import write_zip
from deploy.dependencies import LOCK, locked
from deploy.staging import HERE, stage_once
from files import places

HANDLERS = Path(__file__).parent
FLOOR, PLAIN, BARE = "floor_handler.py", "plain_handler.py", "bare_handler.py"


@dataclass(frozen=True)
class Trees:
    staged: Path
    """As `ops.local.product.stage_once` leaves it: a folder and a zip for each function."""
    folder: Path
    """Everything that only the bench needs, and that our own code has no part in."""
    source: Path
    """Ours without bytecode."""

    @property
    def ours_zip(self) -> Path:
        return self.staged / "create_image.zip"

    @property
    def plain_zip(self) -> Path:
        return self.folder / "plain.zip"

    def floor(self) -> Contender:
        return Contender("floor", self.folder / "floor")

    def plain(self, compiled: bool) -> Contender:
        return Contender("plain", self.folder / ("plain" if compiled else "plain-source"))

    def ours(self, compiled: bool, function: str = "create_image") -> Contender:
        return Contender("ours", self.staged / function if compiled else self.source)

    def bare(self) -> Contender:
        return Contender("bare", self.folder / "plain", Path(BARE).stem)


def make_trees(say: Callable[[str], None]) -> Trees:
    """The others' only when the lock or a handler of the bench has changed; that takes the most of the time."""
    staged = stage_once(places.PLANS)
    digest = hashlib.sha256(LOCK.read_bytes())
    for name in (FLOOR, PLAIN, BARE, Path(__file__).name):
        digest.update((HANDLERS / name).read_bytes())
    folder = staged.parent.parent / f"bench-{HERE}" / digest.hexdigest()[:16]
    trees = Trees(staged, folder, folder.parent / f"source-{staged.name}")
    _once(folder, lambda: _fill(trees, say))
    _once(trees.source, lambda: _copy_source(trees))
    return trees


def _once(folder: Path, fill: Callable[[], None]) -> None:
    """Two benches at once fill it once, and what was broken off is begun again."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    complete = folder.parent / f"{folder.name}.complete"
    with (folder.parent / f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not complete.exists():
            shutil.rmtree(folder, ignore_errors=True)
            fill()
            complete.touch()


def _fill(trees: Trees, say: Callable[[str], None]) -> None:
    say("copying the packages of the plain handler (once)")
    floor, plain, source = (trees.folder / name for name in ("floor", "plain", "plain-source"))
    floor.mkdir(parents=True)
    shutil.copy(HANDLERS / FLOOR, floor / "handler.py")
    source.mkdir()
    copy_whole_packages(source)
    shutil.copy(HANDLERS / PLAIN, source / "handler.py")
    write_zip(trees.plain_zip, source, sorted(path for path in source.rglob("*") if path.is_file()))
    shutil.copytree(source, plain, copy_function=os.link)
    shutil.copy(HANDLERS / BARE, plain / BARE)
    for tree in (floor, plain):
        bytecode.compile_tree(tree, HERE, say)


def _copy_source(trees: Trees) -> None:
    without = shutil.ignore_patterns("__pycache__")
    shutil.copytree(trees.staged / "create_image", trees.source, copy_function=os.link, ignore=without)


def copy_whole_packages(target: Path) -> None:
    """Every file that the wheels brought; neither commands nor the bytecode that this machine's installer made."""
    for requirement in locked():
        if requirement.marker is not None and not requirement.marker.evaluate():
            continue
        distribution = metadata.distribution(requirement.name)
        for file in distribution.files or []:
            if ".." in file.parts or file.suffix == ".pyc":
                continue
            destination = target / file
            destination.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(str(distribution.locate_file(file)), destination)


def read_all_files(trees: Trees) -> None:
    """Once before the first start, so that no contender pays for a disk that is slow the first time."""
    for folder in (trees.staged / "create_image", trees.folder):
        for path in folder.rglob("*"):
            if path.is_file():
                path.read_bytes()
