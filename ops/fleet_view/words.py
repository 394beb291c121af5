"""How the commands of a fleet write ages, moments and rows on a terminal."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from ops.moments import write_moment


def write_age(age: timedelta | None) -> str:
    """In the unit that people think in."""
    if age is None:
        return "-"
    hours = age.total_seconds() / 3600
    if hours < 1:
        return f"{age.total_seconds() / 60:.0f}m"
    return f"{hours:.0f}h" if hours < 72 else f"{hours / 24:.0f}d"


def write_time(moment: datetime | None) -> str | None:
    return write_moment(moment) if moment else None


def table(rows: Iterable[Sequence[str]]) -> list[str]:
    """Columns as wide as they need to be. A terminal obeys nothing that people have put into a name."""
    cells = [[printable(each) for each in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells]


def to_json(plain: object) -> str:
    """For programs: on one line."""
    return json.dumps(plain, ensure_ascii=False)


def indented(plain: object) -> list[str]:
    """For people: a line for each key, below what it belongs to."""
    return ["    " + line for line in json.dumps(plain, indent=2, ensure_ascii=False).splitlines()]


def printable(text: str) -> str:
    if text.isprintable():
        return text
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)
