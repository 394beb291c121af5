"""The way in which every call to the cloud in memory comes."""

from collections.abc import Callable, Iterator
from typing import Protocol, TypeVar

from shared.adapters.throttling import CallRecord, Throttling

T = TypeVar("T")

PAGE = 100
"""Entries in one reply of a listing; the next hundred cost another call."""


class Entrance(Protocol):
    def enter(self, action: str, apply: Callable[[], T]) -> T:
        """One call: what `apply` returns at the moment when the call is let in."""


class OpenEntrance:
    """Every call is let in at once, and nobody counts."""

    def enter(self, action: str, apply: Callable[[], T]) -> T:
        return apply()


def read_pages(calls: Entrance, action: str, find: Callable[[], list[T]]) -> Iterator[list[T]]:
    """A listing as of its first page; each page is a call, made when it is asked for."""
    found = calls.enter(action, find)
    yield found[:PAGE]
    for start in range(PAGE, len(found), PAGE):
        calls.enter(action, lambda: None)
        yield found[start : start + PAGE]


def list_pages(calls: Entrance, action: str, find: Callable[[], list[T]]) -> list[T]:
    """The same in one, with all the calls that it costs."""
    found = calls.enter(action, find)
    for _ in range(PAGE, len(found), PAGE):
        calls.enter(action, lambda: None)
    return found


def _let_in(_: str) -> None:
    return None


class MemoryCalls(CallRecord):
    """Every call, with the real waiting. `admit` may take its time or raise, and is asked for every attempt."""

    def __init__(self, throttling: Throttling, admit: Callable[[str], None] = _let_in) -> None:
        super().__init__(throttling)
        self._admit = admit

    def enter(self, action: str, apply: Callable[[], T]) -> T:
        return self.send(action, lambda: self._arrive(action, apply))

    def _arrive(self, action: str, apply: Callable[[], T]) -> T:
        self._admit(action)
        return apply()
