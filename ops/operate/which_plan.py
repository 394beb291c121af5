"""Which plans want a snapshot, whatever became of it: asked of ECS as the functions ask, a hundred snapshots at once."""

from collections.abc import Sequence
from dataclasses import dataclass

from shared.domain.decision import Decided, TryLater, View
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
    found: dict[str, Wanting] = {}

    def look(snapshot: Snapshot, view: View) -> Decided:
        found[snapshot.id] = _wanting(snapshot, plans, view)
        return Decided(TryLater("", ""), snapshot)

    for result in gather(snapshots, look, View(), cloud, Region()):
        if isinstance(result, CloudError):
            raise result
    return [found[snapshot.id] for snapshot in snapshots]


def _wanting(snapshot: Snapshot, plans: Plans, view: View) -> Wanting:
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
