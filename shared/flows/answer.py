"""From snapshots to answers: gather, decide, carry out; publish, remember, log. Events and sweeps alike go through here.

A crash between two steps repeats a message and never loses one; a failure alone is marked before it is told, so that no
image can follow it.
"""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

from shared.domain.answers import Answer, answer_failed, refused, subject_of, told_before, waiting
from shared.domain.arrival import decide_matter
from shared.domain.decision import Adopt, Decided, Fail, Make, Matter, Settled, TryLater, View, Wait
from shared.domain.errors import CloudError, Transient
from shared.domain.message import ImageStatus, StatusMessage, envelope
from shared.domain.message_fields import Reason, State
from shared.domain.outcome import Outcome, Word
from shared.domain.progress import answer_image
from shared.domain.rules import Rules, Skip, skipped, wants_message
from shared.flows.gather import gather
from shared.flows.log import log_answer, log_postponed
from shared.flows.make import Gate, make_all
from shared.flows.publish import digest, is_news, mark_failures, publish_all, remember
from shared.flows.region import Region
from shared.ports import Cloud

FACT_ID = re.compile(r"[0-9a-f]{32}")
MOST_LOOKED_AT = 25
"""Machines of one page of a hundred that are asked about one by one. The others have their turn in the next pass."""
LATER = Transient("LookedAtLater", "what was listed is too old to wait or to give up")


def answer_all(
    matters: Sequence[Matter], rules: Rules, cloud: Cloud, function: str, gate: Gate, region: Region
) -> list[Answer]:
    """One answer for each matter; trouble with one does not keep the others waiting."""
    mark = cloud.calls.mark()
    results = decide_all(matters, rules, cloud, region)
    answers = carry_out_all(list(zip(matters, results, strict=True)), rules, cloud, gate)
    return tell_all(answers, rules, cloud, function, gate.is_sweep, mark)


def decide_all(matters: Sequence[Matter], rules: Rules, cloud: Cloud, region: Region) -> list[Decided | CloudError]:
    """An image may be made of what was listed some minutes ago; to wait or to give up takes a fresh look. As long as
    there are images to make it is put off: the next pass begins with a fresh listing.
    """
    now = cloud.clock.now()
    of = partial(decide_matter, rules=rules, now=now)
    results = gather(matters, of, View(lambda question: region.look_up(question)), cloud, region)
    if not region.is_stale(now):
        return results
    waits = [each.decision for each in results if isinstance(each, Decided) and isinstance(each.decision, Wait)]
    if region.refresh([each for wait in waits for each in wait.waiting_for], cloud):
        results = gather(matters, of, View(lambda question: region.look_up(question)), cloud, region)
    doubted = [number for number, result in enumerate(results) if takes_a_fresh_look(result)]
    is_making = any(isinstance(result, Decided) and isinstance(result.decision, Make) for result in results)
    looked_at = [] if is_making or region.is_of_use else doubted[:MOST_LOOKED_AT]
    fresh = gather([matters[number] for number in looked_at], of, View(), cloud, Region(may_list=False))
    for number, result in zip(looked_at, fresh, strict=True):
        results[number] = result
    for number in doubted[len(looked_at) :]:
        results[number] = LATER
    return results


def takes_a_fresh_look(result: Decided | CloudError) -> bool:
    """An image may be made of what was known some minutes ago."""
    return isinstance(result, Decided) and isinstance(result.decision, Wait | Fail)


def carry_out_all(
    results: Sequence[tuple[Matter, Decided | CloudError]], rules: Rules, cloud: Cloud, gate: Gate
) -> list[Answer]:
    """In order. Two events of one array may be about one image: it is asked for once."""
    answers = [carry_out(matter, result, rules, cloud) for matter, result in _as_own_events_say(results)]
    wanted: dict[str, list[int]] = defaultdict(list)
    for number, answer in enumerate(answers):
        if isinstance(answer.known.decision, Make):
            wanted[answer.known.decision.request.snapshot_id].append(number)
    made = make_all([answers[first] for first, *_ in wanted.values()], rules, cloud, gate) if wanted else []
    for (first, *others), answer in zip(wanted.values(), made, strict=True):
        answers[first] = answer
        for number in others:
            answers[number] = _repeat(answer, answers[number].matter)
    return answers


