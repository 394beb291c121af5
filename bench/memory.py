"""Peak memory of each function over a region of so many resources, through the real adapters.

`python -m bench.memory` prints a table; each figure is of a process of its own. Replies are made page by page in the
SDK's own models and kept nowhere; no network is in them.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from bench.big_region import ACCOUNT, REGION, BigRegion, written
from bench.child import peak_kib
from shared.adapters.ecs_disks import EcsDisks, EcsSnapshots
from shared.adapters.ecs_images import EcsImages
from shared.adapters.throttling import do_together
from shared.domain.message import StatusMessage
from shared.domain.plans import Plans
from shared.domain.rules import rules_for
from shared.flows.create_image import create_images
from shared.flows.reconcile_snapshots import reconcile_snapshots
from shared.flows.track_images import track_images
from shared.ports import Cloud
from shared.wiring import SystemClock

SIZES = (1_000, 20_000, 100_000)
PLANS = Plans.model_validate({"region": REGION, "plans": [{"name": "night", "data_disks": {"take": "attached"}}]})
RULES = rules_for(ACCOUNT, REGION, PLANS)
FUNCTIONS = ("create_image", "reconcile_snapshots", "track_images")


class Nowhere:
    """A queue that takes every message."""

    def publish(self, message: StatusMessage) -> None:
        message.to_json()


def measure(function: str, count: int) -> dict[str, float]:
    """In this process: megabytes at most, and calls."""
    calls = BigRegion(count)
    clock = SystemClock()
    ports = (EcsSnapshots(calls), EcsDisks(calls), EcsImages(calls), Nowhere(), clock, calls)
    cloud = Cloud(*ports, together=do_together)
    if function == "create_image":
        json.dumps([str(each) for each in create_images(_events(calls), RULES, cloud)])
    elif function == "track_images":
        calls.images = calls.systems
        json.dumps([status.to_plain() for status in track_images(RULES, cloud)])
    else:
        json.dumps(reconcile_snapshots(RULES, cloud))
    return {"mib": peak_kib() / 1024, "calls": len(calls.actions)}


def measure_apart(function: str, count: int) -> dict[str, float]:
    command = [sys.executable, "-m", "bench.memory", function, str(count)]
    found: dict[str, float] = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)  # noqa: S603
    return found


def _events(calls: BigRegion) -> bytes:
    """An array of a hundred, 71 of system disks."""
    numbers = [*range(71), *range(calls.systems, calls.systems + 29)]
    return json.dumps([_event(calls.snapshot(number), calls.now) for number in numbers]).encode()


def _event(snapshot: dict[str, Any], now: datetime) -> dict[str, Any]:
    told = {"snapshotId": snapshot["SnapshotId"], "diskId": snapshot["SourceDiskId"], "result": "accomplished"}
    kind, about = "ecs:Snapshot:CreateSnapshotCompleted", {"aliyunaccountid": ACCOUNT, "aliyunregionid": REGION}
    times = {"startTime": written(now - timedelta(minutes=5)), "endTime": written(now - timedelta(minutes=2))}
    return {
        "id": f"event-{snapshot['SnapshotId']}",
        "type": kind,
        **about,
        "data": {**told, **times, "snapshotType": "timer"},
    }


def table() -> Iterator[str]:
    yield f"{'peak MiB':<20} " + " ".join(f"{size:>10,}" for size in SIZES)
    for function in FUNCTIONS:
        found = [measure_apart(function, size) for size in SIZES]
        yield f"{function:<20} " + " ".join(f"{each['mib']:>10.0f}" for each in found)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        sys.stdout.write(json.dumps(measure(sys.argv[1], int(sys.argv[2]))))
    else:
        for line in table():
            sys.stdout.write(line + "\n")
