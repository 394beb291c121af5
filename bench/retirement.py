"""How long `snapimage retire --dry-run` takes in a large region, with how many calls and how much memory.

`python -m bench.retirement` prints it for 1,000 machines with 14 images each, 100 launch templates and 100 scaling
configurations: the command in a process of its own, against a local cloud over HTTP.
"""

import json
import os
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bench.old_images import NOW, old_image, plain, plan_of, snapshot_of
from bench.stage import open_stage

AGES = (0, 1, 2, 3, 4, 5, 6, 7, 14, 21, 28, 35, 65, 95)
KEEP = {"last": 3, "daily": 7, "weekly": 4, "monthly": 6, "within": "3d"}


@dataclass(frozen=True)
class RetirementFigures:
    images: int
    seconds: float
    mib: float
    calls: dict[str, int]
    counts: dict[str, int]


def big_world(machines: int, users: int) -> dict[str, Any]:
    """Each image has two disks."""
    images, snapshots = [], []
    for number in range(machines):
        for age in AGES:
            name = f"{number:05}-{age:03}"
            image = old_image(age, name=name, disk=f"d-{number:05}", data=[f"s-{name}d"])
            images.append(image)
            snapshots += snapshot_of(image, age, disk=f"d-{number:05}")
    machines_of = [
        {"id": f"i-{number:05}", "disks": [{"id": f"d-{number:05}", "type": "system", "size_gib": 40}]}
        for number in range(machines)
    ]
    templates = [{"id": f"lt-{number}", "versions": [{"image": f"m-{number:05}-095"}] * 5} for number in range(users)]
    configurations = [{"id": f"asc-{number}", "image": f"m-{number:05}-065"} for number in range(users)]
    facts = {"instances": machines_of, "snapshots": snapshots, "images": images, "launch_templates": templates}
    return plain({"now": NOW, "scaling_configurations": configurations, **facts})


def measure_dry_run(machines: int, users: int) -> RetirementFigures:
    with tempfile.TemporaryDirectory() as folder, open_stage(big_world(machines, users)) as stage:
        plans = Path(folder) / "plans.yaml"
        plans.write_text(yaml.safe_dump({"region": "cn-hangzhou", "plans": [plan_of(mode="delete", keep=KEEP)]}))
        command = [
            str(Path(sys.executable).with_name("snapimage")), "retire", "--dry-run", "--json", "--endpoint",
            stage.environment["SNAPIMAGE_ECS_ENDPOINT"], "--plans", str(plans),
        ]  # fmt: skip
        began = time.monotonic()
        with (Path(folder) / "shown").open("w+") as shown:
            child = os.posix_spawn(
                command[0], command, os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, shown.fileno(), 1)]
            )
            _, status, used = os.wait4(child, 0)
            seconds = time.monotonic() - began
            shown.seek(0)
            text = shown.read()
        if status:
            raise SystemExit(f"the command ended with {status}")
        calls = Counter(call["action"] for call in stage.control.calls())
    return RetirementFigures(
        machines * len(AGES), seconds, used.ru_maxrss / 1024, dict(calls), json.loads(text)["counts"]
    )


if __name__ == "__main__":
    found = measure_dry_run(*(map(int, sys.argv[1:3]) if len(sys.argv) > 2 else (1_000, 100)))
    sys.stdout.write(
        f"{found.images} images: {found.seconds:.1f} s, {sum(found.calls.values())} calls, {found.mib:.0f} MiB\n"
        f"{found.calls}\n{found.counts}\n"
    )
