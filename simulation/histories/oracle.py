"""Whether a message was true when it was put on the queue, by the world's own record. No rule of the product is used.

An invocation looks first and tells later. So what it says is still open must have been open when it began or become open
while it looked, and what it says is over must be over when it tells.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta

from shared.domain.facts import Role
from shared.domain.message import ImageStatus
from shared.domain.message_fields import Reason, State
from simulation.histories.excuses import flickers_since, looked_unused, was_forgotten
from simulation.histories.history import TakenSnapshot
from simulation.histories.image_life import GRACE
from simulation.histories.machines import WINDOW, data_disks_of, plans_by_name
from simulation.histories.oracle_of_refusals import refusal_lies, strangers
from simulation.histories.oracle_of_snapshots import is_machine_known, is_served, may_be_in_progress
from simulation.histories.records import MadeImage, Told
from simulation.histories.world import SimulatedWorld
from simulation.memory.cloud import START

USABLE = frozenset({"Available", "Deprecated"})
MINUTE = timedelta(minutes=1)


def lies(told: Told, world: SimulatedWorld) -> Iterator[str]:
    """What is wrong with a message, to be asked at the moment at which it is told."""
    said = told.message.data
    if said.image_id is not None and said.image_id not in world.made:
        yield f"{said.image_id} never was an image of ours"
        return
    if said.image_id is not None and world.made[said.image_id].taken.id != said.snapshot_id:
        yield f"{said.image_id} was made from {world.made[said.image_id].taken.id}"
    yield from CHECKS.get(said.state, _nothing_wrong)(said, told.began, world)


def wants(taken: TakenSnapshot, world: SimulatedWorld) -> bool | None:
    """Whether this snapshot is to become an image, as the fleet was built; None when nobody could find out for sure."""
    kind = taken.machine.kind
    if kind.name == "adrift" and taken.disk_id != taken.machine.disks[0].id:
        return False
    if taken.role is not Role.SYSTEM or taken.kind not in {"timer", "user"} or taken.created < START:
        return False
    is_told_by_itself = kind.name in {"adrift", "built"}
    if not is_told_by_itself and not is_machine_known(taken, world):
        return None
    if kind.plan is None:
        return False
    return None if any(edit.variant == "disabled" for edit in world.history.edits) else True


def _nothing_wrong(said: ImageStatus, began: datetime, world: SimulatedWorld) -> Iterator[str]:
    yield from ()


def _skipped(said: ImageStatus, began: datetime, world: SimulatedWorld) -> Iterator[str]:
    taken = world.taken[said.snapshot_id or ""]
    if wants(taken, world):
        yield f"{taken.id} is in the scope of a plan"


def _waiting(said: ImageStatus, began: datetime, world: SimulatedWorld) -> Iterator[str]:
    system = world.taken[said.snapshot_id or ""]
    is_patient = any(may_be_in_progress(system, disk_id, began, world) for disk_id in said.waiting_for)
    if began >= system.shown + data_disks_of(system.machine).wait_for + MINUTE and not is_patient:
        yield "the wait was over"
    if began >= system.created + WINDOW + MINUTE:
        yield "nobody waits that long"
    yield from strangers(said.waiting_for, system, world)
    for disk_id in said.waiting_for:
        is_begun = any(may_be_in_progress(system, disk_id, moment, world) for moment in (began, world.now))
        is_calm = not world.attachments.was_moved(
            disk_id, began, world.now
        )  # ECS lists snapshots by where disks are now
        if is_served(system, disk_id, began, world, is_awaited=True) and is_calm and not is_begun:
            yield f"{disk_id} had its snapshot already"


def _creating(said: ImageStatus, began: datetime, world: SimulatedWorld) -> Iterator[str]:
    made = world.made[said.image_id or ""]
    was_known = made.looked is not None and not was_forgotten(made, world) and not made.taken.is_full
    is_gone = made.deleted is not None and made.deleted < began
    if is_gone and was_known:
        yield f"{made.id} had been deleted"
    image = world.images.get(made.id, made.last)
    is_in_grace = image is not None and image.status == "UnAvailable" and began - made.at <= GRACE
    if made.taken.is_full:
        return
    is_excused = is_gone or is_in_grace or looked_unused(made, began)
    if made.finished is not None and max(made.finished, made.shown or made.at) < began and not is_excused:
        yield f"{made.id} was at its end already"
    yield from _told_disks(said, made)


def _overdue(said: ImageStatus, began: datetime, world: SimulatedWorld) -> Iterator[str]:
    made = world.made[said.image_id or ""]
    if (made.finished or began) < began or (made.deleted or began) < began:
        yield f"{made.id} was at its end already"
    if world.now <= made.at + plans_by_name()[made.request.tags["snapimage:plan"]].overdue_after:
        yield f"{made.id} is not overdue yet"
    yield from _told_disks(said, made)


def _available(said: ImageStatus, began: datetime, world: SimulatedWorld) -> Iterator[str]:
    made = world.made[said.image_id or ""]
    if made.deleted is not None and made.deleted < began:
        yield f"{made.id} had been deleted"
    image = world.images.get(made.id, made.last)
    is_usable = image is not None and (image.status in USABLE or flickers_since(made, image.status, began))
    if made.finished is None or not is_usable:
        yield f"{made.id} is not usable"
    if made.is_spoilt:
        yield f"{made.id} has other disks than were meant"
    yield from _told_disks(said, made)


def _told_disks(said: ImageStatus, made: MadeImage) -> Iterator[str]:
    """What was asked for has been judged then; a message may say nothing else."""
    disk_set = made.request.disk_set
    asked = [(disk.snapshot_id, disk.disk_id, disk.size_gib) for disk in disk_set.disks]
    if made.is_meddled and not said.disks:
        return
    if [(entry.snapshot_id, entry.disk_id, entry.size_gib) for entry in said.disks] != asked:
        yield f"{made.id} was asked for with other disks"
    if made.is_meddled:
        return
    if said.left_out != disk_set.left_out or said.partial != bool(said.left_out):
        yield f"{made.id} lacks other disks than are told"
    if said.without_snapshots != disk_set.without_snapshots:
        yield f"{made.id} has other disks without snapshots beside it"


def _checked(said: ImageStatus, began: datetime, world: SimulatedWorld) -> Iterator[str]:
    made = world.made[said.image_id or ""]
    image = world.images.get(made.id, made.last)
    check = image.check if image else None
    if check is None or not check.is_finished:
        yield f"the check of {said.image_id} is not over"
    elif said.check is None or len(check.risks) != len(said.check.risks):
        yield "other risks were found"
    elif bool(check.risks) is not (said.reason is Reason.IMAGE_CHECK_FOUND_RISKS):
        yield f"the check of {said.image_id} found {len(check.risks)} risks"


def _failed(said: ImageStatus, began: datetime, world: SimulatedWorld) -> Iterator[str]:
    if said.reason is Reason.IMAGE_DELETED:
        if all(made.deleted is None for made in world.images_of(said.snapshot_id or "")):
            yield f"nobody deleted an image of {said.snapshot_id}"
    elif said.image_id is not None:
        yield from _failed_image(said, world)
    else:
        yield from refusal_lies(said, began, world)


def _failed_image(said: ImageStatus, world: SimulatedWorld) -> Iterator[str]:
    made = world.made[said.image_id or ""]
    image = world.images.get(made.id, made.last)
    status = image.status if image else ""
    is_odd = status in USABLE and (made.is_spoilt or made.is_meddled)
    is_lost = status == "UnAvailable" and world.now - made.at > GRACE
    if not (status == "CreateFailed" or is_odd or is_lost):
        yield f"{made.id} is {status} with the intended disks"


CHECKS: Mapping[State, Callable[[ImageStatus, datetime, SimulatedWorld], Iterator[str]]] = {
    State.SKIPPED: _skipped,
    State.WAITING: _waiting,
    State.CREATING: _creating,
    State.OVERDUE: _overdue,
    State.AVAILABLE: _available,
    State.CHECKED: _checked,
    State.FAILED: _failed,
}
