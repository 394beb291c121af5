"""What happened in one history, in lines that can be read."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

STARTS = "starts"


@dataclass(frozen=True)
class TraceStep:
    at: datetime
    depth: int
    """How many invocations were under way."""
    text: str


def tell_steps(steps: Sequence[TraceStep]) -> Iterator[str]:
    """Without the invocations that only looked: they are nearly all of a history, and explain nothing."""
    index = 0
    while index < len(steps):
        step, inside = steps[index], _inside(steps, index)
        if _is_start(step) and all(_is_look(each) for each in inside):
            index += len(inside)
        else:
            yield f"{step.at:%d %H:%M:%S} {'  ' * step.depth}{step.text}"
        index += 1


def _inside(steps: Sequence[TraceStep], index: int) -> list[TraceStep]:
    """The steps of the invocation that starts here."""
    found = []
    for step in steps[index + 1 :]:
        if step.depth <= steps[index].depth:
            break
        found.append(step)
    return found


def _is_start(step: TraceStep) -> bool:
    return f" {STARTS}, " in step.text


def _is_look(step: TraceStep) -> bool:
    return step.text.startswith("Describe") and ":" not in step.text
