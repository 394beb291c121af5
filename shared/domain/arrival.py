"""Decides what one event is about: a system snapshot, or a data disk's that may complete the set of a system snapshot beside it.

Policies snapshot each disk by itself, so the last event of a set may be a data disk's. Nothing is stored between the
events: the set is looked at anew, and one that is complete already is simply found.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from .decide import decide
from .decision import Decided, Decision, Fail, Matter, Settled, TryLater, View
from .events import SnapshotCompleted
from .facts import Role, Snapshot
from .message_fields import Reason
from .outcome import read_outcome
from .rules import Rules, Skip
from .runs import may_be_of
from .wanted import takes, window_start

if TYPE_CHECKING:
    from .plans import Plan

LISTING_DELAY = timedelta(minutes=10)
"""After so long an event cannot be ahead of DescribeSnapshots any more; nothing is documented, so this is generous."""


def decide_matter(matter: Matter, view: View, rules: Rules, now: datetime) -> Decided:
    if matter.snapshot:
        return decide(matter.snapshot, view, rules, now, is_event=False)
    if matter.event:
        return decide_event(matter.event, view, rules, now)
    raise ValueError("a matter is of an event or of a snapshot")


def decide_event(event: SnapshotCompleted, view: View, rules: Rules, now: datetime) -> Decided:
    """Of the snapshot that an event names. A data disk's may complete the set of a system snapshot beside it."""
    snapshot = view.snapshot(event.snapshot_id)
    if snapshot is None:
        return Decided(_not_there(event, rules, now), ended=event.ended)
    if snapshot.role is Role.SYSTEM:
        return decide(snapshot, view, rules, now, event.ended, event.kind)
    return _decide_beside(snapshot, view, rules, now) or Decided(_not_system_disk(snapshot, rules), snapshot)


def _decide_beside(snapshot: Snapshot, view: View, rules: Rules, now: datetime) -> Decided | None:
    """The system snapshot of the same machine and run, if its plan wants this disk; None when there is none."""
    plans = [plan for plan in rules.plans.plans if plan.enabled and _may_take(plan, snapshot.disk_id)]
    disk = view.disk(snapshot.disk_id) if plans else None
    if disk is None or disk.instance_id is None:
        return None
    since = window_start(snapshot.created, max(plan.data_disks.within for plan in plans))
    around = view.snapshots_of_instance(disk.instance_id, since)
    systems = [each for each in around if each.role is Role.SYSTEM and each.status == "accomplished"]
    if systems:
        view.disks_of_instance(disk.instance_id)  # one call for the system disk and whatever else the plan asks of
    nearest = sorted(systems, key=lambda each: (abs(each.created - snapshot.created), each.created, each.id))
    same = [each for each in nearest if snapshot.policy and each.policy == snapshot.policy]
    own = [each for each in same if may_be_of(each, snapshot)]
    for system in (own or same)[:1] or nearest:  # a policy's snapshot is of one run
        decided = decide(system, view, rules, now, is_event=False)  # it has an event of its own
        if isinstance(decided.decision, Settled):
            return None
        if decided.plan and _wants(decided.plan, snapshot, system, view) and not isinstance(decided.decision, Skip):
            return _without_giving_up(decided, system)
    return None


def _without_giving_up(decided: Decided, system: Snapshot) -> Decided:
    """Only the event of the system snapshot tells when that one ended, and so how long its set is waited for."""
    if not isinstance(decided.decision, Fail) or read_outcome(system.tags) is not None:
        return decided
    return replace(decided, decision=TryLater("NotGivenUpYet", f"{system.id}: {decided.decision.explanation}"))


def _may_take(plan: "Plan", disk_id: str) -> bool:
    data_disks = plan.data_disks
    listed = isinstance(data_disks.take, tuple) and disk_id in data_disks.take
    return disk_id not in data_disks.except_ and (listed or data_disks.take == "attached")


def _wants(plan: "Plan", snapshot: Snapshot, system: Snapshot, view: View) -> bool:
    near = abs(snapshot.created - system.created) <= plan.data_disks.within
    return near and _may_take(plan, snapshot.disk_id) and takes(snapshot.disk_id, plan.data_disks, view)


def _not_there(event: SnapshotCompleted, rules: Rules, now: datetime) -> Decision:
    if event.time and now - event.time < LISTING_DELAY:
        return TryLater("SnapshotNotListedYet", f"{event.snapshot_id} is not listed yet")
    text = f"{event.snapshot_id} does not exist in {rules.region_id}, or the function's role may not see it"
    return Fail(Reason.SNAPSHOT_NOT_FOUND, text, is_final=False)


def _not_system_disk(snapshot: Snapshot, rules: Rules) -> Skip:
    """ECS help, "Create a custom image from a snapshot": a snapshot of a data disk cannot make an image."""
    wanted = any(plan.enabled and _may_take(plan, snapshot.disk_id) for plan in rules.plans.plans)
    why = "no system snapshot of where it hangs now waits for it" if wanted else "no plan takes it along"
    text = f"{snapshot.id} is of data disk {snapshot.disk_id} and makes no image by itself; {why}"
    return Skip(Reason.NOT_SYSTEM_DISK, text)
