"""Decides what becomes of the images of one plan and one system disk, and what keeps an image that is too old.

What cannot be known keeps an image. Nothing here depends on what a run may do: a report decides as a deletion does.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import TYPE_CHECKING

from .keep import Dated, choose_survivors, newest
from .retirement_facts import USABLE, Candidate, Users

if TYPE_CHECKING:
    from .retire import Retire


@dataclass(frozen=True, slots=True)
class Retain:
    """It stays: a rule keeps it, or something guards it."""

    reasons: tuple[str, ...]
    is_guarded: bool = False
    """It would go, but for the reasons."""


@dataclass(frozen=True, slots=True)
class Deprecate:
    """It is to be deprecated now; one that somebody else deprecated is only marked."""


@dataclass(frozen=True, slots=True)
class InGrace:
    """Deprecated, and to be deleted later."""

    until: datetime


@dataclass(frozen=True, slots=True)
class Delete:
    """Deprecated for as long as the grace is."""

    since: datetime


@dataclass(frozen=True, slots=True)
class HeldBack:
    """It would go, but more would in this run than the plan allows."""

    why: str
    would_delete: bool


RetirementStep = Retain | Deprecate | InGrace | Delete | HeldBack


@dataclass(frozen=True)
class DiskImages:
    """The images of one plan and one system disk, and when the snapshots of that disk began."""

    images: Sequence[Candidate]
    began: Mapping[str, datetime]
    """By the id of the system disk's snapshot; what is missing is not known."""
    is_disk_gone: bool | None
    """None when nobody can tell."""

    def dated(self, images: Iterable[Candidate]) -> list[Dated]:
        return [Dated(each.id, self.began[each.snapshot_id]) for each in images if each.snapshot_id in self.began]


def judge_images(
    group: DiskImages, wanted: "Retire", zone: tzinfo, users: Users, heads: frozenset[str], now: datetime
) -> dict[str, RetirementStep]:
    """`heads` are the images that are the newest of their families."""
    kept = _kept_by_rules(group, wanted, zone, now)
    verdicts: dict[str, RetirementStep] = {}
    for image in group.images:
        if reasons := kept.get(image.id):
            verdicts[image.id] = Retain(reasons)
        elif guards := tuple(find_guards(image, users, heads)):
            verdicts[image.id] = Retain(guards, is_guarded=True)
        else:
            verdicts[image.id] = _next_step(image, wanted, now)
    return verdicts


def find_first_gone(group: DiskImages, now: datetime) -> tuple[str, datetime | None] | None:
    """The image that is to remember when its disk was first seen to be gone (None: that it is there after all)."""
    image = _last_of(group)
    if image is None or group.is_disk_gone is None:
        return None
    if group.is_disk_gone and image.marks.gone is None:
        return image.id, now
    return (image.id, None) if image.marks.gone and not group.is_disk_gone else None


def hold_back(verdicts: Mapping[str, RetirementStep], wanted: "Retire") -> dict[str, RetirementStep]:
    """Of a whole plan: too many at once are more likely a mistake than a wish. Then none of them goes."""
    most = wanted.most_of(len(verdicts))
    counts = Counter(type(verdict) for verdict in verdicts.values())
    held = dict(verdicts)
    for kind, word in ((Deprecate, "deprecated"), (Delete, "deleted")):
        if counts[kind] <= most:
            continue
        why = f"{counts[kind]} of {len(verdicts)} would be {word}; at_most {wanted.at_most} allows {most}"
        for image_id, verdict in verdicts.items():
            if isinstance(verdict, kind):
                held[image_id] = HeldBack(why, would_delete=kind is Delete)
    return held


def find_guards(image: Candidate, users: Users, heads: frozenset[str]) -> Iterator[str]:
    """What keeps an image, whatever the rules say."""
    if image.status not in USABLE:
        yield f"it is {image.status or 'of no known status'}"
    if image.is_open:
        yield "its story has not ended: snapimage still follows it"
    if image.is_pinned:
        yield "pinned by an operator"
    if image.usage != "none":
        yield "an instance was made from it" if image.usage else "ECS does not say whether an instance uses it"
    if image.is_shared:
        yield "shared with another account"
    if image.is_public:
        yield "public"
    if image.id in heads:
        yield f"the newest of family {image.family}"
    for who in dict.fromkeys((users.images.get(image.id), users.names.get(image.name))):
        if who:
            yield f"named by {who}"
    yield from (f"cannot be read: {what}" for what in users.unread)


def _next_step(image: Candidate, wanted: "Retire", now: datetime) -> RetirementStep:
    """A mark from the future is somebody's mistake, but for the minute by which marks are rounded."""
    since = image.marks.retiring
    if image.status != "Deprecated" or since is None or since > now + timedelta(hours=1):
        return Deprecate()
    return Delete(since) if since + wanted.grace <= now else InGrace(since + wanted.grace)


def _kept_by_rules(group: DiskImages, wanted: "Retire", zone: tzinfo, now: datetime) -> dict[str, tuple[str, ...]]:
    if group.is_disk_gone is None:
        return {image.id: ("cannot be read: whether its system disk is gone",) for image in group.images}
    unknown: dict[str, tuple[str, ...]] = {
        image.id: ("nobody can tell when its snapshot began",)
        for image in group.images
        if image.snapshot_id not in group.began
    }
    last, until = _last_of(group), _gone_until(group, wanted)
    if until and until <= now:
        return unknown
    living = [image for image in group.images if image.is_good and image.status == "Available"]
    kept = choose_survivors(group.dated(living), wanted.keep, zone, now)
    why = "the newest good image of its disk"
    if group.is_disk_gone:
        why = "the last image of a disk that is gone" + (f", until {until:%Y-%m-%d}" if until else "")
    for image_id in filter(None, {newest(group.dated(living)), last.id if last else None}):
        kept[image_id] = (why, *kept.get(image_id, ()))
    return unknown | _not_replaced(group, living) | kept


def _last_of(group: DiskImages) -> Candidate | None:
    """The newest good image, deprecated or not; where none is good the newest."""
    good = group.dated(image for image in group.images if image.is_good)
    last = newest(good or group.dated(group.images))
    return next((image for image in group.images if image.id == last), None)


def _gone_until(group: DiskImages, wanted: "Retire") -> datetime | None:
    """When the images of a disk that is gone have nothing to stand for any more; None while nobody counts."""
    last = _last_of(group)
    return last.marks.gone + wanted.gone if group.is_disk_gone and last and last.marks.gone else None


def _not_replaced(group: DiskImages, living: Sequence[Candidate]) -> dict[str, tuple[str, ...]]:
    """An image that is not good counts for nothing, and stays until a good one takes its place."""
    moments = [group.began[image.snapshot_id] for image in living if image.snapshot_id in group.began]
    return {
        image.id: ("not a good image, and no newer good one of its disk is there",)
        for image in group.images
        if not image.is_good and (not moments or group.began.get(image.snapshot_id, max(moments)) >= max(moments))
    }
