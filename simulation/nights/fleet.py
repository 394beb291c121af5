"""A fleet whose disks an automatic policy snapshots in one night, and the events that follow.

Every instance has a system disk; so many have one data disk that of 1,406 snapshots 406 are of data disks. All
snapshots begin together and end, each by itself, at some moment of the first ten minutes.
"""

import json
import random
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone

from shared.domain.facts import Disk, Role, Snapshot
from shared.domain.plans import Plans
from shared.domain.rules import rules_for
from simulation.memory.cloud import ACCOUNT, REGION

BEGINS = datetime(2026, 11, 20, 2, 0, tzinfo=timezone.utc)
"""When the first snapshot ends; a whole minute, as policies run on the hour."""
ENDING_SECONDS = 600
SYSTEM_SHARE = 1000 / 1406
RULES = rules_for(ACCOUNT, REGION, Plans.model_validate({
    "region": REGION,
    "plans": [{"name": "night", "data_disks": {"take": "attached", "within": "6h", "wait_for": "2h"}}],
}))  # fmt: skip


@dataclass(frozen=True)
class Ending:
    """A snapshot is finished, so many seconds into the night."""

    seconds: float
    snapshot: Snapshot


@dataclass(frozen=True)
class NightFleet:
    disks: tuple[Disk, ...]
    endings: tuple[Ending, ...]

    @property
    def begun(self) -> list[Snapshot]:
        """The snapshots as they are at the start of the night."""
        return [replace(each.snapshot, status="progressing") for each in self.endings]


def make_fleet(count: int, chance: random.Random) -> NightFleet:
    """`count` snapshots, one for each disk."""
    systems = max(1, round(count * SYSTEM_SHARE))
    disks = [Disk(f"d-{n}sys", Role.SYSTEM, 40, f"i-{n}") for n in range(systems)]
    disks += [Disk(f"d-{n}data", Role.DATA, 100, f"i-{n}") for n in range(count - systems)]
    return NightFleet(tuple(disks), tuple(_ending(disk, chance) for disk in disks))


def _ending(disk: Disk, chance: random.Random) -> Ending:
    created = BEGINS - timedelta(minutes=10) + timedelta(seconds=chance.uniform(0, 5))
    snapshot = Snapshot(
        disk.id.replace("d-", "s-"), disk.id, disk.role, disk.size_gib, "accomplished", created, "timer",
        "auto2.0_20261120_sp-night",
    )  # fmt: skip
    return Ending(chance.uniform(0, ENDING_SECONDS), snapshot)


def event_of(snapshot: Snapshot, ended: datetime) -> bytes:
    """As EventBridge hands it to the function."""
    told = {"snapshotId": snapshot.id, "diskId": snapshot.disk_id, "result": "accomplished", "snapshotType": "timer"}
    event = {
        "id": f"event-{snapshot.id}",
        "type": "ecs:Snapshot:CreateSnapshotCompleted",
        "aliyunaccountid": ACCOUNT,
        "aliyunregionid": REGION,
        "data": {**told, "startTime": _written(snapshot.created), "endTime": _written(ended)},
    }
    return json.dumps(event).encode()


def _written(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
