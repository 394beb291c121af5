"""Reads what arrives: one finished snapshot in any of the shapes in which the cloud delivers the fact.

Three shapes carry it: the EventBridge CloudEvent (native fields in `data` or in `data.content`), the CloudMonitor
notification, and either of them as the body of a queue's message (`data.messageBody`); and arrays of these. Each object
may be JSON text instead. Sources: ECS help "Snapshot event notifications" (doc 143662), EventBridge help "ECS events" and
"SMQ as an event source". No sample of the CloudEvent's `data` is published, so every documented place is looked at.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from .moments import read_moment

EVENT_TYPES = frozenset({"ecs:Snapshot:CreateSnapshotCompleted", "Snapshot:CreateSnapshotCompleted"})
ARN = re.compile(r"acs:ecs:(?P<region>[^:]*):(?P<account>[^:]*):snapshot/(?P<snapshot>[^/:]+)")
YEARS = range(2009, 2200)
"""Alibaba Cloud began in 2009; a time far outside is a clock that was never set."""
MAX_EVENTS = 100
"""Events in one array. Far more than that is not a batch but an attack."""
QUEUE_TYPE = "mns:Queue:SendMessage"


FORMS = {
    "account_id": re.compile(r"[0-9]{1,32}"),
    "region_id": re.compile(r"[a-z0-9-]{2,64}"),
    "snapshotId": re.compile(r"s-[A-Za-z0-9_-]{1,62}"),
    "diskId": re.compile(r"d-[A-Za-z0-9_-]{1,62}"),
    "result": re.compile(r"[ -~]{0,64}"),
    "snapshotType": re.compile(r"[ -~]{0,64}"),  # told to people: words that a terminal shows and does not obey
}
"""What each field must look like, by the sender's spelling of it; nothing else of an event reaches ECS, a log or a message."""
ACCOUNTS = ("aliyunaccountid", "aliyunoriginalaccountid", "userId")
REGIONS = ("aliyunregionid", "regionId")
TAKEN_OVER = ("diskId", "result", "snapshotType", "startTime", "endTime")
SEVERAL = frozenset({"account_id", "region_id"})
"""Fields that we gather from several places; of every other one there is one value."""


@dataclass(frozen=True)
class SnapshotCompleted:
    """One finished snapshot. What the event left out is None, and is asked of ECS."""

    event_id: str
    snapshot_id: str
    account_ids: frozenset[str] = frozenset()
    """Every account that the event names: where it came from, where it was sent to, whose snapshot it is."""
    region_ids: frozenset[str] = frozenset()
    disk_id: str | None = None
    result: str | None = None
    """In small letters: `accomplished` or `failed`."""
    kind: str | None = None
    """In small letters: `timer`, `user`, `copied` or `imported`."""
    begun: datetime | None = None
    ended: datetime | None = None
    time: datetime | None = None
    """When it happened, by the event itself; else when the snapshot ended."""


@dataclass(frozen=True)
class UnreadableEvent:
    """Something arrived that is no snapshot event; `problem` says why, in bounded text."""

    event_id: str
    problem: str
    snapshot_id: None = None
    disk_id: None = None
    ended: None = None


ArrivedEvent = SnapshotCompleted | UnreadableEvent


def read_events(payload: bytes) -> tuple[ArrivedEvent, ...]:
    """The events in one invocation, in order, at least one; never raises."""
    try:
        parsed = _unfold(json.loads(payload.decode("utf-8")))
    except (ValueError, RecursionError) as error:
        return (UnreadableEvent(_digest(payload), f"not JSON: {str(error)[:120]}"),)
    if not isinstance(parsed, list):
        return (_read_one(parsed, lambda: payload),)
    if not 1 <= len(parsed) <= MAX_EVENTS:
        return (UnreadableEvent(_digest(payload), f"an array of {len(parsed)} events; 1 to {MAX_EVENTS} are read"),)
    return tuple(_read_entry(entry, number, payload) for number, entry in enumerate(parsed))


def _read_entry(entry: object, number: int, payload: bytes) -> ArrivedEvent:
    try:
        return _read_one(entry, lambda: json.dumps(entry, sort_keys=True).encode())
    except RecursionError:  # at some depths an entry can be read but not be written again; the others are none of it
        return UnreadableEvent(_digest(b"%d of " % number + payload), "nested too deeply")


