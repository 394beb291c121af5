"""What holds after every history, whatever went wrong in it. Each promise is a function; what it yields is broken."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from shared.domain.message import ImageStatus
from shared.domain.message_fields import State
from simulation.histories import excuses
from simulation.histories.execution import Execution
from simulation.histories.explanations import explained
from simulation.histories.machines import plans_by_name
from simulation.histories.oracle import USABLE, wants
from simulation.histories.records import Told

OURS, OPEN, OUTCOME, PLAN = "snapimage:", "snapimage:open", "snapimage:outcome", "snapimage:plan"
LOOK = "snapimage:disks."
FATES = frozenset({State.WAITING, State.CREATING, State.AVAILABLE, State.FAILED})


@dataclass(frozen=True)
class BrokenPromise:
    promise: str
    text: str


def one_image(execution: Execution) -> Iterator[str]:
    """Every snapshot has at most one image, whatever plans and operators did meanwhile: what they delete stays deleted.

    Excused is an image that was deleted before anybody had remembered it.
    """
    for taken in execution.history.snapshots:
        images = execution.world.images_of(taken.id)
        if any(not excuses.was_forgotten(made, execution.world) for made in images[:-1]):
            yield f"{len(images)} images of {taken.id}"


def one_token(execution: Execution) -> Iterator[str]:
    """Every request for one snapshot goes out with the same token, and no request for another has it."""
    pairs = {(request.disk_set.system.snapshot_id, request.client_token) for request in execution.world.attempts}
    for side in (0, 1):
        for word, count in Counter(pair[side] for pair in pairs).items():
            if count > 1:
                yield f"{count} snapshots and tokens for {word}"


def every_answer(execution: Execution) -> Iterator[str]:
    """Every event that was delivered was taken, or is in the dead-letter queue."""
    kept = {letter.payload for letter in execution.dead_letters}
    for delivery, payload in execution.payloads.items():
        if payload not in execution.answered and payload not in kept:
            yield f"no answer to the event of {', '.join(delivery.snapshot_ids)}"


def one_end(execution: Execution) -> Iterator[str]:
    """Every snapshot that a plan wants comes to exactly one end on the queue, whether or not its event came; no other does.

    Excused are an image that was deleted or lost its tags before anybody saw it, and a snapshot without room for a tag.
    """
    ends: dict[str, set[str]] = defaultdict(set)
    for said in excuses.told_with_sight(execution.world):
        is_end = said.message.data.terminal and said.message.data.state is not State.SKIPPED
        if is_end and not excuses.was_news(said, execution.world):
            ends[said.message.data.snapshot_id or ""].add(said.message.id)
    for taken in execution.history.snapshots:
        wanted, count = wants(taken, execution.world), len(ends[taken.id])
        is_missing = wanted and count == 0 and not excuses.was_unseen(taken, execution.world)
        is_wrong = count > 1 or is_missing or (wanted is False and count and not taken.fails)
        if is_wrong and not taken.is_full and not excuses.was_overwritten(taken.id, execution.world):
            yield f"{count} ends of {taken.id}"


def end_is_last(execution: Execution) -> Iterator[str]:
    """After the end of a snapshot was told, whoever begins then tells of no other fate."""
    ended: dict[str, Told] = {}
    for said in excuses.told_with_sight(execution.world):
        data, snapshot_id = said.message.data, said.message.data.snapshot_id or ""
        end = ended.get(snapshot_id, said)
        if (
            data.state in FATES
            and not excuses.is_full(snapshot_id, execution.world)
            and not excuses.was_news(said, execution.world)
            and not excuses.was_blind(said)
            and not excuses.was_overwritten(snapshot_id, execution.world)
            and end.message.id != said.message.id
            and end.at < said.began
        ):
            yield f"{snapshot_id} had come to its end, and is {data.state.value} again"
        if data.terminal and data.state is not State.SKIPPED:
            ended.setdefault(snapshot_id, said)


def right_disks(execution: Execution) -> Iterator[str]:
    """Every image that is asked for has the disks that were there, in the order of their devices, each by its own snapshot."""
    yield from (text for promise, text in execution.world.lies if promise == "right_disks")


def only_truth(execution: Execution) -> Iterator[str]:
    """No message states what is not true."""
    yield from (text for promise, text in execution.world.lies if promise == "only_truth")


def sound_families(execution: Execution) -> Iterator[str]:
    """No image becomes the newest of its family that is not usable, not as intended, or was found to be bad."""
    for image, moment, began in execution.world.promoted:
        made = execution.world.made.get(image.id)
        if made is None:
            yield f"{image.id} is not ours"
            continue
        check, age = image.check, moment - made.at
        is_overdue = age > plans_by_name()[made.request.tags[PLAN]].overdue_after
        may_be_unchecked = is_overdue or excuses.was_check_unknown(made)
        is_usable = image.status in USABLE or excuses.flickers_since(made, image.status, began)
        if not is_usable or made.is_spoilt:
            yield f"{image.id} is {image.status}, or has other disks than were meant"
        was_unseen = made.checked is not None and made.checked >= began
        is_bad = check is not None and bool(check.risks) and not (was_unseen and may_be_unchecked)
        is_unchecked = check is not None and not check.is_finished and not may_be_unchecked
        if is_bad or is_unchecked:
            yield f"{image.id} was not found to be good"


def one_fact_per_id(execution: Execution) -> Iterator[str]:
    """Messages with one id tell one fact, and the same fact always has the same id."""
    facts: dict[str, set[object]] = defaultdict(set)
    ids: dict[object, set[str]] = defaultdict(set)
    for told in execution.world.told:
        fact = _fact(told.message.data)
        facts[told.message.id].add(fact)
        is_full = excuses.is_full(told.message.data.snapshot_id or "", execution.world)
        if not is_full and not excuses.was_news(told, execution.world):
            ids[fact].add(told.message.id)
    for message_id, known in facts.items():
        if len(known) > 1:
            yield f"{len(known)} facts under the id {message_id}"
    for one_fact, known_ids in ids.items():
        if len(known_ids) > 1:
            yield f"{len(known_ids)} ids for {one_fact}"


def nothing_foreign(execution: Execution) -> Iterator[str]:
    """Nothing but our own images and snapshots that plans want is written to, and only tags of ours."""
    ours = set(execution.world.made) | {
        taken.id for taken in execution.history.snapshots if wants(taken, execution.world) is not False
    }
    for touched, keys in execution.world.touched:
        if touched not in ours and not excuses.is_failed(touched, execution.world):
            yield f"{touched} was changed"
        if alien := [key for key in keys if not key.startswith(OURS)]:
            yield f"{touched} got the tags {alien}"
    for image_id, image in execution.world.foreign.items():
        if execution.world.images.get(image_id) != image:
            yield f"{image_id} is not as it was"


def nothing_left(execution: Execution) -> Iterator[str]:
    """In the end the sweeps have nothing to look at again, and nothing is remembered that only a wait needs."""
    if execution.restless:
        yield "track_images finds something to do each minute"
    for taken in execution.history.snapshots:
        known = execution.world.cloud.snapshots.known(taken.id)
        word = (known.tags.get(OUTCOME, "") if known else "").split(" ")[0]
        has_look = known is not None and any(key.startswith(LOOK) for key in known.tags)
        if has_look and word in {"available", "failed"} and not excuses.was_settled_late(taken, execution.world):
            yield f"{taken.id} still remembers which disks were there"
        is_due = wants(taken, execution.world) and not excuses.could_not_remember(taken, execution.world)
        if is_due and word not in {"available", "failed"}:
            yield f"{taken.id} remembers {word or 'nothing'}"
    for made in execution.world.made.values():
        if not made.is_meddled and made.deleted is None and execution.world.images[made.id].tags.get(OPEN) != "no":
            yield f"the next sweep would look at {made.id} again"


PROMISES: tuple[Callable[[Execution], Iterator[str]], ...] = (
    right_disks, one_image, one_token, every_answer, one_end, end_is_last, only_truth, sound_families, one_fact_per_id,
    nothing_foreign, nothing_left, explained,
)  # fmt: skip


def violations(execution: Execution) -> list[BrokenPromise]:
    """Everything that is broken, the first promise first."""
    return [BrokenPromise(promise.__name__, text) for promise in PROMISES for text in promise(execution)]


def _fact(said: ImageStatus) -> tuple[object, ...]:
    return (
        said.snapshot_id or said.event_id, said.state, said.image_id, said.terminal,
        None if said.state is State.CREATING else said.reason,
        None if said.state is State.FAILED and said.terminal else said.missing,  # the end that was decided first stands
        said.waiting_for, said.cause.code if said.cause else None,
    )  # fmt: skip
