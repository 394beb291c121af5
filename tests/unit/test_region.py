"""What a run knows of the region: listed once, gone on with where it was left, looked at again where it was unfinished."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Barrier

import pytest

from shared.adapters.throttling import CallRecord, Throttling, do_together
from shared.domain.decision import Kind, Question
from shared.domain.errors import Throttled
from shared.domain.facts import Disk, Role, Snapshot
from shared.flows.gather import look_up_all
from shared.flows.region import Reading, Region, read_side_by_side
from shared.ports import one_after_another
from simulation.memory.cloud import START, MemoryClock, memory_cloud


class Listings:
    """Pages of a data disk's snapshot each, and how many of them were read."""

    def __init__(self, pages: int = 10) -> None:
        self.pages = pages
        self.read = 0
        self.begun = 0

    def of_system_disks(self, since: datetime) -> Iterator[list[Snapshot]]:
        yield from ()

    def of_data_disks(self, since: datetime) -> Iterator[list[Snapshot]]:
        self.begun += 1
        for number in range(self.pages):
            self.read += 1
            yield [self.snapshot(number)]

    @staticmethod
    def snapshot(number: int) -> Snapshot:
        return Snapshot(f"s-{number}", f"d-{number}", Role.DATA, 40, "accomplished", START, "timer", "")


def questions(count: int, since: datetime = START) -> list[Question]:
    return [Question(Kind.SNAPSHOTS_OF_INSTANCE, f"i-{number}", since) for number in range(count)]


def test_a_listing_that_was_left_goes_on_where_it_was() -> None:
    listings, region = Listings(30), Region()
    cloud = replace(memory_cloud(), snapshots=listings)  # type: ignore[arg-type]

    for earlier in (0, 0, 0, 1):  # an hour is listed to spare
        look_up_all(questions(4, START - timedelta(hours=earlier)), cloud, region)

    assert (listings.begun, listings.read) == (1, 30)
    assert region.listed == START


def test_what_a_run_foresees_is_listed_with_the_disks_of_many_machines() -> None:
    listings, region = Listings(), Region(foreseen=START)
    cloud = replace(memory_cloud(), snapshots=listings)  # type: ignore[arg-type]
    disks = [Question(Kind.DISKS_OF_INSTANCE, f"i-{number}") for number in range(50)]

    look_up_all(disks[:40], cloud, region)
    read_for_40, listed_for_40 = listings.read, region.listed
    look_up_all(disks, cloud, region)

    assert (read_for_40, listed_for_40, listings.read) == (0, START, 10)


def test_a_listing_is_of_the_time_when_its_first_page_is_read() -> None:
    cloud, region = memory_cloud(), Region()

    look_up_all(questions(8), cloud, region)
    cloud.clock.sleep(timedelta(minutes=5))
    look_up_all(questions(20), cloud, region)
    assert region.listed == START + timedelta(minutes=5)


@pytest.mark.parametrize(
    ("region", "machines", "is_whole"),
    [(Region(worth=2), 49, False), (Region(worth=2), 50, True), (Region(), 50, False)],
)
def test_a_hundred_calls_announce_a_night_for_which_a_sweep_reads_more_pages(
    region: Region, machines: int, is_whole: bool
) -> None:
    look_up_all(questions(machines), replace(memory_cloud(), snapshots=Listings(150)), region)  # type: ignore[arg-type]
    assert (region.listed is not None) is is_whole


def test_what_was_listed_for_one_question_is_no_reason_to_read_more_for_the_next() -> None:
    cloud, region = memory_cloud(), Region()
    look_up_all(questions(20), cloud, region)
    assert region.since

    look_up_all(questions(8, region.since), cloud, region)
    look_up_all(questions(8), cloud, region)
    assert region.asked == 0


def test_few_machines_are_asked_about_one_by_one() -> None:
    listings = Listings()
    cloud = replace(memory_cloud(), snapshots=listings)  # type: ignore[arg-type]

    found = look_up_all(questions(8), cloud, Region())

    assert (found, listings.read) == ({}, 0)


