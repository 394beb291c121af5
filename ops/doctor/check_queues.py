"""The two queues, and what is on the one of dead letters."""

from collections.abc import Iterator

from deploy.policies import DEAD_LETTER_QUEUE
from ops.doctor.commands import Mending
from ops.doctor.facts import Deployment
from ops.doctor.finding import Finding, Unread, fine, unknown, wrong
from ops.queues.attributes import Attributes
from ops.queues.subscriber import MOST_AT_ONCE
from ops.setup import LeaveQueue, MakeQueue, WidenQueue, plan_queue


def check_queues(found: Deployment, mending: Mending) -> Iterator[Finding]:
    for queue, attributes in found.queues.items():
        yield _check_queue(f"queue {queue}", attributes, mending.setup)
    yield _check_letters(found, mending.replay)


def _check_queue(check: str, attributes: Attributes | Unread | None, setup: str) -> Finding:
    if isinstance(attributes, Unread):
        return unknown(check, attributes)
    match plan_queue(attributes):
        case MakeQueue():
            return wrong(check, "does not exist", setup)
        case WidenQueue(_, changes):
            return wrong(check, f"too small: {', '.join(changes)}", setup)
        case LeaveQueue():
            return fine(check, "exists and is large enough")


def _check_letters(found: Deployment, replay: str) -> Finding:
    check = "dead letters"
    if isinstance(found.letters, Unread):
        return unknown(check, found.letters)
    if found.queues[DEAD_LETTER_QUEUE] is None:
        return unknown(check, "there is no queue for them")
    if found.letters == 0:
        return fine(check, "none")
    count = f"{MOST_AT_ONCE} or more" if found.letters >= MOST_AT_ONCE else str(found.letters)
    return wrong(check, f"{count}: events that were given up", replay)
