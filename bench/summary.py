"""What several measurements of one thing come to: the median, and the quartiles beside it."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Summary:
    median: float
    q1: float
    q3: float
    samples: int


def summarize(values: Sequence[float]) -> Summary:
    """The median, because one disturbed round must not move the figure. One value is its own quartiles."""
    if len(values) == 1:
        return Summary(values[0], values[0], values[0], 1)
    q1, median, q3 = statistics.quantiles(values, n=4, method="inclusive")
    return Summary(median, q1, q3, len(values))
