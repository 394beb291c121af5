"""What one run has listed of the whole region, and how far listings are worth reading.

Asking for each machine costs a call for each question; listing the region costs a call for every hundred snapshots. So a
run lists when that takes fewer calls than the machines at hand, and keeps what it listed for the machines to come.
Listings are read several side by side, since only the pages of one must follow one another.
"""

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from shared.domain.decision import Kind, Question
from shared.domain.errors import CloudError
from shared.domain.facts import Disk, Image, Snapshot
from shared.ports import Cloud, take_each

T = TypeVar("T")

FEW = 8
"""Machines, up to which each is asked about by itself."""
MANY = 100
"""Calls for machines that announce a night: more will follow."""
SPARE = timedelta(hours=1)
"""How much earlier than asked for a listing of snapshots begins, for those to come."""
FRESH = timedelta(minutes=2)
"""A complete set stays complete, so an image may be made of an older listing; to wait or to fail takes a fresh look."""


@dataclass
class Reading(Generic[T]):
    """One listing that is read by and by, and where its entries are kept: under `name`, unless they have none."""

    pages: Iterator[list[T]]
    into: dict[str, list[T]]
    name: Callable[[T], str | None]
    count: int = 0
    """Pages that were read."""
    is_whole: bool = False

    def read_page(self) -> None:
        page = next(self.pages, None)
        self.is_whole = page is None
        self.count += not self.is_whole
        for entry in page or ():
            if name := self.name(entry):
                self.into[name].append(entry)


