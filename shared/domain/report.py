"""Judges a night: what was read of the fleet, and what could not be read, becomes one bounded report."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from typing import Any

from .coverage import Coverage, MachineCover, Standing
from .image_tags import PLAN
from .inventory import Inventory
from .message import TEXT
from .report_envelope import envelope_report
from .report_message import (
    MOST_PLANS,
    MOST_REFUSALS,
    REPORT_LIMIT,
    WHY,
    ImageQuota,
    MachineEntries,
    MachineEntry,
    NightReport,
    PinnedSnapshots,
    PlanEntry,
    RefusalEntry,
    ReportReason,
    ReportVerdict,
    StandingCounts,
)

UNCOVERED = frozenset({Standing.FAILING, Standing.NEVER, Standing.STALE})
LISTED = (Standing.FAILING, Standing.NEVER, Standing.STALE, Standing.WAITING, Standing.UNPLANNED)
"""Fresh machines are counted only."""
SLACK = 500
"""Bytes for what grows when the lists are filled in: the function's name, and how many are not listed."""


@dataclass(frozen=True)
class KeptSnapshot:
    """A snapshot that an image holds."""

    size_gib: int
    created: datetime
    retention_days: int | None
    """Its own; None where it has no end."""


@dataclass(frozen=True)
class FleetFacts:
    coverage: Coverage
    images: Mapping[str, int]
    """By the name of the plan that they were made for."""


@dataclass(frozen=True)
class NightFacts:
    """What is None could not be read, and one of the troubles says why."""

    account_id: str
    region_id: str
    now: datetime
    fleet: FleetFacts | None = None
    pinned: PinnedSnapshots | None = None
    quota: ImageQuota | None = None
    troubles: Sequence[str] = ()
    refusals: Sequence[tuple[str, str]] = ()
    """Action and code of each."""
    calls: int = 0
    waited: timedelta = timedelta()


def count_images(inventory: Inventory) -> Mapping[str, int]:
    return Counter(image.tags.get(PLAN, "") for image in inventory.ours)


def count_pinned(pages: Iterable[Sequence[KeptSnapshot]], now: datetime) -> PinnedSnapshots:
    """ECS deletes an automatic snapshot when its retention is over, unless an image holds it (API reference
    DescribeSnapshots, RetentionDays; ECS help, "Delete a snapshot")."""
    snapshots = gib = 0
    for page in pages:
        for kept in page:
            if kept.retention_days and kept.created + timedelta(days=kept.retention_days) < now:
                snapshots, gib = snapshots + 1, gib + kept.size_gib
    return PinnedSnapshots(snapshots, gib)


def report(facts: NightFacts) -> NightReport:
    """Never OK where something could not be read."""
    reasons = tuple(_reasons(facts))
    machines = facts.fleet.coverage.machines if facts.fleet else ()
    plans = _plans(facts.fleet)
    bare = NightReport(
        verdict=_verdict(reasons, machines),
        reasons=reasons,
        explanation=_explain(facts)[:TEXT],
        account_id=facts.account_id,
        region_id=facts.region_id,
        night=f"{facts.now.astimezone(timezone.utc):%Y-%m-%d}",
        counts=StandingCounts(**facts.fleet.coverage.counts) if facts.fleet else None,
        failing=None, never=None, stale=None, waiting=None, unplanned=None,
        plans=plans[:MOST_PLANS],
        plans_not_listed=max(0, len(plans) - MOST_PLANS),
        images=sum(facts.fleet.images.values()) if facts.fleet else None,
        pinned=facts.pinned,
        quota=facts.quota,
        refusals=tuple(
            RefusalEntry(action[:128], code[:128], times)
            for (action, code), times in Counter(facts.refusals).most_common(MOST_REFUSALS)
        ),
        calls=facts.calls,
        waited_seconds=round(facts.waited.total_seconds()),
    )  # fmt: skip
    return _list_machines(bare, machines, facts.now) if facts.fleet else bare


