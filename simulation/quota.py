"""ECS's limit of calls: so many for each API and minute of an account in a region (ECS help, "API throttling")."""

from collections import Counter
from dataclasses import dataclass, field

from shared.domain.errors import Throttled

MINUTE = 60


@dataclass
class Quota:
    """A refused call does not count against it. What was made and refused is kept for each API and minute.

    `ahead` is how many seconds ECS's clock is ahead of the functions'.
    """

    per_minute: int
    ahead: float = 0.0
    made: Counter[tuple[str, int]] = field(default_factory=Counter)
    refused: Counter[tuple[str, int]] = field(default_factory=Counter)

    def admit(self, action: str, seconds: float) -> None:
        """Counts one call that arrives now; raises Throttled when the minute is used up."""
        at = action, int((seconds + self.ahead) // MINUTE)
        if self.made[at] >= self.per_minute:
            self.refused[at] += 1
            raise Throttled("Throttling.User", f"{action}: Request was denied due to user flow control.", 400)
        self.made[at] += 1

    def total_made(self) -> Counter[str]:
        return _totals(self.made)

    def total_refused(self) -> Counter[str]:
        return _totals(self.refused)


def _totals(counts: Counter[tuple[str, int]]) -> Counter[str]:
    totals: Counter[str] = Counter()
    for (action, _), count in counts.items():
        totals[action] += count
    return totals
