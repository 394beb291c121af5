"""From finished snapshots to answers: gather, decide, apply.

Returning means that the event is done with and its answer is on the queue. Raising Transient means that the platform
shall bring the event again; what was done by then is found and adopted.
"""

from shared.domain.answers import (
    failed,
    invalid,
    refused,
    skipped,
    subject_of_event,
    waiting,
    wants_message,
    with_origin,
)
from shared.domain.decision import Adopt, Decision, Fail, Make, Skip, TryLater, Wait, decide_image
from shared.domain.disk_set import Wanted
from shared.domain.errors import Permanent, Transient
from shared.domain.events import ArrivedEvent, SnapshotCompleted, UnreadableEvent, read_events
from shared.domain.image_request import Origin
from shared.domain.message import envelope
from shared.domain.rules import Rules
from shared.domain.status import ImageStatus, Subject
from shared.flows.gather import find_data_disks, find_images, find_origin
from shared.flows.log import log_answer, log_postponed
from shared.flows.make import make_or_adopt, tell_image
from shared.flows.refusals import remember_refusal
from shared.ports import Cloud

FUNCTION = "create_image"


def create_images(payload: bytes, rules: Rules, cloud: Cloud) -> list[ImageStatus]:
    """One answer for every event of the invocation; a transient trouble with one does not keep the others waiting."""
    answers: list[ImageStatus] = []
    postponed: list[Transient] = []
    for event in read_events(payload):
        try:
            answers.append(create_image(event, rules, cloud))
        except Transient as trouble:
            postponed.append(trouble)
    if postponed:
        raise postponed[0]
    return answers


def create_image(event: ArrivedEvent, rules: Rules, cloud: Cloud) -> ImageStatus:
    """The answer to one event, published and logged."""
    mark = cloud.calls.mark()
    try:
        status = answer_event(event, rules, cloud)
    except Transient as trouble:
        log_postponed(event.event_id, event.snapshot_id, FUNCTION, trouble, cloud.calls.since(mark))
        raise
    log_answer(status, FUNCTION, cloud.calls.since(mark))
    return status


def answer_event(event: ArrivedEvent, rules: Rules, cloud: Cloud) -> ImageStatus:
    """The answer to one event, published."""
    subject = subject_of_event(event, rules, cloud.clock.now())
    match event:
        case UnreadableEvent():
            status = invalid(subject, event)
        case SnapshotCompleted():
            status = answer_snapshot(event, subject, rules, cloud)
    if wants_message(status, rules):
        cloud.queue.publish(envelope(status, FUNCTION, cloud.clock.now()))
    remember_refusal(status, FUNCTION, cloud.snapshots)
    return status


def answer_snapshot(event: SnapshotCompleted, subject: Subject, rules: Rules, cloud: Cloud) -> ImageStatus:
    """Gather, decide, apply. What ECS refuses for good is an answer too."""
    try:
        origin = find_origin(event, rules, cloud)
        if not isinstance(origin, Origin):
            return apply(origin, subject, cloud)
        subject = with_origin(subject, origin)
        return apply(decide(origin, cloud), subject, cloud)
    except Permanent as refusal:
        return refused(subject, refusal)


def decide(origin: Origin, cloud: Cloud) -> Decision:
    """Looks for an image first: the data disks of one that exists do not matter any more."""
    images = find_images(origin, cloud.images)
    wanted = Wanted() if images else find_data_disks(origin, cloud.snapshots)
    return decide_image(origin, images, wanted, cloud.clock.now())


def apply(decision: Decision, subject: Subject, cloud: Cloud) -> ImageStatus:
    """Every case of a decision; one that is forgotten is a missing return to mypy."""
    match decision:
        case Skip():
            return skipped(subject, decision)
        case Fail():
            return failed(subject, decision)
        case TryLater(code, explanation):
            raise Transient(code, explanation)
        case Wait(waiting_for):
            return waiting(subject, waiting_for)
        case Adopt(image):
            return tell_image(image, subject, cloud.clock.now())
        case Make(request):
            return make_or_adopt(request, subject, cloud)
