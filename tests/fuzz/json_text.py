"""Where the values of a JSON text stand, so that some are changed without reading and writing the others."""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import zip_longest

TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{},:]|[^\s\[\]{},:"]+')
Edit = tuple[int, int, str]
"""From where to where a text is taken out, and what comes there instead."""


@dataclass(frozen=True)
class Spot:
    """A value of a text, and where the name before it begins and ends."""

    start: int
    end: int
    name: tuple[int, int] | None = None
    gap: tuple[int, int] | None = None
    """What goes when the value does: its name and a comma, too. The outermost value cannot go."""


@lru_cache(maxsize=4_096)
def find_spots(text: str) -> tuple[Spot, ...]:
    """What is inside comes before what holds it; none when it is no JSON, or is nested beyond what can be read."""
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return ()
    return tuple(_scan(text))


def _scan(text: str) -> Iterator[Spot]:
    tokens = list(TOKEN.finditer(text))
    holders: list[list[Spot]] = [[]]
    opened: list[tuple[int, tuple[int, int] | None]] = []
    name = None
    for token, following in zip_longest(tokens, tokens[1:]):
        mark = token.group()
        if mark in ",:":
            continue
        if following and following.group() == ":":
            name = token.span()
            continue
        if mark in "[{":
            opened.append((token.start(), name))
            holders.append([])
        elif mark in "]}":
            yield from _with_gaps(holders.pop())
            start, named = opened.pop()
            holders[-1].append(Spot(start, token.end(), named))
        else:
            holders[-1].append(Spot(token.start(), token.end(), name))
        name = None
    yield from holders[0]


def _with_gaps(several: Sequence[Spot]) -> Iterator[Spot]:
    """Each one goes with the comma behind it, the last one with the comma before it."""
    begins = [spot.name[0] if spot.name else spot.start for spot in several]
    for number, spot in enumerate(several):
        if spot is not several[-1]:
            gap = begins[number], begins[number + 1]
        else:
            gap = several[number - 1].end if number else begins[number], spot.end
        yield Spot(spot.start, spot.end, spot.name, gap)


def splice(text: str, edits: Iterable[Edit]) -> str:
    """With every edit but those of what another one takes out: JSON stays JSON."""
    parts, at = [], 0
    for start, end, new in sorted(edits):
        if start >= at:
            parts += [text[at:start], new]
            at = end
    return "".join([*parts, text[at:]])
