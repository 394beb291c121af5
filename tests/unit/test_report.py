"""What a night's report says of a fleet, of what could not be read, and how much of it fits."""

import json
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from fakes.builders import ACCOUNT, NOW, REGION, plan, rules
from fakes.fleet import DAY, HOUR, MemoryFleet, fleet_rules, image_of, machine, small_fleet, snapshot, system

from shared.domain.coverage import cover
from shared.domain.report import FleetFacts, KeptSnapshot, NightFacts, count_images, count_pinned, report
from shared.domain.report_envelope import envelope_report
from shared.domain.report_message import ImageQuota, NightReport, PinnedSnapshots, ReportReason, ReportVerdict
from shared.domain.rules import Rules, rules_for
from shared.flows.inventory import read_inventory

ROOM = ImageQuota(limit=100, used=10)
NONE_PINNED = PinnedSnapshots(0, 0)
FRESH = snapshot("fresh", 5 * HOUR, usage="image")
OLD = snapshot("stale", 3 * DAY, usage="image")
REFUSED = {"snapimage:outcome": "refused QuotaExceeded code=QuotaExceed.Image"}
WAITS = {"snapimage:outcome": "waiting DataDiskSnapshotPending"}
WORLDS = {
    "fresh": MemoryFleet((machine("fresh"),), (system("fresh"),), (FRESH,), (image_of(FRESH, "fresh"),)),
    "stale": MemoryFleet((machine("stale"),), (system("stale"),), (OLD,), (image_of(OLD, "stale"),)),
    "failing": MemoryFleet((machine("failing"),), (system("failing"),), (snapshot("failing", HOUR, tags=REFUSED),), ()),
    "waiting": MemoryFleet((machine("new", created=NOW - HOUR),), (system("new"),), (), ()),
    "waiting too long": MemoryFleet((machine("slow"),), (system("slow"),), (snapshot("slow", HOUR, tags=WAITS),), ()),
    "never": MemoryFleet((machine("never"),), (system("never"),), (), ()),
    "unplanned": MemoryFleet((machine("rescue", tags={}),), (system("rescue"),), (), ()),
}
FRESH_ONE = WORLDS["fresh"]


def night_only() -> Rules:
    """The rules without the plans that name what is not there."""
    plans = fleet_rules().plans
    return rules_for(ACCOUNT, REGION, plans.model_copy(update={"plans": plans.plans[:1]}))


def fleet_of(world: MemoryFleet, rules: Rules, now: datetime = NOW) -> FleetFacts:
    inventory = read_inventory(world, rules, now)
    return FleetFacts(cover(inventory, rules, now), count_images(inventory))


def facts_of(world: MemoryFleet, now: datetime = NOW, /, **changes: object) -> NightFacts:
    read = fleet_of(world, night_only(), now)
    return replace(NightFacts(ACCOUNT, REGION, now, read, NONE_PINNED, ROOM), **changes)  # type: ignore[arg-type]


def beside_a_fresh_one(fleet: MemoryFleet) -> MemoryFleet:
    return MemoryFleet(
        (*FRESH_ONE.machines, *fleet.machines),
        (*FRESH_ONE.known_disks, *fleet.known_disks),
        (*FRESH_ONE.taken, *fleet.taken),
        (*FRESH_ONE.made, *fleet.made),
    )


@pytest.mark.parametrize(
    ("world", "verdict", "standing"),
    [
        ("stale", "PARTIAL", "stale"),
        ("failing", "PARTIAL", "failing"),
        ("never", "PARTIAL", "never"),
        ("waiting", "OK", "waiting"),
        ("waiting too long", "PARTIAL", "waiting"),
        ("unplanned", "OK", "unplanned"),
    ],
)
def test_a_machine_is_listed_by_its_standing_and_decides_the_verdict(world: str, verdict: str, standing: str) -> None:
    told = report(facts_of(beside_a_fresh_one(WORLDS[world]))).to_plain()

    (other,) = WORLDS[world].machines
    assert (told["verdict"], [each["instance_id"] for each in told[standing]["listed"]]) == (verdict, [other.id])
    assert told["counts"] == dict.fromkeys(told["counts"], 0) | {"fresh": 1, standing: 1}


def test_the_age_of_an_image_is_told_in_whole_seconds() -> None:
    told = report(facts_of(WORLDS["stale"], NOW + timedelta(seconds=1.5)))

    assert told.stale
    assert [each.age_seconds for each in told.stale.listed] == [3 * 86_400 + 1]


def test_a_quiet_night_is_ok_and_says_so_in_whole_numbers() -> None:
    told = report(facts_of(FRESH_ONE)).to_plain()

    assert (told["verdict"], told["reasons"], told["images"], told["explanation"]) == (
        "OK", [], 1, "1 machines: 1 fresh",
    )  # fmt: skip
    assert told["plans"] == [{"name": "nightly", "enabled": True, "machines": 1, "fresh": 1, "missing": 0, "images": 1}]


def test_what_could_not_be_read_is_said_after_how_the_machines_stand() -> None:
    told = report(facts_of(FRESH_ONE, pinned=None, troubles=("snapshots not counted", "more")))

    assert told.explanation == "1 machines: 1 fresh; snapshots not counted; more"


def test_a_night_with_nobody_fresh_has_failed() -> None:
    assert report(facts_of(WORLDS["stale"])).verdict is ReportVerdict.FAILED


