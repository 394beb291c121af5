"""Remembers what was told of an image, on its snapshot and on itself, so that it is not told again.

An end that its snapshot could not remember is owed to it: the image says so, and the next minute tries once more. Until
then an event might ask for the same image again, and tell that it is being made.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.domain.facts import Image
from shared.domain.image_tags import OPEN, OPEN_CHECK, OPEN_NO, OPEN_YES, OWED, STATE, OurTags
from shared.domain.message_fields import State
from shared.domain.outcome import OUTCOME, Outcome, Word
from shared.domain.progress import SEEN, News
from shared.flows.publish import tag_each
from shared.ports import Cloud, Images

OWED_FOR = timedelta(hours=1)
"""So old an image is when its snapshot, which could not remember its end, is left to the sweep over the whole window."""


@dataclass(frozen=True)
class Followed:
    image: Image
    about: OurTags
    news: News
    owed: Outcome | None = None
    """The end that was told before."""

    @property
    def outcome(self) -> Outcome | None:
        """What its snapshot is to remember; None when this changes nothing of it."""
        if self.owed:
            return self.owed
        for verdict in self.news.verdicts:
            if verdict.state is State.AVAILABLE:
                return Outcome(Word.AVAILABLE, verdict.reason)
            if verdict.state is State.FAILED:
                return Outcome(Word.FAILED, verdict.reason)
        return Outcome(Word.MAKING) if self.news.remembered in {SEEN, State.OVERDUE.value} else None


def is_asked_again(each: Followed, refused: set[str], now: datetime) -> bool:
    """What its snapshot must know, tried again in a minute: that an image was seen, or nobody could tell that it was deleted;
    and its end, as long as an event may ask for the same image again."""
    if each.outcome is None or each.about.snapshot_id not in refused:
        return False
    return each.outcome.word is Word.MAKING or now - (each.image.created or now) < OWED_FOR


def remember_outcomes(followed: Sequence[Followed], cloud: Cloud, function: str) -> set[str]:
    """Returns the snapshots that could not remember."""
    groups: dict[str, list[str]] = defaultdict(list)
    for each in followed:
        if each.outcome:
            groups[each.outcome.to_tag()].append(each.about.snapshot_id)
    refused: set[str] = set()
    for tag, snapshot_ids in groups.items():
        refused |= tag_each(snapshot_ids, {OUTCOME: tag}, cloud.snapshots, function)
    return refused


def remember_states(followed: Sequence[Followed], images: Images, function: str) -> None:
    groups: dict[tuple[str, str], list[str]] = defaultdict(list)
    for each in followed:
        is_checked_only = each.news.remembered == State.AVAILABLE.value
        word = (OPEN_CHECK if is_checked_only else OPEN_YES) if each.news.is_open else OPEN_NO
        groups[each.news.remembered, word].append(each.image.id)
    for (state, is_open), image_ids in groups.items():
        tag_each(image_ids, {STATE: state, OPEN: is_open}, images, function)


def remember_owed(followed: Sequence[Followed], images: Images, function: str) -> None:
    """The ends that were told, so that they are not told again."""
    groups: dict[str, list[str]] = defaultdict(list)
    for each in followed:
        if each.outcome and each.outcome.word is not Word.MAKING:
            groups[f"{OWED} {each.outcome.to_tag()}"].append(each.image.id)
    for state, image_ids in groups.items():
        tag_each(image_ids, {STATE: state}, images, function)
