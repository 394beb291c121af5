"""What can become of one finished snapshot: every decision there is, and the answer to it."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, TypeAlias

from .events import SnapshotCompleted
from .message_fields import Reason
from .refusal import Skip

if TYPE_CHECKING:
    from .errors import CloudError
    from .facts import Image, Snapshot
    from .image_request import ImageRequest
    from .message import ImageStatus
    from .outcome import Look, Outcome
    from .plans import Plan


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
