"""Writes what the documents show: command output, the schema, one message of each state. Nothing there is typed by hand.

`make docs` writes, `tests/project/test_docs.py` compares.
"""

import json
import subprocess
import sys
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

from pydantic import TypeAdapter

from ops.places import EVENTS, ROOT
from shared.domain import answers
from shared.domain.disk_set import DiskSet
from shared.domain.events import UnreadableEvent
from shared.domain.facts import Image, ImageCheck, MappedDisk, Risk, Role
from shared.domain.image_answers import found
from shared.domain.memory import STATE, OurTags, describe_image
from shared.domain.message import StatusMessage, envelope
from shared.domain.progress import Verdict, judge_image
from shared.domain.reasons import Reason, State
from shared.domain.refusal import Fail, Skip
from shared.domain.status import ImageStatus, Subject, disk_fields

SCHEMA = ROOT / "schema" / "status-message.json"
NOW = datetime(2026, 11, 20, 2, 13, tzinfo=timezone.utc)
ABOUT = OurTags("s-bp1websys20", "web", "d-bp1websys", "i-bp1web01", 14400, 1795140240, True)
DISKS = DiskSet(
    MappedDisk(Role.SYSTEM, "s-bp1websys20", 40, "d-bp1websys"),
    (MappedDisk(Role.DATA, "s-bp1webdata20", 100, "d-bp1webdata"), MappedDisk(Role.DATA, None, 20)),
    skew_seconds=5,
)


def console(*arguments: str, shown: str | None = None) -> str:
    """A command of ours and what it prints, as a fenced block."""
    command = Path(sys.executable).with_name("snapimage")
    result = subprocess.run([command, *arguments], capture_output=True, text=True, check=True, cwd=ROOT, timeout=60)  # noqa: S603 - ours
    return f"```console\n$ {shown or 'snapimage ' + ' '.join(arguments)}\n{result.stdout.rstrip()}\n```"


def count_events() -> str:
    count = sum(path.suffix in {".json", ".txt"} for path in EVENTS.iterdir())
    return f"[`events/`](events) holds {count} payloads, one for each situation,"


def write_schema() -> str:
    """JSON Schema of the message, from the model."""
    return json.dumps(TypeAdapter(StatusMessage).json_schema(mode="serialization"), indent=2) + "\n"


def example(state: State) -> str:
    """One message of this state, as a fenced block."""
    function = (
        "create_image" if state in {State.SKIPPED, State.INVALID, State.WAITING, State.CREATING} else "track_images"
    )
    body = json.loads(envelope(_status(state), function, NOW).to_json())
    return "```json\n" + json.dumps(body, indent=2, ensure_ascii=False) + "\n```"


def _status(state: State) -> ImageStatus:
    event = Subject(
        account_id="1234567890123456",
        region_id="cn-hangzhou",
        event_id="5D0F7DD1-3B1C-4C3B-8D2B-0B6C0E6A4D11",
        snapshot_id="s-bp1websys20",
        disk_id="d-bp1websys",
        seconds_since_snapshot=540,
    )
    mine = replace(event, plan="web", instance_id="i-bp1web01")
    match state:
        case State.SKIPPED:
            return answers.skipped(event, Skip(Reason.NO_PLAN, "no plan names disk d-bp1websys"))
        case State.INVALID:
            nobody = replace(event, snapshot_id=None, disk_id=None, seconds_since_snapshot=None)
            return answers.invalid(nobody, UnreadableEvent("1", "not JSON: Expecting value: line 1 column 1 (char 0)"))
        case State.WAITING:
            return answers.waiting(mine, ("d-bp1webdata",))
        case State.CREATING:
            return mine.answer(
                state, Reason.IMAGE_REQUESTED, "m-bp1new is being made", image_id="m-bp1new",
                image_name="web-s-bp1websys20", image_status="Creating", **disk_fields(DISKS),
            )  # fmt: skip
        case State.FAILED:
            why = "no accomplished snapshot of d-bp1webdata within 6:00:00 of the system snapshot"
            return answers.failed(mine, Fail(Reason.DATA_DISK_SNAPSHOT_MISSING, why, ("d-bp1webdata",)))
        case State.AVAILABLE | State.OVERDUE | State.CHECKED:
            return _of_image(replace(mine, event_id=None), state)


def _of_image(subject: Subject, state: State) -> ImageStatus:
    status = "Creating" if state is State.OVERDUE else "Available"
    check = (
        ImageCheck(True, (Risk("GUESTOS.Fstab", "High", "Fstab.DeviceNotFound"),)) if state is State.CHECKED else None
    )
    tags = {**describe_image(ABOUT, DISKS), STATE: "available"}
    image = Image("m-bp1new", "web-s-bp1websys20", status, NOW - timedelta(hours=5), DISKS.disks, tags, check)
    verdict = judge_image(image, timedelta(hours=4), NOW)
    if state is State.CHECKED:
        text = "the check of m-bp1new found: GUESTOS.Fstab (High)"
        verdict = Verdict(state, Reason.IMAGE_CHECK_FOUND_RISKS, text)
    return found(subject, image, verdict)
