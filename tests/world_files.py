"""The worlds that tests share, as they stand in tests/worlds."""

from pathlib import Path
from typing import Any

import yaml


def read_world(name: str) -> dict[str, Any]:
    text = (Path(__file__).parent / "worlds" / f"{name}.yaml").read_text(encoding="utf-8")
    return dict(yaml.safe_load(text))


TWO_MACHINES = read_world("two_machines")
