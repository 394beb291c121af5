"""The rules of the house that no other tool checks."""

import re
import subprocess
from pathlib import Path

import pytest

from files.places import ROOT

TRACKED = subprocess.run(
    ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
    cwd=ROOT,
    capture_output=True,
    text=True,
    check=True,
).stdout.split("\n")
MODULES = [name for name in TRACKED if name.endswith(".py") and not name.startswith("tests/")]
LOCKS = ["requirements/dev.txt", "requirements/functions.txt", "requirements/aliyun-mns.txt"]


@pytest.mark.parametrize("name", MODULES)
def test_no_module_is_longer_than_200_lines(name: str) -> None:
    assert len((ROOT / name).read_text().splitlines()) <= 200


@pytest.mark.parametrize("name", [name for name in MODULES if Path(name).name != "__init__.py"])
def test_every_module_opens_with_what_it_knows(name: str) -> None:
    assert (ROOT / name).read_text().startswith('"""')


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_names_versions_and_hashes_and_no_index(name: str) -> None:
    text = (ROOT / name).read_text()

    assert "://" not in text
    assert "--index" not in text
    assert text.count("==") <= text.count("--hash=sha256:")


def test_the_node_lock_names_versions_and_hashes_and_no_index() -> None:
    text = (ROOT / "tests/node/package-lock.json").read_text()

    assert "resolved" not in text
    assert text.count('"integrity"') == text.count('"node_modules/')


def test_every_handler_is_a_plug() -> None:
    """No branch, no try, no log: a handler names its event, connects and calls one flow."""
    handlers = {path: path.read_text() for path in (ROOT / "functions").glob("*/handler.py")}

    assert handlers
    assert [
        path for path, text in handlers.items() if re.search(r"^\s+(if|try|for|while|with)\b|logg", text, re.M)
    ] == []
