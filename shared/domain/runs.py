"""Decides which snapshot of a data disk goes with a system snapshot.

A policy fires for all its disks at one time; they start minutes apart, are skipped when busy, and finish hours apart. One
firing on one machine is a run. A disk that is under the policy gives this run's snapshot or, when the run has none, what
was taken by hand; never an earlier run's. Any other disk gives the nearest snapshot, whoever made it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias

from .facts import Disk, Role, Snapshot, SnapshotGroup
from .moments import write_span


@dataclass(frozen=True)
class Ready:
    snapshot: Snapshot


@dataclass(frozen=True)
class InProgress:
    snapshot: Snapshot

    @property
    def why(self) -> str:
        return f"{self.snapshot.id} is in progress since {self.snapshot.created:%Y-%m-%dT%H:%M:%SZ}"


@dataclass(frozen=True)
class Absent:
    why: str
    may_come: bool = False


EARLIEST = timedelta(minutes=15)
"""Before the system snapshot. A policy fires on whole hours (API reference CreateAutoSnapshotPolicy, TimePoints) and its
disks start minutes apart: what began earlier, and in an earlier hour, is of an earlier firing, also when that one skipped
the system disk."""
APART = timedelta(minutes=15)
"""After the system snapshot. What began by then counts, however short the wait is: the disks of a run start minutes apart."""
LAST_RUN = timedelta(hours=26)
"""How far back a snapshot by the policy says that a disk is under it, where ECS names no policy of the disk: a daily schedule,
and some."""

Pick: TypeAlias = Ready | InProgress | Absent


@dataclass(frozen=True)
class Run:
    """A system snapshot, and what may go with it."""

    system: Snapshot
    candidates: Sequence[Snapshot]
    """Every snapshot around it of the disks in question, the system disk's own among them."""
    within: timedelta
    until: datetime
    """What began later came after the wait was over, and does not count."""
    now: datetime
    group: SnapshotGroup | None = None

    def pick(self, disk_id: str, disk: Disk | None) -> Pick:
        """The snapshot of one data disk. `disk` is None when it is gone."""
        own = [each for each in self.candidates if each.disk_id == disk_id and each.role is Role.DATA]
        members = self.group.snapshot_ids if self.group else frozenset()
        if member := next((each for each in own if each.id in members), None):
            return judge(member)
        near = [each for each in own if abs(each.created - self.system.created) <= self.within]
        counted = [each for each in near if each.created <= max(self.until, self.system.created + APART)]
        if self._is_under_policy(own, disk):
            return self._pick_of_run(counted)
        return self._pick_nearest(counted)

    def is_own(self, snapshot: Snapshot) -> bool:
        """Whether the same firing of the policy made it: of those that may have, no other system snapshot lies nearer."""
        policy = self.system.policy
        if policy is None or snapshot.policy != policy or not may_be_of(self.system, snapshot):
            return False
        runs = [each for each in self.candidates if each.disk_id == self.system.disk_id and each.policy == policy]
        runs = [self.system, *(each for each in runs if each.role is Role.SYSTEM and may_be_of(each, snapshot))]
        return min(runs, key=lambda each: (_distance(each, snapshot), each.created, each.id)).id == self.system.id

    def _is_under_policy(self, own: Sequence[Snapshot], disk: Disk | None) -> bool:
        policy = self.system.policy
        if policy is None:
            return False
        span = max(2 * self.within, timedelta() if is_policy_told(disk) else LAST_RUN)  # more may be known by chance
        was_under = any(each.policy == policy and each.created >= self.system.created - span for each in own)
        return was_under or (disk is not None and policy in disk.policies)

    def _pick_of_run(self, counted: Sequence[Snapshot]) -> Pick:
        mine = [each for each in counted if self.is_own(each)]
        usable = [each for each in mine if each.is_usable]
        if usable:
            return judge(self._nearest(usable))
        if not mine and self.now < self.until:
            return Absent("its policy has not begun a snapshot of this run", may_come=True)
        by_hand = [each for each in counted if each.is_usable and each.kind != "timer"]
        if by_hand:
            return judge(self._nearest(by_hand))
        why = f"this run's snapshot {mine[0].id} {_trouble(mine[0])}" if mine else "this run skipped it"
        return Absent(why, may_come=self.now < self.until)  # somebody may take another by hand

    def _pick_nearest(self, counted: Sequence[Snapshot]) -> Pick:
        usable = [each for each in counted if each.is_usable]
        if usable:
            return judge(self._nearest(usable))
        if self.now < self.until:
            return Absent("no snapshot of it has begun", may_come=True)
        spoilt = next((f"{each.id} {_trouble(each)}" for each in counted), None)
        near = f"within {write_span(self.within)} of {self.system.id}"
        return Absent(spoilt or f"no snapshot of it {near} began before the wait was over")

    def _nearest(self, snapshots: Sequence[Snapshot]) -> Snapshot:
        return min(snapshots, key=lambda each: (_distance(self.system, each), each.created, each.id))


def is_policy_told(disk: Disk | None) -> bool:
    """Whether ECS says by itself under which policy the disk is."""
    return disk is not None and bool(disk.policies)


def may_be_of(system: Snapshot, snapshot: Snapshot) -> bool:
    """Whether the firing that made the system snapshot may have made this one of the same policy."""
    begun = system.created.replace(minute=0, second=0, microsecond=0)
    return snapshot.created >= min(begun, system.created - EARLIEST)


def judge(snapshot: Snapshot) -> Pick:
    if not snapshot.is_usable:
        return Absent(f"{snapshot.id} {_trouble(snapshot)}")
    return Ready(snapshot) if snapshot.status == "accomplished" else InProgress(snapshot)


def _trouble(snapshot: Snapshot) -> str:
    return "is archived" if snapshot.category == "archive" else snapshot.status


def _distance(one: Snapshot, other: Snapshot) -> timedelta:
    return abs(one.created - other.created)
