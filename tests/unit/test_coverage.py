"""Where each machine stands: by its newest good image, by what came since, and by what nothing will ever make."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from fakes.builders import NOW, plan, rules
from fakes.fleet import (
    AGES,
    DAY,
    HOUR,
    NIGHT,
    MemoryFleet,
    fleet_rules,
    image_of,
    machine,
    small_fleet,
    snapshot,
    system,
)

from shared.domain.coverage import Coverage, MachineCover, cover
from shared.domain.errors import Transient
from shared.domain.facts import Disk, Image, ImageCheck, Instance, Risk, Role, Snapshot
from shared.domain.rules import Rules
from shared.flows.inventory import read_inventory


def judge(fleet: MemoryFleet, of: Rules | None = None) -> Coverage:
    by = of or fleet_rules()
    return cover(read_inventory(fleet, by, NOW), by, NOW)


def stand(*taken: Snapshot, images: tuple[Image, ...] = (), of: Rules | None = None, **changes: Any) -> MachineCover:
    """Of the only machine, whose disk has these snapshots."""
    (found,) = judge(MemoryFleet((machine("one", **changes),), (system("one"),), taken, images), of).machines
    return found


def one_with(image: Image, taken: Snapshot, of: Rules | None = None) -> tuple[str, str | None]:
    found = stand(taken, images=(image,), of=of)
    return found.standing.value, found.reason.value if found.reason else None


@pytest.mark.parametrize(
    ("name", "standing", "is_late"),
    [
        ("fresh", "fresh", False),
        ("stopped", "fresh", False),
        ("rescued", "fresh", False),
        ("stale", "stale", True),
        ("failing", "failing", True),
        ("waiting", "waiting", True),
        ("never", "never", True),
        ("bare", "never", True),
        ("rescue", "unplanned", False),
    ],
)
def test_each_kind_of_machine_is_named_rightly(name: str, standing: str, is_late: bool) -> None:
    (found,) = (each for each in judge(small_fleet()).machines if each.instance.id == f"i-{name}")

    assert (found.standing.value, found.is_late) == (standing, is_late)


def test_the_age_of_an_image_is_that_of_its_snapshot() -> None:
    ages = {each.instance.id: each.age for each in judge(small_fleet()).machines if each.age}

    assert ages == {f"i-{name}": age for name, age in AGES.items()}


def test_an_image_made_late_of_an_old_snapshot_is_as_old_as_the_snapshot() -> None:
    old = snapshot("one", 9 * DAY)

    found = stand(old, images=(image_of(old, "one", created=NOW - HOUR),))

    assert (found.standing.value, found.age) == ("stale", 9 * DAY)


def test_a_machine_without_its_system_disk_says_where_that_is() -> None:
    (rescued,) = (each for each in judge(small_fleet()).machines if each.instance.id == "i-rescued")

    assert rescued.warnings == ("its system disk d-rescued hangs on i-rescue as a data disk",)
    assert rescued.system_disk_id is None


def test_a_planned_machine_under_no_policy_is_told_that_no_image_will_come() -> None:
    (bare,) = (each for each in judge(small_fleet()).machines if each.instance.id == "i-bare")

    assert bare.why == "d-bare is not under a snapshot policy: no automatic snapshot, and so no image, will come"


def test_a_policy_that_has_expired_fires_for_nobody() -> None:
    fleet = replace(small_fleet(), known_policies=(replace(NIGHT, status="Expire"),))

    (never,) = (each for each in judge(fleet).machines if each.instance.id == "i-never")

    assert never.why.startswith("d-never is not under a snapshot policy that fires")


def test_a_plan_for_snapshots_by_hand_needs_no_policy() -> None:
    by_hand = rules(plan(source={"disks": ["d-bare"], "snapshot_types": ["user"]}))

    (bare,) = (each for each in judge(small_fleet(), by_hand).machines if each.instance.id == "i-bare")

    assert (bare.standing.value, bare.warnings) == ("never", ())


def test_what_a_plan_names_and_nothing_answers_to_is_told() -> None:
    ghost, old = judge(small_fleet()).plans[1:]

    assert [(each.machines, [gap.id for gap in each.gaps]) for each in (ghost, old)] == [
        (0, ["i-released", "d-goneextra"]),
        (0, ["d-replaced"]),
    ]


def test_a_system_disk_that_hangs_elsewhere_is_a_gap_of_the_plan_that_names_it() -> None:
    named = rules(plan(source={"disks": ["d-rescued"]}))

    (found,) = judge(small_fleet(), named).plans

    assert [each.why for each in found.gaps] == ["d-rescued hangs on i-rescue as a data disk"]


def test_a_copy_of_an_image_covers_nobody() -> None:
    taken = snapshot("one", 5 * HOUR)

    found = stand(taken, images=(image_of(taken, "one", is_copy=True),))

    assert found.newest is None


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"status": "UnAvailable"}, ("failing", "ImageCreateFailed")),
        ({"status": "CreateFailed"}, ("failing", "ImageCreateFailed")),
        ({"status": "Creating", "created": NOW - HOUR}, ("waiting", "ImageAdopted")),
        ({"disks": ()}, ("failing", "DiskMapMismatch")),
        ({"check": ImageCheck(True, (Risk("GUESTOS.Fstab", "High", "x"),))}, ("failing", "ImageCheckFoundRisks")),
        ({"check": ImageCheck(True, (Risk("GUESTOS.Nvme", "Medium", "x"),))}, ("fresh", "ImageAvailable")),
        ({"check": ImageCheck(False)}, ("fresh", "ImageAvailable")),
        ({"status": "Deprecated"}, ("fresh", "ImageAvailable")),
    ],
)
def test_only_a_usable_whole_image_without_a_high_risk_is_good(
    changes: dict[str, Any], expected: tuple[str, str]
) -> None:
    taken = snapshot("one", 5 * HOUR)

    assert one_with(image_of(taken, "one", **changes), taken) == expected


@pytest.mark.parametrize(("on_missing", "standing"), [("fail", "failing"), ("leave_out", "fresh")])
def test_a_partial_image_is_good_where_the_plan_says_so(on_missing: str, standing: str) -> None:
    taken = snapshot("one", 5 * HOUR)
    image = image_of(taken, "one")
    partial = replace(image, tags={**image.tags, "snapimage:left-out": "d-lost"})
    of = rules(plan(source={"disks": ["d-one"]}, data_disks={"take": "attached", "on_missing": on_missing}))

    assert one_with(partial, taken, of) == (standing, "ImageAvailablePartial")


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ("", ("waiting", None)),
        ("waiting MachineUnknown", ("waiting", "MachineUnknown")),
        ("requested", ("waiting", "ImageRequested")),
        ("making", ("waiting", "ImageRequested")),
        ("refused PermissionDenied code=Forbidden.RAM", ("failing", "PermissionDenied")),
        ("failing DataDiskSnapshotMissing", ("failing", "DataDiskSnapshotMissing")),
        ("failed DataDiskSnapshotMissing", ("failing", "DataDiskSnapshotMissing")),
        ("available ImageAvailable", ("never", "ImageAvailable")),
    ],
)
def test_without_a_good_image_the_last_snapshot_says_why(tag: str, expected: tuple[str, str | None]) -> None:
    found = stand(snapshot("one", 3 * HOUR, tags={"snapimage:outcome": tag} if tag else {}))

    assert (found.standing.value, found.reason.value if found.reason else None) == expected


def test_a_failed_snapshot_is_a_failure() -> None:
    assert stand(snapshot("one", HOUR, status="failed")).standing.value == "failing"


def test_what_fails_after_a_young_image_is_a_warning() -> None:
    good = snapshot("one", 5 * HOUR)
    worse, bad = snapshot("one", 2 * HOUR, status="failed"), snapshot("one", HOUR, status="failed")

    found = stand(good, worse, bad, images=(image_of(good, "one"),))

    assert (found.standing.value, found.is_late) == ("fresh", False)
    assert found.warnings == ("since then: s-one1 failed; there is nothing to make an image from",)


@pytest.mark.parametrize(("hours", "standing", "is_late"), [(26, "waiting", False), (27, "never", True)])
def test_a_machine_that_is_younger_than_the_rpo_has_time(hours: int, standing: str, is_late: bool) -> None:
    found = stand(created=NOW - hours * HOUR)

    assert (found.standing.value, found.is_late) == (standing, is_late)


def test_a_plan_that_counts_since_lately_has_time() -> None:
    found = stand(of=rules(plan(source={"disks": ["d-one"]}, since=NOW - HOUR)))

    assert (found.standing.value, found.is_late) == ("waiting", False)


def test_a_snapshot_from_before_the_plan_is_not_waited_for() -> None:
    found = stand(snapshot("one", 3 * HOUR), of=rules(plan(source={"disks": ["d-one"]}, since=NOW - HOUR)))

    assert found.why == "its first snapshot is to come"


@pytest.mark.parametrize(("rpo", "standing"), [("2h", "stale"), ("5h", "fresh")])
def test_each_plan_has_its_own_rpo(rpo: str, standing: str) -> None:
    taken = snapshot("one", 5 * HOUR)
    hourly = rules(plan(source={"disks": ["d-one"]}, rpo=rpo))

    assert one_with(image_of(taken, "one"), taken, hourly)[0] == standing


def test_without_a_later_snapshot_that_is_said() -> None:
    old = snapshot("one", 9 * DAY)

    whys = [stand().why, stand(old, images=(image_of(old, "one"),)).why]
    assert whys == [f"no snapshot of d-one that the plan means was found{word}" for word in ("", " since")]


def test_the_policies_of_the_system_disk_are_in_order() -> None:
    ids = [f"sp-{number}" for number in range(9)]
    (found,) = judge(MemoryFleet((machine("one"),), (system("one", policies=frozenset(ids)),), (), ())).machines

    assert list(found.policies) == ids


def test_a_disabled_plan_covers_nobody() -> None:
    found = stand(of=rules(plan(source={"disks": ["d-one"]}, enabled=False)))

    assert (found.standing.value, found.reason.value if found.reason else None) == ("unplanned", "PlanDisabled")


def test_a_plan_may_go_by_the_tags_of_snapshots() -> None:
    tagged = rules(plan(source={"tags": {"role": "build"}}))

    assert stand(snapshot("one", HOUR, tags={"role": "build"}), of=tagged).plan == tagged.plans.plans[0]


def test_an_image_of_another_machine_with_the_same_disk_is_not_this_machines() -> None:
    taken = snapshot("one", 5 * HOUR)

    assert stand(taken, images=(image_of(taken, "other"),)).newest is None


def test_a_machine_without_a_disk_and_without_a_past_is_planned_by_its_tags() -> None:
    (found,) = judge(MemoryFleet((machine("one"),), (), (), ())).machines

    assert (found.standing.value, found.why) == ("never", "no system disk hangs on i-one")


def test_the_worst_come_first() -> None:
    words = [each.standing.value for each in judge(small_fleet()).machines]

    assert words == ["failing", "never", "never", "stale", "waiting", "unplanned", "fresh", "fresh", "fresh"]


def test_all_six_words_are_counted() -> None:
    assert judge(small_fleet()).counts == {
        "failing": 1, "never": 2, "stale": 1, "waiting": 1, "unplanned": 1, "fresh": 3,
    }  # fmt: skip


class Cut(MemoryFleet):
    def images(self) -> list[Image]:
        raise Transient("ServiceUnavailable", "down")


def test_a_listing_that_is_cut_is_no_answer() -> None:
    whole = small_fleet()

    with pytest.raises(Transient):
        judge(Cut(whole.machines, whole.known_disks, whole.taken, whole.made))


def test_a_shared_disk_is_nobodys_system_disk() -> None:
    shared = Disk("d-shared", Role.DATA, 10, "i-one")

    (found,) = judge(MemoryFleet((Instance("i-one"),), (shared, system("one")), (), ())).machines

    assert found.system_disk_id == "d-one"


def test_an_image_is_weighed_by_what_it_holds() -> None:
    taken = snapshot("one", timedelta(hours=1))

    (point,) = stand(taken, images=(image_of(taken, "one"),)).points

    assert point.gib == 40


def test_a_snapshot_that_no_sweep_looks_at_any_more_is_on_no_way() -> None:
    found = stand(snapshot("one", 40 * HOUR))

    assert (found.standing.value, found.points[0].state.value) == ("never", "unanswered")
