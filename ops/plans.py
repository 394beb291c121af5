"""Checks a plans file beyond its shape: plans that would claim the same disk."""

from itertools import combinations
from pathlib import Path

from ops.yaml_model import FileError, read_model
from shared.domain.plans import Plan, Plans


def check_plans(file: Path) -> str:
    """One line of praise; raises FileError with every problem."""
    plans = read_model(file, Plans)
    clashes = [clash for first, second in combinations(plans.plans, 2) if (clash := find_clash(first, second))]
    clashes += [empty for plan in plans.plans if (empty := find_empty(plan))]
    if clashes:
        raise FileError("\n".join(f"{file}: {clash}" for clash in clashes))
    off = sum(not plan.enabled for plan in plans.plans)
    return f"{file}: {len(plans.plans)} plans for {plans.region}" + (f", {off} of them disabled" if off else "")


def find_empty(plan: Plan) -> str | None:
    """A list whose last entry was taken out must not become "every disk"."""
    given = [name for name in ("instances", "disks", "tags") if name in plan.source.model_fields_set]
    if empty := [name for name in given if not getattr(plan.source, name)]:
        return f"plan {plan.name}: source.{empty[0]} is empty; leave it out, or say which"
    return None


def find_clash(first: Plan, second: Plan) -> str | None:
    """Why two enabled plans overlap for sure; tags may overlap in ways that only the cloud knows."""
    if not (first.enabled and second.enabled and first.source.snapshot_types & second.source.snapshot_types):
        return None
    both = f"plans {first.name} and {second.name} both claim"
    if first.source.is_everything or second.source.is_everything:
        return f"{both} some disks: one of them names no instances, disks or tags and so takes all"
    for one, other in ((first.source.disks, second.source.disks), (first.source.instances, second.source.instances)):
        if shared := sorted(one & other):
            return f"{both} {', '.join(shared)}"
    if first.source.tags and second.source.tags and _compatible(first.source.tags, second.source.tags):
        return (
            f"{both} disks with the tags {sorted(first.source.tags.items() & second.source.tags.items()) or 'of both'}"
        )
    return None


def _compatible(one: dict[str, str], other: dict[str, str]) -> bool:
    """One set of tags implies the other. Unrelated tags may meet on one disk, but need not."""
    return one.items() <= other.items() or other.items() <= one.items()
