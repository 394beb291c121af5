"""What a plan names and nothing answers to."""

import pytest
from fakes.builders import NOW, plan
from fakes.fleet import fleet_rules, small_fleet

from shared.domain.plan_gaps import find_gaps
from shared.flows.inventory import read_inventory

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
