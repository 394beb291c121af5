"""Finds the images of which more is to be told: those that are followed, with as few calls as their number allows, and those
that were seen and are not followed any more, because somebody deleted them or took their tags off."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta

from shared.domain.facts import Image, Snapshot
from shared.domain.image_tags import (
    NEVER_OVERDUE,
    OPEN,
    OPEN_CHECK,
    OPEN_LATE,
    OPEN_YES,
    OurTags,
    is_image_of,
    recall_about,
)
from shared.domain.message import ImageStatus, envelope
from shared.domain.message_fields import State
from shared.domain.outcome import OUTCOME, Outcome, Word
from shared.domain.progress import deleted, found, judge_image, subject_of_image
from shared.domain.rules import SLACK, Rules
from shared.flows.publish import tag_each
from shared.ports import Cloud

MOST_TAGGED = 1_000
"""Resources that a query by tag shows (alibabacloud-ecs20140526 7.11.8, DescribeImagesRequest.tag)."""
LATELY = timedelta(minutes=20)
"""Twice the time in which most images are made."""


def open_images(cloud: Cloud, function: str) -> Iterator[tuple[list[Image], bool]]:
    """Images of which more is to be told, page by page, and whether these are all: by tag while ECS shows all that carry
    it, else those made lately by their creation as well, and older ones by a tag of their own. What a slow run has missed
    is shown by the first tag, sooner or later."""
    images = cloud.images.tagged({OPEN: OPEN_YES})
    yield images, len(images) < MOST_TAGGED
    if len(images) >= MOST_TAGGED:
        now = cloud.clock.now()
        for page in cloud.images.made_since(now - LATELY):
            mine = [image for image in page if image.tags.get(OPEN) in {OPEN_YES, OPEN_CHECK}]
            older = [
                each.id
                for each in mine
                if each.tags[OPEN] == OPEN_YES and each.created and now - each.created > LATELY / 2
            ]
            if older:
                tag_each(older, {OPEN: OPEN_LATE}, cloud.images, function)
            yield mine, False
    for word in (OPEN_LATE, OPEN_CHECK):
        yield cloud.images.tagged({OPEN: word}), True


MOST_MISSED = 50
"""Images that are looked for one by one in a run; the others have their turn a minute later."""


def tell_missed(open_snapshots: set[str], rules: Rules, cloud: Cloud, function: str) -> list[ImageStatus]:
    """Snapshots that remember an image that is not followed any more: it was deleted, or its tags or their own were lost."""
    told: list[ImageStatus] = []
    settled: dict[str, list[str]] = defaultdict(list)
    for snapshot, word in _find_missed(open_snapshots, cloud):
        image = _find_ours(cloud.images.of_snapshot(snapshot.id), snapshot.id)
        status = _tell_untagged(image, snapshot, rules, cloud) if image else _tell_gone(snapshot, word, rules, cloud)
        if status is None:
            continue
        cloud.queue.publish(envelope(status, function, cloud.clock.now()))
        told.append(status)
        end = Word.AVAILABLE if status.state is State.AVAILABLE else Word.FAILED
        settled[Outcome(end, status.reason).to_tag()].append(snapshot.id)
    for tag, snapshot_ids in settled.items():
        tag_each(snapshot_ids, {OUTCOME: tag}, cloud.snapshots, function)
    return told


def _find_missed(open_snapshots: set[str], cloud: Cloud) -> Iterator[tuple[Snapshot, Word]]:
    """Where an image was seen, and where it was requested at least."""
    for word in (Word.MAKING, Word.REQUESTED):
        found = cloud.snapshots.tagged({OUTCOME: Outcome(word).to_tag()})
        for snapshot in [each for each in found if each.id not in open_snapshots][:MOST_MISSED]:
            yield snapshot, word


def _tell_gone(snapshot: Snapshot, word: Word, rules: Rules, cloud: Cloud) -> ImageStatus | None:
    """What was seen and is gone was deleted. What was never seen may be listed yet, as long as the window lasts."""
    is_over = cloud.clock.now() - snapshot.created > rules.lookback + SLACK
    return deleted(snapshot, rules) if word is Word.MAKING or is_over else None


def _find_ours(images: Sequence[Image], snapshot_id: str) -> Image | None:
    """By its tags; without them by its name, of which the snapshot's id is a part. Somebody else's image of the same
    snapshot is none of ours."""
    mine = [each for each in images if is_image_of(each, snapshot_id)]
    named = [each for each in images if snapshot_id in each.name and not each.is_copy]
    return next(iter((*mine, *named)), None)


def _tell_untagged(image: Image, snapshot: Snapshot, rules: Rules, cloud: Cloud) -> ImageStatus | None:
    """The end of an image that does not say itself that it is followed; None while it has none."""
    now = cloud.clock.now()
    verdict = judge_image(image, timedelta(seconds=NEVER_OVERDUE), now)
    if not verdict.state.is_terminal:
        return None
    known = recall_about(image.tags)
    about = replace(known, snapshot_id=snapshot.id) if known else OurTags(snapshot.id, "")
    return found(subject_of_image(replace(about, disk_id=snapshot.disk_id or None), rules, now), image, verdict)
