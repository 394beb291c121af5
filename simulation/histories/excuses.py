"""What nobody could know or remember: the few things that no promise covers."""

from datetime import datetime, timedelta

from shared.domain.message import ImageStatus
from shared.domain.message_fields import State
from simulation.histories.history import TakenSnapshot
from simulation.histories.machines import WINDOW, data_disks_of
from simulation.histories.records import MadeImage, Told
from simulation.histories.world import SimulatedWorld

ENDS = frozenset({"available", "failed"})
DECIDED = ENDS | {"failing"}
ASKED = frozenset({"requested", "making"})
"""Outcomes that say that there is an image, or was."""


def was_news(told: Told, world: SimulatedWorld) -> bool:
    """Nothing told who decided this that the snapshot had come to an end: ECS refused the tag of each end that was told
    before; or it was an image's, and who told it was killed, or had not come back. A refusal is marked before it is told."""
    snapshot_id = told.message.data.snapshot_id or ""
    before = [each for each in world.told_of[snapshot_id] if each.at < told.at and each.message.id != told.message.id]
    ends = [each for each in before if each.message.data.terminal]
    marks = [mark for mark, word in world.marked.get(snapshot_id, ()) if word in DECIDED]

    def was_known(end: Told) -> bool:
        came_back = end.teller.returned is not None and end.teller.returned <= told.began
        was_tagged = "TagResources" not in end.teller.refused and (came_back or end.message.data.image_id is None)
        return was_tagged or any(end.began <= mark < told.began for mark in marks)

    return bool(ends) and not any(was_known(end) for end in ends)


def was_blind(told: Told) -> bool:
    """ECS refused to show the snapshot, with all that it remembers: a permission that is missing is told of it all the same,
    as something that is not the end."""
    data = told.message.data
    return (
        "DescribeSnapshots" in told.refused and not data.terminal and data.cause is not None and data.image_id is None
    )


def _is_end(told: Told) -> bool:
    """Of an image that was still there."""
    said = told.message.data
    return said.state in {State.AVAILABLE, State.FAILED} and said.image_id is not None


def was_unseen(taken: TakenSnapshot, world: SimulatedWorld) -> bool:
    """Deleted, or without its tags, before anybody looked."""
    images = world.images_of(taken.id)
    return any(made.looked is None and (made.deleted is not None or made.is_meddled) for made in images)


def was_lost(taken: TakenSnapshot, world: SimulatedWorld) -> bool:
    """Who told its end was killed before it could be remembered, and the image was deleted before the next minute's run."""
    ends = [told for told in world.told_of[taken.id] if _is_end(told)]
    gone = [made.deleted for made in world.images_of(taken.id) if made.deleted is not None]
    killed = [end.at for end in ends if end.teller.returned is None]
    return any(at <= moment <= at + timedelta(minutes=1) for at in killed for moment in gone)


def could_not_remember(taken: TakenSnapshot, world: SimulatedWorld) -> bool:
    """Its tags are all taken, or its image was gone before its state or its end could be tagged; or ECS refused the tag of
    its end, or an older one was written over it."""
    is_lost = was_unseen(taken, world) or was_lost(taken, world) or was_overwritten(taken.id, world)
    return taken.is_full or is_lost or was_refused_its_end(taken, world)


def was_refused_its_end(taken: TakenSnapshot, world: SimulatedWorld) -> bool:
    ends = [told for told in world.told_of[taken.id] if told.message.data.terminal]
    marks = [mark for mark, word in world.marked.get(taken.id, ()) if word in ENDS]
    return not marks and any("TagResources" in end.teller.refused for end in ends)


def was_settled_late(taken: TakenSnapshot, world: SimulatedWorld) -> bool:
    """After the last sweep that looks back so far, which would have taken the first look off: the tags stay, and say
    nothing to anybody."""
    last = max((mark for mark, _ in world.marked.get(taken.id, ())), default=taken.created)
    return last > taken.created + WINDOW + timedelta(hours=1)


def flickers_since(made: MadeImage, status: str, began: datetime) -> bool:
    """It was usable when the invocation began to look, and will be again."""
    return status == "UnAvailable" and made.flickered is not None and began <= made.flickered


def was_overwritten(snapshot_id: str, world: SimulatedWorld) -> bool:
    """An invocation that had begun before the end wrote its own outcome over it: ECS sets tags whatever they were before
    (API reference TagResources)."""
    return snapshot_id in world.overwritten


