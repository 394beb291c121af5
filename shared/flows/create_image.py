"""From events to answers. Returning means that each event is answered, or left to the sweep; raising means that the platform
shall bring them again, and what was done by then is found. Only what a sweep is sure to look at is left to it.

What only an accepted event needs is imported when it is needed: a refusal is then answered in a third of the time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from shared.domain.errors import Throttled
from shared.domain.events import ArrivedEvent, SnapshotCompleted, UnreadableEvent, read_events
from shared.domain.message import ImageStatus, envelope
from shared.domain.rules import Rules, Skip, invalid, refuse_event, skipped, subject_of_event, wants_message
from shared.flows.log import log, log_answer
from shared.ports import Cloud

if TYPE_CHECKING:
    from shared.domain.answers import Answer

FUNCTION = "create_image"
REST = timedelta(minutes=5)
"""After a throttled event an instance leaves those that come to the sweep: each would cost a call of the same quota, and
what the platform brings back in ever longer intervals it gives up after some hours."""
LATE, OLD = timedelta(minutes=5), timedelta(minutes=45)
"""Between these ages an event was held back by the platform, and the sweep of every minute has looked at its snapshot
several times. What is older somebody replays."""
SEVERAL = 8
"""Late events that were answered before they came: one alone may be a repeat."""
LEFT_TO_SWEEP = frozenset({"SnapshotNotReady", "SnapshotNotListedYet", "ImageNotVisibleYet", "NotGivenUpYet"})
"""ECS and the event disagree for the moment. The platform would bring the event back too soon, and too often."""


@dataclass(frozen=True)
class Left:
    """An event without an answer: the sweep answers for its snapshot, if a plan wants it."""

    event_id: str
    snapshot_id: str
    code: str
    explanation: str

    def to_plain(self) -> dict[str, str]:
        return {"state": "left", "reason": self.code, **vars(self)}


def create_images(payload: bytes, rules: Rules, cloud: Cloud) -> list[ImageStatus | Left]:
    """One answer for every event of the invocation. Raises the first Transient that the sweep does not answer for."""
    return answer_events(read_events(payload), rules, cloud)


def answer_events(arrived: Sequence[ArrivedEvent], rules: Rules, cloud: Cloud) -> list[ImageStatus | Left]:
    answers: dict[int, ImageStatus | Left] = {}
    accepted: dict[int, SnapshotCompleted] = {}
    for number, event in enumerate(arrived):
        if refused := _refuse(event, rules, cloud):
            answers[number] = refused
        elif isinstance(event, SnapshotCompleted):
            if left := _leave(event, rules, cloud):
                answers[number] = left
            else:
                accepted[number] = event
    asked = _ask(list(accepted.values()), rules, cloud) if accepted else []
    answers |= {number: _settle(answer, rules, cloud) for number, answer in zip(accepted, asked, strict=True)}
    return [answers[number] for number in range(len(arrived))]


def _refuse(event: ArrivedEvent, rules: Rules, cloud: Cloud) -> ImageStatus | None:
    """The answer to what the event alone decides, published."""
    subject = subject_of_event(event, rules, cloud.clock.now())
    if isinstance(event, UnreadableEvent):
        status = invalid(subject, event)
    elif isinstance(skip := refuse_event(event, rules), Skip):
        status = skipped(subject, skip)
    else:
        return None
    if wants_message(status, rules):
        cloud.queue.publish(envelope(status, FUNCTION, cloud.clock.now()))
    log_answer(status, FUNCTION, cloud.calls, cloud.calls.mark())
    return status


def _leave(event: SnapshotCompleted, rules: Rules, cloud: Cloud) -> Left | None:
    """An event that the sweep is to answer: asking for it would keep back those that wait behind it."""
    now, warm = cloud.clock.now(), cloud.warm
    if not _is_swept(event.begun, rules, now):
        return None
    if warm.throttled and timedelta() <= now - warm.throttled < REST:
        code, why = "Throttling.Resting", "ECS throttled an event some minutes ago; the sweep answers"
    elif warm.overtaken and timedelta() <= now - warm.overtaken < REST and _is_late(event, now):
        code, why = (
            "SweepIsAhead",
            "the event was held back for minutes; the sweep was quicker with others, and answers",
        )
    else:
        return None
    log(function=FUNCTION, event=event.event_id, snapshot=event.snapshot_id, state="left", code=code)
    return Left(event.event_id, event.snapshot_id, code, why)


def _is_swept(begun: datetime | None, rules: Rules, now: datetime) -> bool:
    """Whether sweeps are sure to look at a snapshot that began then. They go on for `LAST_LOOK` after the shortest window,
    so some may be missed."""
    return begun is not None and timedelta() <= now - begun <= rules.lookback


def _is_late(event: SnapshotCompleted, now: datetime) -> bool:
    return event.time is not None and LATE <= now - event.time < OLD


def _ask(events: Sequence[SnapshotCompleted], rules: Rules, cloud: Cloud) -> "list[Answer]":
    from shared.domain.decision import Matter
    from shared.flows.answer import answer_all
    from shared.flows.make import Gate
    from shared.flows.region import Region

    answers = answer_all([Matter(event) for event in events], rules, cloud, FUNCTION, Gate(), Region())
    now = cloud.clock.now()
    if any(isinstance(answer.trouble, Throttled) for answer in answers):
        cloud.warm.throttled = now
    for answer in [answer for event, answer in zip(events, answers, strict=True) if _is_late(event, now)]:
        _note_late(answer, now, cloud)
    return answers


def _note_late(answer: "Answer", now: datetime, cloud: Cloud) -> None:
    """That the sweep is ahead is known when several were answered before; the first that was not begins anew."""
    from shared.domain.decision import Adopt, Make, Settled, Wait

    decision, warm = answer.known.decision, cloud.warm
    if isinstance(decision, Make | Wait):
        warm.answered_before = 0
    elif isinstance(decision, Settled | Adopt):
        warm.answered_before += 1
        warm.overtaken = now if warm.answered_before >= SEVERAL else warm.overtaken


def _settle(answer: "Answer", rules: Rules, cloud: Cloud) -> ImageStatus | Left:
    if answer.status:
        return answer.status
    trouble, event = answer.trouble, answer.matter.event
    if trouble is None or event is None:
        raise ValueError("an answer has a status or a trouble")
    if (isinstance(trouble, Throttled) or trouble.code in LEFT_TO_SWEEP) and _is_left(answer, event, rules, cloud):
        return Left(event.event_id, event.snapshot_id, trouble.code, trouble.message)
    raise trouble


def _is_left(answer: "Answer", event: SnapshotCompleted, rules: Rules, cloud: Cloud) -> bool:
    """Where ECS was asked in vain, only the event tells when its snapshot began. One without room for its outcome no sweep
    looks at; a data disk's event leaves that to the event of the system snapshot."""
    from shared.domain.outcome import has_room

    snapshot = answer.known.snapshot
    if snapshot and snapshot.id == event.snapshot_id and not has_room(snapshot.tags):
        return False
    return _is_swept(snapshot.created if snapshot else event.begun, rules, cloud.clock.now())
