"""The open questions, as docs/real-account.md has them."""

import re
from dataclasses import dataclass

from files.places import ROOT

PAGE = ROOT / "docs" / "real-account.md"
ROW = re.compile(r"^\| (Q\d+) \| ([^|]+) \| ([^|]+) \| [^|]+ \| ([^|]+) \|$", re.M)


@dataclass(frozen=True)
class OpenQuestion:
    id: str
    asks: str
    assumes: str
    live: str
    """What a run tells of it; `no:` and what it takes where one run cannot tell."""

    @property
    def is_answered(self) -> bool:
        return not self.live.startswith("no:")


def read_questions() -> list[OpenQuestion]:
    """Of a link its words alone."""
    text = re.sub(r"\[([^]]+)\]\([^)]+\)", r"\1", PAGE.read_text(encoding="utf-8"))
    return [OpenQuestion(*each) for each in ROW.findall(text)]
