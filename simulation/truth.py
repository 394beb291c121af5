"""Whether a message was true when it was put on the queue.

An invocation looks first and tells later. So what it says is still open must have been open when it began, and what it
says is over must be over when it tells.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime

from shared.domain.facts import Role
from shared.domain.reasons import Reason, State
from shared.domain.status import ImageStatus
from simulation.fleet import plans_by_name
from simulation.history import TakenSnapshot
from simulation.truth_of_disks import disk_lies, gets_snapshot, has_snapshot, is_adrift
from simulation.world import GRACE, Told, World


def lies(told: Told, world: World) -> Iterator[str]:
    """What is wrong with a message, to be asked at the moment at which it is told."""
    said = told.message.data
    if said.image_id is not None and said.image_id not in world.images:
        yield f"there is no image {said.image_id}"
        return
    yield from CHECKS.get(said.state, _nothing_wrong)(said, told.began, world)


def _nothing_wrong(said: ImageStatus, began: datetime, world: World) -> Iterator[str]:
    yield from ()


def _skipped(said: ImageStatus, began: datetime, world: World) -> Iterator[str]:
    taken = world.taken[said.snapshot_id or ""]
    if is_wanted(taken):
        yield f"{taken.id} is in the scope of a plan"


def _waiting(said: ImageStatus, began: datetime, world: World) -> Iterator[str]:
    system = world.taken[said.snapshot_id or ""]
    if began >= system.created + plans_by_name()[said.plan or ""].data_disks.wait_for:
        yield "the wait was over"
    for disk_id in said.waiting_for:
        if has_snapshot(system, disk_id, began, world) and not gets_snapshot(system, disk_id, began, world):
            yield f"{disk_id} had its snapshot already"


def _creating(said: ImageStatus, began: datetime, world: World) -> Iterator[str]:
    image = world.images[said.image_id or ""]
    ended = world.finished.get(image.id)
    is_in_grace = image.status == "UnAvailable" and began - (image.created or began) <= GRACE
    if ended is not None and ended < began and not is_in_grace and image.id not in world.shown_late:
        yield f"{image.id} was {image.status} already"
    yield from disk_lies(said, image, world)


def _overdue(said: ImageStatus, began: datetime, world: World) -> Iterator[str]:
    image = world.images[said.image_id or ""]
    if world.finished.get(image.id, began) < began:
        yield f"{image.id} was {image.status} already"
    if world.now <= (image.created or world.now) + plans_by_name()[said.plan or ""].overdue_after:
        yield f"{image.id} is not overdue yet"
    yield from disk_lies(said, image, world)


def _available(said: ImageStatus, began: datetime, world: World) -> Iterator[str]:
    image = world.images[said.image_id or ""]
    if image.status not in {"Available", "Deprecated"}:
        yield f"{image.id} is {image.status}"
    wanted = world.made[image.id].disk_set.disks
    if [(disk.snapshot_id, disk.size_gib) for disk in image.disks] != [(d.snapshot_id, d.size_gib) for d in wanted]:
        yield f"{image.id} has other disks than were meant"
    yield from disk_lies(said, image, world)


def _checked(said: ImageStatus, began: datetime, world: World) -> Iterator[str]:
    check = world.images[said.image_id or ""].check
    if check is None or not check.is_finished:
        yield f"the check of {said.image_id} is not over"
    elif said.check is None or len(check.risks) != len(said.check.risks):
        yield "other risks were found"
    elif bool(check.risks) is not (said.reason is Reason.IMAGE_CHECK_FOUND_RISKS):
        yield f"the check of {said.image_id} found {len(check.risks)} risks"


def _failed(said: ImageStatus, began: datetime, world: World) -> Iterator[str]:
    if said.image_id is not None:
        yield from _failed_image(said, world)
        return
    ours = world.images_of(said.snapshot_id or "")
    if said.terminal and ours:  # what an operator can cure says only that ECS refused
        yield f"{said.snapshot_id} has its image, {ours[0].id}"
    if said.cause is not None and said.cause.code not in world.refusals:
        yield f"ECS never said {said.cause.code}"
    if said.terminal and said.cause is not None and said.cause.code not in world.lasting:
        yield f"{said.cause.code} is no refusal for good"
    yield from _failed_set(said, began, world)


def _failed_image(said: ImageStatus, world: World) -> Iterator[str]:
    image = world.images[said.image_id or ""]
    is_odd = image.status in {"Available", "Deprecated"} and image.id in world.spoilt
    is_lost = image.status == "UnAvailable" and world.now - (image.created or world.now) > GRACE
    if not (image.status == "CreateFailed" or is_odd or is_lost):
        yield f"{image.id} is {image.status} with the intended disks"


def _failed_set(said: ImageStatus, began: datetime, world: World) -> Iterator[str]:
    taken = world.taken[said.snapshot_id or ""]
    if said.reason is Reason.SNAPSHOT_FAILED and not taken.fails:
        yield f"{taken.id} did not fail"
    if said.reason is Reason.DATA_DISKS_UNKNOWN and not is_adrift(taken, world):
        yield f"{taken.disk_id} is attached"
    if said.reason in {Reason.SNAPSHOT_NOT_FOUND, Reason.TOO_MANY_DATA_DISKS}:
        yield f"{taken.id} is there, with its disks"
    if said.reason is Reason.DATA_DISK_SNAPSHOT_MISSING:
        if world.now < taken.created + plans_by_name()[said.plan or ""].data_disks.wait_for:
            yield "the wait was not over"
        for disk_id in said.missing:
            if has_snapshot(taken, disk_id, began, world):
                yield f"{disk_id} had its snapshot"


def is_wanted(taken: TakenSnapshot) -> bool:
    """Whether this snapshot is to become an image, as the fleet was built."""
    return taken.role is Role.SYSTEM and taken.machine.plan is not None and taken.kind in {"timer", "user"}


CHECKS: Mapping[State, Callable[[ImageStatus, datetime, World], Iterator[str]]] = {
    State.SKIPPED: _skipped,
    State.WAITING: _waiting,
    State.CREATING: _creating,
    State.OVERDUE: _overdue,
    State.AVAILABLE: _available,
    State.CHECKED: _checked,
    State.FAILED: _failed,
}
