"""What a snapshot remembers of itself, in its tags: what became of it, and which disks were there at the first look.

| tag | holds |
|---|---|
| `snapimage:outcome` | a word, its reason, and where they apply ECS's code, times, a digest; never an id, so that equal ones go 50 a call |
| `snapimage:attempt` | raised by `snapimage forget`: a new attempt is a new request to ECS |
| `snapimage:disks.1` to `.4` | the machine and its data disks, as they were seen first; of a snapshot that waits or is refused for now |

It is written after the message that tells it: a crash repeats a message and never loses one. `failing` alone is written
before: a failure that was told must never be followed by an image, so it is decided before it is told.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from functools import lru_cache

from .message_fields import Reason
from .moments import recall_moment, write_next_minute, write_second

OUTCOME = "snapimage:outcome"
ATTEMPT = "snapimage:attempt"
LOOK_TAGS = tuple(f"snapimage:disks.{number}" for number in (1, 2, 3, 4))
"""17 ids of 24 characters."""
MOST_TAGS = 20
"""Of a resource (API reference TagResources)."""
TAG_LIMIT = 128
"""Characters in the value of a tag (API reference TagResources)."""
ID = re.compile(r"[!-~]{1,64}")


class Word(str, Enum):
    WAITING = "waiting"
    """For a disk's snapshot, or for the machine to be known."""
    REQUESTED = "requested"
    """ECS took the request; the image has not been seen yet. Should it never be, it was deleted before."""
    MAKING = "making"
    """The image was seen. If it is gone now, somebody deleted it."""
    AVAILABLE = "available"
    REFUSED = "refused"
    """By ECS, for a cause that can be removed; tried again at most hourly."""
    FAILING = "failing"
    """Decided, perhaps not told yet."""
    FAILED = "failed"


SETTLED = frozenset({Word.REQUESTED, Word.MAKING, Word.AVAILABLE, Word.FAILED})
"""No image is to be asked for any more."""


@dataclass(frozen=True)
class Outcome:
    word: Word
    reason: Reason | None = None
    code: str = ""
    """With which ECS refused it, if ECS did."""
    until: datetime | None = None
    """Of `waiting`: when the wait for what is absent is over. Of `refused`: when it may be tried again. Of `requested`: when
    ECS lists the image, if it is there."""
    digest: str = ""
    """Of `waiting`: which message told it, so that the same is not told again."""
    wait_ends: datetime | None = None
    """Of `refused`: as `until` of `waiting`, where only an event could know it."""

    @property
    def is_settled(self) -> bool:
        return self.word in SETTLED

    @property
    def end_of_wait(self) -> datetime | None:
        """None unless an earlier look knew it."""
        return {Word.WAITING: self.until, Word.REFUSED: self.wait_ends}.get(self.word)

    def stands(self, now: datetime) -> bool:
        """Nothing is to be decided now: it is settled; or it was refused for a cause that can be removed, and is asked for at
        most hourly; or it was requested, and ECS may list it yet."""
        if self.word in {Word.REFUSED, Word.REQUESTED}:
            return self.until is not None and now < self.until
        return self.is_settled

    def to_tag(self) -> str:
        moments = {"until": self.until, "wait": self.wait_ends}
        fields = {key: write_next_minute(moment) for key, moment in moments.items() if moment}
        fields |= {"for": self.digest, "code": self.code}
        words = [self.word.value, *([self.reason.value] if self.reason else [])]
        return " ".join([*words, *(f"{key}={value}" for key, value in fields.items() if value)])[:TAG_LIMIT]


def read_outcome(tags: Mapping[str, str]) -> Outcome | None:
    """None when nothing is remembered, or somebody wrote what is not ours."""
    return _parse(tags[OUTCOME]) if OUTCOME in tags else None


@lru_cache(maxsize=1024)
def _parse(text: str) -> Outcome | None:
    """Tens of thousands of snapshots share a few texts, and a sweep reads each of them."""
    word, *rest = text.split(" ")
    if word not in {each.value for each in Word}:
        return None
    reason = next((each for each in Reason if rest and each.value == rest[0]), None)
    more = dict(part.split("=", 1) for part in rest if "=" in part)
    until, wait_ends = (recall_moment(more.get(key, "")) for key in ("until", "wait"))
    return Outcome(Word(word), reason, more.get("code", ""), until, more.get("for", ""), wait_ends)


def has_room(tags: Mapping[str, str], keys: Iterable[str] = (OUTCOME,)) -> bool:
    """Whether the snapshot can remember its outcome. ECS counts its own tags apart (API reference TagResources).

    One that cannot is left to its event, and what its image tells: a sweep could not know what became of it before, and
    might bring back what an operator deleted.
    """
    own = {key for key in tags if not key.startswith("acs:")}
    return len(own.union(keys)) <= max(MOST_TAGS, len(own))


def read_attempt(tags: Mapping[str, str]) -> int:
    """1 unless the operator asked for another."""
    text = tags.get(ATTEMPT, "1")
    return int(text) if re.fullmatch(r"[1-9][0-9]{0,3}", text) else 1


@dataclass(frozen=True)
class Look:
    """A machine and the ids of its data disks, in the order of their devices, as they were seen first."""

    instance_id: str
    disk_ids: tuple[str, ...] = ()
    doubtful: tuple[str, ...] = ()
    """May have been there when the snapshot began; nobody can tell."""
    released: tuple[str, ...] = ()
    """Were there at the last image and are gone; whether they went before the snapshot, nobody can tell."""
    at: datetime | None = field(default=None, compare=False)
    """When the look began, to the second."""

    def to_tags(self) -> dict[str, str]:
        """Empty when there are more disks than an image could hold by far."""
        doubts = [f"?{disk_id}" for disk_id in self.doubtful] + [f"!{disk_id}" for disk_id in self.released]
        when = [f"@{write_second(self.at)}"] if self.at else []
        lines = list(pack((self.instance_id, *self.disk_ids, *doubts, *when)))
        return dict(zip(LOOK_TAGS, lines, strict=False)) if len(lines) <= len(LOOK_TAGS) else {}


def read_look(tags: Mapping[str, str]) -> Look | None:
    words = [word for key in LOOK_TAGS if key in tags for word in tags[key].split()]
    if not words or not words[0].startswith("i-") or not all(ID.fullmatch(word) for word in words):
        return None
    instance_id, *ids = words

    def marked(sign: str) -> tuple[str, ...]:
        return tuple(word[1:] for word in ids if word[0] == sign)

    sure = tuple(word for word in ids if word[0] not in "?!@")
    return Look(instance_id, sure, marked("?"), marked("!"), recall_moment("".join(marked("@"))))


def holds_spent_look(tags: Mapping[str, str]) -> bool:
    """Whether a look is kept of which nothing will be decided any more."""
    outcome = read_outcome(tags)
    return outcome is not None and outcome.is_settled and any(key in tags for key in LOOK_TAGS)


def pack(words: Sequence[str]) -> Iterator[str]:
    """As few lines as the words need, none longer than the value of a tag."""
    line = ""
    for word in words:
        if line and len(line) + 1 + len(word) > TAG_LIMIT:
            yield line
            line = word
        else:
            line = f"{line} {word}".strip()
    if line:
        yield line
