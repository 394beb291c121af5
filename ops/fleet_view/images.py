"""Every image of ours, with what becomes of it: `snapimage images`."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ops.counts import count
from ops.fleet_view.words import table, write_age, write_time
from shared.domain.facts import Image
from shared.domain.image_tags import DISK, PLAN, SNAPSHOT, recall_about
from shared.domain.inventory import Inventory
from shared.domain.recovery_points import PointState, RecoveryPoint, find_points


@dataclass(frozen=True)
class ImageFilter:
    """Of each filter the values that will do; an empty one lets all pass."""

    plans: frozenset[str] = frozenset()
    machines: frozenset[str] = frozenset()
    states: frozenset[PointState] = frozenset()
    older_than: timedelta = timedelta()


@dataclass(frozen=True)
class OurImage:
    image: Image
    judged: RecoveryPoint
    age: timedelta | None

    @property
    def plan(self) -> str:
        return self.image.tags.get(PLAN, "")

    @property
    def machine(self) -> str | None:
        about = recall_about(self.image.tags)
        return about.instance_id if about else None


def find_images(inventory: Inventory, which: ImageFilter, now: datetime) -> list[OurImage]:
    """Newest first."""
    found = [_judge(image, inventory, now) for image in inventory.ours]
    chosen = [each for each in found if _is_meant(each, which)]
    return sorted(chosen, key=lambda each: (each.age or timedelta(), each.image.id))


def _judge(image: Image, inventory: Inventory, now: datetime) -> OurImage:
    snapshot = inventory.snapshot.get(image.tags[SNAPSHOT])
    (judged,) = find_points([snapshot] if snapshot else [], [image], timedelta(), now)
    return OurImage(image, judged, now - judged.taken if judged.taken else None)


def _is_meant(each: OurImage, which: ImageFilter) -> bool:
    """A machine is found by its system disk, too: an image need not know its machine."""
    names = {each.machine, each.image.tags.get(DISK)}
    return (
        (not which.plans or each.plan in which.plans)
        and (not which.machines or bool(which.machines & names))
        and (not which.states or each.judged.state in which.states)
        and (each.age or timedelta()) >= which.older_than
    )


def to_plain(each: OurImage) -> dict[str, Any]:
    judged = each.judged
    return {
        "image_id": each.image.id,
        "name": each.image.name,
        "plan": each.plan or None,
        "instance_id": each.machine,
        "system_disk_id": each.image.tags.get(DISK),
        "snapshot_id": judged.snapshot_id,
        "state": judged.state.value,
        "reason": judged.reason.value if judged.reason else None,
        "status": each.image.status,
        "taken": write_time(judged.taken),
        "created": write_time(each.image.created),
        "age_seconds": int(each.age.total_seconds()) if each.age is not None else None,
        "gib": judged.gib,
        "left_out": list(judged.left_out),
        "why": judged.text,
    }


def to_text(images: list[OurImage]) -> str:
    rows = [
        (
            each.judged.state.value,
            each.image.id,
            each.plan or "-",
            each.machine or each.image.tags.get(DISK) or "-",
            write_age(each.age),
            f"{each.judged.gib} GiB",
            each.judged.text,
        )
        for each in images
    ]
    lines = table([("STATE", "IMAGE", "PLAN", "MACHINE", "AGE", "SIZE", "WHY"), *rows]) if rows else []
    return "\n".join([count(len(images), "image"), *lines])
