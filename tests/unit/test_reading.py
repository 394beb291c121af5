"""Listings that are read side by side: all at one time, no further than wanted, and none after a refusal."""

from collections import defaultdict
from collections.abc import Iterator
from threading import Barrier

import pytest

from shared.adapters.throttling import do_together
from shared.domain.errors import Throttled
from shared.flows.reading import Reading, read_side_by_side
from shared.ports import one_after_another


def reading_of(pages: Iterator[list[str]]) -> Reading[str]:
    return Reading(pages, defaultdict(list), lambda entry: entry)


def numbered() -> Iterator[list[str]]:
    yield from ([str(number)] for number in range(10))


def refused() -> Iterator[list[str]]:
    raise Throttled("Throttling.User", "not now", 400)
    yield []


def test_no_listing_waits_for_another() -> None:
    all_here = Barrier(3, timeout=10)

    def meeting() -> Iterator[list[str]]:
        all_here.wait()
        yield ["found"]

    readings = [reading_of(meeting()) for _ in range(3)]

    read_side_by_side(readings, lambda: True, do_together)

    assert [dict(reading.into) for reading in readings] == [{"found": ["found"]}] * 3


def test_reading_stops_where_it_is_enough_and_goes_on_from_there() -> None:
    reading = reading_of(numbered())

    read_side_by_side([reading], lambda: reading.count < 4, one_after_another)
    is_whole_at_first = reading.is_whole
    read_side_by_side([reading], lambda: True, one_after_another)

    assert not is_whole_at_first
    assert (reading.is_whole, reading.count, list(reading.into)) == (True, 10, [str(number) for number in range(10)])


def test_after_a_refusal_no_other_page_is_read() -> None:
    other = reading_of(numbered())

    with pytest.raises(Throttled):
        read_side_by_side([reading_of(refused()), other], lambda: True, one_after_another)

    assert other.count == 0


def test_an_entry_without_a_name_is_left_out() -> None:
    reading = Reading(iter([["a", ""]]), defaultdict(list), lambda entry: entry or None)

    read_side_by_side([reading], lambda: True, one_after_another)

    assert dict(reading.into) == {"a": ["a"]}