def _as_own_events_say(
    results: Sequence[tuple[Matter, Decided | CloudError]],
) -> list[tuple[Matter, Decided | CloudError]]:
    """A data disk's event does not know when the system snapshot ended, and so how long its set is waited for. Where the
    event that knows is in the same array, what it decided counts."""
    own: dict[str | None, Decided] = {}
    for matter, result in results:
        if isinstance(result, Decided) and matter.event and matter.event.snapshot_id == _snapshot_id(result):
            own[matter.event.snapshot_id] = result
    return [(matter, own.get(_snapshot_id(result), result)) for matter, result in results]


def _snapshot_id(result: Decided | CloudError) -> str | None:
    return result.snapshot.id if isinstance(result, Decided) and result.snapshot else None


def carry_out(matter: Matter, result: Decided | CloudError, rules: Rules, cloud: Cloud) -> Answer:
    """Does what was decided; of an image to be made the answer is still open. A refusal of a question says nothing of
    the snapshot."""
    if isinstance(result, CloudError):
        return _unanswered(matter, result, rules, cloud)
    answer, now = Answer(matter, result), cloud.clock.now()
    subject = subject_of(answer, rules, now)
    match result.decision:
        case TryLater(code, explanation):
            return replace(answer, trouble=Transient(code, explanation))
        case Skip() as skip:
            return replace(answer, status=skipped(subject, skip))
        case Settled() as settled:
            return replace(answer, status=told_before(subject, settled))
        case Wait() as wait:
            status = waiting(subject, wait)
            outcome = Outcome(Word.WAITING, wait.reason, until=wait.until, digest=digest(status))
            return replace(answer, status=status, outcome=outcome)
        case Fail() as fail:
            return answer_failed(answer, fail, rules, now)
        case Adopt(image):
            return answer_image(answer, image, rules, now)
        case Make():
            return answer


def _unanswered(matter: Matter, error: CloudError, rules: Rules, cloud: Cloud) -> Answer:
    """A permission that is missing is told, since nobody would find out otherwise; it decides nothing."""
    if isinstance(error, Transient) or matter.event is None:
        return Answer(matter, trouble=error)
    fail = refused(error, is_final=False)
    answer = Answer(matter, Decided(fail, ended=matter.event.ended))
    return answer_failed(answer, fail, rules, cloud.clock.now())


def _repeat(made: Answer, matter: Matter) -> Answer:
    """The same answer to another event."""
    if made.status is None:
        return replace(made, matter=matter)
    reason = Reason.IMAGE_ADOPTED if made.status.reason is Reason.IMAGE_REQUESTED else made.status.reason
    return replace(made, matter=matter, status=replace(made.status, reason=reason, event_id=matter.event_id))


def tell_all(
    answers: Sequence[Answer], rules: Rules, cloud: Cloud, function: str, is_sweep: bool, mark: int
) -> list[Answer]:
    """Marks, publishes, remembers and logs. `mark` is where the calls of these answers begin."""
    marked = mark_failures(answers, cloud, function)
    told = publish_answers(marked, rules, cloud, function)
    remember(told, cloud, function, is_sweep)
    for answer in told:
        if answer.status:
            log_answer(answer.status, function, cloud.calls, mark)
        elif answer.trouble:
            matter = answer.matter
            log_postponed(matter.event_id, matter.snapshot_id, function, answer.trouble, cloud.calls, mark)
    return told


def publish_answers(answers: Sequence[Answer], rules: Rules, cloud: Cloud, function: str) -> list[Answer]:
    """The same answers; with trouble those that the queue did not take."""
    now = cloud.clock.now()
    news = {
        number: _message(answer, answer.status, function, now)
        for number, answer in enumerate(answers)
        if answer.status and is_news(answer) and wants_message(answer.status, rules)
    }
    troubles = dict(zip(news, publish_all(news.values(), cloud), strict=True))
    return [
        Answer(answer.matter, trouble=trouble) if (trouble := troubles.get(number)) else answer
        for number, answer in enumerate(answers)
    ]


def _message(answer: Answer, status: ImageStatus, function: str, now: datetime) -> StatusMessage:
    """A failure that was marked is told under the id that it was marked with, whatever the facts have become since."""
    attempt = 1 if status.state is State.SKIPPED else answer.attempt  # what is not for us was never attempted
    message = envelope(status, function, now, attempt)
    if status.state is not State.FAILED or not status.terminal:
        return message
    before = answer.before
    if before and before.word is Word.FAILING and FACT_ID.fullmatch(before.digest):
        return replace(message, id=before.digest)
    return message
