"""Sorts what `coverage --json` tells into nights: a UTC day each, and the best of what a machine's snapshots of it became."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from ops.fleet_view.show_coverage import Plain
from shared.domain.moments import read_moment

LONGEST = timedelta(days=30)
"""So many nights; more would not fit on a screen."""
BEST_FIRST = ("available", "partial", "waiting", "failing", "unanswered", "deleted")


@dataclass(frozen=True)
class NightTotal:
    day: date
    cells: dict[str, int]
    """Machines by what the night left them, in all seven words."""
    images: int
    """That exist now, of snapshots of this night."""
    gib: int


def nights_of(covered: Plain) -> list[date]:
    """Whole days only, the oldest first: on the day where the listing begins, some snapshots were not listed."""
    last = read_moment(covered["time"]).date()
    first = read_moment(covered["listed_since"]).date() + timedelta(days=1)
    count = min((last - first).days + 1, LONGEST.days)
    return [last - timedelta(days=back) for back in reversed(range(max(count, 1)))]


def taken(point: Plain) -> datetime | None:
    told = point["began"] or point["created"]
    return read_moment(told) if told else None


def cells_of(machine: Plain, nights: list[date]) -> list[str]:
    """One word a night."""
    words: dict[date, list[str]] = {}
    for point in machine["history"]:
        if when := taken(point):
            words.setdefault(when.date(), []).append(point["state"])
    return [min(words.get(night, ["none"]), key=_rank) for night in nights]


def _rank(word: str) -> int:
    return BEST_FIRST.index(word) if word in BEST_FIRST else len(BEST_FIRST)


def totals_of(covered: Plain, nights: list[date]) -> list[NightTotal]:
    columns = [
        Counter(column) for column in zip(*(cells_of(each, nights) for each in covered["machines"]), strict=True)
    ]
    images, gib = Counter[date](), Counter[date]()
    for point in held(covered):
        if when := taken(point):
            images[when.date()] += 1
            gib[when.date()] += point["gib"]
    words = (*BEST_FIRST, "none")
    return [
        NightTotal(night, {word: column[word] for word in words}, images[night], gib[night])
        for night, column in zip(nights, columns or [Counter[str]()] * len(nights), strict=True)
    ]


def held(covered: Plain) -> Iterator[Any]:
    """The points whose image exists now."""
    return (point for machine in covered["machines"] for point in machine["history"] if point["image_id"])
