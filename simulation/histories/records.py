"""What is kept of an invocation, of a message and of an image of ours, for whoever judges."""

from dataclasses import dataclass, field
from datetime import datetime

from shared.adapters.throttling import CallRecord
from shared.domain.facts import Image
from shared.domain.image_request import ImageRequest
from shared.domain.message import StatusMessage
from simulation.histories.history import TakenSnapshot


@dataclass
class Invocation:
    """One run of a function; the platform kills it at its deadline."""

    function: str
    began: datetime
    deadline: datetime
    saw: dict[str, frozenset[str]] = field(default_factory=dict)
    """The disks that it was told of, by machine."""
    refused: set[str] = field(default_factory=set)
    """Actions that ECS did not answer."""
    returned: datetime | None = None
    """None as long as it runs, and when it failed."""
    calls: CallRecord = field(init=False)
    """Of the cloud that it is connected to."""


@dataclass(frozen=True)
class Told:
    """A message when it was put on the queue."""

    message: StatusMessage
    at: datetime
    teller: Invocation
    refused: frozenset[str] = frozenset()
    """Actions that ECS had not answered this invocation by then."""

    @property
    def began(self) -> datetime:
        """When its invocation began to look around."""
        return self.teller.began


@dataclass
class MadeImage:
    """An image of ours, and what became of it."""

    id: str
    request: ImageRequest
    taken: TakenSnapshot
    at: datetime
    finished: datetime | None = None
    deleted: datetime | None = None
    shown: datetime | None = None
    """From when on it is listed, if that is later than it was made."""
    looked: datetime | None = None
    """When somebody saw it first."""
    used: datetime | None = None
    """From when on DescribeSnapshots says that something was made of its snapshot."""
    flickered: datetime | None = None
    """When it became UnAvailable for some minutes, although it was usable before."""
    checked: datetime | None = None
    """When its check ended."""
    is_spoilt: bool = False
    """ECS gave it other disks than were asked for."""
    is_meddled: bool = False
    """An operator took our tags off, or altered them."""
    last: Image | None = None
    """As it was when it was deleted."""
