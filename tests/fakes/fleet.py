"""A fleet with every kind of machine that an operator asks about: as facts, in memory, and as the world of a local cloud."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from fakes.builders import ACCOUNT, NOW, REGION, image_request, system_snapshot
from localcloud.world import WorldFile
from shared.domain.disk_set import DiskSet
from shared.domain.facts import Disk, Image, Instance, MappedDisk, Role, Snapshot, SnapshotPolicy
from shared.domain.plans import Plans
from shared.domain.rules import Rules, rules_for

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LONG = NOW - timedelta(days=60)
NIGHT = SnapshotPolicy("sp-night", "night", "Normal", (10,), (1, 2, 3, 4, 5, 6, 7))
PLANS = {
    "region": REGION,
    "plans": [
        {
            "name": "nightly",
            "source": {"instance_tags": {"backup": "nightly"}},
            "data_disks": {"take": "attached", "wait_for": "1h"},
        },
        {"name": "ghost", "source": {"instances": ["i-released"]}, "data_disks": {"take": ["d-goneextra"]}},
        {"name": "old", "source": {"disks": ["d-replaced"]}},
    ],
}


@cache
def fleet_rules() -> Rules:
    return rules_for(ACCOUNT, REGION, Plans.model_validate(PLANS))


@dataclass(frozen=True)
class MemoryFleet:
    """A FleetReader."""

    machines: tuple[Instance, ...]
    known_disks: tuple[Disk, ...]
    taken: tuple[Snapshot, ...]
    made: tuple[Image, ...]
    known_policies: tuple[SnapshotPolicy, ...] = (NIGHT,)

    def instances(self) -> Iterator[list[Instance]]:
        yield list(self.machines)

    def instance(self, instance_id: str) -> Instance | None:
        return next((each for each in self.machines if each.id == instance_id), None)

    def disks(self) -> Iterator[list[Disk]]:
        yield list(self.known_disks)

    def snapshots(self, since: datetime) -> Iterator[list[Snapshot]]:
        yield [each for each in self.taken if each.role is Role.SYSTEM and each.created >= since]

    def find_snapshots(self, snapshot_ids: Sequence[str]) -> list[Snapshot]:
        return [each for each in self.taken if each.id in snapshot_ids]

    def images(self) -> list[Image]:
        return list(self.made)

    def image(self, image_id: str) -> Image | None:
        return next((each for each in self.made if each.id == image_id), None)

    def policies(self) -> list[SnapshotPolicy]:
        return list(self.known_policies)


def machine(name: str, **changes: Any) -> Instance:
    usual: dict[str, Any] = {
        "tags": {"backup": "nightly"}, "name": f"the {name} one", "status": "Running", "created": LONG,
    }  # fmt: skip
    return Instance(f"i-{name}", **(usual | changes))


def system(name: str, **changes: Any) -> Disk:
    usual: dict[str, Any] = {
        "role": Role.SYSTEM, "size_gib": 40, "instance_id": f"i-{name}", "device": "/dev/xvda", "attached": LONG,
        "category": "cloud_essd", "policies": frozenset({NIGHT.id}),
    }  # fmt: skip
    return Disk(f"d-{name}", **(usual | changes))


def snapshot(name: str, age: timedelta, **changes: Any) -> Snapshot:
    hours = int(age.total_seconds() // 3600)
    usual: dict[str, Any] = {"disk_id": f"d-{name}", "created": NOW - age, "usage": "none"}
    return system_snapshot(f"s-{name}{hours}", **(usual | changes))


def image_of(taken: Snapshot, name: str, **changes: Any) -> Image:
    """A good image of ours, made a quarter of an hour after its snapshot began."""
    disk_set = DiskSet(MappedDisk(Role.SYSTEM, taken.id, taken.size_gib, taken.disk_id, "/dev/xvda"))
    request = image_request(disk_set, snapshot=taken, plan=fleet_rules().plans.plans[0], instance_id=f"i-{name}")
    usual: dict[str, Any] = {
        "name": request.name, "status": "Available", "created": taken.created + timedelta(minutes=15),
        "disks": disk_set.disks, "tags": {**request.tags, "snapimage:open": "no", "snapimage:state": "available"},
    }  # fmt: skip
    return Image(taken.id.replace("s-", "m-"), **(usual | changes))


def small_fleet() -> MemoryFleet:
    """One of each."""
    good = {name: snapshot(name, age, usage="image") for name, age in AGES.items()}
    refused = {"snapimage:outcome": "refused QuotaExceeded code=QuotaExceed.Image"}
    waiting = {"snapimage:outcome": "waiting DataDiskSnapshotPending"}
    names = (*AGES, "bare", "never", "waiting")
    disks = [
        replace(system("rescued"), role=Role.DATA, instance_id="i-rescue", device="/dev/xvdb", attached=NOW - HOUR),
        *(system(name) for name in names if name not in {"rescued", "bare"}),
        system("bare", policies=frozenset()),
        system("rescue"),
    ]
    return MemoryFleet(
        (
            *(machine(name) for name in names if name != "stopped"),
            machine("stopped", status="Stopped"),
            machine("rescue", tags={}),
        ),
        tuple(disks),
        (
            *good.values(),
            snapshot("failing", 5 * HOUR, tags=refused),
            snapshot("waiting", HOUR, tags=waiting),
        ),
        tuple(image_of(taken, name) for name, taken in good.items()),
    )


AGES = {"fresh": 5 * HOUR, "stopped": 6 * HOUR, "stale": 3 * DAY, "failing": 30 * HOUR, "rescued": 7 * HOUR}
"""Of the machines that have a good image."""


def world_of(fleet: MemoryFleet, now: datetime = NOW) -> WorldFile:
    """The same for a local cloud; everything happened as long before `now`."""
    by = now - NOW
    attached = {each.id for each in fleet.known_disks if each.instance_id}
    disks = {each.id: _disk(each, by) for each in fleet.known_disks}
    return WorldFile.model_validate({
        "region": REGION,
        "account_id": ACCOUNT,
        "now": now,
        "instances": [
            {
                "id": each.id, "name": each.name, "tags": each.tags, "status": each.status,
                "created": each.created + by if each.created else None,
                "disks": [disks[disk.id] for disk in fleet.known_disks if disk.instance_id == each.id],
            }
            for each in fleet.machines
        ],
        "detached_disks": [disk for key, disk in disks.items() if key not in attached],
        "snapshots": [_snapshot(each, by) for each in fleet.taken],
        "images": [_image(each, by) for each in fleet.made],
        "policies": [
            {"id": each.id, "name": each.name, "hours": each.hours, "weekdays": each.weekdays, "status": each.status}
            for each in fleet.known_policies
        ],
    })  # fmt: skip


def _disk(disk: Disk, by: timedelta) -> dict[str, Any]:
    return {
        "id": disk.id, "type": disk.role.value, "size_gib": disk.size_gib, "device": disk.device or None,
        "category": disk.category, "attached": disk.attached + by if disk.attached else None,
        "policy": next(iter(disk.policies), None),
    }  # fmt: skip


def _snapshot(taken: Snapshot, by: timedelta) -> dict[str, Any]:
    return {
        "id": taken.id, "disk": taken.disk_id, "type": taken.kind, "name": taken.name, "status": taken.status,
        "started": taken.created + by, "ended": taken.created + by + timedelta(minutes=4), "tags": taken.tags,
        "source_disk_type": taken.role.value, "size_gib": taken.size_gib,
    }  # fmt: skip


def _image(image: Image, by: timedelta) -> dict[str, Any]:
    disks = [
        {"snapshot": each.snapshot_id, "size_gib": each.size_gib, "type": each.role.value, "device": "/dev/xvda"}
        for each in image.disks
    ]
    return {
        "id": image.id, "name": image.name, "status": image.status, "tags": image.tags, "disks": disks,
        "created": image.created + by if image.created else None,
    }  # fmt: skip
