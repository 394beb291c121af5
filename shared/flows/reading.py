"""Listings that are read by and by: several side by side, since only the pages of one must follow one another."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from shared.domain.errors import CloudError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

T = TypeVar("T")


@dataclass
class Reading(Generic[T]):
    """One listing, and where its entries are kept: under `name`, unless they have none."""

    pages: Iterator[list[T]]
    into: dict[str, list[T]]
    name: Callable[[T], str | None]
    count: int = 0
    """Pages that were read."""
    is_whole: bool = False

    def read_page(self) -> None:
        page = next(self.pages, None)
        if page is None:
            self.is_whole = True
            return
        self.count += 1
        for entry in page:
            if name := self.name(entry):
                self.into[name].append(entry)


def read_side_by_side(
    readings: Iterable[Reading[Any]], goes_on: Callable[[], bool], together: Callable[[Callable[[], None], int], None]
) -> None:
    """Until all are whole, or it is enough; raises what ECS says instead of a page."""
    left = deque(reading for reading in readings if not reading.is_whole)
    troubles: list[CloudError] = []

    def read() -> None:
        while left:
            try:
                reading = left.popleft()
            except IndexError:  # another was quicker
                return
            while goes_on() and not reading.is_whole and not troubles:
                try:
                    reading.read_page()
                except CloudError as refusal:
                    troubles.append(refusal)

    together(read, len(left))
    if troubles:
        raise troubles[0]
