"""Which plan, if any, a system snapshot belongs to.

A plan's filters must all hold. What the snapshot alone tells comes first, whatever else is known: an event that had to
ask for the disk and one that had not must come to the same plan.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property
from typing import TYPE_CHECKING

from .facts import Role
from .message_fields import Reason
from .outcome import read_look
from .rules import Skip

if TYPE_CHECKING:
    from .decision import View
    from .facts import Disk, Snapshot
    from .plans import Plan, Source


@dataclass(frozen=True)
class MachineUnknown:
    """A plan would count if the snapshot's machine were one of its own, and nobody can tell."""

    plan: Plan
    explanation: str


class Origin:
    """What is known of the disk and the machine of a system snapshot; asked only when somebody looks."""

    def __init__(self, snapshot: Snapshot, view: View) -> None:
        self.snapshot = snapshot
        self._view = view

    @cached_property
    def disk(self) -> Disk | None:
        return self._view.disk(self.snapshot.disk_id) if self.snapshot.disk_id else None

    @cached_property
    def instance_id(self) -> str | None:
        """The machine at the time of the snapshot: the one that was seen first, or on which the disk hangs as its
        system disk since before. Anywhere else nobody can tell: ECS keeps no history of attachments."""
        look = read_look(self.snapshot.tags)
        if look:
            return look.instance_id
        disk = self.disk
        if disk is None or disk.role is not Role.SYSTEM or disk.instance_id is None:
            return None
        return None if disk.attached and disk.attached > self.snapshot.created else disk.instance_id

    @property
    def disk_tags(self) -> Mapping[str, str]:
        """None are left of a disk that is gone."""
        return self.disk.tags if self.disk else {}

    @property
    def instance_tags(self) -> Mapping[str, str] | None:
        """None when the machine is unknown or gone."""
        instance = self._view.instance(self.instance_id) if self.instance_id else None
        return instance.tags if instance else None

    def why_unknown(self) -> str:
        if self.instance_id is not None:
            return f"{self.instance_id} is gone, or may not be looked at"
        disk, snapshot = self.disk, self.snapshot
        if disk is None:
            return f"{snapshot.disk_id} is gone"
        if disk.instance_id is None:
            return f"{disk.id} is attached to no instance any more"
        if disk.role is not Role.SYSTEM:
            return f"{disk.id} hangs on {disk.instance_id} as a data disk"
        return f"{disk.id} was attached to {disk.instance_id} after {snapshot.id} began"


def choose_plan(plans: Iterable[Plan], kind: str, origin: Origin) -> Plan | Skip | MachineUnknown:
    """The one plan that counts, or why there is none."""
    ranked = sorted(plans, key=lambda plan: not plan.enabled)  # stable: the file's order among the enabled
    candidates = [plan for plan in ranked if kind in plan.source.snapshot_types]
    for plan in candidates:
        if plan.enabled and _claims(plan.source, origin, is_asked=False):
            return plan
    for plan in candidates:
        # Whether a disabled plan is meant is not worth a call: what is known must do.
        if _claims(plan.source, origin, is_asked=plan.enabled or "disk" in vars(origin)):
            return plan if plan.enabled else Skip(Reason.PLAN_DISABLED, f"plan {plan.name} is disabled", plan)
    for plan in candidates:
        if plan.enabled and _claims(plan.source, origin, is_asked=True) is None:
            return MachineUnknown(plan, origin.why_unknown())
    return _no_plan(ranked, kind, origin)


def _claims(source: Source, origin: Origin, is_asked: bool) -> bool | None:
    """None when it cannot be told: of a machine that is unknown, or without asking."""
    snapshot = origin.snapshot
    if (source.disks and snapshot.disk_id not in source.disks) or snapshot.disk_id in source.except_disks:
        return False
    if source.except_names and matches_any(snapshot.name, source.except_names):
        return False
    if source.except_tags and carries_any(snapshot.tags, source.except_tags):
        return False
    unsure = False
    for test in _tests(source, origin):
        if not is_asked:
            return None
        answer = test()
        if answer is False:
            return False
        unsure = unsure or answer is None
    return None if unsure else True


def _tests(source: Source, origin: Origin) -> Iterator[Callable[[], bool | None]]:
    """How to find out what matters and the snapshot alone cannot tell, cheapest first."""
    if source.except_tags:
        yield lambda: not carries_any(origin.disk_tags, source.except_tags)
    if source.tags and not carries_all(origin.snapshot.tags, source.tags):
        yield lambda: carries_all(origin.disk_tags, source.tags)
    if source.instances:
        yield lambda: None if origin.instance_id is None else origin.instance_id in source.instances
    if source.instance_tags:
        yield lambda: None if (tags := origin.instance_tags) is None else carries_all(tags, source.instance_tags)


def _no_plan(plans: Sequence[Plan], kind: str, origin: Origin) -> Skip:
    """What was looked for and what was found, so that a wrong tag shows."""
    others = [plan for plan in plans if kind not in plan.source.snapshot_types]
    snapshot = origin.snapshot
    if any(_claims(plan.source, origin, is_asked="disk" in vars(origin)) for plan in others):
        return Skip(Reason.SNAPSHOT_TYPE_EXCLUDED, f"no plan takes {kind} snapshots of disk {snapshot.disk_id}")
    for plan in plans:
        source = plan.source.model_copy(update={"except_disks": frozenset(), "except_tags": {}, "except_names": ()})
        if plan.enabled and plan.source != source and _claims(source, origin, is_asked="disk" in vars(origin)):
            text = f"plan {plan.name} leaves {snapshot.id} of {snapshot.disk_id} aside"
            return Skip(Reason.SNAPSHOT_EXCLUDED, text, plan)
    known = [f"disk {snapshot.disk_id}"]
    if "disk" in vars(origin):
        known.append(f"machine {origin.instance_id}" if origin.instance_id else f"no machine ({origin.why_unknown()})")
        tags = {**origin.disk_tags, **snapshot.tags}
        known.append("tags " + (", ".join(f"{key}={tags[key]}" for key in sorted(tags)[:5]) or "none"))
    looked_for = [
        f"{key}={'|'.join(values)} ({plan.name})"
        for plan in plans
        if plan.enabled
        for key, values in {**plan.source.tags, **plan.source.instance_tags}.items()
    ]
    known += [f"looked for {', '.join(looked_for[:5])}"] if looked_for else []
    return Skip(Reason.NO_PLAN, f"no plan wants {'; '.join(known)}")


def carries_all(tags: Mapping[str, str], wanted: Mapping[str, tuple[str, ...]]) -> bool:
    """Every key, with one of its values."""
    return all(tags.get(key) in values for key, values in wanted.items())


def carries_any(tags: Mapping[str, str], unwanted: Mapping[str, tuple[str, ...]]) -> bool:
    return any(tags.get(key) in values for key, values in unwanted.items())


def matches_any(name: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)
