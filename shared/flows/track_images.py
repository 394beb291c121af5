"""Follows every image to its end: one sweep asks for all open images, tells what is new, remembers that it was told.

Told first and remembered after: a crash in between repeats a message with the same id, and never loses one.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from shared.domain.errors import CloudError, Permanent
from shared.domain.facts import Image
from shared.domain.follow import Report, follow_image, is_sound
from shared.domain.image_answers import found, subject_of_image
from shared.domain.memory import OPEN, STATE, OurTags, recall_about
from shared.domain.message import envelope
from shared.domain.rules import Rules
from shared.domain.status import ImageStatus
from shared.flows.log import log_answer, log_trouble
from shared.ports import Cloud, Images

FUNCTION = "track_images"
AT_ONCE = 50
"""Images told before they are remembered, in one TagResources call: the most that a crash can repeat."""


@dataclass(frozen=True)
class News:
    image: Image
    about: OurTags
    report: Report


def track_images(rules: Rules, cloud: Cloud) -> list[ImageStatus]:
    """What was told in this sweep."""
    mark = cloud.calls.mark()
    news = list(find_news(cloud))
    told: list[ImageStatus] = []
    for start in range(0, len(news), AT_ONCE):
        some = news[start : start + AT_ONCE]
        statuses = [status for status in (tell(each, rules, cloud) for each in some) if status is not None]
        remember([each for each in some if promote(each, rules, cloud.images)], cloud.images)
        for status in statuses:
            log_answer(status, FUNCTION, cloud.calls, mark)
        told += statuses
    return told


def find_news(cloud: Cloud) -> Iterator[News]:
    """One DescribeImages for every 100 open images, whatever their number."""
    for image in cloud.images.tagged({OPEN: "yes"}):
        about = recall_about(image.tags)
        if about is None:
            log_trouble(FUNCTION, image.id, "NotReadable", "its snapimage tags were altered")
            continue
        report = follow_image(image, about, cloud.clock.now())
        if report is not None:
            yield News(image, about, report)


def tell(news: News, rules: Rules, cloud: Cloud) -> ImageStatus | None:
    if news.report.verdict is None:
        return None
    now = cloud.clock.now()
    status = found(subject_of_image(news.about, rules, now), news.image, news.report.verdict)
    cloud.queue.publish(envelope(status, FUNCTION, now))
    return status


def promote(news: News, rules: Rules, images: Images) -> bool:
    """Whether the image is settled: in its family, or for good without it, which leaves it a good image.

    After it was told, because trouble with a nicety must not keep the truth back; and only a sound one, so that a bad
    image is never the newest of its family. What is not settled is not remembered: the next sweep tells it again, with
    the same id, and tries once more.
    """
    families = {plan.name: plan.image.family for plan in rules.plans.plans} if is_sound(news.image, news.report) else {}
    family = families.get(news.about.plan)
    if family is None:
        return True
    try:
        images.set_family(news.image.id, family)
    except CloudError as refusal:
        log_trouble(FUNCTION, news.image.id, refusal.code, f"family {family} not set")
        return isinstance(refusal, Permanent)
    return True


def remember(news: Sequence[News], images: Images) -> None:
    groups: dict[tuple[str, str], list[str]] = defaultdict(list)
    for each in news:
        groups[each.report.remembered.value, "yes" if each.report.is_open else "no"].append(each.image.id)
    for (state, is_open), image_ids in groups.items():
        _record(image_ids, {STATE: state, OPEN: is_open}, images)


def _record(image_ids: Sequence[str], tags: dict[str, str], images: Images) -> None:
    """One image that was deleted meanwhile fails the whole call: then each is remembered by itself."""
    try:
        images.record(image_ids, tags)
    except Permanent as refusal:
        if len(image_ids) == 1:
            log_trouble(FUNCTION, image_ids[0], refusal.code, "state not remembered")
            return
        for image_id in image_ids:
            _record([image_id], tags, images)
