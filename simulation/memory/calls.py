"""The way in which every call to the cloud in memory comes."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import copy
from functools import partial
from typing import Protocol, TypeVar

T = TypeVar("T")
P = TypeVar("P", bound="MemoryPort")

PAGE = 100
"""Entries in one reply of a listing; the next hundred cost another call."""
MOST_TAGGED = 1_000
"""Resources that a query by tag shows (alibabacloud-ecs20140526 7.11.8, DescribeImagesRequest.tag)."""


class Entrance(Protocol):
    """As the product's own CallRecord has it."""

    def send(self, action: str, attempt: Callable[[], T]) -> T:
        """One call: what `attempt` returns at the moment when the call is let in."""


class MemoryPort:
    """What it holds is shared by all who call, each through an entrance of its own."""

    def __init__(self, calls: Entrance) -> None:
        self.calls = calls

    def seen_by(self: P, calls: Entrance) -> P:
        other = copy(self)
        other.calls = calls
        return other


def read_pages(calls: Entrance, action: str, find: Callable[[], Sequence[T]], page: int = PAGE) -> Iterator[list[T]]:
    """A listing as of its first page; each page is a call, made when it is asked for."""
    found = calls.send(action, find)
    yield list(found[:page])
    for start in range(page, len(found), page):
        calls.send(action, lambda: None)
        yield list(found[start : start + page])


def list_pages(calls: Entrance, action: str, find: Callable[[], list[T]]) -> list[T]:
    """The same in one, with all the calls that it costs."""
    found = calls.send(action, find)
    for _ in range(PAGE, len(found), PAGE):
        calls.send(action, lambda: None)
    return found


def find_by_id(calls: Entrance, action: str, known: Mapping[str, T], ids: Sequence[str]) -> list[T]:
    """A hundred in one call."""
    found: list[T] = []
    for start in range(0, len(ids), PAGE):
        found += calls.send(action, partial(_which, known, ids[start : start + PAGE]))
    return found


def _which(known: Mapping[str, T], ids: Sequence[str]) -> list[T]:
    return [known[each] for each in ids if each in known]
