"""What subscribers read: the answer to one event or one image, flat and bounded, in its CloudEvents 1.0 envelope."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Annotated, Literal

from .message_fields import AtMost, Bounded, Reason, State

SCHEMA_VERSION: Literal["1.0"] = "1.0"
TEXT = 600
"""Characters of free text in one field."""
MOST_RISKS = 20
"""The image check knows 18 items (ECS help, "Check custom images")."""

Id = Annotated[str, AtMost(256)]
Name = Annotated[str, AtMost(128)]
ResourceId = Annotated[str, AtMost(64, r"[!-~]+")]


@dataclass(frozen=True)
class DiskEntry(Bounded):
    """One disk of the image."""

    type: Literal["system", "data"]
    """The system disk comes first."""
    snapshot_id: ResourceId | None
    """What the disk is made from; null for an empty data disk."""
    disk_id: ResourceId | None
    """The disk that the snapshot was taken of; null when it is not known or the disk is empty."""
    size_gib: int
    """Size in GiB."""
    device: Annotated[str, AtMost(32, r"[!-~]+")] | None = None
    """Device name of the source disk when it was looked at, such as /dev/xvdb. For people; ECS is never told it. Null when it is not known."""


@dataclass(frozen=True)
class Cause(Bounded):
    """What ECS said, word for word as far as it fits."""

    code: Name
    """Error code of ECS, such as QuotaExceed.Image."""
    message: Annotated[str, AtMost(TEXT)]
    """Text of ECS, cut at 600 characters."""
    http_status: int
    """HTTP status code of the reply; 0 when the refusal was not a reply, such as the code in a snapshot's record."""
    request_id: Annotated[str, AtMost(64)] | None
    """Request id of ECS, for its support; null when there is none."""


@dataclass(frozen=True)
class RiskEntry(Bounded):
    """One finding of the image check, in the words of ECS."""

    name: Annotated[str, AtMost(48)]
    """The item that was checked, such as GUESTOS.Fstab."""
    level: Annotated[str, AtMost(16)]
    """High or Medium."""
    code: Annotated[str, AtMost(64)]
    """The finding, such as Fstab.DeviceNotFound."""


@dataclass(frozen=True)
class CheckResult(Bounded):
    """What the image check found."""

    finished: bool
    """False while the check runs: `risks` may then lack some."""
    risks: Annotated[tuple[RiskEntry, ...], AtMost(MOST_RISKS)] = ()
    """The findings; empty when all was well."""


@dataclass(frozen=True, kw_only=True)
class ImageStatus(Bounded):
    """One state of one snapshot's image. It tells the whole state: no reader needs an earlier message."""

    schema_version: Literal["1.0"] = SCHEMA_VERSION
    """Version of these fields."""
    state: State
    """What becomes of the snapshot."""
    reason: Reason
    """Why the state is what it is."""
    terminal: bool
    """The fate of this snapshot is decided. Supplements (checked, promoted, retired) may follow; another fate never does, unless an operator asks for the snapshot again."""
    explanation: Annotated[str, AtMost(TEXT)]
    """One sentence for people, cut at 600 characters. Its wording is not part of the version."""
    account_id: Name
    """Alibaba Cloud account that owns the snapshot."""
    region_id: Name
    """Region of the snapshot, such as cn-hangzhou."""
    plan: Name | None = None
    """Name of the plan that asks for the image; null when none does or none is known."""
    snapshot_id: ResourceId | None = None
    """The system disk's snapshot, or the one that the event names; null when no event could be read."""
    disk_id: ResourceId | None = None
    """The disk of `snapshot_id`; null when it is not known."""
    instance_id: ResourceId | None = None
    """The instance of the system disk; null when it is not known."""
    image_id: ResourceId | None = None
    """The image; null when there is none."""
    image_name: Name | None = None
    """Name of the image; null when there is none."""
    image_status: Name | None = None
    """Status of the image in the words of ECS (Creating, Waiting, Available, UnAvailable, CreateFailed, Deprecated); null when there is no image."""
    disks: Annotated[tuple[DiskEntry, ...], AtMost(17)] = ()
    """The disks that the image has or will have: one system disk and up to 16 data disks. Empty when there is no image."""
    partial: bool = False
    """The image lacks what `left_out` names."""
    left_out: Annotated[tuple[ResourceId, ...], AtMost(64)] = ()
    """Ids of disks or snapshots that the image lacks: as the plan allows, or because the disk is gone and nobody can tell when it went."""
    without_snapshots: Annotated[tuple[ResourceId, ...], AtMost(32)] = ()
    """Ids of attached local or ephemeral disks: they have no snapshots and are in no image. They do not make it partial."""
    missing: Annotated[tuple[ResourceId, ...], AtMost(64)] = ()
    """Ids of disks or snapshots that a failed snapshot's image would have needed."""
    waiting_for: Annotated[tuple[ResourceId, ...], AtMost(64)] = ()
    """Ids of disks or snapshots that are waited for."""
    skew_seconds: int | None = None
    """Seconds between the oldest and the newest snapshot of the image, pinned ones aside; null when there is no image."""
    snapshot_group_id: ResourceId | None = None
    """The snapshot-consistent group of the image: its disks are of one moment. Null when they are not."""
    seconds_since_snapshot: int | None = None
    """Seconds from the end of the snapshot to this message; null when the end is not known."""
    cause: Cause | None = None
    """What ECS said; null when it did not refuse anything."""
    check: CheckResult | None = None
    """What the image check found; null when there was none."""
    event_id: Id | None = None
    """Id of the event that led to this answer; null when none did."""


