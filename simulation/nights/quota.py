"""ECS's limit of calls: so many for each API and minute of an account in a region (ECS help, "API throttling")."""

from collections import Counter, defaultdict, deque
from dataclasses import dataclass, field
from enum import Enum

from shared.domain.errors import Throttled

MINUTE = 60


class Minutes(Enum):
    """Which sixty seconds ECS counts, no page says."""

    FIXED = "minutes of the clock"
    SHIFTED = "minutes that begin at the half minute"
    SLIDING = "the last sixty seconds, refused calls included"


@dataclass
class Quota:
    """Of fixed minutes a refused call does not count. What was made and refused is kept for each API and minute.

    `ahead` is how many seconds ECS's clock is ahead of the functions'.
    """

    per_minute: int
    ahead: float = 0.0
    minutes: Minutes = Minutes.FIXED
    made: Counter[tuple[str, int]] = field(default_factory=Counter)
    refused: Counter[tuple[str, int]] = field(default_factory=Counter)
    _lately: dict[str, deque[float]] = field(default_factory=lambda: defaultdict(deque))

    def admit(self, action: str, seconds: float) -> None:
        """Counts one call that arrives now; raises Throttled when the minute is used up."""
        at = action, int(self._on_clock(seconds) // MINUTE)
        if self._is_spent(action, seconds, at):
            self.refused[at] += 1
            raise Throttled("Throttling.User", f"{action}: Request was denied due to user flow control.", 400)
        self.made[at] += 1

    def total_made(self) -> Counter[str]:
        return _totals(self.made)

    def total_refused(self) -> Counter[str]:
        return _totals(self.refused)

    def _on_clock(self, seconds: float) -> float:
        return seconds + self.ahead + (MINUTE / 2 if self.minutes is Minutes.SHIFTED else 0)

    def _is_spent(self, action: str, seconds: float, at: tuple[str, int]) -> bool:
        if self.minutes is not Minutes.SLIDING:
            return self.made[at] >= self.per_minute
        lately = self._lately[action]
        while lately and lately[0] <= seconds - MINUTE:
            lately.popleft()
        lately.append(seconds)
        return len(lately) > self.per_minute


def _totals(counts: Counter[tuple[str, int]]) -> Counter[str]:
    totals: Counter[str] = Counter()
    for (action, _), count in counts.items():
        totals[action] += count
    return totals