@dataclass
class Region:
    """`may_list` is False where each must be asked anew."""

    may_list: bool = True
    worth: int = 1
    """How many pages may be read for each call that this saves at once, when there are many: a sweep expects more."""
    foreseen: datetime | None = None
    """Where the snapshots begin that a run over many machines will ask for, so that nothing waits for the disks' listing."""
    listed: datetime | None = None
    """When the listing began that answers now."""
    since: datetime | None = None
    """Where the listing of snapshots begins."""
    disks: dict[str, list[Disk]] = field(default_factory=lambda: defaultdict(list))
    """By the instance that they hang on."""
    by_id: dict[str, Disk] = field(default_factory=dict)
    is_of_use: bool = False
    """Images are being made of it in this pass: who must wait can wait for a fresh look, too."""
    snapshots: dict[str, list[Snapshot]] = field(default_factory=lambda: defaultdict(list))
    """By their disk."""
    images: dict[str, list[Image]] | None = None
    """The last images by their system disk, cut to what they tell of their set."""
    asked: int = 0
    """Calls for machines that were asked about one by one in this run."""
    in_vain: int = 0
    """Pages that were read in this run and are of no use any more."""
    begun: datetime | None = None
    readings: tuple[Reading[Disk] | Reading[Snapshot], ...] = ()
    reading_since: datetime | None = None

    @property
    def read(self) -> int:
        """Pages that were read in this run."""
        return self.in_vain + sum(reading.count for reading in self.readings)

    def is_stale(self, now: datetime) -> bool:
        return self.listed is not None and now - self.listed > FRESH

    def renew(self, now: datetime) -> "Region":
        """For another pass: what is too old is forgotten, but for the last images, which only grow."""
        return Region(worth=self.worth, foreseen=self.foreseen, images=self.images) if self.is_stale(now) else self

    def may_know(self, snapshot: Snapshot) -> bool:
        """Not what began after the listing: its machine may have got another disk in between."""
        return self.listed is None or snapshot.created < self.listed

    def refresh(self, disk_ids: Iterable[str], cloud: Cloud) -> bool:
        """Looks again at the snapshots of these disks that were not finished; whether one is finished now."""
        open_ids = [each.id for disk_id in disk_ids for each in self.snapshots.get(disk_id, ()) if not _is_done(each)]
        found = {each.id: each for each in cloud.snapshots.find(open_ids)} if open_ids else {}
        for disk_id in {each.disk_id for each in found.values()}:
            self.snapshots[disk_id] = [found.get(each.id, each) for each in self.snapshots[disk_id]]
        return any(_is_done(each) for each in found.values())

    def look_up(self, question: Question) -> object:
        """None where no listing tells."""
        if question.kind is Kind.DISK:
            return self.by_id.get(question.id)
        if question.kind is Kind.IMAGES_OF_DISK and self.images is not None:
            return tuple(self.images.get(question.id, ()))
        if self.listed is None:
            return None
        here = self.disks.get(question.id, ())
        if question.kind is Kind.DISKS_OF_INSTANCE:
            return tuple(here)
        if question.since is None or self.since is None or question.since < self.since:
            return None
        if question.kind is Kind.SNAPSHOTS_OF_DISK:
            return tuple(self.snapshots.get(question.id, ()))
        return tuple(each for disk in here for each in self.snapshots.get(disk.id, ()))

    def list_machines(self, questions: Sequence[Question], calls: int, cloud: Cloud) -> None:
        """Reads no more pages than asking has cost and would cost now; what is missing is read once that has grown."""
        calls += self.asked
        foreseen = [self.foreseen] if self.foreseen and calls >= MANY else []
        earliest = min([*foreseen, *(each.since for each in questions if each.since)], default=None)
        is_short = self.listed is None or (earliest is not None and (self.since is None or earliest < self.since))
        budget = 0 if calls <= 2 * FEW else calls if calls < MANY else calls * self.worth
        if is_short and self.read < budget:
            is_short = not self._list(earliest, budget, cloud)
        if is_short:
            self.asked = calls

    def _list(self, earliest: datetime | None, budget: int, cloud: Cloud) -> bool:
        """Whether the listing is whole. Else it goes on where it was left."""
        self._begin(earliest, cloud)
        try:
            read_side_by_side(self.readings, lambda: self.read < budget, cloud.together)
        except CloudError:  # an iterator that has raised is at its end
            self.listed = self.since = self.begun = self.reading_since = None
            self.in_vain, self.readings = self.read, ()
            self.disks.clear()
            self.by_id.clear()
            raise
        if not all(reading.is_whole for reading in self.readings):
            return False
        self.listed, self.since = self.begun, self.reading_since
        self.by_id = {disk.id: disk for disks in self.disks.values() for disk in disks}
        return True

    def _begin(self, earliest: datetime | None, cloud: Cloud) -> None:
        """Snapshots of system and of data disks are two listings: pages follow one another, listings need not."""
        if not self.readings:
            self.begun = cloud.clock.now()
            self.readings = (Reading(cloud.disks.everywhere(), self.disks, lambda disk: disk.instance_id),)
        if earliest is None or (self.reading_since and earliest >= self.reading_since):
            return
        self.reading_since = earliest - SPARE
        self.snapshots.clear()
        self.in_vain += sum(reading.count for reading in self.readings[1:])
        both = cloud.snapshots.of_system_disks(self.reading_since), cloud.snapshots.of_data_disks(self.reading_since)
        of_disk = (Reading(pages, self.snapshots, lambda each: each.disk_id) for pages in both)
        self.readings = (self.readings[0], *of_disk)


def _is_done(snapshot: Snapshot) -> bool:
    return snapshot.status in {"accomplished", "failed"}


def read_side_by_side(
    readings: Iterable[Reading[Any]], goes_on: Callable[[], bool], together: Callable[[Callable[[], None], int], None]
) -> None:
    """Until all are whole, or it is enough; raises what ECS says instead of a page."""
    left = deque(reading for reading in readings if not reading.is_whole)
    troubles: list[CloudError] = []

    def read() -> None:
        for reading in take_each(left):
            while goes_on() and not reading.is_whole and not troubles:
                try:
                    reading.read_page()
                except CloudError as refusal:
                    troubles.append(refusal)

    together(read, len(left))
    if troubles:
        raise troubles[0]
