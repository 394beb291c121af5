"""Follows every image to its end: one run asks for all open images, tells what is new, remembers that it was told.

Told first and remembered after: a crash in between repeats a message with the same id, and never loses one.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from shared.domain.errors import CloudError, Refused
from shared.domain.facts import Image
from shared.domain.image_tags import PLAN, SNAPSHOT, OurTags, attempt_of, is_image_of, recall_about, recall_owed
from shared.domain.message import ImageStatus, envelope
from shared.domain.message_fields import Reason, State
from shared.domain.outcome import Word, read_attempt, read_outcome
from shared.domain.progress import News, Verdict, found, is_sound, news_of, news_owed, subject_of_image
from shared.domain.rules import Rules
from shared.flows.log import log_answer, log_trouble
from shared.flows.open_images import (
    FUNCTION,
    Followed,
    is_asked_again,
    open_images,
    remember_outcomes,
    remember_owed,
    remember_states,
    tell_missed,
)
from shared.flows.publish import publish_all
from shared.ports import Cloud, do_each

AT_ONCE = 50
"""Images told before they are remembered, in one TagResources call."""
MANY = 8
"""Such lots that are told side by side: where images come by the thousand a minute each of them is told of three times."""
HINT = b"Image:StateChange"
"""In the native event and in the CloudEvent of it (ECS help, "Image event notifications")."""
SOON = timedelta(seconds=30)
MARGIN = timedelta(seconds=30)
"""Left at the end of a run: a page of images takes less. What is left has its turn a minute later."""
MOST_TOLD = 5_000
"""Messages of one run, which are its answer, too: more than a minute brings, and no more than the memory holds."""
FAMILY_FULL = frozenset({"ImageQuotaExceed.ImageFamily", "ImageQuotaFull.ImageFamily"})
"""API references CreateImage and ModifyImageAttribute."""
FORGOTTEN = News((), State.CREATING.value, is_open=False)
"""Of an image whose end nobody waits for."""


def track_images(rules: Rules, cloud: Cloud, event: bytes = b"") -> list[ImageStatus]:
    """What was told in this run. A hint that comes soon after a run tells nothing that the next minute does not find."""
    mark, now = cloud.calls.mark(), cloud.clock.now()
    if HINT in event and cloud.warm.tracked and timedelta() <= now - cloud.warm.tracked < SOON:
        return []
    cloud.warm.tracked = now
    told: list[ImageStatus] = []
    seen: dict[str, int] = {}
    fresh: dict[str, Followed] = {}
    is_whole = True
    for page, is_complete in open_images(cloud):
        if len(told) > MOST_TOLD or cloud.is_late(MARGIN):
            is_whole = False
            break
        fresh |= {image.id: each for image in page if (each := follow(image, cloud))}
        for image in page:
            of = image.tags.get(SNAPSHOT, "")
            seen[of] = max(seen.get(of, 0), attempt_of(image.tags))
        is_whole = is_whole and is_complete
        if len(fresh) >= MANY * AT_ONCE:
            told += tell_all(list(fresh.values()), rules, cloud)
            fresh = {}
    told += tell_all(list(fresh.values()), rules, cloud)
    if is_whole:
        told += tell_missed(seen, rules, cloud)
    for status in told:
        log_answer(status, FUNCTION, cloud.calls, mark)
    return told


def follow(image: Image, cloud: Cloud) -> Followed | None:
    """None when there is nothing new, or the image is none of ours. Tags that somebody altered do not cost it its end."""
    snapshot_id = image.tags.get(SNAPSHOT, "")
    if not is_image_of(image, snapshot_id):
        log_trouble(FUNCTION, image.id, "NotOurs", "its snapimage tags were altered, or copied from another image")
        return None
    about = recall_about(image.tags) or OurTags(snapshot_id, image.tags.get(PLAN, ""))
    if owed := recall_owed(image.tags):
        return Followed(image, about, news_owed(owed, about), owed)
    news = news_of(image, about, cloud.clock.now())
    return Followed(image, about, news) if news else None


def tell_all(followed: Sequence[Followed], rules: Rules, cloud: Cloud) -> list[ImageStatus]:
    """Some lots side by side; all of them are the most that a crash can repeat."""
    lots = [followed[start : start + AT_ONCE] for start in range(0, len(followed), AT_ONCE)]
    told: list[list[ImageStatus]] = [[] for _ in lots]
    refusals = list[CloudError]()

    def tell_some(number: int) -> None:
        try:
            told[number] = [] if refusals else _tell_lot(lots[number], rules, cloud)
        except CloudError as refusal:
            refusals.append(refusal)

    do_each(range(len(lots)), tell_some, cloud, MANY)
    if refusals:
        raise refusals[0]
    return [status for some in told for status in some]


def _tell_lot(lot: Sequence[Followed], rules: Rules, cloud: Cloud) -> list[ImageStatus]:
    some = without_ends_told(lot, cloud)
    told = tell([(each, verdict) for each in some for verdict in each.news.verdicts], rules, cloud)
    refused = remember_outcomes(some, cloud)
    again = [each for each in some if is_asked_again(each, refused, cloud.clock.now())]
    settled = [each for each in some if each not in again and promote(each, rules, cloud, told)]
    remember_states(settled, cloud)
    remember_owed(again, cloud)
    return told


def without_ends_told(followed: Sequence[Followed], cloud: Cloud) -> list[Followed]:
    """The same without the ends of snapshots that have one: whatever an image shows later, nobody hears of another, and
    that it was seen is not written over an end that another event had told meanwhile, or may have told. An image of an
    attempt that was forgotten says nothing of the snapshot any more."""
    asked = [each.about.snapshot_id for each in followed if each.outcome]
    tags = {each.id: each.tags for each in cloud.snapshots.find(asked)} if asked else {}
    left: list[Followed] = []
    for each in followed:
        known = tags.get(each.about.snapshot_id, {})
        outcome = read_outcome(known)
        if each.outcome and attempt_of(each.image.tags) < read_attempt(known):
            left.append(replace(each, news=each.news if each.owed else FORGOTTEN, owed=None))
            continue
        if outcome is None or outcome.word not in {Word.AVAILABLE, Word.FAILING, Word.FAILED}:
            left.append(each)
            continue
        supplements = tuple(verdict for verdict in each.news.verdicts if not verdict.state.is_terminal)
        news = replace(each.news, verdicts=supplements if outcome.word is Word.AVAILABLE else ())
        is_first = each.outcome is not None and each.outcome.word is Word.MAKING
        left.append(replace(each, news=news, owed=outcome if is_first else None))
    return left


def tell(news: Sequence[tuple[Followed, Verdict]], rules: Rules, cloud: Cloud) -> list[ImageStatus]:
    now = cloud.clock.now()
    statuses = [found(subject_of_image(each.about, rules, now), each.image, verdict) for each, verdict in news]
    for trouble in publish_all([envelope(status, FUNCTION, now) for status in statuses], cloud):
        if trouble:
            raise trouble
    return statuses


def promote(each: Followed, rules: Rules, cloud: Cloud, told: list[ImageStatus]) -> bool:
    """Whether the image is settled: in its family, or for good without it, which leaves it a good image.

    After it was told, because trouble with a nicety must not keep the truth back; and only a sound one, so that a bad
    image is never the newest of its family. What is not settled is not remembered: the next run tries once more.
    """
    sound = is_sound(each.image, each.news)
    families = {plan.name: plan.image.family for plan in rules.plans.plans} if sound else {}
    family = families.get(each.about.plan)
    if family is None:
        return True
    try:
        cloud.images.set_family(each.image.id, family)
        verdict = Verdict(State.PROMOTED, Reason.IMAGE_PROMOTED, f"{each.image.id} is in family {family} from now on")
    except CloudError as refusal:
        log_trouble(FUNCTION, each.image.id, refusal.code, f"family {family} not set")
        if refusal.code not in FAMILY_FULL:
            return isinstance(refusal, Refused)
        text = f"{each.image.id} is usable; family {family} is full and did not take it"
        verdict = Verdict(State.PROMOTED, Reason.FAMILY_FULL, text)
    told += tell([(each, verdict)], rules, cloud)
    return True