def test_where_each_must_be_asked_anew_nothing_is_listed() -> None:
    listings = Listings()
    cloud = replace(memory_cloud(), snapshots=listings)  # type: ignore[arg-type]

    assert (look_up_all(questions(100), cloud, Region(may_list=False)), listings.read) == ({}, 0)


@pytest.mark.parametrize("status", ["accomplished", "failed"])
def test_what_was_unfinished_is_looked_at_again_by_its_id(status: str) -> None:
    done = Snapshot("s-1", "d-1", Role.DATA, 40, status, START, "timer", "")
    still = replace(done, id="s-2", disk_id="d-2", status="progressing")
    cloud = memory_cloud(snapshots=[done, still])
    known = {"d-1": [replace(done, status="progressing")], "d-2": [still]}
    region = Region(listed=START - timedelta(minutes=5), snapshots=known)

    assert region.refresh(["d-1", "d-2", "d-unknown"], cloud)
    assert region.snapshots == {"d-1": [done], "d-2": [still]}
    assert not region.refresh(["d-1", "d-2"], cloud)


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


class BothListings(Listings):
    """Three pages of system disks' snapshots besides."""

    def of_system_disks(self, since: datetime) -> Iterator[list[Snapshot]]:
        for _ in range(3):
            self.read += 1
            yield []


def test_the_pages_of_a_listing_that_began_too_late_count_as_read_and_for_nothing_else() -> None:
    listings, region = BothListings(), Region()
    cloud = replace(memory_cloud(), snapshots=listings)  # type: ignore[arg-type]

    look_up_all(questions(20), cloud, region)
    look_up_all([replace(each, since=START - timedelta(hours=3)) for each in questions(20)], cloud, region)
    of_disks = 1
    assert (listings.read, region.read) == (26, 26 + of_disks)
    assert {len(found) for found in region.snapshots.values()} == {1}


class BrokenOnce(Listings):
    """A listing of data disks' snapshots is refused in its middle."""

    breaks = 1

    def of_data_disks(self, since: datetime) -> Iterator[list[Snapshot]]:
        for number, page in enumerate(super().of_data_disks(since)):
            if self.begun == self.breaks and number == 5:
                raise Throttled("Throttling.User", "not now", 400)
            yield page


def test_nothing_of_a_listing_that_broke_off_is_kept() -> None:
    listings, region = BrokenOnce(), Region()
    cloud = replace(memory_cloud(), snapshots=listings)  # type: ignore[arg-type]

    with pytest.raises(Throttled):
        look_up_all(questions(20), cloud, region)
    look_up_all(questions(20), cloud, region)
    assert [len(region.snapshots[f"d-{number}"]) for number in range(10)] == [1] * 10


def test_where_a_longer_listing_broke_off_the_disks_of_the_shorter_are_forgotten() -> None:
    disk, listings, region = Disk("d-7", Role.SYSTEM, 40, "i-7"), BrokenOnce(), Region()
    cloud = replace(memory_cloud(disks=[disk]), snapshots=listings)  # type: ignore[arg-type]
    listings.breaks = 2
    look_up_all(questions(20), cloud, region)
    with pytest.raises(Throttled):
        look_up_all(questions(20, START - timedelta(hours=3)), cloud, region)

    assert region.look_up(Question(Kind.DISK, disk.id)) is None
    look_up_all(questions(30), cloud, region)
    assert region.look_up(Question(Kind.DISKS_OF_INSTANCE, "i-7")) == (disk,)


def test_a_disk_that_was_listed_is_not_asked_for_by_its_id() -> None:
    there = memory_cloud(disks=[Disk(f"d-{number}", Role.SYSTEM, 40, f"i-{number}") for number in range(40)])
    region = Region()
    look_up_all(questions(40), there, region)
    before = there.calls.mark()

    found = look_up_all([Question(Kind.DISK, "d-7")], there, region)

    assert found == {Question(Kind.DISK, "d-7"): Disk("d-7", Role.SYSTEM, 40, "i-7")}
    assert there.calls.since(before) == []


