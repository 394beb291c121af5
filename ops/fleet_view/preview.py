"""What the next firing of the snapshot policies will lead to: the functions' decision about snapshots that do not exist yet.

A policy snapshots every disk that is under it. So each machine gets the snapshots that its policies will make, and
`decide` is asked about them as of the time when every wait is over.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ops.fleet_view.firings import nearest_firing, next_firing
from shared.domain.claims import Claim, find_claim
from shared.domain.decide import decide
from shared.domain.decision import Decided, Fail, Kind, Make, NotGathered, Question, View
from shared.domain.disk_set import DiskSet
from shared.domain.facts import Disk, Instance, Role, Snapshot
from shared.domain.inventory import Inventory
from shared.domain.message_fields import Reason
from shared.domain.plans import Plan
from shared.domain.rules import Rules, Skip

LATER = timedelta(seconds=10)
"""After the system disk's: the disks of one firing start soon after one another."""


@dataclass(frozen=True)
class Preview:
    """Of one machine. Without `fires` nothing will begin a snapshot of its system disk."""

    instance: Instance
    disk: Disk
    plan: Plan | None
    by: tuple[str, ...] = ()
    """What of the machine the plan goes by."""
    fires: datetime | None = None
    policy: str = ""
    disk_set: DiskSet | None = None
    """Of the image that will be asked for."""
    reason: Reason | None = None
    why: str = ""
    missing: tuple[str, ...] = ()
    newest: Snapshot | None = None
    """Of the system disk, if the plan means it and an image can be made of it."""


def preview(inventory: Inventory, rules: Rules, pins: Mapping[str, Snapshot], now: datetime) -> list[Preview]:
    """In the order of the firings; machines without one last."""
    disks: dict[str, list[Disk]] = {}
    for disk in inventory.disks:
        disks.setdefault(disk.instance_id or "", []).append(disk)
    found = [_preview(each, disks.get(each.id, []), inventory, rules, pins, now) for each in inventory.instances]
    return sorted(found, key=lambda each: (each.fires is None, each.fires or now, each.instance.name, each.instance.id))


def _preview(
    instance: Instance, disks: Sequence[Disk], inventory: Inventory, rules: Rules, pins: Mapping[str, Snapshot],
    now: datetime,
) -> Preview:  # fmt: skip
    claim = find_claim(instance, inventory, rules, now)
    if claim.plan is None:
        return Preview(instance, claim.disk, None, reason=claim.reason, why=claim.why)
    bare = Preview(
        instance, claim.disk, claim.plan, tuple(matched_by(claim, instance)), newest=_newest(claim, inventory)
    )
    firing = _first_firing(claim.disk, inventory, now) if claim.disk in disks else None
    if firing is None:
        return replace(bare, why=claim.warnings[0] if claim.warnings else "no snapshot policy will fire for it")
    fires, policy = firing
    system = Snapshot(
        f"s-next-of-{claim.disk.id}", claim.disk.id, Role.SYSTEM, claim.disk.size_gib, "accomplished", fires, "timer",
        f"auto2.0_{fires:%Y%m%d}_{policy}",
    )  # fmt: skip
    view = _view(system, claim, disks, inventory, pins)
    over = fires + rules.window_of(claim.plan) + LATER
    try:
        decided = decide(system, view, rules, over)
    except NotGathered as lack:
        return replace(bare, fires=fires, policy=policy, why=f"cannot be foreseen: it depends on {lack}")
    return _told(replace(bare, fires=fires, policy=policy, plan=decided.plan or claim.plan), decided)


def _newest(claim: Claim, inventory: Inventory) -> Snapshot | None:
    found = [
        each for each in inventory.snapshots_of(claim.disk.id) if each.status == "accomplished" and claim.means(each)
    ]
    return newest_of(found)


def newest_of(snapshots: Sequence[Snapshot]) -> Snapshot | None:
    return max(snapshots, key=lambda each: (each.created, each.id), default=None)


def _told(bare: Preview, decided: Decided) -> Preview:
    match decided.decision:
        case Make(request):
            return replace(bare, disk_set=request.disk_set, why="an image will be asked for")
        case Fail(reason, explanation, missing):
            return replace(bare, reason=reason, why=explanation, missing=missing)
        case Skip(reason, explanation):
            return replace(bare, reason=reason, why=explanation)
        case other:
            return replace(bare, why=f"cannot be foreseen: {type(other).__name__.lower()}")


def _first_firing(disk: Disk, inventory: Inventory, now: datetime) -> tuple[datetime, str] | None:
    known = [inventory.policy[each] for each in sorted(disk.policies) if each in inventory.policy]
    firings = [(fires, each.id) for each in known if (fires := next_firing(each, now))]
    return min(firings, default=None)


def _view(
    system: Snapshot, claim: Claim, disks: Sequence[Disk], inventory: Inventory, pins: Mapping[str, Snapshot]
) -> View:
    """All that a decision about the system snapshot may ask."""
    view = inventory.view_of(claim.disk, claim.instance_id)
    coming = [system, *(each for disk in disks for each in _coming(disk, system, inventory))]
    images = tuple(inventory.images_of_disk(system.disk_id))
    view.add(Question(Kind.DISKS_OF_INSTANCE, claim.instance_id), tuple(disks))
    view.add(Question(Kind.SNAPSHOTS_OF_INSTANCE, claim.instance_id), tuple(coming))
    view.add(Question(Kind.IMAGES_OF_DISK, system.disk_id), images)
    for disk_id in _named(claim.plan) if claim.plan else ():
        disk = inventory.disk.get(disk_id)
        view.add(Question(Kind.DISK, disk_id), disk)
        elsewhere = tuple(_coming(disk, system, inventory)) if disk else ()
        view.add(Question(Kind.SNAPSHOTS_OF_DISK, disk_id), elsewhere)
    for pin in claim.plan.data_disks.snapshots if claim.plan else ():
        view.add(Question(Kind.SNAPSHOT, pin), pins.get(pin))
    return view


def _named(plan: Plan) -> tuple[str, ...]:
    return plan.data_disks.take if isinstance(plan.data_disks.take, tuple) else ()


def _coming(disk: Disk, system: Snapshot, inventory: Inventory) -> Iterator[Snapshot]:
    """The snapshots of a data disk around that firing: by the same policy, and by others at their own times."""
    if disk.role is not Role.DATA or not disk.can_have_snapshots:
        return
    for key in sorted(disk.policies):
        policy = inventory.policy.get(key)
        moment = system.created if key == system.policy else nearest_firing(policy, system.created) if policy else None
        if moment:
            name = f"auto2.0_{moment:%Y%m%d}_{key}"
            facts = (disk.id, Role.DATA, disk.size_gib, "accomplished", moment + LATER, "timer", name)
            yield Snapshot(f"s-next-of-{disk.id}", *facts)


def matched_by(claim: Claim, instance: Instance) -> Iterator[str]:
    """The filters of the plan, with what passes them."""
    source = claim.plan.source if claim.plan else None
    if source is None:
        return
    if source.instances:
        yield f"machine {instance.id}"
    yield from (f"machine tag {key}={instance.tags.get(key, '')}" for key in sorted(source.instance_tags))
    if source.disks:
        yield f"disk {claim.disk.id}"
    yield from (f"tag {key}={claim.disk.tags.get(key, '(of the snapshot)')}" for key in sorted(source.tags))
    if source.is_everything:
        yield "every system disk"
