"""Which good images of one system disk survive, and why: a pure function over a list.

The rules are those of restic's `forget` (restic documentation, "Removing snapshots according to a policy"): what one of
them keeps survives; the newest of each calendar period stands for it; only periods that have an image count; while a
rule has counts left, the oldest image is kept, too; what begins in the future is kept and counts for nothing.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .retire import KeepRules


@dataclass(frozen=True, slots=True)
class Dated:
    """An image, and when its system disk's snapshot began."""

    id: str
    began: datetime


def choose_survivors(
    images: Iterable[Dated], rules: "KeepRules", zone: tzinfo, now: datetime
) -> dict[str, tuple[str, ...]]:
    """The reasons of each image that survives."""
    reasons: dict[str, list[str]] = {}
    past: list[Dated] = []
    for image in sorted(images, key=_age, reverse=True):
        if image.began > now:
            reasons[image.id] = ["begins later than now"]
        else:
            past.append(image)
    for found, why in _keep_within(past, rules.within):
        reasons.setdefault(found.id, []).append(why)
    local = [image.began.astimezone(zone) for image in past]
    for word, count, label in _counting(rules):
        for number, why in _keep_newest(word, count, [label(moment) for moment in local]):
            reasons.setdefault(past[number].id, []).append(why)
    return {image_id: tuple(found) for image_id, found in reasons.items()}


def newest(images: Iterable[Dated]) -> str | None:
    """Of two that began at one moment the one with the greater id, here as everywhere."""
    found = max(images, key=_age, default=None)
    return found.id if found else None


def _age(image: Dated) -> tuple[datetime, str]:
    return image.began, image.id


def _keep_within(past: Sequence[Dated], span: timedelta) -> Iterable[tuple[Dated, str]]:
    """Back from the newest image and not from now: a schedule that has stopped ages nothing out."""
    if past and span:
        edge = past[0].began - span
        yield from ((image, f"within {_spell(span)}") for image in past if image.began >= edge)


def _counting(rules: "KeepRules") -> Sequence[tuple[str, int, Callable[[datetime], str]]]:
    return (
        ("last", rules.last, lambda moment: ""),
        ("daily", rules.daily, lambda moment: f"{moment:%Y-%m-%d}"),
        ("weekly", rules.weekly, _iso_week),
        ("monthly", rules.monthly, lambda moment: f"{moment:%Y-%m}"),
    )


def _keep_newest(word: str, count: int, periods: Sequence[str]) -> Iterable[tuple[int, str]]:
    """The first of each of `count` periods, newest image first. `last` takes every image for a period of its own.

    A set, since clocks that are put back over midnight show a day twice.
    """
    seen: set[str] = set()
    for number, period in enumerate(periods):
        if count == 0:
            return
        is_new = word == "last" or period not in seen
        if is_new or number == len(periods) - 1:
            count -= 1
            seen.add(period)
            yield number, word if word == "last" else f"{word} {period}" if is_new else f"oldest {word}"


def _iso_week(moment: datetime) -> str:
    year, week, _ = moment.isocalendar()
    return f"{year}-W{week:02}"


def _spell(span: timedelta) -> str:
    return f"{span.days}d" if span == timedelta(days=span.days) else f"{span.total_seconds() / 3600:g}h"
