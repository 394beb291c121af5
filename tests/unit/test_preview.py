"""What the next firing of the policies will bring, by the functions' own decision about snapshots that do not exist yet."""

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from fakes.builders import LONG_AGO, NOW, plan, rules
from fakes.fleet import NIGHT, MemoryFleet, machine, system

from ops.fleet_view.firings import nearest_firing, next_firing
from ops.fleet_view.preview import Preview, preview
from shared.domain.facts import Disk, Role, SnapshotPolicy
from shared.domain.rules import Rules
from shared.flows.inventory import read_inventory

HOURLY = SnapshotPolicy("sp-hour", "hour", "Normal", tuple(range(24)), (1, 2, 3, 4, 5, 6, 7))
WEEKLY = SnapshotPolicy("sp-week", "week", "Normal", (3,), (7,))


def data(name: str, device: str, **changes: Any) -> Disk:
    usual: dict[str, Any] = {
        "role": Role.DATA, "size_gib": 100, "instance_id": "i-one", "device": device, "attached": LONG_AGO,
        "policies": frozenset({NIGHT.id}),
    }  # fmt: skip
    return Disk(f"d-{name}", **(usual | changes))


def attached(**data_disks: Any) -> Rules:
    return rules(plan(source={"disks": ["d-one"]}, data_disks={"take": "attached"} | data_disks))


def foresee(*disks: Disk, by: Rules | None = None, policies: tuple[SnapshotPolicy, ...] = (NIGHT,)) -> Preview:
    """Of the only machine."""
    of = by or attached()
    fleet = MemoryFleet((machine("one"),), disks, (), (), policies)
    (found,) = preview(read_inventory(fleet, of, NOW), of, {}, NOW)
    return found


def members(found: Preview) -> list[str | None]:
    return [each.disk_id for each in found.disk_set.disks] if found.disk_set else []


def test_data_disks_come_along_in_the_order_of_their_devices() -> None:
    found = foresee(data("last", "/dev/xvdaa"), data("second", "/dev/xvdc"), system("one"), data("first", "/dev/xvdb"))

    assert members(found) == ["d-one", "d-first", "d-second", "d-last"]


def test_it_is_of_the_policys_next_firing() -> None:
    found = foresee(system("one"))

    assert (found.fires, found.policy) == (datetime(2026, 11, 21, 2, tzinfo=timezone.utc), "sp-night")


def test_a_data_disk_under_no_policy_is_refused_by_name() -> None:
    found = foresee(system("one"), data("bare", "/dev/xvdb", policies=frozenset()))

    assert (found.reason.value if found.reason else None, found.missing) == ("DataDiskSnapshotMissing", ("d-bare",))


def test_what_may_be_left_out_is_named() -> None:
    bare = data("bare", "/dev/xvdb", policies=frozenset())

    found = foresee(system("one"), bare, by=attached(on_missing="leave_out"))

    assert (members(found), found.disk_set.left_out if found.disk_set else ()) == (["d-one"], ("d-bare",))


def test_what_ecs_cannot_snapshot_is_named() -> None:
    found = foresee(system("one"), data("local", "/dev/xvdb", category="local_ssd_pro"))

    assert found.disk_set is not None
    assert found.disk_set.without_snapshots == ("d-local",)


@pytest.mark.parametrize(("policy", "is_whole"), [(HOURLY, True), (WEEKLY, False)])
def test_a_data_disk_under_another_policy_counts_as_near_as_that_one_fires(
    policy: SnapshotPolicy, is_whole: bool
) -> None:
    other = data("other", "/dev/xvdb", policies=frozenset({policy.id}))

    found = foresee(system("one"), other, policies=(NIGHT, policy))

    assert (found.disk_set is not None) is is_whole


def test_without_a_policy_nothing_will_come() -> None:
    found = foresee(system("one", policies=frozenset()))

    assert (found.fires, found.disk_set) == (None, None)


def test_a_plan_that_counts_later_makes_nothing_yet() -> None:
    later = rules(plan(source={"disks": ["d-one"]}, since=NOW + timedelta(days=3)))

    found = foresee(system("one"), by=later)

    assert found.reason is not None
    assert found.reason.value == "BeforeSince"


def test_a_machine_without_a_plan_says_why() -> None:
    found = foresee(system("one"), by=rules(plan(source={"disks": ["d-other"]})))

    assert (found.plan, found.why) == (None, "no plan wants disk d-one")


@pytest.mark.parametrize(
    ("source", "by"),
    [
        ({"disks": ["d-one"]}, ("disk d-one",)),
        ({"instances": ["i-one"]}, ("machine i-one",)),
        ({"instance_tags": {"backup": "nightly"}}, ("machine tag backup=nightly",)),
        ({"tags": {"role": "web"}}, ("tag role=web",)),
        ({}, ("every system disk",)),
    ],
)
def test_it_says_by_what_the_plan_goes(source: dict[str, Any], by: tuple[str, ...]) -> None:
    found = foresee(replace(system("one"), tags={"role": "web"}), by=rules(plan(source=source)))

    assert found.by == by


def test_a_policy_fires_by_the_clock_of_china() -> None:
    saturday = datetime(2026, 11, 21, 12, tzinfo=timezone.utc)

    assert next_firing(WEEKLY, saturday) == datetime(2026, 11, 21, 19, tzinfo=timezone.utc)


def test_a_policy_in_arrears_never_fires() -> None:
    assert next_firing(replace(NIGHT, status="Expire"), NOW) is None


def test_the_nearest_firing_may_lie_before() -> None:
    assert nearest_firing(NIGHT, NOW) == datetime(2026, 11, 20, 2, tzinfo=timezone.utc)
