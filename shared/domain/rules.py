"""Where a function works, and what it was told to do."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .plans import Plan, Plans

SLACK = timedelta(hours=2)
"""A set that waits is looked at once more after its wait is over, even when some sweeps were missed."""


@dataclass(frozen=True)
class Outline:
    """What of the plans an event can be refused by."""

    snapshot_types: frozenset[str]
    """Those that any plan takes."""
    announces_skips: bool
    """Whether any plan wants to hear of skips."""


@dataclass(frozen=True)
class Rules:
    """Where this function works, and what it was told to do.

    The plans are read when they are first asked for: reading them takes longer than refusing an event.
    """

    account_id: str
    region_id: str
    outline: Outline
    read_plans: "Callable[[], Plans]"
    lookback: timedelta = timedelta(days=1)
    """How far back a sweep looks for snapshots without an answer."""

    def window_of(self, plan: "Plan") -> timedelta:
        """How long after its beginning a snapshot may still become an image."""
        return max(self.lookback, plan.data_disks.wait_for + SLACK)

    @cached_property
    def plans(self) -> "Plans":
        return self.read_plans()


def outline_of(plans: "Plans") -> Outline:
    kinds = frozenset(kind for plan in plans.plans for kind in plan.source.snapshot_types)
    return Outline(kinds, any(plan.notify.skipped for plan in plans.plans))


def rules_for(account_id: str, region_id: str, plans: "Plans", lookback: timedelta = timedelta(days=1)) -> Rules:
    """The rules of somebody who has the plans at hand."""
    return Rules(account_id, region_id, outline_of(plans), lambda: plans, lookback)
