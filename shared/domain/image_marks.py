"""What retirement lets an image remember: further words behind the state that was told last, in the same tag.

A tag of its own might find no room: an image may have 20, and a full memory with five of the operator's takes them all.
Overwriting the value of one that is there needs none.

| word | means |
|---|---|
| `pinned` | an operator said `snapimage keep`, and the image had no room for the tag `snapimage:pinned` |
| `retiring=TIME` | deprecated by us, since when; the grace counts from here |
| `gone=TIME` | when its system disk was first seen to be gone for good |
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from .image_tags import STATE
from .moments import recall_moment, write_next_minute

PINNED, RETIRING, GONE = "pinned", "retiring", "gone"
PIN = "snapimage:pinned"
"""A tag of its own wherever there is room: a run that writes its marks at that moment cannot overwrite it."""


@dataclass(frozen=True, slots=True)
class Marks:
    told: str
    """The state that was told last."""
    is_pinned: bool = False
    """By a word in this tag."""
    retiring: datetime | None = None
    gone: datetime | None = None

    def to_tag(self) -> str:
        times = {RETIRING: self.retiring, GONE: self.gone}
        words = [self.told, *([PINNED] if self.is_pinned else [])]
        words += [f"{key}={write_next_minute(moment)}" for key, moment in times.items() if moment]
        return " ".join(words)


def read_marks(tags: Mapping[str, str]) -> Marks:
    """What somebody altered counts as not remembered; a pin counts however it is spelled beside other words."""
    told, _, rest = tags.get(STATE, "").partition(" ")
    words = rest.split()
    times = dict(word.split("=", 1) for word in words if "=" in word)
    return Marks(told, PINNED in words, recall_moment(times.get(RETIRING, "")), recall_moment(times.get(GONE, "")))


def told_state(tags: Mapping[str, str]) -> str:
    return tags.get(STATE, "").partition(" ")[0]
