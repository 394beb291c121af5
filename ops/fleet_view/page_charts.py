"""Draws the nights as bars: inline SVG, the same for the same numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from markupsafe import Markup

from ops.fleet_view.page_nights import NightTotal

STACK = ("available", "partial", "waiting", "unanswered", "deleted", "failing")
"""From below."""
WIDE, GAP, HIGH = 12, 2, 100
BAR = Markup('<rect class="b-{}" x="{}" y="{:.2f}" width="{}" height="{:.2f}"/>')
HIT = Markup('<rect class="b-hit" x="{}" y="0" width="{}" height="{}"><title>{}</title></rect>')
SVG = Markup('<svg viewBox="0 0 {} {}" preserveAspectRatio="none" role="img" aria-label="{}">{}</svg>')


@dataclass(frozen=True)
class Chart:
    title: str
    number: str
    note: str
    top: str
    """What the full height is."""
    first: str
    last: str
    svg: Markup


def draw_charts(totals: Sequence[NightTotal], machines: int, older: tuple[int, int]) -> list[Chart]:
    """`older` are images and GiB of snapshots from before the first night."""
    images = older[0] + sum(each.images for each in totals)
    gib = older[1] + sum(each.gib for each in totals)
    nights = [[(word, each.cells[word]) for word in STACK] for each in totals]
    good = totals[-1].cells["available"] + totals[-1].cells["partial"]
    of_images, of_gib = ([[("images", getattr(each, key))] for each in totals] for key in ("images", "gib"))
    return [
        _chart(
            "Machines with an image",
            f"{good:,} of {machines:,}",
            "by night; the number is the last night's",
            totals,
            nights,
            machines,
        ),
        _chart("Images held", f"{images:,}", _by_night(older[0], ""), totals, of_images),
        _chart("Pinned", f"{gib:,} GiB", _by_night(older[1], " GiB"), totals, of_gib, unit=" GiB"),
    ]


def _by_night(older: int, unit: str) -> str:
    return "now, by the night of their snapshot" + (f"; {older:,}{unit} are older" if older else "")


def _chart(
    title: str,
    number: str,
    note: str,
    totals: Sequence[NightTotal],
    bars: Sequence[Sequence[tuple[str, int]]],
    full: int = 0,
    unit: str = "",
) -> Chart:
    full = full or max((sum(size for _, size in bar) for bar in bars), default=0)
    drawn = [_bar(index, bar, full) for index, bar in enumerate(bars)]
    hits = [
        HIT.format(index * WIDE, WIDE, HIGH, f"{write_day(each.day)}: {_say(bar, unit)}")
        for index, (each, bar) in enumerate(zip(totals, bars, strict=True))
    ]
    label = f"{title}: {number}. By night: the table below has the numbers."
    svg = SVG.format(len(bars) * WIDE, HIGH, label, Markup().join((*drawn, *hits)))
    return Chart(title, number, note, f"{full:,}{unit}", write_day(totals[0].day), write_day(totals[-1].day), svg)


def _bar(index: int, bar: Sequence[tuple[str, int]], full: int) -> Markup:
    drawn, top = Markup(), float(HIGH)
    for word, size in bar:
        height = HIGH * size / full if full else 0
        top -= height
        if size:
            drawn += BAR.format(word[0], index * WIDE + GAP / 2, top, WIDE - GAP, height)
    return drawn


def _say(bar: Sequence[tuple[str, int]], unit: str) -> str:
    return ", ".join(f"{size:,}{unit or ' ' + word}" for word, size in bar if size) or "none"


def write_day(day: date) -> str:
    return f"{day:%a} {day.day} {day:%b}"
