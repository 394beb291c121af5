"""The night's report as subscribers read it: flat and bounded."""

import json
from dataclasses import dataclass
from enum import Enum
from typing import Annotated, Literal

from .message import SCHEMA_VERSION, TEXT, Name, ResourceId
from .message_fields import AtMost, Bounded

REPORT_LIMIT = 48_000
"""Bytes of one report: base64 makes 64,000 of them, and MNS takes 65,536 (MNS help, "Limits")."""
MOST_PLANS, MOST_REFUSALS, WHY = 50, 20, 200


class ReportVerdict(str, Enum):
    """Whether somebody has to look."""

    OK = "OK"
    """Everything was read, and every planned machine has what its plan promises."""
    PARTIAL = "PARTIAL"
    """`reasons` says what is not well, or not known."""
    FAILED = "FAILED"
    """The machines could not be read, or not one planned machine has a good image that is young enough."""


class ReportReason(str, Enum):
    """Why the verdict is not OK. A later 1.x may add reasons."""

    MACHINES_UNKNOWN = "MachinesUnknown"
    """A listing that the machines are judged by was refused or cut: nothing is said of any machine."""
    MACHINES_UNCOVERED = "MachinesUncovered"
    """A planned machine is failing, never imaged or stale, or has waited longer than its plan's `rpo`."""
    PLAN_MATCHES_NOTHING = "PlanMatchesNothing"
    """An enabled plan wants no machine, or names what is not there."""
    PINNED_UNKNOWN = "PinnedUnknown"
    QUOTA_UNKNOWN = "QuotaUnknown"
    QUOTA_SHORT = "QuotaShort"
    """The region has room for fewer images than there are planned machines."""


@dataclass(frozen=True)
class StandingCounts(Bounded):
    """How many machines stand where."""

    failing: int
    """Planned machines without a good image that is young enough, whose last recovery point failed."""
    never: int
    """Planned machines without any good image, and none on its way."""
    stale: int
    """Planned machines whose newest good image is older than the plan's `rpo`."""
    waiting: int
    """Planned machines whose image is on its way."""
    unplanned: int
    """Machines that no enabled plan wants."""
    fresh: int
    """Planned machines whose newest good image is within the plan's `rpo`."""


@dataclass(frozen=True)
class MachineEntry(Bounded):
    """One machine."""

    instance_id: ResourceId
    """Id of the machine."""
    name: Name
    """Name of the machine; may be empty."""
    plan: Name | None
    """Name of its plan; null when no enabled plan wants it."""
    late: bool
    """It is staler than its plan's `rpo`; a machine that is younger than that has time."""
    age_seconds: int | None
    """Seconds since the snapshot of its newest good image began; null when there is none."""
    why: Annotated[str, AtMost(WHY)]
    """One sentence for people, cut at 200 characters."""

    @property
    def bytes_in_message(self) -> int:
        text = json.dumps(self.to_plain(), ensure_ascii=False, separators=(",", ":"))
        return len(text.encode("utf-8", "replace")) + 1  # the comma after it


@dataclass(frozen=True)
class MachineEntries(Bounded):
    """The machines of one standing."""

    listed: tuple[MachineEntry, ...]
    """As many as the message has room for, by name."""
    not_listed: int
    """How many more there are."""


@dataclass(frozen=True)
class PlanEntry(Bounded):
    """One plan."""

    name: Name
    """Name of the plan."""
    enabled: bool
    """Whether it makes images."""
    machines: int
    """Machines that it wants."""
    fresh: int
    """Those of them that are fresh."""
    missing: int
    """Ids that it names and nothing answers to."""
    images: int
    """Images that were made for it, in whatever status."""


@dataclass(frozen=True)
class PinnedSnapshots(Bounded):
    """Snapshots whose own retention is over, and which ECS keeps because an image holds them."""

    snapshots: int
    """How many."""
    gib: int
    """Sizes of their disks in GiB: at most so much is billed."""


@dataclass(frozen=True)
class ImageQuota(Bounded):
    """Custom images that the region may have."""

    limit: int
    """The quota."""
    used: int
    """How much of it is used."""

    @property
    def left(self) -> int:
        return max(0, self.limit - self.used)


@dataclass(frozen=True)
class RefusalEntry(Bounded):
    """What was refused while the report was made."""

    action: Name
    """The question, such as DescribeImages."""
    code: Name
    """Error code of the reply, such as Throttling."""
    times: int
    """How often."""


@dataclass(frozen=True, kw_only=True)
class NightReport(Bounded):
    """How the fleet stands this night. It is sent every night: when none comes, something is wrong."""

    schema_version: Literal["1.0"] = SCHEMA_VERSION
    """Version of these fields."""
    snapshot_id: None = None
    """Null, like the three fields below for readers of images that do not look at `type`: a report is of no snapshot."""
    state: Literal["reported"] = "reported"
    """No state of an image."""
    reason: Literal["NightReport"] = "NightReport"
    """No reason of a state; those of the verdict are in `reasons`."""
    terminal: Literal[False] = False
    """A report decides nothing."""
    verdict: ReportVerdict
    """OK only if everything was read."""
    reasons: tuple[ReportReason, ...]
    """Why the verdict is not OK; empty when it is."""
    explanation: Annotated[str, AtMost(TEXT)]
    """For people, cut at 600 characters. Its wording is not part of the version."""
    account_id: Name
    """Alibaba Cloud account."""
    region_id: Name
    """Region, such as cn-hangzhou."""
    night: Annotated[str, AtMost(10, r"[0-9]{4}-[0-9]{2}-[0-9]{2}")]
    """The date in UTC on which the report was made."""
    counts: StandingCounts | None
    """All machines; null when they could not be read."""
    failing: MachineEntries | None
    """Null when the machines could not be read, as the four below."""
    never: MachineEntries | None
    """Machines without any good image."""
    stale: MachineEntries | None
    """Machines whose newest good image is too old."""
    waiting: MachineEntries | None
    """Machines whose image is on its way."""
    unplanned: MachineEntries | None
    """Machines that no enabled plan wants."""
    plans: Annotated[tuple[PlanEntry, ...], AtMost(MOST_PLANS)]
    """The plans, as they stand in the plans file; empty when the machines could not be read."""
    plans_not_listed: int
    """How many more plans there are."""
    images: int | None
    """Images that SnapImage made and that exist, of all plans; null when they could not be read."""
    pinned: PinnedSnapshots | None
    """Null when they could not be read to the end."""
    quota: ImageQuota | None
    """Null when the quota is not known."""
    refusals: Annotated[tuple[RefusalEntry, ...], AtMost(MOST_REFUSALS)]
    """What was throttled or refused while the report was made; most often first."""
    calls: int
    """Calls that the report took."""
    waited_seconds: int
    """Seconds that it waited because ECS throttled it."""
