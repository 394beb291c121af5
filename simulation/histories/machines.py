"""The machines and plans that histories are drawn from: built once, because plans are costly to build and never change."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache, cached_property

from shared.domain.facts import Disk, Role
from shared.domain.plans import DataDisks, Plan, Plans
from shared.domain.rules import Rules, rules_for
from simulation.memory.cloud import ACCOUNT, REGION, START

SLOTS = 2
"""Machines of one kind in one history, at most."""
WINDOW = timedelta(hours=6)
"""How far back a sweep looks: short, so that a history can outlive it."""
WAIT, WITHIN = timedelta(minutes=30), timedelta(hours=2)


@dataclass(frozen=True)
class MachineKind:
    """A kind of machine and the plan that wants its system snapshots (None: none does).

    `data` has a letter for each data disk: p is under the machine's policy, m is not, l is a local disk, x has a name
    that the plan leaves out.
    """

    name: str
    data: str
    plan: str | None
    snapshot_tags: tuple[tuple[str, str], ...] = ()
    machine_tags: tuple[tuple[str, str], ...] = ()
    disk_tags: tuple[tuple[str, str], ...] = ()
    is_announced: bool = True
    """Whether a skipped event of it gets a message."""
    is_told_by_tags: bool = False
    """Of the disk or the machine: nobody can tell when they are gone."""


KINDS = (
    MachineKind("bare", "", "bare"),
    MachineKind("whole", "pp", "whole"),
    MachineKind("part", "ppp", "part"),
    MachineKind("mixed", "pm", "mixed"),
    MachineKind("local", "pl", "local"),
    MachineKind("listed", "pp", "listed{slot}"),
    MachineKind("built", "", "built", (("role", "build"),)),
    MachineKind("adrift", "pp", "adrift"),
    MachineKind("tagged", "px", "tagged", machine_tags=(("team", "web"),), is_told_by_tags=True),
    MachineKind("marked", "", "marked", disk_tags=(("image", "yes"),), is_told_by_tags=True),
    MachineKind("off", "", None, is_announced=False),
    MachineKind("stray", "p", None),
)
RESCUE = MachineKind("rescue", "p", None)
"""No plan wants it; disks of other machines are put on it."""
CATEGORIES = {"l": "ephemeral_ssd"}
NAMES = {"x": "csi-volume"}


@dataclass(frozen=True)
class Machine:
    kind: MachineKind
    slot: int

    @cached_property
    def id(self) -> str:
        return f"i-{self.kind.name}{self.slot}"

    @cached_property
    def plan(self) -> str | None:
        return self.kind.plan.format(slot=self.slot) if self.kind.plan else None

    @property
    def policy(self) -> str:
        return f"sp-{self.kind.name}"

    @cached_property
    def disks(self) -> tuple[Disk, ...]:
        """The system disk first."""
        system = self.disk(0, "p", Role.SYSTEM)
        return (system, *(self.disk(number, letter) for number, letter in enumerate(self.kind.data, 1)))

    @property
    def listed(self) -> tuple[Disk, ...]:
        """In the order in which ECS lists them, which has nothing to do with their devices."""
        return self.disks[::-1] if self.slot else self.disks

    def disk(self, number: int, letter: str = "m", role: Role = Role.DATA) -> Disk:
        disk_id, size_gib = f"d-{self.kind.name}{self.slot}-{number}", 40 + 60 * (number > 0)
        return Disk(
            disk_id, role, size_gib, self.id, device(number), dict(self.kind.disk_tags),
            name=NAMES.get(letter, ""), category=CATEGORIES.get(letter, "cloud_essd"),
            policies=frozenset({self.policy} if letter in "px" else ()),
        )  # fmt: skip


def device(number: int) -> str:
    return f"/dev/xvd{chr(ord('a') + number)}"


@cache
def fleet_rules(variant: str = "as written") -> Rules:
    """Plans of every sort, with waits and deadlines short enough for a history of some hours."""
    return rules_for(ACCOUNT, REGION, Plans(region=REGION, plans=_plans(variant)), WINDOW)


@cache
def rules_of(names: frozenset[str], variant: str) -> Rules:
    """With the plans of so many machines only: what no machine needs costs every decision its time."""
    plans = (plan for plan in fleet_rules(variant).plans.plans if plan.name.removesuffix("-new") in names)
    return rules_for(ACCOUNT, REGION, Plans(region=REGION, plans=tuple(plans)), WINDOW)


@cache
def plans_by_name() -> Mapping[str, Plan]:
    return {plan.name: plan for variant in VARIANTS for plan in fleet_rules(variant).plans.plans}


def data_disks_of(machine: Machine) -> DataDisks:
    """What the plan of a machine says about its data disks: no edit changes that. Of no plan's: what all plans say."""
    return plans_by_name()[machine.plan or "marked"].data_disks


VARIANTS: Mapping[str, Mapping[str, object]] = {
    "as written": {},
    "renamed": {},
    "reworded": {"image": {"name": "{plan}-{snapshot_id}", "description": "another text for {snapshot_id}"}},
    "disabled": {"enabled": False},
}


def _plans(variant: str) -> tuple[Plan, ...]:
    attached = {"take": "attached", "within": WITHIN, "wait_for": WAIT}
    plans = (
        _plan("bare", image={"check": False, "family": "bare"}),
        _plan("whole", data_disks=attached, image={"family": "whole"}),
        _plan("part", data_disks=attached | {"on_missing": "leave_out"}, image={"check": False}),
        _plan("mixed", data_disks=attached),
        _plan("local", data_disks=attached),
        *(_listed(slot) for slot in range(SLOTS)),
        _plan("built", source={"tags": {"role": "build"}}, overdue_after="30m"),
        _plan("adrift", source={"disks": _slots("d-adrift{}-0")}, data_disks=attached),
        _plan("tagged", source={"instance_tags": {"team": "web"}}, data_disks=attached | {"except_names": ["csi-*"]}),
        _plan("marked", source={"tags": {"image": "yes"}}),
        _plan(
            "off",
            enabled=False,
            source={"disks": _slots("d-off{}-0")},
            notify={"skipped": False},
            data_disks={"take": "attached", "wait_for": "30d"},
        ),
    )
    return tuple(Plan.model_validate(_vary(parts, variant)) for parts in plans)


def _plan(name: str, **parts: object) -> dict[str, object]:
    usual = {
        "name": name, "source": {"instances": _slots(f"i-{name}{{}}")}, "overdue_after": "1h", "since": START, "image": {},
        "data_disks": {"wait_for": WAIT},
    }  # fmt: skip
    return usual | parts


def _vary(parts: dict[str, object], variant: str) -> dict[str, object]:
    changes = VARIANTS[variant]
    image: dict[str, object] = {**parts["image"], **changes.get("image", {})}  # type: ignore[dict-item]
    name = f"{parts['name']}-new" if variant == "renamed" else parts["name"]
    return {**parts, **changes, "image": image, "name": name}


def _listed(slot: int) -> dict[str, object]:
    """One of its two data disks, and an empty one."""
    wanted = {"take": [f"d-listed{slot}-1"], "empty": [{"size_gib": 20}], "within": WITHIN, "wait_for": WAIT}
    return _plan(f"listed{slot}", source={"instances": [f"i-listed{slot}"]}, data_disks=wanted, image={"check": False})


def _slots(template: str) -> list[str]:
    return [template.format(slot) for slot in range(SLOTS)]