def was_given_up_before(told: ImageStatus, began: datetime, world: SimulatedWorld) -> bool:
    """The failure was marked by an earlier invocation, and the facts have changed or are not shown any more: the mark has no
    room for what was missing then."""
    marked = world.ended.get(told.snapshot_id or "")
    return marked is not None and marked < began and not told.missing


def looked_unused(made: MadeImage, began: datetime) -> bool:
    """DescribeSnapshots said that nothing had been made of the snapshot, and ECS gave the id once more for its token. Plans
    that need no last image ask no further, and by the last image of its disk none is found that has lost its tags."""
    asks_further = data_disks_of(made.taken.machine).take == "attached" and not made.is_meddled
    return made.used is not None and began < made.used and not asks_further


def was_forgotten(made: MadeImage, world: SimulatedWorld) -> bool:
    """Deleted, and nobody could remember it by then, or a refusal of another request was written over it: ECS gives its id
    once more to whoever asks with its token."""
    if made.deleted is None:
        return False
    words = [word for mark, word in world.marked.get(made.taken.id, ()) if made.at <= mark <= made.deleted and word]
    return not words or words[-1] not in ASKED | DECIDED


def is_full(snapshot_id: str, world: SimulatedWorld) -> bool:
    """Its tags are all taken: what was missing at its end has no place to be remembered."""
    return snapshot_id in world.taken and world.taken[snapshot_id].is_full


def is_failed(snapshot_id: str, world: SimulatedWorld) -> bool:
    """A failed snapshot is told of whatever plans say."""
    return snapshot_id in world.taken and world.taken[snapshot_id].fails


def was_check_unknown(made: MadeImage) -> bool:
    """Our tags say that the image is to be checked: when an operator has altered them, nobody knows that a check is due."""
    return made.is_meddled


def was_hidden(made: MadeImage, moment: datetime, world: SimulatedWorld) -> bool:
    """ECS did not list the image yet, and nobody had remembered on its snapshot that it was asked for."""
    marks = world.marked.get(made.taken.id, ())
    is_remembered = any(made.at <= mark < moment and word in ASKED for mark, word in marks)
    return made.shown is not None and made.shown > moment and not is_remembered


def told_with_sight(world: SimulatedWorld) -> list[Told]:
    """What was told, but for refusals of a snapshot that were followed by its image, which ECS did not list yet although it
    was looked for: an attempt whose reply was lost had asked for it, in the last hour of the window."""

    def is_blind(told: Told) -> bool:
        snapshot_id = told.message.data.snapshot_id or ""
        made = [each for each in world.images_of(snapshot_id) if each.at < told.began]
        is_followed = any(_is_end(end) and end.at > told.at for end in world.told_of[snapshot_id])
        return (
            told.message.data.cause is not None
            and is_followed
            and any(was_hidden(each, told.began, world) for each in made)
        )

    return [told for told in world.told if not (told.message.data.terminal and is_blind(told))]


def was_run_unknown(taken: TakenSnapshot, system: TakenSnapshot, moment: datetime, world: SimulatedWorld) -> bool:
    """ECS names no run, and the times do not tell this one from another: from the next, which had begun no snapshot of the
    system disk yet; or from the one before, when the disk began so late in it that the policy had fired again, and lies
    nearer to the system snapshot of this one (docs/plans.md)."""
    if taken.policy != system.policy:
        return False
    others = [each for each in world.taken.values() if each.disk_id == system.disk_id and each.run == taken.run]
    if taken.created < system.created:
        is_nearest = all(system.created - taken.created < abs(taken.created - each.created) for each in others)
        return is_nearest and taken.created.hour == system.created.hour
    return not any(each.created <= moment for each in others)


def is_nearer_to_another_run(disk_id: str, system: TakenSnapshot, world: SimulatedWorld) -> bool:
    """This run's snapshot of the disk began nearer to the next run's system snapshot. ECS names no run: by the times it is
    the next one's (docs/plans.md)."""
    policy = [each for each in world.taken.values() if system.policy and each.policy == system.policy]
    rivals = [each for each in policy if each.disk_id == system.disk_id and each.run != system.run]
    mine = [each for each in policy if each.disk_id == disk_id and each.run == system.run]
    return any(abs(each.created - one.created) < abs(each.created - system.created) for each in mine for one in rivals)


def is_nameless(disk_id: str, world: SimulatedWorld) -> bool:
    """Of a disk that was released ECS tells neither a name nor tags, by which a plan might leave it aside."""
    return world.cloud.disks.known(disk_id) is None
