"""A local cloud in a process of its own, and what a function needs to know of it."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.world import PLANS
from files.errors import CommandError
from ops.local.control import LocalControl, settings_of
from shared.settings import VARIABLES, compile_plans

SERVE = "from ops.cli import main; main()"


@dataclass(frozen=True)
class Stage:
    """Beside the contenders, not inside them: what it does counts in nobody's time, processor or memory but its own."""

    control: LocalControl
    environment: dict[str, str]


@contextmanager
def open_stage(world: dict[str, Any]) -> Iterator[Stage]:
    """Serves the world until the block ends. Raises CommandError when the cloud does not come up."""
    with tempfile.TemporaryDirectory(prefix="snapimage-bench-") as folder:
        world_file, plans_file, compiled = (Path(folder, name) for name in ("world.json", "plans.yaml", "plans.json"))
        world_file.write_text(json.dumps(world))  # JSON is YAML
        plans_file.write_text(PLANS.model_dump_json(by_alias=True))
        compiled.write_text(compile_plans(PLANS))
        command = [sys.executable, "-c", SERVE, "localcloud", "--world", str(world_file), "--plans", str(plans_file)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own command
        assert process.stdout is not None
        try:
            line = process.stdout.readline()
            if not line:
                raise CommandError("bench: the local cloud did not start")
            ready = json.loads(line)
            yield Stage(LocalControl(ready["endpoint"]), environment_for(ready, compiled))
        finally:
            process.terminate()
            process.wait()
            process.stdout.close()


def environment_for(ready: dict[str, Any], compiled: Path) -> dict[str, str]:
    """What Function Compute and s.yaml would set; nothing of this machine's own environment."""
    return {VARIABLES[field]: value for field, value in settings_of(ready, str(compiled)).items()}
