"""Who belongs to whom in a region, and which old snapshots are asked for beside the listing."""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest
from fakes.builders import NOW
from fakes.fleet import DAY, HOUR, MemoryFleet, fleet_rules, image_of, machine, small_fleet, snapshot, system

from shared.domain.facts import Role, Snapshot
from shared.domain.image_tags import ABOUT, SNAPSHOT
from shared.domain.inventory import Inventory
from shared.flows.inventory import read_inventory


@dataclass(frozen=True)
class Noting(MemoryFleet):
    asked: list[str] = field(default_factory=list)

    def find_snapshots(self, snapshot_ids: Any) -> list[Snapshot]:
        self.asked.extend(snapshot_ids)
        return super().find_snapshots(snapshot_ids)


def read(fleet: MemoryFleet) -> Inventory:
    return read_inventory(fleet, fleet_rules(), NOW)


def test_a_copy_is_none_of_ours() -> None:
    taken = snapshot("one", HOUR)
    copy = image_of(taken, "one", is_copy=True)

    assert read(MemoryFleet((machine("one"),), (system("one"),), (taken,), (copy,))).ours == ()


def test_an_image_that_knows_its_machine_is_of_no_other() -> None:
    taken = snapshot("one", HOUR)
    fleet = MemoryFleet((machine("one"),), (system("one"),), (taken,), (image_of(taken, "other"),))

    assert [len(read(fleet).images_of(name, "d-one")) for name in ("i-one", "i-other")] == [0, 1]


def test_an_image_that_does_not_know_its_machine_is_of_the_one_with_its_system_disk() -> None:
    taken = snapshot("one", HOUR)
    known = image_of(taken, "one")
    told = {key: value for key, value in known.tags.items() if key != ABOUT}
    fleet = MemoryFleet((machine("one"),), (system("one"),), (taken,), (replace(known, tags=told),))

    assert [len(read(fleet).images_of("i-one", disk)) for disk in ("d-one", "d-two")] == [1, 0]


def test_only_a_system_disk_that_is_attached_is_a_machines() -> None:
    disks = (system("one"), system("data", role=Role.DATA, instance_id="i-one"), system("off", instance_id=None))

    assert read(MemoryFleet((machine("one"),), disks, (), ())).system_disk_of == {"i-one": disks[0]}


def test_the_snapshot_of_every_disks_last_image_is_known() -> None:
    assert "s-stale72" in read(small_fleet()).snapshot


def test_only_what_may_matter_is_asked_for_beside_the_listing() -> None:
    """Of fourteen nights two are listed; of the others only the last image of a disk could be the newest."""
    taken = tuple(snapshot("one", timedelta(hours=5) + night * DAY) for night in range(14))
    images = tuple(image_of(each, "one") for each in taken)
    old = snapshot("two", 9 * DAY)
    fleet = Noting((machine("one"),), (system("one"),), (*taken, old), (*images, image_of(old, "two")))

    read(replace(fleet))

    assert fleet.asked == ["s-two216"]


@pytest.mark.parametrize("newest_first", [True, False])
def test_of_a_disk_the_last_image_is_the_newest_in_whatever_order_they_are_listed(newest_first: bool) -> None:
    taken = [snapshot("one", days * DAY) for days in (9, 8, 7)]
    images = tuple(sorted((image_of(each, "one") for each in taken), key=lambda each: each.id, reverse=newest_first))
    fleet = Noting((machine("one"),), (system("one"),), tuple(taken), images)

    read(replace(fleet))

    assert fleet.asked == [taken[-1].id]


def test_what_is_asked_for_is_asked_for_in_order() -> None:
    names = [f"m{number}" for number in range(8)]
    taken = tuple(snapshot(name, 9 * DAY) for name in names)
    images = tuple(image_of(each, name) for each, name in zip(taken, names, strict=True))
    fleet = Noting(tuple(map(machine, names)), tuple(map(system, names)), taken, images)

    read(replace(fleet))

    assert fleet.asked == [each.id for each in taken]


def test_the_snapshots_of_two_days_are_listed() -> None:
    taken = tuple(snapshot("one", hours * HOUR) for hours in (47, 49))

    assert set(read(MemoryFleet((machine("one"),), (system("one"),), taken, ())).snapshot) == {"s-one47"}


def test_an_image_of_no_time_or_of_no_snapshot_asks_for_none() -> None:
    taken = snapshot("one", 9 * DAY)
    timeless = image_of(taken, "one", created=None)
    strange = image_of(taken, "one", tags={**image_of(taken, "one").tags, SNAPSHOT: "x-1"})
    fleet = Noting((machine("one"),), (system("one"),), (taken,), (timeless, strange))

    read(replace(fleet))

    assert fleet.asked == []


def test_an_image_as_old_as_the_longest_time_between_two_asks_for_its_snapshot() -> None:
    longest = max(plan.rpo for plan in fleet_rules().plans.plans)
    old, older, newest = (snapshot("one", days * DAY) for days in (8, 9, 0))
    images = (
        image_of(old, "one", created=NOW - longest),
        image_of(older, "one", created=NOW - longest - HOUR),
        image_of(newest, "one"),
    )
    fleet = Noting((machine("one"),), (system("one"),), (old, older, newest), images)

    read(replace(fleet))

    assert fleet.asked == [old.id]
