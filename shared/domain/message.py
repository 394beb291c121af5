"""The envelope: a status as a CloudEvents 1.0 message with an id that is the same whenever the same fact is told again."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Annotated, Literal

from .bounds import AtMost, Bounded
from .reasons import State
from .status import ImageStatus, ResourceId

TYPE_PREFIX = "snapimage.image."
QUEUE_LIMIT = 65536
"""Bytes of one message body after base64 (MNS help, "Limits")."""
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


def envelope(status: ImageStatus, function: str, now: datetime) -> StatusMessage:
    return StatusMessage(
        id=fact_id(status),
        source=f"/snapimage/{status.account_id}/{status.region_id}/{function}",
        type=TYPE_PREFIX + status.state.value,
        time=now.astimezone(timezone.utc),
        subject=status.snapshot_id,
        data=status,
    )


def fact_id(status: ImageStatus) -> str:
    """The same fact always has the same id: who told it, when, for which plan and through which request do not count.

    An image that is asked for and one that is found already being made are one fact: it is being created.
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
        sorted(status.left_out),
    ]
    return hashlib.sha256(json.dumps(fact).encode()).hexdigest()[:32]
