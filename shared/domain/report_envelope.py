"""The envelope of the night's report, CloudEvents 1.0 in structured JSON, and its id."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Annotated, Literal

from .message_fields import AtMost, Bounded
from .report_message import NightReport

REPORT_TYPE: Literal["snapimage.report.night"] = "snapimage.report.night"
REPORT_SCHEMA_ID: Literal["urn:snapimage:schema:night-report:1.0"] = "urn:snapimage:schema:night-report:1.0"
"""Names `schema/night-report.json`, wherever it lies."""
PASSING = frozenset({"explanation", "age_seconds", "refusals", "calls", "waited_seconds"})
"""What a second changes, or who asks: no part of the fact."""


@dataclass(frozen=True, kw_only=True)
class ReportMessage(Bounded):
    """The night's report in a CloudEvents 1.0 envelope, structured JSON."""

    specversion: Literal["1.0"] = "1.0"
    """Version of CloudEvents."""
    id: Annotated[str, AtMost(32, r"[0-9a-f]{32}")]
    """Of the facts that are told and of the night: the same facts of one night always have the same id. Drop a message whose id you have seen."""
    source: Annotated[str, AtMost(512, r"[!-~]+")]
    """Who tells it: /snapimage/ACCOUNT/REGION/FUNCTION."""
    type: Literal["snapimage.report.night"] = REPORT_TYPE
    """The kind of message."""
    time: datetime
    """When it was told: RFC 3339, UTC."""
    datacontenttype: Literal["application/json"] = "application/json"
    """Of `data`."""
    dataschema: Literal["urn:snapimage:schema:night-report:1.0"] = REPORT_SCHEMA_ID
    """The schema of this message."""
    data: NightReport
    """The report."""

    def to_json(self) -> str:
        """The body as it is put on the queue."""
        text = json.dumps(self.to_plain(), ensure_ascii=False, separators=(",", ":"))
        return text.encode("utf-8", "replace").decode("utf-8")  # half a surrogate pair is no text to the queue


def envelope_report(report: NightReport, function: str, now: datetime) -> ReportMessage:
    return ReportMessage(
        id=report_id(report),
        source=f"/snapimage/{report.account_id}/{report.region_id}/{function}",
        time=now.astimezone(timezone.utc),
        data=report,
    )


def report_id(report: NightReport) -> str:
    """A quiet night has another id than the quiet night before: the night is part of the fact."""
    fact = json.dumps(_lasting(report.to_plain()), sort_keys=True)
    return hashlib.sha256(fact.encode()).hexdigest()[:32]


def _lasting(value: object) -> object:
    if isinstance(value, dict):
        return {key: _lasting(each) for key, each in value.items() if key not in PASSING}
    return [_lasting(each) for each in value] if isinstance(value, list) else value
