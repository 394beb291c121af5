"""A pass over many pages: what is done side by side, what a crash or a refusal in between leaves, what is looked at again."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from threading import Event
from typing import Any

import pytest
from fakes.builders import LONG_AGO, NOW, data_disk, data_snapshot, plan, rules, system_disk, system_snapshot
from fakes.world import FakeDisks, FakeImages, FakeQueue, FakeSnapshots, World, world

from shared.adapters.throttling import do_together
from shared.domain.errors import CloudError, Curable, Throttled, Transient
from shared.domain.facts import Disk, Role, Snapshot
from shared.domain.image_request import ImageRequest
from shared.domain.message import StatusMessage
from shared.domain.outcome import ATTEMPT, OUTCOME, Outcome, Word
from shared.flows.reconcile_snapshots import Order, reconcile_snapshots
from shared.flows.region import Region
from shared.flows.sweep import Pass, group_by_age, is_unsettled
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
    minutes: int
    sizes: list[int] = field(default_factory=list)

    def create_all(self, requests: Sequence[ImageRequest]) -> list[str | CloudError]:
        self.sizes.append(len(requests))
        self.progress.in_time.append(self.progress.read.wait(PATIENCE))
        self.world.moment += timedelta(minutes=self.minutes)
        self.world.snapshots["s-100"] = replace(self.world.snapshots["s-100"], status="accomplished")
        return super().create_all(requests)


@pytest.mark.parametrize(
    ("minutes", "sizes", "states"), [(1, [3, 97, 49], {"creating", "failed"}), (3, [3, 97, 49, 1], {"creating"})]
)
def test_a_failure_that_was_decided_more_than_two_minutes_ago_is_looked_at_once_more(
    minutes: int, sizes: list[int], states: set[str]
) -> None:
    there, progress = fleet(150), Progress()
    there.snapshots["s-100"] = replace(there.snapshots["s-100"], status="failed")
    disks, images = WatchedDisks(there, progress), WaitingImages(there, progress, minutes)
    by_disk = rules(plan(source={"tags": {"role": "web"}}))

    reconcile_snapshots(by_disk, replace(there.cloud, together=do_together, disks=disks, images=images))

    assert progress.in_time[0]
    assert images.sizes == sizes
    assert {state for state, _, _ in there.told()} == states


def test_images_that_were_asked_for_a_moment_ago_hold_no_others_back() -> None:
    there = fleet(5)
    soon = Outcome(Word.REQUESTED, until=there.moment + timedelta(minutes=20)).to_tag()
    for number in range(3):
        there.snapshots[f"s-{number}"] = replace(there.snapshots[f"s-{number}"], tags={OUTCOME: soon})

    reconcile_snapshots(EVERYTHING, there.cloud)
    assert images_of(there) == ["s-3", "s-4"]
    assert there.actions.count("TagResources") == 1  # both were made in one go


def one_pass(there: World, by: Any = EVERYTHING, *pages: list[Snapshot], **more: Any) -> Pass:
    usual: dict[str, Any] = {"region": Region(), "counts": Counter(), "is_recent": False, "pause": timedelta()}
    this = Pass(by, there.cloud, **(usual | more))
    this.go_over(iter(pages or [list(there.snapshots.values())]))
    return this


def test_after_a_throttled_request_for_an_image_no_other_page_is_asked_for() -> None:
    there = fleet(250)
    there.refuses["CreateImage"] = Throttled("Throttling", "no", 400)

    with pytest.raises(Throttled):
        reconcile_snapshots(EVERYTHING, there.cloud)
    assert there.actions.count("CreateImage") == 3


def test_a_disk_of_which_another_snapshot_is_in_the_making_is_no_trouble() -> None:
    there = fleet(1)
    there.refuses["CreateImage"] = Transient("SnapshotNotReady", "no", 403)

    assert reconcile_snapshots(EVERYTHING, there.cloud)["postponed"] == 1


def test_what_is_not_given_up_yet_is_no_trouble() -> None:
    """Its event may have asked for an image that ECS does not list yet."""
    there = world(system_snapshot(), system_disk(), data_snapshot(status="failed"), data_disk())
    listed = plan(data_disks={"take": ["d-data"], "wait_for": "0s"})

    assert reconcile_snapshots(rules(listed), there.cloud)["postponed"] == 1


def mixed() -> World:
    """One of each: to be made, answered before, without room, being made, waiting for its data disk, without a machine."""
    listed = [system_snapshot(f"s-{number}", disk_id=f"d-{number}") for number in range(6)]
    changes: list[dict[str, Any]] = [
        {}, {"tags": {OUTCOME: "available ImageAvailable"}}, {"tags": {f"key-{number}": "" for number in range(20)}},
        {"status": "progressing"}, {}, {},
    ]  # fmt: skip
    snapshots = [replace(each, **more) for each, more in zip(listed, changes, strict=True)]
    return world(
        *snapshots,
        system_disk("d-0"),
        system_disk("d-4"),
        system_disk("d-5"),
        refuses={"DescribeInstances": Transient("Busy", "no", 503)},
    )


MIXED = rules(
    plan(source={"disks": ["d-0", "d-1", "d-2", "d-3"]}),
    plan("waits", source={"disks": ["d-4"]}, data_disks={"take": ["d-data"]}),
    plan("unknown", source={"instance_tags": {"role": "web"}}),
)


def test_a_pass_counts_what_became_of_each_snapshot() -> None:
    assert one_pass(mixed(), MIXED).counts == {
        "looked_at": 6, "done": 3, "no_room": 1, "creating": 1, "waiting": 1, "postponed": 1,
    }  # fmt: skip


def test_a_pass_leaves_what_may_become_an_image_when_it_is_looked_at_again() -> None:
    assert one_pass(mixed(), MIXED).left == ["s-3", "s-4", "s-5"]


@pytest.mark.parametrize(
    ("changes", "is_recent", "is_left"),
    [
        ({"usage": "image"}, True, True),
        ({"usage": "image"}, False, False),
        ({"usage": "none"}, True, False),
        ({"usage": "image", "tags": {ATTEMPT: "2"}}, True, False),
        ({"usage": "image", "tags": {OUTCOME: "waiting DataDiskSnapshotPending"}}, True, False),
        ({"created": NOW}, False, True),
    ],
)
def test_a_pass_leaves_alone_what_an_image_was_made_of_a_moment_ago_and_what_began_after_the_listing(
    changes: dict[str, Any], is_recent: bool, is_left: bool
) -> None:
    there = world(system_snapshot(**changes), system_disk())

    found = one_pass(there, is_recent=is_recent, region=Region(listed=NOW))
    assert found.counts["done"] == is_left


def listed_long_ago(there: World, **more: Any) -> Region:
    """Of machines with a data disk each."""
    disks = {f"i-{number}": machine(number)[1:] for number in range(2)}
    by_id = {disk.id: disk for here in disks.values() for disk in here}
    there.disks |= by_id
    return Region(listed=NOW - timedelta(minutes=3), since=LONG_AGO, disks=disks, by_id=by_id, **more)  # type: ignore[arg-type]


def machine(number: int) -> tuple[Snapshot, Disk, Disk]:
    there = {"instance_id": f"i-{number}"}
    return (
        system_snapshot(f"s-{number}", disk_id=f"d-{number}"),
        system_disk(f"d-{number}", **there),
        data_disk(f"d-data-{number}", **there),
    )


ATTACHED = rules(plan(source={}, data_disks={"take": "attached"}))


def test_a_pass_looks_afresh_at_what_waits_whatever_the_pass_before_has_made() -> None:
    there = world(machine(0)[0])

    one_pass(there, ATTACHED, region=listed_long_ago(there, is_of_use=True))
    assert there.told() == [("waiting", "DataDiskSnapshotPending", False)]


def test_what_waits_is_put_off_while_images_are_made() -> None:
    there = world(machine(0)[0], machine(1)[0])
    complete = {"d-data-0": [data_snapshot(disk_id="d-data-0")]}
    first, second = there.snapshots.values()

    one_pass(there, ATTACHED, [first], [second], region=listed_long_ago(there, snapshots=complete))
    assert there.told() == [("creating", "ImageRequested", False)]


def test_after_a_page_that_is_refused_no_other_is_read() -> None:
    there = fleet(1)
    left: list[CloudError | list[Snapshot]] = [Curable("Forbidden.RAM", "no", 403), [*there.snapshots.values()]]

    class Pages(Iterator[list[Snapshot]]):
        def __next__(self) -> list[Snapshot]:
            found = left.pop(0)
            if isinstance(found, CloudError):
                raise found
            return found

    with pytest.raises(Curable):
        Pass(EVERYTHING, there.cloud, Region(), Counter(), False, timedelta()).go_over(Pages())
    assert len(left) == 1


def test_each_snapshot_is_looked_back_to_in_whole_hours_up_to_the_last_look() -> None:
    hours = (23, 25.5, 28, 28.1)
    some = [system_snapshot(str(each), created=NOW - timedelta(hours=each)) for each in hours]

    groups = group_by_age(some, NOW, timedelta(hours=24), timedelta(hours=28))
    assert {span / timedelta(hours=1): [each.id for each in group] for span, group in groups.items()} == {
        24: ["23", "28.1"], 25: ["25.5"], 28: ["28"],
    }  # fmt: skip


@pytest.mark.parametrize(("age", "paused", "images"), [(27, 0, 1), (29, 0, 0), (36, 9, 1), (38, 9, 0)])
def test_what_was_missed_at_the_end_of_its_window_or_in_a_pause_has_its_turn(
    age: int, paused: int, images: int
) -> None:
    there = fleet(1, created=NOW - timedelta(hours=age))

    reconcile_snapshots(EVERYTHING, there.cloud, Order(paused=NOW - timedelta(hours=paused)))
    assert len(there.images) == images


@pytest.mark.parametrize(
    ("changes", "is_open"),
    [
        ({}, True),
        ({"status": "failed"}, True),
        ({"status": "progressing"}, False),
        ({"role": Role.DATA}, False),
        ({"disk_id": ""}, False),
        ({"tags": {f"key-{number}": "" for number in range(20)}}, False),
        ({"tags": {OUTCOME: "available ImageAvailable"}}, False),
        ({"tags": {OUTCOME: "waiting DataDiskSnapshotPending"}}, True),
        ({"tags": {OUTCOME: Outcome(Word.REFUSED, until=NOW).to_tag()}}, True),
        ({"tags": {OUTCOME: Outcome(Word.REFUSED, until=NOW + timedelta(minutes=1)).to_tag()}}, False),
    ],
)
def test_what_a_sweep_answers_is_a_system_snapshot_that_is_finished_and_has_no_end(
    changes: dict[str, Any], is_open: bool
) -> None:
    assert is_unsettled(system_snapshot(**changes), NOW) is is_open


def test_two_refusals_of_the_last_hour_hold_no_image_back() -> None:
    there = fleet(5)
    refused = Outcome(Word.REFUSED, code="QuotaExceed.Image", until=NOW + timedelta(minutes=30)).to_tag()
    for name in ("s-3", "s-4"):
        there.snapshots[name] = replace(there.snapshots[name], tags={OUTCOME: refused})

    one_pass(there)
    assert images_of(there) == ["s-0", "s-1", "s-2"]
