"""Which plans want a snapshot, whatever became of it: asked of ECS as the functions ask, a hundred snapshots at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from shared.domain.decision import View
from shared.domain.errors import CloudError
from shared.domain.facts import Snapshot
from shared.domain.plans import Plan, Plans
from shared.domain.rules import Skip
from shared.domain.selection import MachineUnknown, Origin, choose_plan
from shared.flows.gather import gather
from shared.flows.region import Region
from shared.ports import Cloud


@dataclass(frozen=True)
class Wanting:
    """The enabled plans that want a snapshot, by name; and why there is none, or not one for certain."""

    plans: tuple[str, ...]
    why_none: str = ""


def find_wanting(snapshots: Sequence[Snapshot], plans: Plans, cloud: Cloud) -> list[Wanting]:
    """One for each snapshot. Raises what ECS said when it refuses a question."""
    found: list[Wanting] = []
    for answer in gather(snapshots, partial(_wanting, plans=plans), View(), cloud, Region()):
        if isinstance(answer, CloudError):
            raise answer
        found.append(answer)
    return found


def _wanting(snapshot: Snapshot, view: View, plans: Plans) -> Wanting:
    origin = Origin(snapshot, view)
    chosen = choose_plan(plans.plans, snapshot.kind, origin)
    if isinstance(chosen, Skip):
        return Wanting((), chosen.explanation)
    if isinstance(chosen, MachineUnknown):
        return Wanting((), f"plan {chosen.plan.name} needs the machine: {chosen.explanation}")
    others = [plan.name for plan in plans.plans if plan.enabled and plan.name != chosen.name and _wants(plan, origin)]
    return Wanting((chosen.name, *others))


def _wants(plan: Plan, origin: Origin) -> bool:
    return isinstance(choose_plan([plan], origin.snapshot.kind, origin), type(plan))
