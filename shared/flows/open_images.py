"""Finds the images of which more is to be told, with as few calls as their number allows, and remembers what was told of them.

An end that its snapshot could not remember is owed to it: the image says so, and the next minute tries once more. Until then
an event might ask for the same image again, and tell that it is being made.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from shared.domain.facts import Image, Snapshot
from shared.domain.image_tags import (
    NEVER_OVERDUE,
    OPEN,
    OPEN_CHECK,
    OPEN_LATE,
    OPEN_NO,
    OPEN_YES,
    OWED,
    STATE,
    OurTags,
    made_surely_of,
    recall_about,
)
from shared.domain.message import ImageStatus, envelope
from shared.domain.message_fields import State
from shared.domain.outcome import OUTCOME, Outcome, Word, read_attempt
from shared.domain.progress import SEEN, News, deleted, found, judge_image, subject_of_image
from shared.domain.rules import Rules
from shared.flows.publish import tag_each
from shared.ports import Cloud, Images, Snapshots

FUNCTION = "track_images"
MOST_TAGGED = 1_000
"""Resources that a query by tag shows (alibabacloud-ecs20140526 7.11.8, DescribeImagesRequest.tag)."""
LATELY = timedelta(minutes=20)
"""Twice the time in which most images are made."""
MOST_MISSED = 50
"""Images that are looked for one by one in a run; the others have their turn a minute later."""
OWED_FOR = timedelta(hours=1)
"""So old an image is when its snapshot, which could not remember its end, is left to the sweep over the whole window."""


def open_images(cloud: Cloud) -> Iterator[tuple[list[Image], bool]]:
    """Images of which more is to be told, page by page, and whether these are all: by tag while ECS shows all that carry
    it, else those made lately by their creation as well, and older ones by a tag of their own. What a slow run has missed
    is shown by the first tag, sooner or later."""
    images = cloud.images.tagged({OPEN: OPEN_YES})
    yield images, len(images) < MOST_TAGGED
    if len(images) >= MOST_TAGGED:
        now = cloud.clock.now()
        for page in cloud.images.made_since(now - LATELY):
            mine = [image for image in page if image.tags.get(OPEN) in {OPEN_YES, OPEN_CHECK}]
            slow = [each for each in mine if each.created and now - each.created > LATELY / 2]
            _tag_all(((each.id, {OPEN: OPEN_LATE}) for each in slow if each.tags[OPEN] == OPEN_YES), cloud.images)
            yield mine, False
    for word in (OPEN_LATE, OPEN_CHECK):
        yield cloud.images.tagged({OPEN: word}), True


def tell_missed(followed: Mapping[str, int], rules: Rules, cloud: Cloud) -> list[ImageStatus]:
    """Snapshots whose image was seen, and is not followed any more: it was deleted, or its tags or their own were lost.
    `followed` holds the attempt of the image that is, by its snapshot."""
    told: list[ImageStatus] = []
    ends: list[tuple[str, dict[str, str]]] = []
    making = cloud.snapshots.tagged({OUTCOME: Outcome(Word.MAKING).to_tag()})
    for snapshot in [each for each in making if followed.get(each.id, 0) < read_attempt(each.tags)][:MOST_MISSED]:
        images = made_surely_of(cloud.images.of_snapshot(snapshot.id), snapshot)
        status = _tell_untagged(images[0], snapshot, rules, cloud) if images else deleted(snapshot, rules)
        if status is None:
            continue
        cloud.queue.publish(envelope(status, FUNCTION, cloud.clock.now(), read_attempt(snapshot.tags)))
        told.append(status)
        end = Word.AVAILABLE if status.state is State.AVAILABLE else Word.FAILED
        ends.append((snapshot.id, {OUTCOME: Outcome(end, status.reason).to_tag()}))
    _tag_all(ends, cloud.snapshots)
    return told


def _tell_untagged(image: Image, snapshot: Snapshot, rules: Rules, cloud: Cloud) -> ImageStatus | None:
    """The end of an image that does not say itself that it is followed; None while it has none."""
    now = cloud.clock.now()
    verdict = judge_image(image, timedelta(seconds=NEVER_OVERDUE), now)
    if not verdict.state.is_terminal:
        return None
    known = recall_about(image.tags)
    about = replace(known, snapshot_id=snapshot.id) if known else OurTags(snapshot.id, "")
    return found(subject_of_image(replace(about, disk_id=snapshot.disk_id or None), rules, now), image, verdict)


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
        words = {State.AVAILABLE: Word.AVAILABLE, State.FAILED: Word.FAILED}
        for verdict in self.news.verdicts:
            if verdict.state in words:
                return Outcome(words[verdict.state], verdict.reason)
        return Outcome(Word.MAKING) if self.news.remembered in {SEEN, State.OVERDUE.value} else None


def is_asked_again(each: Followed, refused: set[str], now: datetime) -> bool:
    """What its snapshot must know, tried again in a minute: that an image was seen, or nobody could tell that it was deleted;
    and its end, as long as an event may ask for the same image again."""
    if each.outcome is None or each.about.snapshot_id not in refused:
        return False
    return each.outcome.word is Word.MAKING or now - (each.image.created or now) < OWED_FOR


def remember_outcomes(followed: Sequence[Followed], cloud: Cloud) -> set[str]:
    """Returns the snapshots that could not remember."""
    ends = ((each.about.snapshot_id, each.outcome) for each in followed)
    return _tag_all(((name, {OUTCOME: end.to_tag()}) for name, end in ends if end), cloud.snapshots)


def remember_states(followed: Sequence[Followed], cloud: Cloud) -> None:
    _tag_all(
        ((each.image.id, {STATE: each.news.remembered, OPEN: _openness(each.news)}) for each in followed), cloud.images
    )


def remember_owed(followed: Sequence[Followed], cloud: Cloud) -> None:
    """The ends that were told, so that they are not told again."""
    ends = ((each.image.id, each.outcome) for each in followed)
    owed = ((name, end) for name, end in ends if end and end.word is not Word.MAKING)
    _tag_all(((name, {STATE: f"{OWED} {end.to_tag()}"}) for name, end in owed), cloud.images)


def _openness(news: News) -> str:
    if not news.is_open:
        return OPEN_NO
    return OPEN_CHECK if news.remembered == State.AVAILABLE.value else OPEN_YES


def _tag_all(wanted: Iterable[tuple[str, dict[str, str]]], resources: Images | Snapshots) -> set[str]:
    """Equal tags in one call. Returns the resources that may be taken next time."""
    groups: dict[tuple[tuple[str, str], ...], list[str]] = defaultdict(list)
    for name, tags in wanted:
        groups[tuple(tags.items())].append(name)
    refused: set[str] = set()
    for pairs, names in groups.items():
        refused |= tag_each(names, dict(pairs), resources, FUNCTION)
    return refused
