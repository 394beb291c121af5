"""A pass over many pages: what is done side by side, what a crash or a refusal in between leaves, what is looked at again."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from threading import Event
from typing import Any

import pytest
from fakes.builders import plan, rules, system_disk, system_snapshot
from fakes.world import FakeDisks, FakeImages, FakeQueue, FakeSnapshots, World, world

from shared.adapters.throttling import do_together
from shared.domain.errors import CloudError, Transient
from shared.domain.facts import Disk, Snapshot
from shared.domain.image_request import ImageRequest
from shared.domain.message import StatusMessage
from shared.domain.outcome import OUTCOME, Outcome, Word
from shared.flows.reconcile_snapshots import reconcile_snapshots
from shared.flows.track_images import track_images
from shared.ports import Cloud

EVERYTHING = rules(plan(source={}))
PATIENCE = 20.0
"""Seconds until a test gives up waiting for what should happen side by side."""


class Crash(BaseException):
    """The process ends."""


def fleet(count: int, **changes: Any) -> World:
    snapshots = [system_snapshot(f"s-{number}", disk_id=f"d-{number}", **changes) for number in range(count)]
    return world(*snapshots, *(system_disk(each.disk_id, tags={"role": "web"}) for each in snapshots))


def images_of(there: World) -> list[str]:
    """The snapshots that an image was made of, in alphabetical order."""
    return sorted(image.system_snapshot_id or "" for image in there.images.values())


@dataclass
class Progress:
    """Things that happen, and what waits for them."""

    told: Event = field(default_factory=Event)
    read: Event = field(default_factory=Event)
    in_time: list[bool] = field(default_factory=list)


@dataclass(frozen=True)
class WatchedSnapshots(FakeSnapshots):
    progress: Progress

    def of_system_disks(self, since: datetime) -> Iterator[list[Snapshot]]:
        for number, page in enumerate(super().of_system_disks(since)):
            if number == 2:
                self.progress.read.set()
            yield page


@dataclass(frozen=True)
class WatchedQueue(FakeQueue):
    progress: Progress

    def publish(self, message: StatusMessage) -> None:
        super().publish(message)
        self.progress.told.set()


@dataclass(frozen=True)
class HeldImages(FakeImages):
    """Images of the second page are made once the first is told and the third is read."""

    progress: Progress

    def create(self, request: ImageRequest) -> str:
        if request.snapshot_id == "s-100":
            self.progress.in_time += [each.wait(PATIENCE) for each in (self.progress.told, self.progress.read)]
        return super().create(request)


def watched(there: World, progress: Progress) -> Cloud:
    return replace(
        there.cloud,
        snapshots=WatchedSnapshots(there, progress),
        images=HeldImages(there, progress),
        queue=WatchedQueue(there, progress),
        together=do_together,
    )


def test_images_are_made_while_the_page_before_is_told_and_the_next_is_read() -> None:
    there, progress = fleet(250), Progress()

    reconcile_snapshots(EVERYTHING, watched(there, progress))

    assert progress.in_time == [True, True]
    assert len(there.images) == len(there.messages) == 250


@dataclass(frozen=True)
class CrashingImages(FakeImages):
    def create(self, request: ImageRequest) -> str:
        image_id = super().create(request)
        if request.snapshot_id == "s-150":
            raise Crash
        return image_id


@dataclass(frozen=True)
class CrashingQueue(FakeQueue):
    def publish(self, message: StatusMessage) -> None:
        raise Crash


@pytest.mark.parametrize(
    "crash", [lambda there: {"images": CrashingImages(there)}, lambda there: {"queue": CrashingQueue(there)}]
)
def test_a_crash_in_between_loses_nothing_and_makes_nothing_twice(crash: Callable[[World], dict[str, Any]]) -> None:
    there = fleet(250)
    with pytest.raises(Crash):
        reconcile_snapshots(EVERYTHING, replace(there.cloud, together=do_together, **crash(there)))
    is_halfway = 0 < len(there.images) < 250

    reconcile_snapshots(EVERYTHING, there.cloud)
    for image_id in there.images:
        there.change(image_id, status="Available")
    track_images(EVERYTHING, there.cloud)

    assert is_halfway
    assert images_of(there) == sorted(there.snapshots)
    assert sorted(each.data.snapshot_id or "" for each in there.messages if each.data.terminal) == images_of(there)


@dataclass(frozen=True)
class BrokenListing(FakeSnapshots):
    def of_system_disks(self, since: datetime) -> Iterator[list[Snapshot]]:
        pages = super().of_system_disks(since)
        yield next(pages)
        yield next(pages)
        raise Transient("ServiceUnavailable", "no more pages", 503)


def test_pages_before_one_that_is_refused_are_made_and_told() -> None:
    there = fleet(250)

    with pytest.raises(Transient):
        reconcile_snapshots(EVERYTHING, replace(there.cloud, snapshots=BrokenListing(there)))

    assert len(there.images) == len(there.messages) == 200


@dataclass(frozen=True)
class EndingImages(FakeImages):
    """With the first image a snapshot ends that was not finished when it was listed."""

    def create_all(self, requests: Sequence[ImageRequest]) -> list[str | CloudError]:
        self.world.snapshots["s-7"] = replace(self.world.snapshots["s-7"], status="accomplished")
        return super().create_all(requests)


@dataclass(frozen=True)
class AskedSnapshots(FakeSnapshots):
    asked: list[Sequence[str]]

    def find(self, snapshot_ids: Sequence[str]) -> list[Snapshot]:
        self.asked.append(snapshot_ids)
        return super().find(snapshot_ids)


def test_what_a_pass_has_left_is_asked_for_again_by_its_id() -> None:
    there, asked = fleet(150), list[Sequence[str]]()
    there.snapshots["s-7"] = replace(there.snapshots["s-7"], status="progressing")

    reconcile_snapshots(
        EVERYTHING, replace(there.cloud, images=EndingImages(there), snapshots=AskedSnapshots(there, asked))
    )

    assert (asked, "s-7" in images_of(there)) == ([["s-7"]], True)


@dataclass(frozen=True)
class SlowImages(FakeImages):
    def create_all(self, requests: Sequence[ImageRequest]) -> list[str | CloudError]:
        self.world.moment += timedelta(minutes=4)
        return super().create_all(requests)


def test_when_its_time_is_over_a_run_tells_what_it_has_made_and_makes_no_more() -> None:
    there = fleet(250)

    reconcile_snapshots(
        EVERYTHING, replace(there.cloud, images=SlowImages(there), deadline=there.moment + timedelta(minutes=5))
    )

    assert len(there.images) == len(there.messages) == 100


@dataclass(frozen=True)
class WatchedDisks(FakeDisks):
    progress: Progress

    def find(self, disk_ids: Sequence[str]) -> list[Disk]:
        if "d-100" in disk_ids:
            self.progress.read.set()
        return super().find(disk_ids)


@dataclass(frozen=True)
class WaitingImages(FakeImages):
    """Images of the first page wait for a new minute, while the second is decided and a snapshot is said to be good after all."""

    progress: Progress

    def create_all(self, requests: Sequence[ImageRequest]) -> list[str | CloudError]:
        self.progress.in_time.append(self.progress.read.wait(PATIENCE))
        self.world.moment += timedelta(minutes=3)
        self.world.snapshots["s-100"] = replace(self.world.snapshots["s-100"], status="accomplished")
        return super().create_all(requests)


def test_a_failure_that_was_decided_while_images_waited_is_looked_at_once_more() -> None:
    there, progress = fleet(150), Progress()
    there.snapshots["s-100"] = replace(there.snapshots["s-100"], status="failed")
    disks, images = WatchedDisks(there, progress), WaitingImages(there, progress)
    by_disk = rules(plan(source={"tags": {"role": "web"}}))

    reconcile_snapshots(by_disk, replace(there.cloud, together=do_together, disks=disks, images=images))

    assert progress.in_time[0]
    assert images_of(there) == sorted(there.snapshots)
    assert {state for state, _, _ in there.told()} == {"creating"}


def test_images_that_were_asked_for_a_moment_ago_hold_no_others_back() -> None:
    there = fleet(5)
    soon = Outcome(Word.REQUESTED, until=there.moment + timedelta(minutes=20)).to_tag()
    for number in range(3):
        there.snapshots[f"s-{number}"] = replace(there.snapshots[f"s-{number}"], tags={OUTCOME: soon})

    reconcile_snapshots(EVERYTHING, there.cloud)
    assert images_of(there) == ["s-3", "s-4"]
    assert there.actions.count("TagResources") == 1  # both were made in one go
