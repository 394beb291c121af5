"""What a run knows of the region: listed once, gone on with where it was left, looked at again where it was unfinished."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from shared.adapters.throttling import CallRecord, Throttling
from shared.domain.errors import Throttled
from shared.domain.facts import Role, Snapshot
from shared.domain.view import Kind, Question
from shared.flows.region import Region
from simulation.memory.cloud import START, MemoryClock, memory_cloud


class Listings:
    """Ten pages of a data disk's snapshot each, and how many of them were read."""

    def __init__(self) -> None:
        self.read = 0
        self.begun = 0

    def of_system_disks(self, since: datetime) -> Iterator[list[Snapshot]]:
        yield from ()

    def of_data_disks(self, since: datetime) -> Iterator[list[Snapshot]]:
        self.begun += 1
        for number in range(10):
            self.read += 1
            yield [Snapshot(f"s-{number}", f"d-{number}", Role.DATA, 40, "accomplished", START, "timer", "")]


def questions(count: int) -> list[Question]:
    return [Question(Kind.SNAPSHOTS_OF_INSTANCE, f"i-{number}", START) for number in range(count)]


def test_a_listing_that_was_left_goes_on_where_it_was() -> None:
    listings, region = Listings(), Region()
    cloud = replace(memory_cloud(), snapshots=listings)  # type: ignore[arg-type]

    for _ in range(3):
        region.answer(questions(4), cloud)

    assert (listings.begun, listings.read) == (1, 10)
    assert region.listed == START


def test_what_a_run_foresees_is_listed_with_the_disks_of_many_machines() -> None:
    listings, region = Listings(), Region(foreseen=START)
    cloud = replace(memory_cloud(), snapshots=listings)  # type: ignore[arg-type]
    disks = [Question(Kind.DISKS_OF_INSTANCE, f"i-{number}") for number in range(50)]

    region.answer(disks[:40], cloud)
    read_for_40 = listings.read
    region.answer(disks, cloud)

    assert (read_for_40, listings.read) == (0, 10)


def test_few_machines_are_asked_about_one_by_one() -> None:
    listings = Listings()

    found = Region().answer(questions(8), replace(memory_cloud(), snapshots=listings))  # type: ignore[arg-type]

    assert (found, listings.read) == ({}, 0)


def test_what_was_unfinished_is_looked_at_again_by_its_id() -> None:
    done = Snapshot("s-1", "d-1", Role.DATA, 40, "accomplished", START, "timer", "")
    cloud = memory_cloud(snapshots=[done])
    region = Region(listed=START - timedelta(minutes=5), snapshots={"d-1": [replace(done, status="progressing")]})

    assert region.refresh(["d-1", "d-unknown"], cloud)
    assert region.snapshots["d-1"] == [done]
    assert not region.refresh(["d-1"], cloud)


def refused_first(times: int) -> Callable[[], str]:
    left = [Throttled("Throttling.User", "not now", 400)] * times

    def attempt() -> str:
        if left:
            raise left.pop()
        return "made"

    return attempt


def test_when_one_of_many_is_throttled_all_wait_once_and_none_is_lost() -> None:
    clock = MemoryClock(START)
    calls = CallRecord(Throttling(clock, START + timedelta(hours=1), lambda: 2.0))

    made = calls.send_all("CreateImage", [refused_first(number == 20) for number in range(40)])

    assert made == ["made"] * 40
    assert clock.now() - START == timedelta(seconds=62)


def test_without_time_to_wait_what_is_left_is_refused() -> None:
    calls = CallRecord(Throttling(MemoryClock(START), None))

    made = calls.send_all("CreateImage", [refused_first(2), *(refused_first(0) for _ in range(3))])

    assert isinstance(made[0], Throttled)
    assert calls.mark() <= 4
