"""Judges, machine by machine, whether there is a good image that is young enough, and if not, why not.

The words are those of the operator's command and of the night's report. Good is an image that is usable, holds the
disks that it was meant to hold, and in which no high risk was found.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum
from functools import cached_property
from typing import TYPE_CHECKING

from shared.domain.message_fields import Reason
from shared.domain.rules import Rules

from .claims import Claim, Gap, find_claim, find_gaps
from .facts import Instance
from .inventory import Inventory
from .outcome import read_outcome
from .recovery_points import PointState, RecoveryPoint, find_points

if TYPE_CHECKING:
    from .facts import Snapshot
    from .plans import Plan


class Standing(str, Enum):
    """Where a machine stands. The worst first."""

    FAILING = "failing"
    """No good image that is young enough, and the last recovery point failed."""
    NEVER = "never"
    """No good image at all, and none on its way."""
    STALE = "stale"
    """The newest good image is older than its plan's `rpo`, and none is on its way."""
    WAITING = "waiting"
    """No good image that is young enough, but one is on its way."""
    UNPLANNED = "unplanned"
    """No enabled plan wants its system disk."""
    FRESH = "fresh"
    """The newest good image is within its plan's `rpo`."""


ORDER = list(Standing)
BAD = frozenset({PointState.FAILING, PointState.PARTIAL})


@dataclass(frozen=True)
class MachineCover:
    instance: Instance
    system_disk_id: str | None
    """None where none is attached now."""
    standing: Standing
    why: str
    reason: Reason | None = None
    plan: "Plan | None" = None
    policies: tuple[str, ...] = ()
    """Of its system disk."""
    newest: RecoveryPoint | None = None
    """That led to the newest good image."""
    age: timedelta | None = None
    """Of the newest good image, since its snapshot began."""
    is_late: bool = False
    """Staler than the plan's `rpo`; a machine that is younger than that has time."""
    warnings: tuple[str, ...] = ()
    points: tuple[RecoveryPoint, ...] = ()


@dataclass(frozen=True)
class PlanCover:
    plan: "Plan"
    counts: dict[str, int]
    """Of its machines, by all six words."""
    gaps: tuple[Gap, ...]
    """What it names, and no machine answers to."""

    @property
    def machines(self) -> int:
        return sum(self.counts.values())


@dataclass(frozen=True)
class Coverage:
    moment: datetime
    since: datetime
    """Snapshots that began earlier are known by their images only."""
    machines: tuple[MachineCover, ...]
    plans: tuple[PlanCover, ...]

    @property
    def is_late(self) -> bool:
        return any(each.is_late for each in self.machines)

    @cached_property
    def counts(self) -> dict[str, int]:
        return count(self.machines)


def count(machines: Sequence[MachineCover]) -> dict[str, int]:
    known = Counter(each.standing for each in machines)
    return {word.value: known[word] for word in Standing}


def cover(inventory: Inventory, rules: Rules, now: datetime) -> Coverage:
    """The worst first, then by name."""
    machines = [_cover_machine(each, inventory, rules, now) for each in inventory.instances]
    machines.sort(key=lambda each: (ORDER.index(each.standing), each.instance.name, each.instance.id))
    of_plans = [
        PlanCover(plan, count([each for each in machines if each.plan == plan]), find_gaps(plan, inventory))
        for plan in rules.plans.plans
    ]
    return Coverage(now, inventory.since, tuple(machines), tuple(of_plans))


def _cover_machine(instance: Instance, inventory: Inventory, rules: Rules, now: datetime) -> MachineCover:
    claim = find_claim(instance, inventory, rules, now)
    window = rules.window_of(claim.plan) if claim.plan else rules.lookback
    snapshots = [each for each in inventory.snapshots_of(claim.disk.id) if _counts(each, claim)]
    points = find_points(snapshots, inventory.images_of(instance.id, claim.disk.id), window, now)
    here = inventory.system_disk_of.get(instance.id)
    bare = MachineCover(
        instance,
        here.id if here else None,
        Standing.UNPLANNED,
        claim.why,
        claim.reason,
        policies=tuple(sorted(here.policies)) if here else (),
        points=points,
    )
    return _judge(bare, claim, claim.plan, now) if claim.plan else _with_newest(bare, _newest_good(points, None), now)


def _counts(snapshot: "Snapshot", claim: Claim) -> bool:
    """Whether the plan means it; what was answered once counts, whatever the plans have become."""
    return claim.means(snapshot) or read_outcome(snapshot.tags) is not None


def _judge(machine: MachineCover, claim: Claim, plan: "Plan", now: datetime) -> MachineCover:
    newest = _newest_good(machine.points, plan)
    machine = _with_newest(machine, newest, now, plan, claim.warnings)
    later = machine.points[: machine.points.index(newest)] if newest else machine.points
    if newest and machine.age is not None and machine.age <= plan.rpo:
        return _fresh(machine, newest, later)
    is_new = not newest and _is_new(machine.instance, plan, now) and not claim.is_hopeless
    if is_new and not later:
        return _stand(machine, Standing.WAITING, "its first snapshot is to come")
    nothing = f"no snapshot of {machine.system_disk_id or 'its system disk'} that the plan means was found"
    last = later[0] if later else None
    text = last.text if last else claim.warnings[0] if claim.warnings else nothing + (" since" if newest else "")
    standing = Standing.STALE if newest else Standing.NEVER
    if last and last.state in BAD:
        standing = Standing.FAILING
    elif last and last.state is PointState.WAITING:
        standing = Standing.WAITING
    return _stand(machine, standing, text, last.reason if last else None, is_late=not is_new)


def _fresh(machine: MachineCover, newest: RecoveryPoint, later: Sequence[RecoveryPoint]) -> MachineCover:
    """With a warning where what came since has failed."""
    text = f"{newest.image.id if newest.image else '?'} is of {newest.snapshot_id}"
    since = [f"since then: {each.text}" for each in later[:1] if each.state in BAD]
    machine = replace(machine, warnings=(*machine.warnings, *since))
    return _stand(machine, Standing.FRESH, text, newest.reason)


def _is_new(instance: Instance, plan: "Plan", now: datetime) -> bool:
    """A machine or a plan that is younger than the `rpo` has time."""
    return any(now - moment <= plan.rpo for moment in (instance.created, plan.since) if moment)


def _newest_good(points: Sequence[RecoveryPoint], plan: "Plan | None") -> RecoveryPoint | None:
    """An image without some disks is good where the plan says `leave_out`."""
    good = {PointState.AVAILABLE}
    if plan is None or plan.data_disks.on_missing == "leave_out":
        good.add(PointState.PARTIAL)
    return next((each for each in points if each.state in good), None)


def _with_newest(
    machine: MachineCover,
    newest: RecoveryPoint | None,
    now: datetime,
    plan: "Plan | None" = None,
    warnings: tuple[str, ...] = (),
) -> MachineCover:
    age = now - newest.taken if newest and newest.taken else None
    return replace(machine, newest=newest, age=age, plan=plan, warnings=warnings)


def _stand(
    machine: MachineCover, standing: Standing, why: str, reason: Reason | None = None, is_late: bool = False
) -> MachineCover:
    return replace(machine, standing=standing, why=why, reason=reason, is_late=is_late)
