"""One history: everything that will happen to a fleet in some hours, known before anything runs."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from shared.domain.facts import Disk, Role
from simulation.histories.faults import InjectedFault
from simulation.histories.machines import Machine

Form = Literal["event", "notice", "sparse"]
Ending = Literal["Available", "CreateFailed", "UnAvailable", "lost disk", "wrong size"]


@dataclass(frozen=True)
class ImageScript:
    """What becomes of the image that is made of a snapshot, by itself and by operators. Spans are seconds."""

    ending: Ending = "Available"
    ready_after: int = 120
    hidden_for: int = 0
    """ECS documents nothing about how soon a new image is listed; some seconds late is the harder case."""
    checked_after: int | None = 60
    """After it is ready, if its plan asks for a check; None: never."""
    has_risks: bool = False
    retired_after: int | None = None
    """After it is ready, somebody deprecates it; None: nobody does."""
    deleted_after: int | None = None
    """After it was begun, an operator deletes it."""
    untagged_after: int | None = None
    """After it was begun, an operator takes our tags off."""
    altered_after: int | None = None
    """After it was begun, an operator writes something else into one of our tags."""
    copied_after: int | None = None
    """After it is ready, a copy with all of its tags is there."""
    flickers_after: int | None = None
    """After it is ready, it is UnAvailable for some minutes."""
    token_life: int | None = None
    """So long ECS knows the token of its request; None: longer than a history."""
    usage_lag: int = 0
    """So long DescribeSnapshots does not say that the snapshot is used."""


@dataclass(frozen=True)
class TakenSnapshot:
    id: str
    disk_id: str
    machine: Machine
    """On which the disk was when the snapshot began."""
    role: Role
    size_gib: int
    created: datetime
    ended: datetime
    kind: str = "timer"
    policy: str = ""
    """Its automatic policy."""
    run: str | None = None
    """One firing of that policy."""
    group: str | None = None
    fails: bool = False
    lag: int = 0
    """Seconds for which ECS shows it as progressing although its event was sent."""
    is_hopeless: bool = False
    """ECS never makes an image of it, and says so for good."""
    is_full: bool = False
    """Operators have given it all the tags that it can have."""
    script: ImageScript = ImageScript()

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
    """One step of a disk; of "machine released" the disks have left before."""

    at: datetime
    what: Literal["put on", "taken off", "released", "machine released"]
    disk_id: str
    instance_id: str = ""
    role: Role = Role.DATA
    device: str = ""


@dataclass(frozen=True)
class Happening:
    """What somebody does to the disks of a machine."""

    name: str
    machine: Machine
    moves: tuple[Move, ...]
    new: tuple[Disk, ...] = ()
    """Disks that come into being with it."""


Variant = Literal["as written", "renamed", "reworded", "disabled"]


@dataclass(frozen=True)
class Edit:
    """From then on the functions run with other plans."""

    at: datetime
    variant: Variant


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
    faults: tuple[InjectedFault, ...] = ()
    foreign: tuple[ForeignImage, ...] = ()
    happenings: tuple[Happening, ...] = ()
    edits: tuple[Edit, ...] = ()
    outage: Outage | None = None
    sweep_minute: int = 0
    """Of the hour, at which reconcile_snapshots runs."""
    other_groups: int = 0
    """Snapshot-consistent groups of other times that each machine has."""