TYPE_PREFIX = "snapimage.image."
SCHEMA_ID: Literal["urn:snapimage:schema:status-message:1.0"] = "urn:snapimage:schema:status-message:1.0"
"""Names `schema/status-message.json`, wherever it lies."""


@dataclass(frozen=True, kw_only=True)
class StatusMessage(Bounded):
    """One answer in a CloudEvents 1.0 envelope, structured JSON."""

    specversion: Literal["1.0"] = "1.0"
    """Version of CloudEvents."""
    id: Annotated[str, AtMost(32, r"[0-9a-f]{32}")]
    """Of the fact that is told: the same fact always has the same id. Drop a message whose id you have seen."""
    source: Annotated[str, AtMost(512, r"[!-~]+")]
    """Who tells it: /snapimage/ACCOUNT/REGION/FUNCTION."""
    type: Annotated[str, AtMost(64, r"snapimage\.image\.[a-z]+")]
    """snapimage.image. and the state."""
    time: datetime
    """When it was told: RFC 3339, UTC."""
    datacontenttype: Literal["application/json"] = "application/json"
    """Of `data`."""
    dataschema: Literal["urn:snapimage:schema:status-message:1.0"] = SCHEMA_ID
    """The schema of this message."""
    subject: ResourceId | None = None
    """The snapshot, as in `data.snapshot_id`; left out when no event could be read."""
    data: ImageStatus
    """The answer."""

    def to_json(self) -> str:
        """The body as it is put on the queue; a subject that is not known is left out, as CloudEvents wants it."""
        body = self.to_plain()
        if self.subject is None:
            del body["subject"]
        text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
        return text.encode("utf-8", "replace").decode("utf-8")  # half a surrogate pair is no text to the queue


def envelope(status: ImageStatus, function: str, now: datetime, attempt: int = 1) -> StatusMessage:
    return StatusMessage(
        id=fact_id(status, attempt),
        source=f"/snapimage/{status.account_id}/{status.region_id}/{function}",
        type=TYPE_PREFIX + status.state.value,
        time=now.astimezone(timezone.utc),
        subject=status.snapshot_id,
        data=status,
    )


def fact_id(status: ImageStatus, attempt: int = 1) -> str:
    """The same fact always has the same id: who told it, when, for which plan and through which request do not count.

    An image asked for and one found being made are one fact. What it will lack is not known once its tags are off. An
    attempt after `snapimage forget` may come to the same end as the one before, which is another fact; an image is of one.
    """
    fact = [
        status.account_id,
        status.region_id,
        status.snapshot_id or status.event_id,
        status.image_id,
        status.state.value,
        status.terminal,
        None if status.state is State.CREATING else status.reason.value,
        status.cause.code if status.cause else None,
        sorted(status.missing),
        sorted(status.waiting_for),
        [] if status.state is State.CREATING else sorted(status.left_out),
        *([attempt] if attempt > 1 and status.image_id is None else []),
    ]
    return hashlib.sha256(json.dumps(fact).encode()).hexdigest()[:32]
