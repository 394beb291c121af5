"""PyPI's aliyun-mns 1.1.5, which some function runtimes bring along, takes the same contract tests in its own process."""

import os
import subprocess
import sys
from pathlib import Path

OLD = Path(sys.prefix) / "aliyun-mns"
TESTS = Path(__file__).parent.parent
TAKEN = [
    "contract/test_mns_adapter.py",
    "contract/test_hostile_mns.py",
    *(f"local_cloud/test_mns_{name}.py" for name in ("queues", "messages", "requests")),
]


def run(*command: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(OLD), "PYTEST_XDIST_WORKER": ""}
    return subprocess.run(
        [sys.executable, *command], env=environment, capture_output=True, text=True, timeout=110, cwd=TESTS.parent
    )


def test_the_old_distribution_is_the_one_that_is_imported() -> None:
    found = run("-c", "import mns.pkg_info; print(mns.__file__, mns.pkg_info.version)")

    assert found.stdout.split() == [str(OLD / "mns" / "__init__.py"), "1.1.5"], "run `make test`, which installs it"


def test_the_old_distribution_passes_the_contract() -> None:
    result = run(
        "-m", "pytest", "-q", "-p", "no:xdist", "-p", "no:cacheprovider", *[str(TESTS / name) for name in TAKEN]
    )

    assert result.returncode == 0, result.stdout[-4000:]
    assert " passed" in result.stdout
