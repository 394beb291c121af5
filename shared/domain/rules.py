"""What a function was told to do, in two depths: an outline that is enough to refuse most events, and the plans themselves."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .plans import Plans


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

    @cached_property
    def plans(self) -> "Plans":
        return self.read_plans()