def _read_one(entry: object, raw: Callable[[], bytes]) -> ArrivedEvent:
    """`raw` is written only for an entry that has no identity of its own."""
    entry = _unfold(entry)
    if not isinstance(entry, dict):
        return UnreadableEvent(_digest(raw()), f"not a JSON object but {type(entry).__name__}")
    wrapper: dict[str, Any] = {}
    if entry.get("type") == QUEUE_TYPE:
        body = _object(entry.get("data")).get("messageBody")
        wrapper, entry = entry, _object(body)
    own = entry.get("id")
    event_id = own if isinstance(own, str) and 0 < len(own) <= 256 and own.isprintable() else _digest(raw())
    kind = entry.get("type") or entry.get("name")
    if not isinstance(kind, str) or kind not in EVENT_TYPES:
        return UnreadableEvent(event_id, f"type {_quote(kind)} is not ecs:Snapshot:CreateSnapshotCompleted")
    found = _flatten(entry, wrapper)
    if wrong := sorted(name for name, form in FORMS.items() if not _has_form(found.get(name), form, name)):
        return UnreadableEvent(event_id, f"missing or malformed: {', '.join(wrong)}")
    ended = _read_time(found.get("endTime"))
    return SnapshotCompleted(
        event_id=event_id,
        snapshot_id=found["snapshotId"],
        account_ids=frozenset(found["account_id"]),
        region_ids=frozenset(found["region_id"]),
        disk_id=found.get("diskId"),
        result=_in_one_spelling(found.get("result")),
        kind=_in_one_spelling(found.get("snapshotType")),
        begun=_read_time(found.get("startTime")),
        ended=ended,
        time=_read_time(entry.get("time") or entry.get("eventTime")) or ended,
    )


def _flatten(entry: dict[str, Any], wrapper: dict[str, Any]) -> dict[str, Any]:
    """Brings all shapes to one level; the ARN in `subject` or `resourceId` fills what the fields leave out. Accounts and
    regions are looked for at every level: one that is not ours is enough to refuse the event."""
    notice = _object(entry.get("data")) or entry
    content = _object(notice.get("content")) or notice
    levels = (entry, wrapper, notice, content)
    arns = list(_arns(entry.get("subject"), *(level.get("resourceId") for level in levels)))
    found: dict[str, Any] = {name: content[name] for name in TAKEN_OVER if name in content}
    accounts = [level.get(name) for level in levels for name in ACCOUNTS] + [arn["account"] for arn in arns]
    regions = [level.get(name) for level in levels for name in REGIONS] + [arn["region"] for arn in arns]
    found["account_id"] = [str(account) for account in accounts if account]
    found["region_id"] = [region for region in regions if region]
    found["snapshotId"] = content.get("snapshotId") or next((arn["snapshot"] for arn in arns), None)
    return found


def _unfold(value: object) -> object:
    """What JSON text holds, where a text stands in the place of an object or an array."""
    if not isinstance(value, str) or value[:1] not in {"{", "["}:
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return value


def _object(value: object) -> dict[str, Any]:
    unfolded = _unfold(value)
    return unfolded if isinstance(unfolded, dict) else {}


def _arns(*candidates: object) -> Iterator[dict[str, str]]:
    for candidate in candidates:
        if isinstance(candidate, str) and (match := ARN.fullmatch(candidate)):
            yield match.groupdict()


def _has_form(value: object, form: re.Pattern[str], name: str) -> bool:
    if name in SEVERAL and isinstance(value, list):
        return all(isinstance(each, str) and form.fullmatch(each) for each in value)
    if value is None:
        return name != "snapshotId"
    return isinstance(value, str) and form.fullmatch(value) is not None


def _in_one_spelling(text: str | None) -> str | None:
    """ECS itself says `auto` for what its events call `timer`."""
    word = text.lower() if text else None
    return "timer" if word == "auto" else word


def _read_time(value: object) -> datetime | None:
    """A time that cannot be read must not cost the image: ECS knows when the snapshot was made."""
    try:
        moment = read_moment(str(value))
    except ValueError:
        return None
    return moment if moment.year in YEARS else None


def _quote(value: object) -> str:
    return json.dumps(value)[:80] if isinstance(value, str) else "(none)" if value is None else type(value).__name__


def _digest(raw: bytes) -> str:
    """The identity of something that has none of its own, so that a repeat gets the same answer."""
    return "sha256-" + hashlib.sha256(raw).hexdigest()[:32]
