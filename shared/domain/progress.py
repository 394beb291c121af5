"""Judges an image that exists: still being made, usable and as intended, or not."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from .disk_set import DiskSet
from .facts import Image, MappedDisk
from .memory import recall_disks
from .reasons import Reason, State

GRACE = timedelta(minutes=10)
"""How long an image may be `UnAvailable` before that counts as a failure: the documents name the status, not its meaning."""


@dataclass(frozen=True)
class Verdict:
    state: State
    reason: Reason
    explanation: str


def judge_image(image: Image, overdue_after: timedelta, now: datetime) -> Verdict:
    """What can be said of an image at this moment. A status that ECS may add some day counts as in progress."""
    if image.status in {"Available", "Deprecated"}:
        return _judge_disks(image, recall_disks(image.tags))
    age = now - (image.created or now)
    if image.status == "CreateFailed" or (image.status == "UnAvailable" and age > GRACE):
        return Verdict(
            State.FAILED,
            Reason.IMAGE_CREATE_FAILED,
            f"{image.id} ended as {image.status}; ECS gives no reason for it",  # DescribeImages has no such field
        )
    if age > overdue_after:
        return Verdict(State.OVERDUE, Reason.IMAGE_OVERDUE, f"{image.id} is still {image.status} after {_hours(age)} h")
    return Verdict(State.CREATING, Reason.IMAGE_ADOPTED, f"{image.id} is being made already")


def _judge_disks(image: Image, intent: DiskSet | None) -> Verdict:
    if intent is None:
        problem = "the tags with its intended disk set are gone or altered, so it cannot be checked"
        return Verdict(State.FAILED, Reason.DISK_MAP_MISMATCH, f"{image.id}: {problem}")
    if problem := compare_disks(intent.disks, image.disks):
        return Verdict(State.FAILED, Reason.DISK_MAP_MISMATCH, f"{image.id}: {problem}")
    retired = "; it has been deprecated since" if image.status == "Deprecated" else ""
    if intent.left_out:
        missing = ", ".join(intent.left_out)
        text = f"{image.id} is usable without {missing}, as the plan allows{retired}"
        return Verdict(State.AVAILABLE, Reason.IMAGE_AVAILABLE_PARTIAL, text)
    return Verdict(State.AVAILABLE, Reason.IMAGE_AVAILABLE, f"{image.id} is usable and has the intended disks{retired}")


def compare_disks(intended: Iterable[MappedDisk], made: Iterable[MappedDisk]) -> str:
    """What differs between two disk maps, in words; empty when nothing does. Order and device names do not count."""
    wanted, found = Counter(map(_spell, intended)), Counter(map(_spell, made))
    missing = sorted((wanted - found).elements())
    unexpected = sorted((found - wanted).elements())
    parts = [("missing ", missing), ("unexpected ", unexpected)]
    return "; ".join(word + ", ".join(disks) for word, disks in parts if disks)


def _spell(disk: MappedDisk) -> str:
    return f"{disk.role.value} disk {disk.snapshot_id or 'empty'} of {disk.size_gib} GiB"


def _hours(age: timedelta) -> str:
    return f"{age.total_seconds() / 3600:.1f}"
