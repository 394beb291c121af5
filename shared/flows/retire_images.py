"""Retires the images that their plans keep no longer: looks at all, decides, deprecates, deletes, releases their snapshots.

Nothing that a run deprecated is deleted in it: the decision of a run is made before its first step.
"""

from collections import Counter
from dataclasses import dataclass

from shared.domain.message import ImageStatus
from shared.domain.retirement import Delete, Deprecate, HeldBack, InGrace, Retain, RetirementStep
from shared.domain.rules import Rules
from shared.flows.log import log
from shared.flows.release_snapshots import release_snapshots
from shared.flows.retirement_run import DELETING, FUNCTION, RetirementRun
from shared.flows.retirement_steps import delete_images, deprecate_images, remember_gone
from shared.flows.retirement_view import RetirementView, held_back, retiring_plans, view_retirement
from shared.ports import Cloud
from shared.retirement_ports import Retirement


@dataclass(frozen=True)
class RetirementReport:
    """What a night did, or would do."""

    counts: dict[str, int]
    held_back: dict[str, str]
    told: tuple[ImageStatus, ...] = ()

    def to_plain(self) -> dict[str, object]:
        return {"counts": self.counts, "held_back": self.held_back, "told": len(self.told)}


def retire_images(rules: Rules, cloud: Cloud, estate: Retirement) -> RetirementReport:
    """Asks nothing where no plan retires images."""
    wanted = retiring_plans(rules)
    if not wanted:
        return RetirementReport({}, {})
    view = view_retirement(wanted, cloud, estate)
    run = RetirementRun(rules, cloud, estate, view)
    remember_gone(run)
    deprecate_images(run)
    if any(plan.mode in DELETING for plan in wanted.values()):
        delete_images(run)
        release_snapshots(run)
    for which, why in held_back(view).items():
        run.trouble(which, "HeldBack", why)
    counts = {**count_steps(view), **run.counts}
    log(function=FUNCTION, **counts)
    return RetirementReport(counts, held_back(view), tuple(run.told))


def count_steps(view: RetirementView) -> dict[str, int]:
    """How many images are to take which step, and how many nothing is decided about."""
    counts = Counter(word_of(step) for step in view.steps.values())
    return {**counts, "left_alone": view.inventory.left_alone.total()}


def word_of(step: RetirementStep) -> str:
    match step:
        case Retain(is_guarded=True):
            return "guarded"
        case Retain():
            return "kept"
        case Deprecate():
            return "to_deprecate"
        case InGrace():
            return "in_grace"
        case Delete():
            return "to_delete"
        case HeldBack():
            return "held_back"
