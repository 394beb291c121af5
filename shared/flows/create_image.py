"""From finished snapshots to answers: gather, decide, apply.

Returning means that the event is done with and its answer is on the queue. Raising Transient means that the platform
shall bring the event again; what was done by then is found and adopted.

What only an accepted event needs is imported when it is needed: a refusal is then answered in a third of the time.
"""

from shared.domain.answers import failed, invalid, refused, skipped, subject_of_event, wants_message
from shared.domain.errors import Permanent, Transient
from shared.domain.events import ArrivedEvent, SnapshotCompleted, UnreadableEvent, read_events
from shared.domain.message import envelope
from shared.domain.refusal import Fail, Refusal, Skip, TryLater, refuse_event
from shared.domain.rules import Rules
from shared.domain.status import ImageStatus, Subject
from shared.flows.log import log_answer, log_postponed
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
        log_postponed(event.event_id, event.snapshot_id, FUNCTION, trouble, cloud.calls, mark)
        raise
    log_answer(status, FUNCTION, cloud.calls, mark)
    return status


def answer_event(event: ArrivedEvent, rules: Rules, cloud: Cloud) -> ImageStatus:
    """The answer to one event, published."""
    subject = subject_of_event(event, rules, cloud.clock.now())
    match event:
        case UnreadableEvent():
            status = invalid(subject, event)
        case SnapshotCompleted():
            refusal = refuse_event(event, rules)
            status = answer_refusal(refusal, subject) if refusal else answer_snapshot(event, subject, rules, cloud)
    if wants_message(status, rules):
        cloud.queue.publish(envelope(status, FUNCTION, cloud.clock.now()))
    remember_refusal(status, FUNCTION, cloud.snapshots)
    return status


def answer_refusal(refusal: Refusal, subject: Subject) -> ImageStatus:
    match refusal:
        case Skip():
            return skipped(subject, refusal)
        case Fail():
            return failed(subject, refusal)
        case TryLater(code, explanation):
            raise Transient(code, explanation)


def answer_snapshot(event: SnapshotCompleted, subject: Subject, rules: Rules, cloud: Cloud) -> ImageStatus:
    """Gather, decide, apply. What ECS refuses for good is an answer too."""
    from shared.domain.image_answers import with_origin
    from shared.flows.gather import find_origin
    from shared.flows.make import apply, decide

    try:
        origin = find_origin(event, rules, cloud)
        if isinstance(origin, Skip | Fail | TryLater):
            return answer_refusal(origin, subject)
        subject = with_origin(subject, origin)
        return apply(decide(origin, cloud), subject, cloud)
    except Permanent as refusal:
        return refused(subject, refusal)
