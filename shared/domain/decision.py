"""What can become of one finished snapshot: every decision there is, by which rules, and those that its event alone allows."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

from .events import SnapshotCompleted
from .message_fields import Reason

if TYPE_CHECKING:
    from .errors import CloudError
    from .facts import Image, Snapshot
    from .image_request import ImageRequest
    from .message import ImageStatus
    from .outcome import Look, Outcome
    from .plans import Plan, Plans


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


def outline_of(plans: "Plans") -> Outline:
    kinds = frozenset(kind for plan in plans.plans for kind in plan.source.snapshot_types)
    return Outline(kinds, any(plan.notify.skipped for plan in plans.plans))


def rules_for(account_id: str, region_id: str, plans: "Plans", lookback: timedelta = timedelta(days=1)) -> Rules:
    """The rules of somebody who has the plans at hand."""
    return Rules(account_id, region_id, outline_of(plans), lambda: plans, lookback)


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
    cause: "CloudError | None" = None
    """What ECS said, if ECS refused it."""
    is_final: bool = True
    """False when an operator can remove the cause, and the sweep then goes on."""


@dataclass(frozen=True)
class TryLater:
    """Nothing can be decided now; the sweep looks again."""

    code: str
    explanation: str


@dataclass(frozen=True)
class Wait:
    """For a snapshot that is to come or to be finished, or for a machine to be known."""

    reason: Reason
    explanation: str
    waiting_for: tuple[str, ...]
    until: datetime
    """When the wait for what is absent is over."""
    look: "Look | None" = None
    """The disks that were there, to be remembered."""


@dataclass(frozen=True)
class Settled:
    """Told before; nothing is done and nothing told."""

    outcome: "Outcome"


@dataclass(frozen=True)
class Adopt:
    """The image is there already."""

    image: "Image"


@dataclass(frozen=True)
class Make:
    request: "ImageRequest"


Decision: TypeAlias = Skip | Fail | TryLater | Wait | Settled | Adopt | Make


@dataclass(frozen=True)
class Decided:
    """A decision and what it is about, as far as that is known."""

    decision: Decision
    snapshot: "Snapshot | None" = None
    """The system snapshot; for a data disk's event the one whose set it belongs to."""
    plan: "Plan | None" = None
    instance_id: str | None = None
    ended: datetime | None = None
    """When the snapshot was finished; only its event knows."""


@dataclass(frozen=True)
class Matter:
    """One snapshot to be answered for: named by an event, or found by a sweep."""

    event: SnapshotCompleted | None = None
    snapshot: "Snapshot | None" = None

    @property
    def event_id(self) -> str | None:
        return self.event.event_id if self.event else None

    @property
    def snapshot_id(self) -> str | None:
        return self.snapshot.id if self.snapshot else self.event.snapshot_id if self.event else None


@dataclass(frozen=True)
class Answer:
    """What became of a matter. `trouble` is why it has no status: then nothing was told, and somebody tries again."""

    matter: Matter
    decided: Decided | None = None
    status: "ImageStatus | None" = None
    outcome: "Outcome | None" = None
    """To be remembered on the snapshot."""
    trouble: "CloudError | None" = None

    @property
    def known(self) -> Decided:
        """What was decided; only an answer with a trouble may lack it."""
        return self.decided or Decided(TryLater("", ""))


def refuse_event(event: SnapshotCompleted, rules: Rules) -> Skip | None:
    """What the event alone tells, before anything is asked or loaded."""
    strangers = sorted(event.account_ids - {rules.account_id})
    elsewhere = sorted(event.region_ids - {rules.region_id})
    if strangers:
        return Skip(Reason.WRONG_ACCOUNT, f"the event is of account {strangers[0]}, not {rules.account_id}")
    if elsewhere:
        return Skip(Reason.WRONG_REGION, f"images are regional: {elsewhere[0]} is not {rules.region_id}")
    if event.kind and event.kind not in rules.outline.snapshot_types:
        return Skip(Reason.SNAPSHOT_TYPE_EXCLUDED, f"no plan takes {event.kind} snapshots")
    return None
