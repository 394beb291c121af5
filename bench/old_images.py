"""A made-up region with images of some age, for the bench, tests and documents: tags as the functions write them."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from typing import Any

from shared.domain.disk_set import DiskSet
from shared.domain.facts import MappedDisk, Role
from shared.domain.image_marks import Marks
from shared.domain.image_tags import OPEN, OPEN_NO, STATE, OurTags, describe_image

NOW = datetime(2026, 11, 27, 21, 0, tzinfo=timezone.utc)
DAY = timedelta(days=1)
KEEP_TWO: dict[str, Any] = {"keep": {"last": 2}, "at_most": "100%"}


def old_image(
    days: float, name: str = "", disk: str = "d-1", data: Sequence[str] = (), marks: Marks | None = None, **more: Any
) -> dict[str, Any]:
    """Of a snapshot that began so many days ago, named after its age: m-3 of s-3. `data` are further snapshots."""
    name = name or f"{days:g}"
    about = OurTags(f"s-{name}", "web", disk, "i-1", overdue_after=3600)
    system = MappedDisk(Role.SYSTEM, f"s-{name}", 40, disk)
    others = tuple(MappedDisk(Role.DATA, snapshot_id, 100, "d-data") for snapshot_id in data)
    tags = describe_image(about, DiskSet(system, others)) | {OPEN: OPEN_NO, STATE: (marks or Marks("checked")).to_tag()}
    mapping = [
        {
            "snapshot": each.snapshot_id,
            "size_gib": each.size_gib,
            "type": each.role.value,
            "device": f"/dev/xvd{letter}",
        }
        for letter, each in zip("abcdefgh", (system, *others), strict=False)
    ]
    return {
        "id": f"m-{name}", "name": f"snapimage-s-{name}", "disks": mapping, "tags": tags,
        "created": NOW - days * DAY + timedelta(minutes=10), "status": "Deprecated" if marks and marks.retiring else "Available",
    } | more  # fmt: skip


def deprecated(days: float, since_days: float, **more: Any) -> dict[str, Any]:
    return old_image(days, marks=Marks("checked", retiring=NOW - since_days * DAY), **more)


def snapshot_of(image: dict[str, Any], days: float, disk: str = "d-1", **more: Any) -> list[dict[str, Any]]:
    """One of each disk of the image."""
    begun = NOW - days * DAY
    return [
        {
            "id": each["snapshot"], "disk": disk if each["type"] == "system" else "d-data", "type": "timer",
            "started": begun, "ended": begun + timedelta(minutes=5), "size_gib": each["size_gib"],
            "source_disk_type": each["type"],
        } | more
        for each in image["disks"]
    ]  # fmt: skip


def facts_of(*images: dict[str, Any], snapshots: dict[str, Any] | None = None, **parts: Any) -> dict[str, Any]:
    """A world file's content, as JSON has it. `snapshots` is what all of them have in common. The system disk hangs on its machine unless `instances` differ."""
    taken: dict[str, dict[str, Any]] = {}
    for image in images:
        days = (NOW + timedelta(minutes=10) - image["created"]) / DAY
        taken = {each["id"]: each for each in snapshot_of(image, days, **(snapshots or {}))} | taken
    machine = {"id": "i-1", "disks": [{"id": "d-1", "type": "system", "size_gib": 40}]}
    facts = {"now": NOW, "instances": [machine], "snapshots": list(taken.values()), "images": list(images)}
    return plain(facts | parts)


def plain(facts: dict[str, Any]) -> dict[str, Any]:
    return dict(json.loads(json.dumps(facts, default=datetime.isoformat)))


def plan_of(**retire: Any) -> dict[str, Any]:
    return {"name": "web", "since": "2026-01-01T00:00:00Z", "retire": KEEP_TWO | retire}
