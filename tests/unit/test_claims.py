"""Which plan will want the next snapshots of a machine's system disk, and whether anything will begin them."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from fakes.builders import NOW, plan, rules
from fakes.fleet import HOUR, MemoryFleet, fleet_rules, image_of, machine, small_fleet, snapshot, system

from shared.domain.claims import Claim, find_claim, find_gaps, probes, whereabouts
from shared.domain.facts import Disk, Role, Snapshot
from shared.domain.message_fields import Reason
from shared.domain.rules import Rules
from shared.flows.inventory import read_inventory


def claim(*disks: Disk, by: Rules | None = None, taken: tuple[Snapshot, ...] = (), **changes: Any) -> Claim:
    """Of the only machine."""
    one, of = machine("one", **changes), by or fleet_rules()
    return find_claim(one, read_inventory(MemoryFleet((one,), disks, taken, ()), of, NOW), of, NOW)


def test_the_plan_is_the_one_that_a_snapshot_of_now_would_get() -> None:
    found = claim(system("one"))

    assert (found.plan, found.warnings) == (fleet_rules().plans.plans[0], ())


def test_a_machine_that_no_plan_wants_says_what_was_looked_for() -> None:
    found = claim(system("one"), tags={})

    assert found.plan is None
    assert found.why == "no plan wants disk d-one; machine i-one; tags none; looked for backup=nightly (nightly)"


def test_a_plan_may_go_by_the_tags_of_snapshots_that_came() -> None:
    tagged = rules(plan(source={"tags": {"role": "build"}}))

    found = claim(system("one"), by=tagged, taken=(snapshot("one", HOUR, tags={"role": "build"}),))

    assert found.plan == tagged.plans.plans[0]


def test_a_system_disk_that_is_elsewhere_is_claimed_as_if_it_were_back() -> None:
    fleet = small_fleet()
    (rescued,) = (each for each in fleet.machines if each.id == "i-rescued")

    found = find_claim(rescued, read_inventory(fleet, fleet_rules(), NOW), fleet_rules(), NOW)

    assert found.disk.instance_id == "i-rescued"
    assert found.warnings == ("its system disk d-rescued hangs on i-rescue as a data disk",)


def test_nothing_begins_a_snapshot_without_a_policy() -> None:
    found = [claim(disk).is_hopeless for disk in (system("one"), system("one", policies=frozenset()))]

    assert found == [False, True]


def test_a_plan_means_no_snapshot_from_before_its_time() -> None:
    found = claim(system("one"), by=rules(plan(source={"disks": ["d-one"]}, since=NOW - HOUR)))

    assert [found.means(snapshot("one", age)) for age in (2 * HOUR, HOUR, HOUR / 2)] == [False, True, True]


def test_a_plan_means_the_kinds_that_it_takes() -> None:
    found = claim(system("one"), by=rules(plan(source={"disks": ["d-one"], "snapshot_types": ["user"]})))
    policys, by_hand = snapshot("one", HOUR), replace(snapshot("one", HOUR), kind="user")

    assert [found.means(each) for each in (policys, by_hand)] == [False, True]


def test_of_several_policies_the_same_one_is_asked_about_first_in_every_process() -> None:
    policies = [f"sp-{number}" for number in range(9)]

    found = list(probes(system("one", policies=frozenset(policies)), NOW))
    assert [each.policy for each in found] == [*policies, None]


@pytest.mark.parametrize(
    ("since", "warnings"),
    [(NOW, ()), (NOW + HOUR, ("plan web counts from 2026-11-20T03:10:00Z on",))],
)
def test_a_plan_that_counts_later_says_from_when_on(since: datetime, warnings: tuple[str, ...]) -> None:
    found = claim(system("one"), by=rules(plan(source={"disks": ["d-one"]}, since=since)))

    assert found.warnings == warnings


FLEET = read_inventory(small_fleet(), fleet_rules(), NOW)


@pytest.mark.parametrize(
    ("source", "gaps"),
    [
        ({"instances": ["i-fresh"]}, []),
        ({"instances": ["i-gone"]}, ["no such machine: it was released, or is in another region"]),
        ({"disks": ["d-fresh"]}, []),
        ({"disks": ["d-gone"]}, ["no such disk: it was replaced or released, or is in another region"]),
        ({"disks": ["d-rescued"]}, ["d-rescued hangs on i-rescue as a data disk"]),
    ],
)
def test_machines_and_system_disks_that_are_not_there_are_named(source: dict[str, list[str]], gaps: list[str]) -> None:
    assert [each.why for each in find_gaps(plan(source=source), FLEET)] == gaps


def test_a_data_disk_that_is_not_there_is_named() -> None:
    found = find_gaps(plan(source={"instances": ["i-fresh"]}, data_disks={"take": ["d-rescued", "d-gone"]}), FLEET)

    assert [each.id for each in found] == ["d-gone"]


def test_a_disk_that_was_attached_only_now_leaves_its_machine_unknown() -> None:
    found = claim(system("one", attached=NOW + HOUR), by=rules(plan(source={"instances": ["i-one"]})))

    assert (found.plan, found.reason) == (None, Reason.MACHINE_UNKNOWN)
    assert found.why == "d-one was attached to i-one after the next snapshot began"


def test_a_system_disk_that_is_gone_is_claimed_by_what_the_last_image_tells() -> None:
    one, of = machine("one"), fleet_rules()
    image = image_of(snapshot("one", HOUR), "one")

    found = find_claim(one, read_inventory(MemoryFleet((one,), (), (), (image,)), of, NOW), of, NOW)
    assert found.disk == Disk("d-one", Role.SYSTEM, 0, "i-one")
    assert (found.warnings, found.is_hopeless) == (("its system disk d-one is gone",), True)


def test_a_disk_that_hangs_nowhere_is_said_to() -> None:
    assert whereabouts(system("one", instance_id=None)) == "d-one is attached to no machine"


def test_gaps_are_named_in_the_order_of_their_ids() -> None:
    machines, disks = [f"i-{number}" for number in range(9)], [f"d-{number}" for number in range(9)]

    found = find_gaps(plan(source={"instances": machines, "disks": disks}), FLEET)
    assert [each.id for each in found] == [*machines, *disks]


@pytest.mark.parametrize("changes", [{"created": None}, {"tags": {"snapimage:disk": ""}}], ids=["no time", "no disk"])
def test_an_image_that_does_not_say_when_or_of_which_disk_tells_no_system_disk(changes: dict[str, Any]) -> None:
    one, of = machine("one"), fleet_rules()
    made = image_of(snapshot("one", HOUR), "one")
    odd = replace(made, id="m-odd", **(changes | {"tags": made.tags | changes.get("tags", {})}))

    found = find_claim(one, read_inventory(MemoryFleet((one,), (), (), (odd,)), of, NOW), of, NOW)
    assert (found.disk, found.warnings) == (
        Disk("(unknown)", Role.SYSTEM, 0, "i-one"),
        ("no system disk hangs on i-one",),
    )
