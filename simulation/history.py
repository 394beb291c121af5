"""One history: everything that will happen to a fleet in some hours, known before anything runs."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from shared.domain.facts import Role
from simulation.faults import Fault
from simulation.fleet import Machine, disk_id

Form = Literal["event", "notice", "sparse"]
Ending = Literal["Available", "CreateFailed", "UnAvailable", "lost disk", "wrong size"]


@dataclass(frozen=True)
class Fate:
    """What becomes of the image that is made of a snapshot. Spans are seconds."""

    ending: Ending = "Available"
    ready_after: int = 120
    hidden_for: int = 0
    """ECS documents nothing about how soon a new image is listed; some seconds late is the harder case."""
    checked_after: int | None = 60
    """After it is ready, if its plan asks for a check; None: never."""
    has_risks: bool = False
    retired_after: int | None = None
    """After it is ready, somebody deprecates it; None: nobody does."""


@dataclass(frozen=True)
class TakenSnapshot:
    id: str
    machine: Machine
    number: int
    """Of the disk; 0 is the system disk."""
    created: datetime
    ended: datetime
    kind: str = "timer"
    policy: str = "a"
    group: str | None = None
    fails: bool = False
    lag: int = 0
    """Seconds for which ECS shows it as progressing although its event was sent."""
    fate: Fate = Fate()

    @property
    def disk_id(self) -> str:
        return disk_id(self.machine, self.number)

    @property
    def role(self) -> Role:
        return Role.DATA if self.number else Role.SYSTEM

    @property
    def shown(self) -> datetime:
        """When ECS shows it as finished."""
        return self.ended + timedelta(seconds=self.lag)


@dataclass(frozen=True)
class Delivery:
    """One invocation of create_image: the events of these snapshots, in an array if there are several."""

    at: datetime
    snapshot_ids: tuple[str, ...]
    form: Form = "event"
    """A CloudEvent, the same fact as a CloudMonitor notice, or a CloudEvent that leaves out all it may."""


@dataclass(frozen=True)
class ForeignImage:
    """Made by somebody else, beside the system snapshot `snapshot_id`."""

    snapshot_id: str
    takes: Literal["our name", "our snapshot"]


@dataclass(frozen=True)
class Move:
    """Something that is done to the disks of a machine meanwhile."""

    at: datetime
    machine: Machine
    what: Literal["system disk detached", "data disk attached"]


@dataclass(frozen=True)
class Outage:
    """create_image cannot be started meanwhile: no free instance."""

    begin: datetime
    end: datetime


@dataclass(frozen=True)
class History:
    seed: int
    machines: tuple[Machine, ...]
    snapshots: tuple[TakenSnapshot, ...]
    deliveries: tuple[Delivery, ...]
    faults: tuple[Fault, ...] = ()
    foreign: tuple[ForeignImage, ...] = ()
    moves: tuple[Move, ...] = ()
    outage: Outage | None = None
    sweep_minute: int = 0
    """Of the hour, at which reconcile_snapshots runs."""