def _reasons(facts: NightFacts) -> Iterable[ReportReason]:
    if facts.fleet is None:
        yield ReportReason.MACHINES_UNKNOWN
    else:
        if any(_is_uncovered(each) for each in facts.fleet.coverage.machines):
            yield ReportReason.MACHINES_UNCOVERED
        plans = [each for each in facts.fleet.coverage.plans if each.plan.enabled]
        if any(each.gaps or not each.machines for each in plans):
            yield ReportReason.PLAN_MATCHES_NOTHING
    if facts.pinned is None:
        yield ReportReason.PINNED_UNKNOWN
    if facts.quota is None:
        yield ReportReason.QUOTA_UNKNOWN
    elif facts.quota.left < _planned(facts.fleet):
        yield ReportReason.QUOTA_SHORT


def _is_uncovered(machine: MachineCover) -> bool:
    return machine.standing in UNCOVERED or machine.is_late


def _planned(fleet: FleetFacts | None) -> int:
    return sum(each.plan is not None for each in fleet.coverage.machines) if fleet else 0


def _verdict(reasons: Sequence[ReportReason], machines: Sequence[MachineCover]) -> ReportVerdict:
    if not reasons:
        return ReportVerdict.OK
    is_nobody_fresh = not any(each.standing is Standing.FRESH for each in machines)
    is_hopeless = ReportReason.MACHINES_UNCOVERED in reasons and is_nobody_fresh
    if is_hopeless or ReportReason.MACHINES_UNKNOWN in reasons:
        return ReportVerdict.FAILED
    return ReportVerdict.PARTIAL


def _explain(facts: NightFacts) -> str:
    said = list(facts.troubles)
    if facts.fleet:
        counts = ", ".join(f"{number} {word}" for word, number in facts.fleet.coverage.counts.items() if number)
        said.insert(0, f"{len(facts.fleet.coverage.machines)} machines: {counts or 'none'}")
    return "; ".join(said)


def _plans(fleet: FleetFacts | None) -> tuple[PlanEntry, ...]:
    return tuple(
        PlanEntry(
            each.plan.name, each.plan.enabled, each.machines, each.counts[Standing.FRESH.value], len(each.gaps),
            fleet.images.get(each.plan.name, 0),
        )
        for each in (fleet.coverage.plans if fleet else ())
        if fleet
    )  # fmt: skip


def _list_machines(bare: NightReport, machines: Sequence[MachineCover], now: datetime) -> NightReport:
    """In rounds, one of each standing after the other, until the message is full: no long list crowds out a short one."""
    of = {word: [each for each in machines if each.standing is word] for word in LISTED}
    nothing: dict[str, Any] = {word.value: MachineEntries((), 0) for word in LISTED}
    room = REPORT_LIMIT - SLACK - len(envelope_report(replace(bare, **nothing), "", now).to_json().encode())
    listed: dict[Standing, list[MachineEntry]] = {word: [] for word in LISTED}
    for turn in range(max(map(len, of.values()))):
        for word in (word for word in LISTED if turn < len(of[word])):
            entry = _entry(of[word][turn])
            room -= entry.bytes_in_message
            if room < 0:
                return _with_lists(bare, of, listed)
            listed[word].append(entry)
    return _with_lists(bare, of, listed)


def _with_lists(
    bare: NightReport, of: Mapping[Standing, Sequence[MachineCover]], listed: Mapping[Standing, Sequence[MachineEntry]]
) -> NightReport:
    lists: dict[str, Any] = {
        word.value: MachineEntries(tuple(some), len(of[word]) - len(some)) for word, some in listed.items()
    }
    return replace(bare, **lists)


def _entry(machine: MachineCover) -> MachineEntry:
    instance, plan = machine.instance, machine.plan
    age = int(machine.age.total_seconds()) if machine.age is not None else None
    why = machine.why[:WHY]
    return MachineEntry(instance.id, instance.name, plan.name if plan else None, machine.is_late, age, why)