def test_a_listing_knows_nothing_of_what_began_after_it() -> None:
    region = Region(listed=START)

    known = [
        region.may_know(Snapshot("s-1", "d-1", Role.SYSTEM, 40, "accomplished", START + later, "timer", ""))
        for later in (timedelta(seconds=-1), timedelta(), timedelta(seconds=1))
    ]

    assert known == [True, False, False]


@pytest.mark.parametrize(
    ("age", "is_renewed"), [(timedelta(minutes=2), False), (timedelta(minutes=2, seconds=1), True)]
)
def test_a_listing_serves_for_two_minutes(age: timedelta, is_renewed: bool) -> None:
    region = Region(listed=START, worth=12, foreseen=START, images={"d-1": []}, asked=7)

    renewed = Region(worth=12, foreseen=START, images={"d-1": []}) if is_renewed else region
    assert (region.is_stale(START + age), region.renew(START + age)) == (is_renewed, renewed)


def test_where_nothing_is_listed_nothing_is_too_old() -> None:
    assert not Region().is_stale(START)


def test_a_listing_answers_for_machines_and_last_images_and_for_nothing_else() -> None:
    disk, snapshot = Disk("d-3", Role.SYSTEM, 40, "i-3"), Listings.snapshot(3)
    region = Region(
        listed=START,
        since=START,
        disks={"i-3": [disk]},
        by_id={"d-3": disk},
        snapshots={"d-3": [snapshot]},
        images={"i-3": []},
    )

    assert [region.look_up(Question(kind, "i-3")) for kind in Kind] == [
        None, None, None, None, None, (disk,), None, (), None,
    ]  # fmt: skip
    assert region.look_up(Question(Kind.SNAPSHOTS_OF_INSTANCE, "i-3", START)) == (snapshot,)


def test_before_a_listing_is_whole_it_answers_for_nothing() -> None:
    region = Region(disks={"i-3": [Disk("d-3", Role.SYSTEM, 40, "i-3")]})

    assert [region.look_up(Question(kind, "i-3", START)) for kind in Kind] == [None] * len(Kind)


def reading_of(pages: Iterator[list[str]]) -> Reading[str]:
    return Reading(pages, defaultdict(list), lambda entry: entry)


def numbered() -> Iterator[list[str]]:
    yield from ([str(number)] for number in range(10))


def refused() -> Iterator[list[str]]:
    raise Throttled("Throttling.User", "not now", 400)
    yield []


def test_no_listing_waits_for_another() -> None:
    all_here = Barrier(3, timeout=50)

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


def test_what_a_part_of_a_listing_has_cost_counts_for_the_next() -> None:
    listings, region = Listings(30), Region()

    look_up_all(questions(9), replace(memory_cloud(), snapshots=listings), region)  # type: ignore[arg-type]
    assert (region.listed, region.asked, listings.read) == (None, 18, 17)


def test_the_snapshots_of_a_disk_are_found_in_the_listing() -> None:
    listings, region = Listings(), Region()
    cloud = replace(memory_cloud(), snapshots=listings)  # type: ignore[arg-type]
    look_up_all(questions(20), cloud, region)
    assert region.since
    asked, just, too_early, unknown = (
        Question(Kind.SNAPSHOTS_OF_DISK, name, since)
        for name, since in [
            ("d-3", START),
            ("d-4", region.since),
            ("d-3", region.since - timedelta(seconds=1)),
            ("d-none", START),
        ]
    )

    found = look_up_all([asked, just, too_early, unknown], cloud, region)
    assert found == {asked: (Listings.snapshot(3),), just: (Listings.snapshot(4),), unknown: ()}
