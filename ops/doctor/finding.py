"""What one check came to."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum


class Health(str, Enum):
    """UNKNOWN is what could not be read: it is never taken for OK."""

    OK = "OK"
    WRONG = "WRONG"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True)
class Finding:
    """`mend` is the command to type, where one helps."""

    check: str
    health: Health
    text: str
    mend: str = ""


@dataclass(frozen=True)
class Unread:
    """A fact that could not be read: the service's code and words, fit to be shown."""

    code: str
    words: str


def fine(check: str, text: str) -> Finding:
    return Finding(check, Health.OK, text)


def wrong(check: str, text: str, mend: str) -> Finding:
    return Finding(check, Health.WRONG, text, mend)


def unknown(check: str, why: Unread | str, mend: str = "") -> Finding:
    return Finding(check, Health.UNKNOWN, why if isinstance(why, str) else f"not read: {why.words}", mend)


def judge(check: str, problems: Sequence[tuple[str, str]], praise: str) -> Finding:
    """OK without problems; each is what is wrong and what mends it, and the first one's command comes first."""
    if not problems:
        return fine(check, praise)
    mends = list(dict.fromkeys(mend for _, mend in problems))
    return wrong(check, "; ".join(text for text, _ in problems), " && ".join(mends))
