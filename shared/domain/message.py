"""The envelope: a status as a CloudEvents 1.0 message with an id that is the same whenever the same fact is told again."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Annotated, Literal

from .bounds import AtMost, Bounded
from .reasons import Reason, State
from .status import ImageStatus, ResourceId

TYPE_PREFIX = "snapimage.image."
QUEUE_LIMIT = 65536
"""Bytes of one message body after base64 (MNS help, "Limits")."""


@dataclass(frozen=True, kw_only=True)
class StatusMessage(Bounded):
    """CloudEvents 1.0, structured JSON. Two messages with one `id` tell the same fact: drop the second."""

    specversion: Literal["1.0"] = "1.0"
    id: Annotated[str, AtMost(32, r"[0-9a-f]{32}")]
    source: Annotated[str, AtMost(512)]
    type: Annotated[str, AtMost(64)]
    time: datetime
    datacontenttype: Literal["application/json"] = "application/json"
    subject: ResourceId | None = None
    data: ImageStatus

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
    """Identifies the fact, not the telling: who told it, when, and through which request do not count.

    A failed snapshot is one fact, whether or not the teller knew its plan. An image that is asked for and one that is found already being made are one fact: it is being created.
    """
    fact = [
        status.account_id,
        status.region_id,
        status.snapshot_id or status.event_id,
        None if status.reason is Reason.SNAPSHOT_FAILED else status.plan,
        status.state.value,
        None if status.state is State.CREATING else status.reason.value,
        status.image_id,
        status.cause.code if status.cause else None,
        sorted(status.waiting_for),
    ]
    return hashlib.sha256(json.dumps(fact).encode()).hexdigest()[:32]
