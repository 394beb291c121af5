"""One message of each state and of each reason that a subscriber treats differently, for `schema/examples`."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timezone

from files.places import ROOT
from shared.domain.message import Cause, CheckResult, DiskEntry, ImageStatus, RiskEntry, envelope
from shared.domain.message_fields import Reason, State
from shared.domain.rules import Subject

EXAMPLES = ROOT / "schema" / "examples"
NOW = datetime(2026, 11, 20, 2, 13, tzinfo=timezone.utc)
BY_EVENT = {State.SKIPPED, State.INVALID, State.WAITING, State.CREATING}
HEARD = Subject(
    account_id="1234567890123456",
    region_id="cn-hangzhou",
    event_id="5D0F7DD1-3B1C-4C3B-8D2B-0B6C0E6A4D11",
    snapshot_id="s-bp1websys20",
    disk_id="d-bp1websys",
    seconds_since_snapshot=540,
)
WANTED = replace(HEARD, plan="web", instance_id="i-bp1web01")
SWEPT = replace(WANTED, event_id=None)
SYSTEM = DiskEntry(
    type="system", snapshot_id="s-bp1websys20", disk_id="d-bp1websys", size_gib=40, device="/dev/xvda"
)  # fmt: skip
DATA = DiskEntry(
    type="data", snapshot_id="s-bp1webdata20", disk_id="d-bp1webdata", size_gib=100, device="/dev/xvdb"
)  # fmt: skip
EMPTY = DiskEntry(type="data", snapshot_id=None, disk_id=None, size_gib=20)
QUOTA = Cause(
    "QuotaExceed.Image", "The maximum number of images is exceeded.", 400, "7C2A0C1D-1E5F-4B7A-9A63-000000000001"
)


def examples() -> dict[str, str]:
    """File name and text."""
    return {f"{name}.json": write_example(status) for name, status in _statuses()}


def write_example(status: ImageStatus) -> str:
    function = "create_image" if status.state in BY_EVENT else "track_images"
    function = "retire_images" if status.state is State.RETIRED else function
    return indented(envelope(status, function, NOW).to_json())


def indented(text: str) -> str:
    return json.dumps(json.loads(text), indent=2, ensure_ascii=False) + "\n"


def _statuses() -> Iterator[tuple[str, ImageStatus]]:
    yield from _without_an_image()
    yield from _with_an_image()
    yield from _retired()
    yield from _failed()


def _without_an_image() -> Iterator[tuple[str, ImageStatus]]:
    nobody = replace(HEARD, snapshot_id=None, disk_id=None, seconds_since_snapshot=None)
    text = "not JSON: Expecting value: line 1 column 1 (char 0)"
    yield "invalid", nobody.answer(State.INVALID, Reason.INVALID_EVENT, text)
    yield "skipped", HEARD.answer(State.SKIPPED, Reason.NO_PLAN, "no plan names disk d-bp1websys")
    text = "s-bp1websys20 began before the `since` of plan web"
    yield "skipped-before-since", WANTED.answer(State.SKIPPED, Reason.BEFORE_SINCE, text)
    text = "waiting for a data-disk snapshot of d-bp1webdata"
    pending = WANTED.answer(State.WAITING, Reason.DATA_DISK_SNAPSHOT_PENDING, text)
    yield "waiting", replace(pending, waiting_for=("d-bp1webdata",))
    text = "plan web needs the instance of d-bp1websys, and ECS names none yet"
    unknown = replace(WANTED, instance_id=None)
    yield "waiting-machine-unknown", unknown.answer(State.WAITING, Reason.MACHINE_UNKNOWN, text)


def _with_an_image() -> Iterator[tuple[str, ImageStatus]]:
    text = "m-bp1new is being made"
    yield "creating", _with_image(WANTED.answer(State.CREATING, Reason.IMAGE_REQUESTED, text), "Creating")
    text = "m-bp1new is being made already"
    yield "creating-adopted", _with_image(SWEPT.answer(State.CREATING, Reason.IMAGE_ADOPTED, text), "Creating")
    text = "m-bp1new is still Creating after 5.0 h"
    yield "overdue", _with_image(SWEPT.answer(State.OVERDUE, Reason.IMAGE_OVERDUE, text), "Creating")
    text = "m-bp1new is usable and has the intended disks"
    yield "available", _with_image(SWEPT.answer(State.AVAILABLE, Reason.IMAGE_AVAILABLE, text), "Available")
    text = "m-bp1new is usable without d-bp1webdata, as the plan allows"
    partial = _with_image(SWEPT.answer(State.AVAILABLE, Reason.IMAGE_AVAILABLE_PARTIAL, text), "Available")
    partial = replace(partial, disks=(SYSTEM,), skew_seconds=0, without_snapshots=(), left_out=("d-bp1webdata",))
    yield "available-partial", replace(partial, partial=True)
    good = CheckResult(True)
    text = "the check of m-bp1new found nothing"
    yield "checked", _with_image(SWEPT.answer(State.CHECKED, Reason.IMAGE_CHECK_PASSED, text), "Available", good)
    bad = CheckResult(True, (RiskEntry("GUESTOS.Fstab", "High", "Fstab.DeviceNotFound"),))
    text = "the check of m-bp1new found: GUESTOS.Fstab (High)"
    yield (
        "checked-risks",
        _with_image(SWEPT.answer(State.CHECKED, Reason.IMAGE_CHECK_FOUND_RISKS, text), "Available", bad),
    )
    text = "m-bp1new is in family web from now on"
    yield "promoted", _with_image(SWEPT.answer(State.PROMOTED, Reason.IMAGE_PROMOTED, text), "Available", good)
    text = "m-bp1new is usable; family web is full and did not take it"
    yield "promoted-family-full", _with_image(SWEPT.answer(State.PROMOTED, Reason.FAMILY_FULL, text), "Available", good)


def _retired() -> Iterator[tuple[str, ImageStatus]]:
    known = replace(SWEPT, instance_id=None, seconds_since_snapshot=None)
    text = "m-bp1new is deprecated: its plan keeps it no longer. It can be used for at least 7 days more"
    deprecated = replace(known.answer(State.RETIRED, Reason.IMAGE_DEPRECATED, text), image_id="m-bp1new")
    yield "retired-deprecated", replace(deprecated, image_name="s-bp1websys20", image_status="Deprecated")
    text = "m-bp1new is deleted: it was deprecated for as long as its plan says"
    yield "retired-deleted", replace(known.answer(State.RETIRED, Reason.IMAGE_RETIRED, text), image_id="m-bp1new")


def _failed() -> Iterator[tuple[str, ImageStatus]]:
    text = "d-bp1webdata: no snapshot of it within 6h of s-bp1websys20 began before the wait was over"
    missing = WANTED.answer(State.FAILED, Reason.DATA_DISK_SNAPSHOT_MISSING, text)
    yield "failed", replace(missing, missing=("d-bp1webdata",))
    text = f"{QUOTA.code}: {QUOTA.message}"
    yield "failed-not-terminal", replace(WANTED.answer(State.FAILED, Reason.QUOTA_EXCEEDED, text), cause=QUOTA)
    yield "failed-at-last", replace(SWEPT.answer(State.FAILED, Reason.QUOTA_EXCEEDED, text), cause=QUOTA)
    text = f"the sweep does not look back to s-bp1websys20 any more; the last refusal was {QUOTA.code}"
    yield "failed-window-over", replace(SWEPT.answer(State.FAILED, Reason.WINDOW_OVER, text), cause=QUOTA)
    text = "m-bp1new ended as CreateFailed; ECS gives no reason for it"
    yield "failed-image", _with_image(SWEPT.answer(State.FAILED, Reason.IMAGE_CREATE_FAILED, text), "CreateFailed")
    text = "the image of s-bp1websys20 was deleted before it was usable"
    nameless = replace(SWEPT, plan=None, instance_id=None, seconds_since_snapshot=None)
    yield "failed-image-deleted", nameless.answer(State.FAILED, Reason.IMAGE_DELETED, text)


def _with_image(status: ImageStatus, image_status: str, check: CheckResult | None = None) -> ImageStatus:
    return replace(
        status,
        image_id="m-bp1new",
        image_name="s-bp1websys20",
        image_status=image_status,
        check=check,
        disks=(SYSTEM, DATA, EMPTY),
        skew_seconds=5,
        without_snapshots=("d-bp1webtmp",),
    )
