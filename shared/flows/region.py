"""What one run knows of the whole region: answers for many machines from listings that are read once.

Asking for each machine costs a call for each question; listing the region costs a call for every hundred snapshots. So a
run lists when that takes fewer calls than the machines at hand, and keeps what it listed for the machines to come.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from shared.domain.errors import CloudError
from shared.domain.facts import Disk, Image, Snapshot
from shared.domain.image_tags import ABOUT, DISK, DISKS, PLAN, SNAPSHOT, STATE
from shared.domain.view import Kind, Question
from shared.flows.reading import Reading, read_side_by_side
from shared.ports import Cloud

FEW = 8
"""Machines, up to which each is asked about by itself."""
MANY = 100
"""Calls for machines that announce a night: more will follow."""
SPARE = timedelta(hours=1)
"""How much earlier than asked for a listing of snapshots begins, for those to come."""
FRESH = timedelta(minutes=2)
"""A complete set stays complete, so an image may be made of an older listing; to wait or to fail takes a fresh look."""
EVIDENCE = timedelta(hours=26)
"""How far back a listing looks for the last image of a machine: a daily schedule, and some."""
MOST_EVIDENCE = 200
"""Pages of images in one listing. Beyond, disks that left before the first look are not looked for in last images."""


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

    def answer(self, questions: Sequence[Question], cloud: Cloud) -> dict[Question, object]:
        """Those of the questions that listings answer; raises what ECS says instead of a page."""
        if not self.may_list:
            return {}
        machines = {each.id for each in questions if each.kind in {Kind.SNAPSHOTS_OF_INSTANCE, Kind.DISKS_OF_INSTANCE}}
        disks = {each.id for each in questions if each.kind is Kind.IMAGES_OF_DISK}
        if machines:
            self._list_machines([each for each in questions if each.since], 2 * len(machines), cloud)
        if self.images is None and len(disks) > FEW:
            self.images = _list_evidence(2 * len(disks), cloud)
        answers = ((question, self._look_up(question)) for question in questions)
        return {question: found for question, found in answers if found is not None}

    def _list_machines(self, questions: Sequence[Question], calls: int, cloud: Cloud) -> None:
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
            self.snapshots.clear()
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

    def _look_up(self, question: Question) -> object:
        if question.kind is Kind.DISK:
            return self.by_id.get(question.id)
        if question.kind is Kind.IMAGES_OF_DISK and self.images is not None:
            return tuple(self.images.get(question.id, ()))
        if self.listed is None:
            return None
        if question.kind is Kind.DISKS_OF_INSTANCE:
            return tuple(self.disks.get(question.id, ()))
        if question.since is None or self.since is None or question.since < self.since:
            return None
        if question.kind is Kind.SNAPSHOTS_OF_DISK:
            return tuple(self.snapshots.get(question.id, ()))
        if question.kind is Kind.SNAPSHOTS_OF_INSTANCE:
            here = self.disks.get(question.id, ())
            return tuple(each for disk in here for each in self.snapshots.get(disk.id, ()))
        return None


def _is_done(snapshot: Snapshot) -> bool:
    return snapshot.status in {"accomplished", "failed"}


def _list_evidence(budget: int, cloud: Cloud) -> dict[str, list[Image]]:
    """Last images, as far as they are listed: what is not found is no evidence, which is what it was without a listing."""
    last: dict[str, list[Image]] = defaultdict(list)
    since = cloud.clock.now() - EVIDENCE
    for number, page in enumerate(cloud.images.made_since(since), 1):
        for image in page:
            if disk_id := image.tags.get(DISK):
                last[disk_id].append(_cut(image))
        if number >= min(budget, MOST_EVIDENCE):
            break
    return last


def _cut(image: Image) -> Image:
    """Without what is of no use for the next set: tens of thousands of them are kept for a run."""
    needed = {SNAPSHOT, DISK, PLAN, ABOUT, STATE}
    return replace(image, tags={key: image.tags[key] for key in image.tags if key in needed or key.startswith(DISKS)})
