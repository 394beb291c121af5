"""Tells what was decided: a message on the queue, a tag by which the snapshot remembers it, a line in the log."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import replace

from shared.domain.answers import Answer
from shared.domain.decision import Make, Settled, Wait
from shared.domain.errors import Refused, Transient
from shared.domain.message import ImageStatus, StatusMessage, fact_id
from shared.domain.outcome import OUTCOME, Word, has_room
from shared.domain.rules import Skip
from shared.flows.log import log_trouble
from shared.ports import Cloud, Images, Snapshots, do_each

HOPELESS = frozenset(
    {"QuotaExceed.Tags", "OperationDenied.QuotaExceed", "NumberExceed.Tags", "InvalidResourceId.NotFound"}
)
"""Refusals of a tag that the next minute does not change (API reference TagResources): no room for it, or nothing there."""
BY_EVENT = frozenset({Word.WAITING, Word.REFUSED, Word.FAILED})
"""What an event remembers at once. That an image is being made `track_images` remembers, for fifty snapshots in a call."""


def publish_all(messages: Collection[StatusMessage], cloud: Cloud) -> list[Transient | None]:
    """For each, why the queue did not take it, or None."""
    troubles: dict[int, Transient] = {}

    def send(numbered: tuple[int, StatusMessage]) -> None:
        try:
            cloud.queue.publish(numbered[1])
        except Transient as trouble:
            troubles[numbered[0]] = trouble

    do_each(enumerate(messages), send, cloud)
    return [troubles.get(number) for number in range(len(messages))]


def mark_failures(answers: Sequence[Answer], cloud: Cloud, function: str) -> list[Answer]:
    """Marks what is about to be told as failed. What cannot be marked for the moment is not told either."""
    marked = list(answers)
    for numbers, trouble in _tag_in_bulk(answers, [_mark_of(each) for each in answers], cloud, function):
        for number in numbers:
            marked[number] = Answer(marked[number].matter, trouble=trouble)
    return marked


def remember(answers: Sequence[Answer], cloud: Cloud, function: str, is_sweep: bool) -> None:
    """What was told. What cannot be remembered now is told again, with the same id."""
    for numbers, trouble in _tag_in_bulk(answers, [_memory_of(each, is_sweep) for each in answers], cloud, function):
        log_trouble(function, f"{len(numbers)} snapshots", trouble.code, "outcome not remembered")


def _memory_of(answer: Answer, is_sweep: bool) -> dict[str, str] | None:
    decided, outcome = answer.decided, answer.outcome
    if decided is None or decided.snapshot is None or outcome is None:
        return None
    if answer.status and not is_news(answer) and outcome.word is not Word.REFUSED:  # which rests for another hour
        return None
    if not (is_sweep or outcome.word in BY_EVENT):
        return None
    return {OUTCOME: outcome.to_tag(), **_look_of(answer)}


def _look_of(answer: Answer) -> dict[str, str]:
    """Of what is decided again later. Without room for it the outcome is remembered alone."""
    decision, outcome, snapshot = answer.known.decision, answer.outcome, answer.known.snapshot
    if not isinstance(decision, Wait | Make) or decision.look is None or snapshot is None:
        return {}
    tags = decision.look.to_tags() if outcome and outcome.word in {Word.WAITING, Word.REFUSED} else {}
    return tags if has_room(snapshot.tags, {OUTCOME, *tags}) else {}


def is_news(answer: Answer) -> bool:
    """Not what was told before, and no skips that a sweep finds. A refusal is told once per cause."""
    decided, now = answer.decided, answer.outcome
    match decided.decision if decided else None:
        case None | Settled():
            return False
        case Skip():
            return answer.matter.event is not None
        case Wait():
            told = answer.before
            return told is None or answer.status is None or told.digest != digest(answer.status)
        case Make() if now and now.word is Word.REFUSED:
            told = answer.before
            return told is None or (told.word, told.reason, told.code) != (now.word, now.reason, now.code)
        case _:
            return True


def digest(status: ImageStatus) -> str:
    """Tells whether the same was told before."""
    return fact_id(status)[:12]


def _mark_of(answer: Answer) -> dict[str, str] | None:
    """Not of an image that failed: there it is, and no other will be made."""
    outcome = answer.outcome
    if answer.known.snapshot is None or outcome is None or outcome.word is not Word.FAILED:
        return None
    before = answer.before
    if answer.status is None or answer.status.image_id or (before and before.word is Word.FAILING):
        return None
    return {OUTCOME: replace(outcome, word=Word.FAILING, digest=fact_id(answer.status, answer.attempt)).to_tag()}


def _tag_in_bulk(
    answers: Sequence[Answer], wanted: Sequence[dict[str, str] | None], cloud: Cloud, function: str
) -> list[tuple[list[int], Transient]]:
    """Equal tags in one call; returns whose could not be written now, and why. A snapshot that is gone, or has no room for a
    tag, must not cost the others theirs."""
    groups: dict[tuple[tuple[str, str], ...], list[int]] = defaultdict(list)
    for number, tags in enumerate(wanted):
        if tags:
            groups[tuple(tags.items())].append(number)
    troubles: list[tuple[list[int], Transient]] = []

    def tag(group: tuple[tuple[tuple[str, str], ...], list[int]]) -> None:
        pairs, numbers = group
        known = [answers[number].known.snapshot for number in numbers]
        try:
            tag_each([each.id for each in known if each], dict(pairs), cloud.snapshots, function)
        except Transient as trouble:
            troubles.append((numbers, trouble))

    do_each(groups.items(), tag, cloud)
    return troubles


def tag_each(ids: Sequence[str], tags: dict[str, str], resources: Snapshots | Images, function: str) -> set[str]:
    """All in one call; each by itself where the call is refused for one of them. Returns those that may be taken next time."""
    try:
        resources.tag(ids, tags)
    except Refused as refusal:
        if len(ids) == 1:
            log_trouble(function, ids[0], refusal.code, "not remembered")
            return set() if refusal.code in HOPELESS else {ids[0]}
        return set().union(*(tag_each([each], tags, resources, function) for each in ids))
    return set()
