"""Decides what an event alone can decide: most of what is not for us is refused here, before anything is asked or loaded."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from .events import SnapshotCompleted
from .reasons import Reason
from .rules import Rules

if TYPE_CHECKING:
    from .plans import Plan


ANSWER = "snapimage:answer"
"""A tag on a snapshot: the reason for which it will not become an image, and ECS's code if there is one."""


@dataclass(frozen=True)
class Skip:
    """Not for us."""

    reason: Reason
    explanation: str
    plan: "Plan | None" = None


@dataclass(frozen=True)
class Fail:
    """It will not become an image."""

    reason: Reason
    explanation: str
    missing: tuple[str, ...] = ()
    code: str | None = None
    """With which ECS refused it, if ECS did."""


@dataclass(frozen=True)
class TryLater:
    """ECS and the event disagree for the moment; only the platform can bring the event back."""

    code: str
    explanation: str


Refusal: TypeAlias = Skip | Fail | TryLater


def refuse_event(event: SnapshotCompleted, rules: Rules) -> Refusal | None:
    """What the event alone tells, before anything is asked of ECS."""
    if event.account_id and event.account_id != rules.account_id:
        return Skip(Reason.WRONG_ACCOUNT, f"the event is of account {event.account_id}, not {rules.account_id}")
    if event.region_id and event.region_id != rules.region_id:
        return Skip(Reason.WRONG_REGION, f"images are regional: {event.region_id} is not {rules.region_id}")
    if event.kind and event.kind not in rules.outline.snapshot_types:
        return Skip(Reason.SNAPSHOT_TYPE_EXCLUDED, f"no plan takes {event.kind} snapshots")
    if event.result == "failed":
        return snapshot_failed(event.snapshot_id)
    return None


def snapshot_failed(snapshot_id: str) -> Fail:
    return Fail(Reason.SNAPSHOT_FAILED, f"snapshot {snapshot_id} failed; there is nothing to make an image from")
