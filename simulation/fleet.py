"""The machines and plans that histories are drawn from: built once, because plans are costly to build and never change."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache

from shared.domain.facts import Disk, Role
from shared.domain.plans import Plan, Plans, rules_for
from shared.domain.rules import Rules

ACCOUNT = "1234567890123456"
REGION = "cn-hangzhou"
SLOTS = 3
"""Machines of one kind in one history, at most."""


@dataclass(frozen=True)
class Kind:
    """A kind of machine: how many data disks it has, and which plan wants its system snapshots (None: none does)."""

    name: str
    data_disks: int
    plan: str | None
    snapshot_tags: tuple[tuple[str, str], ...] = ()
    is_announced: bool = True
    """Whether a skipped event of it gets a message."""


KINDS = (
    Kind("bare", 0, "bare"),
    Kind("whole", 2, "whole"),
    Kind("part", 2, "part"),
    Kind("listed", 2, "listed{slot}"),
    Kind("built", 0, "built", (("role", "build"),)),
    Kind("adrift", 1, "adrift"),
    Kind("off", 0, None, is_announced=False),
    Kind("stray", 1, None),
)


@dataclass(frozen=True)
class Machine:
    kind: Kind
    slot: int

    @property
    def id(self) -> str:
        return f"i-{self.kind.name}{self.slot}"

    @property
    def plan(self) -> str | None:
        return self.kind.plan.format(slot=self.slot) if self.kind.plan else None

    @property
    def disks(self) -> tuple[Disk, ...]:
        """The system disk first."""
        return tuple(
            Disk(disk_id(self, number), Role.DATA if number else Role.SYSTEM, 40 + 60 * number, self.id)
            for number in range(1 + self.kind.data_disks)
        )

    @property
    def late_disk(self) -> str:
        """The data disk that may be attached to it in the course of a history."""
        return disk_id(self, 9)


def disk_id(machine: Machine, number: int) -> str:
    return f"d-{machine.kind.name}{machine.slot}-{number}"


@cache
def fleet_rules() -> Rules:
    """Plans of every sort, with waits and deadlines short enough for a history of some hours."""
    plans = (
        _plan("bare", data_disks={"take": "none"}, image={"check": False, "family": "bare"}),
        _plan("whole", data_disks={"take": "attached", "within": "1h", "wait_for": "30m"}, image={"family": "whole"}),
        _plan(
            "part",
            data_disks={"take": "attached", "within": "1h", "wait_for": "30m", "on_missing": "leave_out"},
            image={"check": False},
        ),
        *(_listed(slot) for slot in range(SLOTS)),
        _plan("built", source={"tags": {"role": "build"}}, overdue_after="30m"),
        _plan("adrift", source={"disks": _slots("d-adrift{}-0")}, data_disks={"take": "attached", "wait_for": "30m"}),
        _plan("off", enabled=False, source={"disks": _slots("d-off{}-0")}, notify={"skipped": False}),
    )
    return rules_for(ACCOUNT, REGION, Plans(region=REGION, plans=plans))


@cache
def plans_by_name() -> Mapping[str, Plan]:
    return {plan.name: plan for plan in fleet_rules().plans.plans}


@cache
def longest_wait() -> timedelta:
    return max(plan.data_disks.wait_for for plan in fleet_rules().plans.plans)


def _plan(name: str, **parts: object) -> Plan:
    usual = {"name": name, "source": {"instances": _slots(f"i-{name}{{}}")}, "overdue_after": "1h"}
    return Plan.model_validate(usual | parts)


def _listed(slot: int) -> Plan:
    """One of its two data disks, and an empty one."""
    wanted = {"take": [f"d-listed{slot}-1"], "empty": [{"size_gib": 20}], "within": "1h", "wait_for": "1h"}
    return _plan(f"listed{slot}", source={"instances": [f"i-listed{slot}"]}, data_disks=wanted, image={"check": False})


def _slots(template: str) -> list[str]:
    return [template.format(slot) for slot in range(SLOTS)]
