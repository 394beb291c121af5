"""The folders that the contenders run from, each with bytecode.

Ours is the staged package, as it would be deployed. The plain one holds every file of the same locked packages, as an
installer would put them there: nothing that our staging leaves out is left out of it.
"""

import hashlib
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from bench.process import Contender
from deploy import bytecode
from deploy.dependencies import LOCK, copy_distribution, locked
from deploy.staging import HERE, stage_once
from files import places
from files.once import fill_once

HANDLERS = Path(__file__).parent
FLOOR, PLAIN, BARE = "floor_handler.py", "plain_handler.py", "bare_handler.py"


@dataclass(frozen=True)
class Trees:
    staged: Path
    """As `ops.local.product.stage_once` leaves it: a folder and a zip for each function."""
    folder: Path
    """Everything that only the bench needs, and that our own code has no part in."""

    @property
    def ours_zip(self) -> Path:
        return self.staged / "create_image.zip"

    def floor(self) -> Contender:
        return Contender("floor", self.folder / "floor", Path(FLOOR).stem)

    def plain(self) -> Contender:
        return Contender("plain", self.folder / "plain", Path(PLAIN).stem)

    def ours(self, function: str = "create_image") -> Contender:
        return Contender("ours", self.staged / function)

    def bare(self) -> Contender:
        return Contender("bare", self.folder / "plain", Path(BARE).stem)


def make_trees(say: Callable[[str], None]) -> Trees:
    """The others' only when the lock or a handler of the bench has changed; that takes the most of the time."""
    staged = stage_once(places.PLANS)
    digest = hashlib.sha256(LOCK.read_bytes())
    for name in (FLOOR, PLAIN, BARE, Path(__file__).name):
        digest.update((HANDLERS / name).read_bytes())
    folder = staged.parent.parent / f"bench-{HERE}" / digest.hexdigest()[:16]
    fill_once(folder, lambda: _fill(folder, say))
    return Trees(staged, folder)


def _fill(folder: Path, say: Callable[[str], None]) -> None:
    say("copying the packages of the plain handler (once)")
    floor, plain = folder / "floor", folder / "plain"
    plain.mkdir(parents=True)
    floor.mkdir()
    copy_whole_packages(plain)
    for tree, handler in ((floor, FLOOR), (plain, PLAIN), (plain, BARE)):
        shutil.copy(HANDLERS / handler, tree)
    for tree in (floor, plain):
        bytecode.compile_tree(tree, HERE, say)


def copy_whole_packages(target: Path) -> None:
    """Every file that the wheels brought; neither commands nor the bytecode that this machine's installer made."""
    for requirement in locked():
        if requirement.marker is None or requirement.marker.evaluate():
            copy_distribution(metadata.distribution(requirement.name), target, ("*.pyc",))


def read_all_files(trees: Trees) -> None:
    """Once before the first start, so that no contender pays for a disk that is slow the first time."""
    for folder in (trees.staged / "create_image", trees.folder):
        for path in folder.rglob("*"):
            if path.is_file():
                path.read_bytes()