@pytest.mark.parametrize(
    ("unread", "verdict", "reason"),
    [
        ({"fleet": None}, ReportVerdict.FAILED, ReportReason.MACHINES_UNKNOWN),
        ({"pinned": None}, ReportVerdict.PARTIAL, ReportReason.PINNED_UNKNOWN),
        ({"quota": None}, ReportVerdict.PARTIAL, ReportReason.QUOTA_UNKNOWN),
    ],
)
def test_what_could_not_be_read_is_never_ok(
    unread: dict[str, None], verdict: ReportVerdict, reason: ReportReason
) -> None:
    told = report(facts_of(FRESH_ONE, troubles=("images not read: Forbidden.RAM",), **unread))

    assert (told.verdict, told.reasons) == (verdict, (reason,))
    assert "images not read: Forbidden.RAM" in told.explanation


def test_machines_that_were_not_read_are_not_counted_as_none() -> None:
    told = report(facts_of(FRESH_ONE, fleet=None))

    assert (told.counts, told.failing, told.images) == (None, None, None)


def test_less_room_than_machines_is_told() -> None:
    assert report(facts_of(FRESH_ONE, quota=ImageQuota(10, 10))).reasons == (ReportReason.QUOTA_SHORT,)


def test_room_for_each_machine_is_enough() -> None:
    assert report(facts_of(FRESH_ONE, quota=ImageQuota(10, 9))).verdict is ReportVerdict.OK


def test_the_quota_is_not_called_short_for_machines_that_nobody_counted() -> None:
    told = report(facts_of(FRESH_ONE, fleet=None, quota=ImageQuota(10, 10)))

    assert told.reasons == (ReportReason.MACHINES_UNKNOWN,)


@pytest.mark.parametrize(
    "rules",
    [fleet_rules(), rules(plan(source={"disks": ["d-fresh", "d-none"]})), rules(plan(source={"instance_tags": {"a": "b"}}))],
    ids=["none of several", "one of two", "no machine"],
)  # fmt: skip
def test_a_plan_that_nothing_answers_to_is_told(rules: Rules) -> None:
    told = report(facts_of(FRESH_ONE, fleet=fleet_of(FRESH_ONE, rules)))

    assert told.reasons == (ReportReason.PLAN_MATCHES_NOTHING,)
    assert told.plans[-1].images == 0


def test_plans_beyond_fifty_are_counted_only() -> None:
    known = facts_of(FRESH_ONE)
    assert known.fleet
    coverage = replace(known.fleet.coverage, plans=known.fleet.coverage.plans * 52)

    told = [report(known), report(replace(known, fleet=replace(known.fleet, coverage=coverage)))]
    assert [(len(each.plans), each.plans_not_listed) for each in told] == [(1, 0), (50, 2)]


def test_refusals_are_counted_the_most_frequent_first() -> None:
    refused = (("DescribeImages", "Throttling"), ("Q" * 129, "F" * 129), ("DescribeImages", "Throttling"))

    told = report(facts_of(FRESH_ONE, refusals=refused, calls=9, waited=timedelta(seconds=60.6)))
    assert [(each.action, each.code, each.times) for each in told.refusals] == [
        ("DescribeImages", "Throttling", 2),
        ("Q" * 128, "F" * 128, 1),
    ]
    assert (told.calls, told.waited_seconds) == (9, 61)


@pytest.mark.parametrize(
    ("age", "days", "counted"), [(8, 7, (1, 40)), (6, 7, (0, 0)), (900, None, (0, 0)), (7, 7, (0, 0))]
)
def test_a_snapshot_is_pinned_when_its_own_retention_is_over(
    age: int, days: int | None, counted: tuple[int, int]
) -> None:
    found = count_pinned([[KeptSnapshot(40, NOW - age * DAY, days)]], NOW)

    assert (found.snapshots, found.gib) == counted


def many(stale: int) -> MemoryFleet:
    """So many stale machines with long names in a script of three bytes a letter, and one that was never imaged."""
    names = [f"stale{number:05}" for number in range(stale)]
    taken = [snapshot(name, 3 * DAY, usage="image") for name in names]
    return MemoryFleet(
        (*(replace(machine(name), name="机" * 60) for name in names), machine("never")),
        (*(system(name) for name in names), system("never")),
        tuple(taken),
        tuple(image_of(each, name) for each, name in zip(taken, names, strict=True)),
    )


def test_five_thousand_stale_machines_fit_and_those_that_do_not_are_counted() -> None:
    told = report(facts_of(many(5_000)))

    assert told.stale is not None
    assert told.never is not None
    sent = envelope_report(told, "report_night", NOW).to_json().encode()
    assert 40_000 < len(sent) < 48_000
    assert len(told.stale.listed) + told.stale.not_listed == 5_000
    assert (len(told.never.listed), told.never.not_listed) == (1, 0)
    assert json.loads(sent)["data"]["counts"]["stale"] == 5_000


def identity(told: NightReport) -> str:
    return envelope_report(told, "report_night", NOW).id


def test_the_same_facts_of_one_night_have_the_same_id() -> None:
    facts = facts_of(small_fleet())

    later = facts_of(
        small_fleet(), NOW + timedelta(minutes=1), calls=7, waited=HOUR, refusals=(("DescribeImages", "Throttling"),),
        troubles=("it took long",),
    )  # fmt: skip
    assert identity(report(later)) == identity(report(facts))


@pytest.mark.parametrize("changes", [{"now": NOW + DAY}, {"quota": ImageQuota(100, 11)}, {"pinned": None}])
def test_another_night_and_other_facts_have_another_id(changes: dict[str, object]) -> None:
    facts = facts_of(small_fleet())

    assert identity(report(replace(facts, **changes))) != identity(report(facts))  # type: ignore[arg-type]
