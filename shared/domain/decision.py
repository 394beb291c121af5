"""Decides what becomes of one finished snapshot. Pure: facts in, a decision out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, TypeAlias

from .disk_set import DiskSet, ImpossibleSet, PendingSet, Wanted, assemble
from .events import SnapshotCompleted
from .facts import Disk, Image, Snapshot
from .image_request import ImageRequest, Origin, request_image
from .reasons import Reason
from .refusal import ANSWER, Fail, Refusal, Skip, TryLater, snapshot_failed
from .rules import Rules
from .selection import claims_disk, match_plan

if TYPE_CHECKING:
    from .plans import Plan


@dataclass(frozen=True)
class Wait:
    """Another snapshot's event will complete the set."""

    waiting_for: tuple[str, ...]


@dataclass(frozen=True)
class Adopt:
    """The image is there already."""

    image: Image


@dataclass(frozen=True)
class Make:
    request: ImageRequest


Decision: TypeAlias = Fail | Wait | Adopt | Make


def accept_snapshot(event: SnapshotCompleted, snapshot: Snapshot | None, rules: Rules) -> Snapshot | Refusal:
    """The snapshot, if what ECS tells about it allows an image."""
    if snapshot is None:
        return Fail(
            Reason.SNAPSHOT_NOT_FOUND,
            f"{event.snapshot_id} does not exist in {rules.region_id}, or the function's role may not see it",
        )
    if snapshot.status == "failed":
        return snapshot_failed(snapshot.id)
    if snapshot.status != "accomplished":
        return TryLater("SnapshotNotReady", f"{snapshot.id} is {snapshot.status}; an image needs it accomplished")
    return snapshot


def not_system_disk(snapshot: Snapshot, why: str) -> Skip:
    """ECS help, "Create a custom image from a snapshot": a snapshot of a data disk cannot make an image."""
    text = f"{snapshot.id} is of data disk {snapshot.disk_id} and makes no image by itself; {why}"
    return Skip(Reason.NOT_SYSTEM_DISK, text)


def choose_plan(kind: str, snapshot: Snapshot, disk: Disk | None, rules: Rules) -> "Plan | Skip":
    """The one plan that counts for this snapshot, or why there is none."""
    plan = match_plan(rules.plans.plans, snapshot, disk, kind)
    if plan is None and claims_disk(rules.plans.plans, snapshot, disk):
        return Skip(Reason.SNAPSHOT_TYPE_EXCLUDED, f"no plan takes {kind} snapshots of disk {snapshot.disk_id}")
    if plan is None:
        return Skip(Reason.NO_PLAN, f"no plan names disk {snapshot.disk_id}")
    if not plan.enabled:
        return Skip(Reason.PLAN_DISABLED, f"plan {plan.name} is disabled", plan)
    return plan


def snapshot_kind(event: SnapshotCompleted, snapshot: Snapshot) -> str:
    """ECS knows a copied snapshot by its source; beyond that the event knows best: ECS has no word for an imported one."""
    return snapshot.kind if snapshot.kind == "copied" or not event.kind else event.kind


def refuse_again(snapshot: Snapshot) -> Fail | None:
    """What was given up stays so, although a late event may find the set complete: subscribers were told that it is over."""
    told, _, code = snapshot.tags.get(ANSWER, "").partition(" ")
    reason = next((reason for reason in Reason if reason.value == told), None)
    if reason is None:
        return None
    text = f"{snapshot.id} was given up before; take its tag {ANSWER} off to have it tried again"
    return Fail(reason, text, code=code or None)


def decide_image(origin: Origin, images: Sequence[Image], wanted: Wanted, now: datetime) -> Decision:
    """Adopt what is there; else make the image if its disk set is right."""
    if images:
        return Adopt(min(images, key=lambda image: (image.created or now, image.id)))
    match assemble(origin.plan.data_disks, origin.snapshot, wanted, now):
        case PendingSet(waiting_for):
            return Wait(waiting_for)
        case ImpossibleSet(reason, missing, why):
            return Fail(reason, why, missing)
        case DiskSet() as disk_set:
            return Make(request_image(origin, disk_set))
