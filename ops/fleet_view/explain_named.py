"""Explains what an operator names: a snapshot, a machine, a disk or an image."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from files.errors import CommandError
from ops.fleet_view.facts_seen import describe
from ops.fleet_view.preview import newest_of
from ops.fleet_view.reading import FleetReading
from shared.domain.coverage import MachineCover, cover
from shared.domain.facts import Disk, Image, Instance, Role, Snapshot
from shared.domain.image_tags import DISK, SNAPSHOT, is_image_of, recall_about
from shared.domain.inventory import Inventory
from shared.domain.recovery_points import RecoveryPoint, find_points
from shared.flows.explain import Explanation, explain_snapshot

BACK = timedelta(days=14)
"""How far back the snapshots of one disk are looked for."""


@dataclass(frozen=True)
class Explained:
    """What can be said of something that was named."""

    id: str
    facts: tuple[str, ...]
    machine: MachineCover | None = None
    image: RecoveryPoint | None = None
    snapshot: Explanation | None = None
    """Of the newest, where a machine or a disk was named."""


def explain_named(name: str, reading: FleetReading) -> Explained:
    """Raises CommandError for what is not there."""
    kinds = {"s-": _of_snapshot, "i-": _of_machine, "d-": _of_disk, "m-": _of_image}
    explain = kinds.get(name[:2])
    if explain is None:
        raise CommandError(f"{name!r}: name a snapshot (s-...), a machine (i-...), a disk (d-...) or an image (m-...)")
    return explain(name, reading)


def _of_snapshot(name: str, reading: FleetReading) -> Explained:
    found = _find(name, reading)
    if found is None:
        raise CommandError(f"{name}: not there, or your keys may not see it")
    return Explained(name, (describe(found),), snapshot=_explain(found, reading))


def _of_machine(name: str, reading: FleetReading) -> Explained:
    """Of one without a system disk its images tell which it was."""
    found = reading.fleet.instance(name)
    if found is None:
        raise CommandError(f"{name}: no such machine: it was released, or your keys may not see it")
    here = sorted(reading.cloud.disks.of_instance(name), key=lambda each: each.device)
    system = next((each.id for each in here if each.role is Role.SYSTEM), None)
    images = reading.cloud.images.tagged({DISK: system}) if system else _past(name, reading)
    disk_ids = [system] if system else sorted({each.tags[DISK] for each in images if DISK in each.tags})
    away = reading.cloud.disks.find(disk_ids) if disk_ids and not system else []
    taken = [each for disk_id in disk_ids for each in reading.cloud.snapshots.of_disk(disk_id, _since(reading))]
    stands = _cover(found, [*here, *away], taken, images, reading)
    newest = newest_of(taken)
    facts = (*map(describe, [found, *here, *away]),)
    return Explained(name, facts, stands, snapshot=_explain(newest, reading) if newest else None)


def _past(instance_id: str, reading: FleetReading) -> list[Image]:
    abouts = ((each, recall_about(each.tags)) for each in reading.fleet.images())
    return [each for each, about in abouts if about and about.instance_id == instance_id]


def _of_disk(name: str, reading: FleetReading) -> Explained:
    """A disk that is gone has snapshots all the same."""
    found = reading.cloud.disks.find([name])
    if found and found[0].role is Role.SYSTEM and found[0].instance_id:
        of_machine = _of_machine(found[0].instance_id, reading)
        return Explained(name, of_machine.facts, of_machine.machine, snapshot=of_machine.snapshot)
    newest = newest_of(reading.cloud.snapshots.of_disk(name, _since(reading)))
    if not found and not newest:
        raise CommandError(f"{name}: not there, and no snapshot of it began within {BACK.days} days")
    facts = (describe(found[0]) if found else f"disk {name} is not there",)
    return Explained(name, facts, snapshot=_explain(newest, reading) if newest else None)


def _of_image(name: str, reading: FleetReading) -> Explained:
    image = reading.fleet.image(name)
    if image is None:
        raise CommandError(f"{name}: not there, or not of this account")
    snapshot_id = image.tags.get(SNAPSHOT, "")
    if not is_image_of(image, snapshot_id):
        why = "carries our tags and is a copy, or was made of another snapshot" if snapshot_id else "was not made by us"
        return Explained(name, (describe(image), f"image {name} {why}: no function looks at it"))
    taken = _find(snapshot_id, reading)
    now = reading.cloud.clock.now()
    (judged,) = find_points([taken] if taken else [], [image], timedelta(), now)
    return Explained(name, (describe(image),), image=judged, snapshot=_explain(taken, reading) if taken else None)


def _find(name: str, reading: FleetReading) -> Snapshot | None:
    return next(iter(reading.cloud.snapshots.find([name])), None)


def _explain(snapshot: Snapshot, reading: FleetReading) -> Explanation:
    return explain_snapshot(snapshot, reading.rules, reading.cloud)


def _cover(
    machine: Instance, disks: list[Disk], taken: list[Snapshot], images: list[Image], reading: FleetReading
) -> MachineCover:
    """By the rule of `snapimage coverage`, asked for one machine."""
    known = {each.id for each in taken}
    missing = sorted({each.tags.get(SNAPSHOT, "") for each in images} - known - {""})
    older = reading.cloud.snapshots.find(missing) if missing else []  # an image may be made long after its snapshot
    policies = tuple(reading.fleet.policies())
    inventory = Inventory((machine,), tuple(disks), (*taken, *older), tuple(images), policies, _since(reading))
    (stands,) = cover(inventory, reading.rules, reading.cloud.clock.now()).machines
    return stands


def _since(reading: FleetReading) -> datetime:
    return reading.cloud.clock.now() - BACK
