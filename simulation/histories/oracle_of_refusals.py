"""Whether a refusal is true: something is missing, or cannot be known, or ECS said so."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from shared.domain.message import ImageStatus
from shared.domain.message_fields import Reason
from simulation.histories.excuses import is_nearer_to_another_run, was_given_up_before, was_hidden
from simulation.histories.faults import HOPELESS
from simulation.histories.history import TakenSnapshot
from simulation.histories.machines import WINDOW, data_disks_of
from simulation.histories.oracle_of_snapshots import (
    has_failed,
    is_excepted,
    is_in_progress,
    is_known,
    is_machine_known,
    is_served,
    is_without_snapshots,
)
from simulation.histories.world import SimulatedWorld

BAD = frozenset({Reason.DATA_DISK_SNAPSHOT_MISSING, Reason.DATA_DISKS_UNKNOWN})
LAST_TRY = timedelta(hours=1)
"""So long before the window ends a sweep may have looked for the last time."""


def refusal_lies(said: ImageStatus, began: datetime, world: SimulatedWorld) -> Iterator[str]:
    taken = world.taken[said.snapshot_id or ""]
    is_over = world.now >= taken.created + WINDOW - LAST_TRY
    marked = [mark for mark, word in world.marked.get(taken.id, ()) if word == "failing"]
    ends = [each.began for each in world.told_of[taken.id] if each.message.data.terminal]
    decided = min([began, *marked, *(ends if marked else ())])  # a mark may wait for a new minute
    known = [
        each for each in world.images_of(taken.id) if each.deleted is None and not was_hidden(each, decided, world)
    ]
    if said.terminal and (made := [each for each in known if each.at < decided]):
        yield f"{taken.id} has its image, {made[0].id}"
    if said.cause is not None and said.cause.code not in world.refusals:
        yield f"ECS never said {said.cause.code}"
    if (
        said.terminal
        and said.cause is not None
        and not is_over
        and not (taken.is_hopeless and said.cause.code == HOPELESS[1])
    ):
        yield f"{said.cause.code} is no refusal for good"
    if said.reason is Reason.WINDOW_OVER and not is_over:
        yield "the window is not over"
    if said.reason is Reason.SNAPSHOT_FAILED and not taken.fails:
        yield f"{taken.id} did not fail"
    if said.reason in {Reason.SNAPSHOT_NOT_FOUND, Reason.TOO_MANY_DATA_DISKS, Reason.DATA_DISK_WITHOUT_SNAPSHOTS}:
        yield f"{taken.id} is there, with its disks"
    if said.reason is Reason.MACHINE_UNKNOWN and is_machine_known(taken, world):
        yield f"{taken.disk_id} hangs where it hung"
    if said.reason in BAD and not was_given_up_before(said, began, world):
        yield from _refused_set(said, taken, began, world)


def _refused_set(said: ImageStatus, system: TakenSnapshot, began: datetime, world: SimulatedWorld) -> Iterator[str]:
    """A refusal is right only where something is missing or cannot be known."""
    plan = data_disks_of(system.machine)
    wanted = _wanted_disks(system, world)
    yield from strangers(said.missing, system, world)
    if not is_machine_known(system, world):
        return
    for disk_id in said.missing:
        is_due = is_known(disk_id, system, world) and not is_nearer_to_another_run(disk_id, system, world)
        if is_due and is_served(system, disk_id, began, world):
            yield f"{disk_id} had its snapshot"
        is_coming = is_in_progress(system, disk_id, world.now, world) and not has_failed(system, disk_id, world)
        if is_coming and world.now < system.created + WINDOW and is_known(disk_id, system, world):
            yield f"the snapshot of {disk_id} is being made"
    if not set(said.missing) - set(wanted) and all(is_known(each, system, world) for each in said.missing):
        is_early = world.now < system.created + plan.wait_for
        if is_early and not any(has_failed(system, each, world) for each in said.missing):
            yield "the wait was not over"
        if said.reason is Reason.DATA_DISKS_UNKNOWN:
            yield "every disk is where it was"


def _wanted_disks(system: TakenSnapshot, world: SimulatedWorld) -> list[str]:
    """The disks that the plan wants of this machine, as it was."""
    take = data_disks_of(system.machine).take
    stays = world.attachments.data_disks_on(system.machine.id, system.created)
    wanted = take if isinstance(take, tuple) else [stay.disk_id for stay in stays]
    return [each for each in wanted if not is_excepted(each, system) and not is_without_snapshots(each, system)]


def strangers(named: Sequence[str], system: TakenSnapshot, world: SimulatedWorld) -> Iterator[str]:
    for disk_id in set(named) - set(_wanted_disks(system, world)):
        if is_known(disk_id, system, world):
            yield f"{disk_id} does not belong to {system.id}"
