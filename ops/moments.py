"""A moment as people write it on a command line: `12h`, `3d`, or a time with its zone."""

import re
from datetime import datetime, timedelta, timezone

from files.errors import CommandError

STAMP = "%Y-%m-%dT%H:%M:%SZ"
UNITS = {"m": "minutes", "h": "hours", "d": "days"}
_SPAN = re.compile(r"([0-9]{1,5})([mhd])")


def read_span(text: str) -> timedelta:
    """Raises CommandError for what is no span."""
    span = _SPAN.fullmatch(text)
    if span is None:
        raise CommandError(f"{text!r} is no span: write 30m, 12h or 3d")
    return timedelta(**{UNITS[span[2]]: int(span[1])})


def read_moment(text: str, now: datetime) -> datetime:
    """Raises CommandError for what is no moment, or lies ahead."""
    if _SPAN.fullmatch(text):
        return now - read_span(text)
    try:
        moment = datetime.fromisoformat(re.sub("[Zz]$", "+00:00", text))  # Python 3.10 knows no Z
    except ValueError:
        raise CommandError(f"{text!r} is no time: write 12h, 3d or 2026-11-20T02:00:00Z") from None
    if moment.tzinfo is None:
        raise CommandError(f"{text} has no zone: write {text}Z for UTC")
    if moment > now:
        raise CommandError(f"{text} lies ahead: it is {write_moment(now)}")
    return moment.astimezone(timezone.utc)


def write_moment(moment: datetime) -> str:
    return moment.astimezone(timezone.utc).strftime(STAMP)
