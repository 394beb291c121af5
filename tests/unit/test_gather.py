"""What decisions need is asked once, many at a time; a refused question stops nobody else."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from fakes.builders import BEGUN, data_disk, data_snapshot, image, last_image, system_disk, system_snapshot
from fakes.world import FakeImages, FakeSnapshots, World, world

from shared.domain.decision import Kind, NotGathered, Question, View
from shared.domain.errors import Curable, Throttled
from shared.domain.facts import Image
from shared.flows.gather import gather
from shared.flows.region import Region
from shared.ports import Cloud

NO = Curable("Forbidden.RAM", "no", 403)
FACTS = [system_snapshot(f"s-{number}", disk_id=f"d-{number}") for number in range(120)]
DISKS = [system_disk(f"d-{number}") for number in range(120)]


def gathered(there: World, matters: list[Any], decide: Any) -> list[Any]:
    return gather(matters, decide, View(), there.cloud, Region(may_list=False))


def disk_of(snapshot_id: str, view: View) -> Any:
    snapshot = view.snapshot(snapshot_id)
    return view.disk(snapshot.disk_id) if snapshot else None


def test_a_hundred_are_asked_for_in_one_call() -> None:
    there = world(*FACTS, *DISKS)

    found = gathered(there, [fact.id for fact in FACTS], disk_of)
    assert found == DISKS
    assert there.actions == ["DescribeSnapshots"] * 2 + ["DescribeDisks"] * 2


def test_what_several_need_is_asked_once() -> None:
    there = world(system_snapshot(), system_disk())

    gathered(there, ["s-sys"] * 5, disk_of)
    assert there.actions == ["DescribeSnapshots", "DescribeDisks"]


def test_what_does_not_exist_is_not_asked_for_again() -> None:
    there = world()

    assert gathered(there, ["s-sys", "s-sys"], disk_of) == [None, None]
    assert there.actions == ["DescribeSnapshots"]


def test_who_was_listed_is_not_asked_for_by_its_id() -> None:
    there = world(system_disk(), data_disk())

    def decide(_: object, view: View) -> Any:
        return [view.disk(disk.id) for disk in view.disks_of_instance("i-web")]

    assert gathered(there, [None], decide) == [[system_disk(), data_disk()]]
    assert there.actions == ["DescribeDisks"]


def test_a_listing_that_begins_earlier_answers_for_a_later_beginning() -> None:
    there = world(data_snapshot())

    def decide(days: int, view: View) -> Any:
        return view.snapshots_of_disk("d-data", BEGUN - timedelta(days=days))

    assert gathered(there, [1, 3, 2], decide) == [(data_snapshot(),)] * 3
    assert there.actions == ["DescribeSnapshots"]


def test_a_listing_that_begins_too_late_is_asked_for_again() -> None:
    view = View()
    view.add(Question(Kind.SNAPSHOTS_OF_DISK, "d-data", BEGUN), ())

    with pytest.raises(NotGathered):
        view.snapshots_of_disk("d-data", BEGUN - timedelta(seconds=1))


@pytest.mark.parametrize("refusal", [NO, Throttled("Throttling", "no", 400)])
def test_a_refused_question_is_the_answer_to_those_who_need_it_alone(refusal: Any) -> None:
    there = world(system_snapshot(), system_disk())
    there.refuses["DescribeDisks"] = refusal

    def decide(needs_disk: bool, view: View) -> Any:
        return disk_of("s-sys", view) if needs_disk else view.snapshot("s-sys")

    assert gathered(there, [True, False, True], decide) == [refusal, system_snapshot(), refusal]
    assert there.actions == ["DescribeSnapshots", "DescribeDisks"]


@pytest.mark.parametrize(
    ("ask", "action"),
    [
        (lambda view: view.snapshot("s-sys"), "DescribeSnapshots"),
        (lambda view: view.disk("d-sys"), "DescribeDisks"),
        (lambda view: view.instance("i-web"), "DescribeInstances"),
        (lambda view: view.snapshots_of_disk("d-sys", BEGUN), "DescribeSnapshots"),
        (lambda view: view.snapshots_of_instance("i-web", BEGUN), "DescribeSnapshots"),
        (lambda view: view.disks_of_instance("i-web"), "DescribeDisks"),
        (lambda view: view.groups_of_instance("i-web"), "DescribeSnapshotGroups"),
        (lambda view: view.images_of_disk("d-sys"), "DescribeImages"),
        (lambda view: view.images_of_snapshot("s-sys"), "DescribeImages"),
    ],
)
def test_every_question_is_one_call_and_its_refusal_is_kept(ask: Any, action: str) -> None:
    there = world()
    there.refuses[action] = NO

    assert gathered(there, [None, None], lambda _, view: ask(view)) == [NO, NO]
    assert there.actions == [action]


class NotListed(FakeSnapshots):
    def of_data_disks(self, since: datetime) -> Any:
        raise NO


def test_a_listing_that_is_refused_answers_for_what_only_it_would_tell() -> None:
    there = world(system_snapshot())
    cloud = replace(there.cloud, snapshots=NotListed(there))

    def decide(name: str, view: View) -> Any:
        return view.snapshots_of_instance(name, BEGUN) if name.startswith("i-") else view.snapshot(name)

    names = [f"i-{number}" for number in range(20)]
    found = gather([*names, "s-sys"], decide, View(), cloud, Region())
    assert found == [NO] * 20 + [system_snapshot()]


@dataclass(frozen=True)
class Endless(FakeImages):
    read: list[int] = field(default_factory=list)

    def made_since(self, since: datetime) -> Iterator[list[Image]]:
        for number in range(1000):
            self.read.append(number)
            yield []


def test_no_more_pages_are_read_for_last_images_than_asking_would_cost() -> None:
    there, region = world(), Region()
    images = Endless(there)

    for _ in range(2):
        found = last_images(20, replace(there.cloud, images=images), region)
    assert (found, len(images.read), there.actions) == ([()] * 20, 40, [])


def last_images(machines: int, cloud: Cloud, region: Region) -> list[Any]:
    disks = ["d-sys", *(f"d-{number}" for number in range(machines - 1))]
    return gather(disks, lambda disk_id, view: view.images_of_disk(disk_id), View(), cloud, region)


def test_few_machines_are_asked_for_their_last_image_one_by_one() -> None:
    there = world()
    images = Endless(there)

    last_images(8, replace(there.cloud, images=images), Region())
    assert (images.read, there.actions) == ([], ["DescribeImages"] * 8)


def test_last_images_of_many_machines_are_listed_at_once_with_what_they_tell_of_their_set() -> None:
    last = last_image("d-data")
    there = world(last, image("m-unknown", tags={}))

    found = last_images(9, there.cloud, Region())
    kept = {key: text for key, text in last.tags.items() if key != "snapimage:open"}
    assert found == [(replace(last, tags=kept),), *[()] * 8]
    assert there.actions == ["DescribeImages"]
