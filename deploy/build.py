"""Stages what is deployed: one folder for each function, complete, with bytecode, the same bytes from the same input.

    build/create_image/   handler.py  plans.json  shared/  and every package that the lock allows a function
    build/create_image.zip            the same as one file, for its size and for uploading by hand

`Packages` come from the lock, resolved for the platform of Function Compute, or with `--local` from the environment at
hand (which was installed from the same lock), so that tests run the very same layout.
"""

import hashlib
import os
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from deploy import bytecode, dependencies
from deploy.archive import write_zip
from deploy.called import MODELS, called_models
from deploy.slim import slim
from files.errors import CommandError
from files.places import ROOT
from files.yaml_model import read_model
from shared.domain.plans import Plans
from shared.settings import compile_plans

MARKER = ".snapimage-build"


@dataclass(frozen=True)
class BuildOrder:
    """What to build. `python` is the minor version of the target, as in `3.12`."""

    python: str
    is_local: bool
    plans: Path
    out: Path


@dataclass(frozen=True)
class Common:
    """What all functions' packages hold: everything but the handler and the plans."""

    folder: Path

    @property
    def archive(self) -> Path:
        """The same as one file, beside the folder."""
        return self.folder.with_name(f"{self.folder.name}.zip")


@dataclass(frozen=True)
class Package:
    function: str
    folder: Path
    archive: Path

    @property
    def files(self) -> int:
        return sum(path.is_file() for path in self.folder.rglob("*"))

    @property
    def zip_bytes(self) -> int:
        return self.archive.stat().st_size


def functions() -> list[str]:
    return sorted(path.parent.name for path in (ROOT / "functions").glob("*/handler.py"))


def build(order: BuildOrder, say: Callable[[str], None], made: Common | None = None) -> list[Package]:
    """Everything under `order.out` is made anew, but for what all packages hold where that is `made`.

    Raises CommandError when a plan, a package or an interpreter is missing.
    """
    plans = compile_plans(read_model(order.plans, Plans))
    made_of = fingerprint(order.plans)
    _empty(order.out)
    common = made or make_common(order.out / ".common", order.python, order.is_local, say)
    built = [stage(name, common, order, plans) for name in functions()]
    if made is None:
        shutil.rmtree(common.folder)
        common.archive.unlink()
    (order.out / MARKER).write_text(made_of)
    return built


def make_common(folder: Path, python: str, is_local: bool, say: Callable[[str], None]) -> Common:
    folder.mkdir()
    (dependencies.copy_installed if is_local else dependencies.install_for_platform)(folder, python)
    slim(folder)
    copy_sources(ROOT / "shared", folder / "shared")
    bytecode.compile_tree(folder, python, say, _without_bytecode())
    common = Common(folder)
    write_zip(common.archive, folder, sorted(path for path in folder.rglob("*") if path.is_file()))
    return common


def fingerprint(plans: Path) -> str:
    """Of the sources, the lock and the plans that packages are made of."""
    digest = hashlib.sha256(compile_plans(read_model(plans, Plans)).encode())
    sources = [path for folder in ("shared", "functions") for path in sorted((ROOT / folder).rglob("*.py"))]
    for path in (*sources, dependencies.LOCK):
        digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def _without_bytecode() -> str:
    """The models that no adapter calls: they work, but would be half of the package for nothing."""
    called = "|".join(sorted(called_models()))
    return rf"{MODELS.as_posix()}/(?!__init__|({called})\.py)"


def _empty(out: Path) -> None:
    """Only what an earlier build has made is deleted."""
    if out.exists() and any(out.iterdir()) and not (out / MARKER).exists():
        raise CommandError(f"{out}: not empty, and not made by an earlier build; name another folder")
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    (out / MARKER).touch()


def stage(function: str, common: Common, order: BuildOrder, plans: str) -> Package:
    folder = order.out / function
    shutil.copytree(common.folder, folder, copy_function=os.link)  # thousands of files, the same in every package
    shutil.copy(ROOT / "functions" / function / "handler.py", folder / "handler.py")
    (folder / "plans.json").write_text(plans)
    bytecode.compile_file(folder / "handler.py", order.python)
    own = sorted([folder / "handler.py", folder / "plans.json", *(folder / "__pycache__").glob("handler.*")])
    archive = order.out / f"{function}.zip"
    write_zip(archive, folder, own, common.archive)
    return Package(function, folder, archive)


def copy_sources(source: Path, target: Path) -> None:
    shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))


def report(built: Iterable[Package]) -> str:
    """Sizes as a table."""
    rows = [f"{each.function:<22} {each.zip_bytes / 1e6:6.1f} MB zipped {each.files:6d} files" for each in built]
    return "\n".join(rows)
