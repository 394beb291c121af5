"""The packages for the interpreter at hand, kept from command to command."""

import hashlib
import sys
from collections.abc import Iterable
from pathlib import Path

from deploy.build import BuildOrder, Common, build, make_common
from deploy.dependencies import LOCK
from files.once import fill_once
from files.places import CACHE, ROOT

HERE = "{}.{}".format(*sys.version_info)


def stage_once(plans_file: Path) -> Path:
    """Staged anew only when something that goes into them has changed; what all packages hold, not for other plans."""
    folder = _place("", [*_sources("shared"), *_sources("functions"), plans_file])
    fill_once(folder, lambda: build(BuildOrder(HERE, True, plans_file, folder), _to_stderr, _make_common_once()))
    return folder


def _make_common_once() -> Common:
    common = Common(_place("common-", _sources("shared")))
    fill_once(common.folder, lambda: make_common(common.folder, HERE, True, _to_stderr))
    return common


def _sources(folder: str) -> list[Path]:
    return sorted((ROOT / folder).rglob("*.py"))


def _place(name: str, inputs: Iterable[Path]) -> Path:
    digest = hashlib.sha256(HERE.encode())
    for path in [*inputs, LOCK, *sorted((ROOT / "deploy").glob("*.py"))]:
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return CACHE / f"local-{HERE}" / f"{name}{digest.hexdigest()[:16]}"


def _to_stderr(text: str) -> None:
    """The first line of `snapimage localcloud` on stdout is for programs."""
    sys.stderr.write(text + "\n")
