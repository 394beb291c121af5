"""What holds after every history, whatever went wrong in it. Each promise is a function; what it yields is broken."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from shared.domain.image_request import ImageRequest
from shared.domain.memory import OPEN, PLAN, SNAPSHOT
from shared.domain.reasons import State
from shared.domain.refusal import ANSWER
from simulation.fleet import plans_by_name
from simulation.payloads import event_ids
from simulation.run import Run
from simulation.truth import is_wanted

OURS = "snapimage:"


@dataclass(frozen=True)
class Violation:
    promise: str
    text: str


def one_image(run: Run) -> Iterator[str]:
    """At most one image for each snapshot and plan."""
    made = Counter((image.tags.get(SNAPSHOT), image.tags.get(PLAN)) for image in run.world.images.values())
    for (snapshot_id, plan), count in made.items():
        if snapshot_id is not None and count > 1:
            yield f"{count} images of {snapshot_id} under plan {plan}"


def one_token(run: Run) -> Iterator[str]:
    """The same request always goes out with the same token, whenever it is sent again, and no other request has it."""
    if len(run.world.attempts) < 2:
        return
    pairs = {(request.client_token, _spell(request)) for request in run.world.attempts}
    for token, count in Counter(token for token, _ in pairs).items():
        if count > 1:
            yield f"{count} requests with the token {token}"
    for count in Counter(request for _, request in pairs).values():
        if count > 1:
            yield f"{count} tokens for one and the same request"


def every_answer(run: Run) -> Iterator[str]:
    """Every event that was delivered has an answer, or is in the dead-letter queue."""
    kept = b" ".join(letter.payload for letter in run.dead_letters).decode()
    for event_id in {each for delivery in run.history.deliveries for each in event_ids(delivery)}:
        if event_id not in run.answered and f'"{event_id}"' not in kept:
            yield f"no answer to the event {event_id}"


def every_snapshot(run: Run) -> Iterator[str]:
    """Every snapshot that a plan wants has its image or a final refusal on the queue, whether or not its event came."""
    final = {
        told.message.data.snapshot_id
        for told in run.world.told
        if told.message.data.terminal and told.message.data.state is State.FAILED
    }
    for taken in run.history.snapshots:
        if is_wanted(taken) and not run.world.images_of(taken.id) and taken.id not in final:
            yield f"nothing final about {taken.id}"


def one_ending(run: Run) -> Iterator[str]:
    """Every image has exactly one terminal fact on the queue: messages that repeat it carry its id."""
    endings: dict[str, set[str]] = defaultdict(set)
    for told in run.world.told:
        if told.message.data.terminal and told.message.data.image_id:
            endings[told.message.data.image_id].add(told.message.id)
    for image_id in run.world.made:
        if len(endings[image_id]) != 1:
            yield f"{len(endings[image_id])} terminal facts about {image_id}"


def sound_families(run: Run) -> Iterator[str]:
    """No image becomes the newest of its family that is not usable, not as intended, or was found to be bad."""
    for image, moment in run.world.promoted:
        check, request = image.check, run.world.made[image.id]
        age = moment - (image.created or moment)
        may_be_unchecked = age > plans_by_name()[request.tags[PLAN]].overdue_after
        if image.status not in {"Available", "Deprecated"} or image.id in run.world.spoilt:
            yield f"{image.id} is {image.status}, or has other disks than were meant"
        if check is not None and (check.risks or not (check.is_finished or may_be_unchecked)):
            yield f"{image.id} was not found to be good"


def only_truth(run: Run) -> Iterator[str]:
    """No message states what is not true."""
    yield from run.world.lies


def given_up_for_good(run: Run) -> Iterator[str]:
    """Who begins after a final refusal was told and remembered gives no other, and makes no image after all."""
    yield from run.world.taken_up


def one_fact_per_id(run: Run) -> Iterator[str]:
    """Messages with one id tell one fact."""
    facts: dict[str, set[object]] = defaultdict(set)
    for told in run.world.told:
        said = told.message.data
        facts[told.message.id].add((said.snapshot_id, said.state, said.image_id, said.terminal))
    for message_id, known in facts.items():
        if len(known) > 1:
            yield f"{len(known)} facts under the id {message_id}"


def nothing_foreign(run: Run) -> Iterator[str]:
    """Nothing but our own images and the snapshots that plans want is written to, and only tags of ours."""
    ours = set(run.world.made) | {taken.id for taken in run.history.snapshots if is_wanted(taken)}
    for touched, keys in run.world.touched:
        if touched not in ours:
            yield f"{touched} was changed"
        if alien := [key for key in keys if not key.startswith(OURS)]:
            yield f"{touched} got the tags {alien}"
    for image_id, image in run.world.foreign.items():
        if run.world.images.get(image_id) != image:
            yield f"{image_id} is not as it was"


def nothing_left(run: Run) -> Iterator[str]:
    """What could not be finished at once was visible to the sweeps: in the end they have nothing to look at again."""
    for taken in run.history.snapshots:
        known = run.world.cloud.snapshots.known(taken.id)
        if is_wanted(taken) and known and not run.world.images_of(taken.id) and ANSWER not in known.tags:
            yield f"the next sweep would take up {taken.id} again"
    for image_id in run.world.made:
        if run.world.images[image_id].tags.get(OPEN) != "no":
            yield f"the next sweep would look at {image_id} again"


PROMISES: tuple[Callable[[Run], Iterator[str]], ...] = (
    one_image, one_token, every_answer, every_snapshot, one_ending, sound_families, only_truth, given_up_for_good, one_fact_per_id,
    nothing_foreign, nothing_left,
)  # fmt: skip


def violations(run: Run) -> list[Violation]:
    """Everything that is broken, the first promise first."""
    return [Violation(promise.__name__, text) for promise in PROMISES for text in promise(run)]


def _spell(request: ImageRequest) -> str:
    return repr((request.name, request.description, request.disk_set, sorted(request.tags.items())))
