"""Which data disks belonged to a machine when its system disk's snapshot began."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from fakes.builders import (
    BEGUN,
    ENDED,
    LONG_AGO,
    NOW,
    by_hand,
    data_disk,
    data_disks,
    data_snapshot,
    disk_set,
    image,
    image_request,
    last_image,
    plan,
    system_disk,
    system_snapshot,
)
from fakes.world import world

from shared.domain.decision import Kind, NotGathered, Question, View
from shared.domain.disk_set import Wanted
from shared.domain.facts import Disk, Image, MappedDisk, Role, SnapshotGroup
from shared.domain.outcome import Look
from shared.domain.selection import Origin
from shared.domain.wanted import candidate_snapshots, find_group, look_at_machine, wanted_disks, without_excepted

BEFORE, SINCE, SINCE_THEN = BEGUN - timedelta(hours=1), BEGUN + timedelta(minutes=1), BEGUN + timedelta(minutes=2)
NOTHING = Look("i-web")
HELD = Look("i-web", ("d-data",))
DOUBTFUL = Look("i-web", doubtful=("d-data",))
RELEASED = Look("i-web", released=("d-data",))
KNOWN = last_image("d-data")
"""The last image of the machine had the disk."""


def look(*facts: Any, group: SnapshotGroup | None = None, **changes: Any) -> Look | None:
    snapshot = system_snapshot(**changes)
    asked = world(snapshot, system_disk(), *facts)
    found: Any = asked.view(lambda view: look_at_machine(Origin(snapshot, view), group, view, NOW))
    return found  # type: ignore[no-any-return]


@pytest.mark.parametrize("attached", [LONG_AGO, BEGUN, None])
def test_a_disk_that_has_been_here_since_before_is_in_the_set(attached: Any) -> None:
    assert look(data_disk(attached=attached)) == HELD


@pytest.mark.parametrize(
    ("disk", "last", "seen"),
    [
        pytest.param(data_disk(attached=SINCE), None, NOTHING, id="new, attached since"),
        pytest.param(data_disk(attached=SINCE), KNOWN, NOTHING, id="attached since, and off before nobody knows when"),
        pytest.param(data_disk(attached=SINCE, detached=BEFORE), None, NOTHING, id="off at the time, attached since"),
        pytest.param(
            data_disk(attached=SINCE, detached=BEFORE), KNOWN, NOTHING, id="off at the time, whoever knows it"
        ),
        pytest.param(data_disk(attached=SINCE_THEN, detached=SINCE), KNOWN, HELD, id="taken off and put back"),
        pytest.param(
            data_disk(attached=SINCE_THEN, detached=SINCE), None, DOUBTFUL, id="came off somewhere, known to nobody"
        ),
        pytest.param(data_disk(instance_id=None, attached=None, detached=SINCE), KNOWN, HELD, id="taken off since"),
        pytest.param(
            data_disk(instance_id=None, attached=LONG_AGO, detached=SINCE), KNOWN, HELD, id="taken off, times kept"
        ),
        pytest.param(
            data_disk(instance_id=None, attached=None, detached=BEFORE), KNOWN, NOTHING, id="off since before"
        ),
        pytest.param(
            data_disk(instance_id="i-other", attached=SINCE_THEN, detached=SINCE), KNOWN, HELD, id="moved since"
        ),
        pytest.param(
            data_disk(instance_id="i-other", attached=SINCE_THEN, detached=SINCE), None, NOTHING, id="a stranger's"
        ),
        pytest.param(
            data_disk(instance_id="i-other", attached=BEFORE, detached=LONG_AGO), KNOWN, NOTHING, id="moved before"
        ),
        pytest.param(
            data_disk(instance_id="i-other", attached=BEGUN, detached=SINCE),
            KNOWN,
            NOTHING,
            id="shared, and still there",
        ),
        pytest.param(
            data_disk(instance_id=None, attached=None, detached=BEGUN), KNOWN, NOTHING, id="off at that very moment"
        ),
    ],
)
def test_what_has_moved_is_judged_by_its_times_and_by_the_last_image(
    disk: Disk, last: Image | None, seen: Look
) -> None:
    assert look(disk, *([last] if last else [])) == seen


def test_a_disk_of_the_last_image_that_is_gone_is_named() -> None:
    assert look(KNOWN) == RELEASED


def test_disks_that_are_gone_are_named_in_the_order_of_their_ids() -> None:
    gone = [f"d-{number}" for number in range(9)]

    assert look(last_image(*gone)) == Look("i-web", released=tuple(gone))


def test_a_system_disk_is_no_data_disk() -> None:
    assert look(system_disk("d-second")) == NOTHING


def test_disks_stand_in_the_order_of_their_devices() -> None:
    devices = {"d-1": "/dev/xvdaa", "d-2": "", "d-3": "/dev/xvdb", "d-4": "/dev/xvdz", "d-5": "/dev/xvdc"}
    disks = [data_disk(disk_id, device=device) for disk_id, device in devices.items()]

    found = look(*disks)
    assert found == Look("i-web", ("d-3", "d-5", "d-4", "d-1", "d-2"))


def test_equal_devices_stand_in_the_order_of_their_ids() -> None:
    assert look(data_disk("d-b", device=""), data_disk("d-a", device="")) == Look("i-web", ("d-a", "d-b"))


@pytest.mark.parametrize(
    "stranger",
    [
        pytest.param({"is_copy": True}, id="a copy with our tags"),
        pytest.param({"tags": {}}, id="tags that were taken off"),
        pytest.param({"tags": {**KNOWN.tags, "snapimage:about": "due=1 on=i-other at=1"}}, id="of another machine"),
        pytest.param({"tags": {**KNOWN.tags, "snapimage:about": "due=1 on=i-web"}}, id="of listed disks"),
        pytest.param({"tags": {**KNOWN.tags, "snapimage:disks": "hello"}}, id="tags that were altered"),
        pytest.param({"created": None}, id="of no time"),
    ],
)
def test_an_image_that_tells_nothing_of_this_machine_is_no_evidence(stranger: dict[str, Any]) -> None:
    assert look(last_image("d-data", **stranger)) == NOTHING


def test_what_a_plan_pinned_into_the_last_image_is_no_evidence() -> None:
    pinned = (MappedDisk(Role.DATA, "s-pin", 100, "d-data", is_pinned=True),)
    held = disk_set(system=MappedDisk(Role.SYSTEM, "s-old", 40, "d-sys"), data=pinned)
    request = image_request(held, snapshot=system_snapshot("s-old"), plan=plan(data_disks={"take": "attached"}))

    assert look(last_image(tags=request.tags)) == NOTHING


def test_only_the_last_image_counts() -> None:
    older = last_image("d-data", created=LONG_AGO)
    newer = last_image("d-logs")

    found = look(Image("m-older", "older", "Available", older.created, (), older.tags), newer)
    assert found == Look("i-web", released=("d-logs",))


def test_this_snapshots_own_image_is_not_the_last_one() -> None:
    request = image_request(plan=plan(data_disks={"take": "attached"}))

    assert look(image(tags=request.tags)) == NOTHING


@pytest.mark.parametrize("ended", [ENDED + timedelta(hours=1), None], ids=["by its event", "by a sweep"])
def test_the_image_of_a_later_snapshot_says_nothing_of_this_one(ended: Any) -> None:
    """The disk came from another machine after this snapshot began, and was there at the next one."""
    later = system_snapshot("s-later", created=BEGUN + timedelta(hours=1))
    held = disk_set(system=MappedDisk(Role.SYSTEM, "s-later", 40, "d-sys"))
    request = image_request(held, snapshot=later, plan=plan(data_disks={"take": "attached"}), ended=ended)
    of_later = last_image(tags=request.tags, disks=held.disks, created=BEGUN + timedelta(hours=2))

    assert look(data_disk(attached=SINCE_THEN, detached=SINCE), of_later, later) == DOUBTFUL


ENDED_NOW = {**KNOWN.tags, "snapimage:about": f"due=1 on=i-web at=1 end={int(BEGUN.timestamp())}"}
SWEPT = {**KNOWN.tags, "snapimage:about": "due=1 on=i-web at=1"}


@pytest.mark.parametrize(
    "earlier",
    [
        pytest.param({"created": SINCE}, id="it ended before"),
        pytest.param({"created": SINCE, "tags": ENDED_NOW}, id="it ended as this one began"),
        pytest.param({"created": BEGUN, "tags": SWEPT}, id="the image itself was made no later"),
    ],
)
def test_an_image_that_is_surely_of_an_earlier_snapshot_is_evidence(earlier: dict[str, Any]) -> None:
    moved = data_disk(attached=SINCE_THEN, detached=SINCE)

    assert look(moved, last_image("d-data", **earlier)) == HELD


def test_a_consistent_group_knows_its_disks_wherever_they_are_now() -> None:
    group = SnapshotGroup("ssg-1", frozenset({"s-sys", "s-data", "s-gone"}))
    members = [by_hand("s-data"), by_hand("s-gone", disk_id="d-gone")]

    found = look(data_disk(instance_id="i-other", attached=SINCE), *members, group=group)
    assert found == Look("i-web", ("d-data", "d-gone"))


def test_a_disk_of_the_group_that_is_gone_stands_last_for_want_of_a_device() -> None:
    members = [data_snapshot("s-gone", disk_id="d-gone"), data_snapshot("s-here", disk_id="d-here")]
    group = SnapshotGroup("ssg-1", frozenset({"s-gone", "s-here"}))

    assert look(*members, data_disk("d-here"), group=group) == Look("i-web", ("d-here", "d-gone"))


def test_the_snapshots_of_a_group_are_asked_for_in_the_order_of_their_ids() -> None:
    """A set has another order in each process; the calls of a history are the same wherever it is repeated."""
    group = SnapshotGroup("ssg-1", frozenset(f"s-{number}" for number in range(100)))
    view = View()
    view.add(Question(Kind.DISKS_OF_INSTANCE, "i-web"), (system_disk(),))

    with pytest.raises(NotGathered) as lack:
        look_at_machine(Origin(system_snapshot(), view), group, view, NOW)
    assert lack.value.question.id == "s-0"


def test_a_look_that_was_remembered_stands() -> None:
    first = Look("i-web", ("d-data", "d-logs"), ("d-new",), ("d-gone",))

    assert look(data_disk("d-other"), tags=first.to_tags()) == first


def test_what_is_new_since_the_look_is_in_no_doubt() -> None:
    assert look(data_disk(attached=SINCE), tags=NOTHING.to_tags()) == NOTHING


@pytest.mark.parametrize(("taken_off", "doubtful"), [(NOW, ("d-data",)), (NOW + timedelta(seconds=1), ())])
def test_what_hung_elsewhere_at_the_look_and_came_later_was_never_here(
    taken_off: datetime, doubtful: tuple[str, ...]
) -> None:
    first = Look("i-web", ("d-logs",), at=NOW)

    found = look(data_disk(attached=taken_off, detached=taken_off), tags=first.to_tags())
    assert found == Look("i-web", ("d-logs",), doubtful)


def test_a_look_knows_when_it_was() -> None:
    found = look(data_disk())

    assert found
    assert found.at == NOW


def test_without_a_machine_there_is_no_look() -> None:
    asked = world(system_disk(instance_id=None))

    found: Any = asked.view(lambda view: look_at_machine(Origin(system_snapshot(), view), None, view, NOW))
    assert found is None


LOGS = data_disk("d-logs", name="csi-volume-17", tags={"kind": "logs"}, device="/dev/xvdc")


@pytest.mark.parametrize(
    "excepted",
    [
        {"except": ["d-logs"]},
        {"except_tags": {"kind": "logs"}},
        {"except_tags": {"kind": ["dumps", "logs"]}},
        {"except_names": ["csi-*"]},
    ],
)
def test_a_plan_leaves_disks_aside_by_id_tag_or_name(excepted: dict[str, Any]) -> None:
    wanted = data_disks(take="attached", **excepted)
    seen = Look("i-web", ("d-data", "d-logs"), ("d-logs",), ("d-gone", "d-logs"))

    found: Any = world(data_disk(), LOGS).view(lambda view: without_excepted(seen, wanted, view))
    assert found == Look("i-web", ("d-data",), (), ("d-gone",))


def test_an_excepted_id_needs_no_question() -> None:
    asked = world(data_disk(), LOGS)

    asked.view(lambda view: without_excepted(Look("i-web", ("d-logs",)), data_disks(**{"except": ["d-logs"]}), view))
    assert asked.actions == []


def test_data_snapshots_alone_put_no_disk_into_the_set() -> None:
    assert look(data_snapshot()) == NOTHING


@pytest.mark.parametrize(
    ("take", "kind", "is_asked"), [("none", "user", False), ("attached", "timer", False), ("attached", "user", True)]
)
def test_a_group_is_asked_for_only_where_it_may_be_and_matters(take: str, kind: str, is_asked: bool) -> None:
    snapshot = system_snapshot(kind=kind)
    there = world(snapshot, system_disk())

    there.view(lambda view: find_group(plan(data_disks={"take": take}), Origin(snapshot, view), view))
    assert ("DescribeSnapshotGroups" in there.actions) is is_asked


def test_of_several_groups_the_one_counts_that_the_system_snapshot_is_in() -> None:
    snapshot = system_snapshot(kind="user")
    other, mine = SnapshotGroup("ssg-1", frozenset({"s-old"})), SnapshotGroup("ssg-2", frozenset({"s-sys", "s-data"}))
    there = world(snapshot, system_disk(), groups={"i-web": [other, mine]})

    found: Any = there.view(
        lambda view: find_group(plan(data_disks={"take": "attached"}), Origin(snapshot, view), view)
    )
    assert found == mine


@pytest.mark.parametrize(
    ("made_by", "found_of"), [({}, ["s-data", "s-sys"]), ({"kind": "user", "name": "x"}, ["s-data"])]
)
def test_the_run_of_a_system_disk_that_is_not_there_now_is_asked_for_by_the_disk(
    made_by: dict[str, str], found_of: list[str]
) -> None:
    """Whether the policy skipped a data disk is seen by the snapshots of the system disk."""
    snapshot = system_snapshot(**made_by)
    there = world(snapshot, system_disk(instance_id="i-rescue"), data_disk(), data_snapshot())
    by, look = plan(data_disks={"take": "attached"}), Look("i-web", ("d-data",))

    found: Any = there.view(
        lambda view: candidate_snapshots(
            by, Origin(replace(snapshot, tags=look.to_tags()), view), wanted_disks(by, look, view), view
        )
    )
    assert found == tuple(there.snapshots[each] for each in found_of)


def wants(*facts: Any, look: Look | None = None, **parts: Any) -> tuple[Wanted, list[str]]:
    """With the calls that it took."""
    there = world(*facts)
    found: Any = there.view(lambda view: wanted_disks(plan(data_disks=parts), look, view))
    return found, there.actions


def test_listed_disks_stand_in_the_order_of_their_devices_and_those_that_are_gone_come_last() -> None:
    logs, data = data_disk("d-a-logs", device="/dev/xvdaa"), data_disk("d-data", device="/dev/xvdz")

    found, _ = wants(logs, data, LOGS, take=["d-a-gone", "d-a-logs", "d-logs", "d-data"], except_names=["csi-*"])
    assert found == Wanted(("d-data", "d-a-logs", "d-a-gone"), {each.id: each for each in (logs, LOGS, data)})


def test_the_disks_of_a_look_that_are_still_there_take_one_call() -> None:
    found, calls = wants(data_disk(), LOGS, look=Look("i-web", ("d-data", "d-logs")), take="attached")

    assert (found.disks, calls) == ({"d-data": data_disk(), "d-logs": LOGS}, ["DescribeDisks"])


def candidates(*facts: Any, look: Look | None = None, **parts: Any) -> tuple[set[str], int]:
    """With how many calls it took to find them."""
    there, by = world(system_snapshot(), system_disk(), *facts), plan(data_disks=parts)

    def ask(view: View) -> Any:
        return candidate_snapshots(by, Origin(system_snapshot(), view), wanted_disks(by, look, view), view)

    found: Any = there.view(ask)
    return {each.id for each in found}, there.actions.count("DescribeSnapshots")


NEAR = data_snapshot("s-hand", kind="user", name="by hand", created=BEFORE)


@pytest.mark.parametrize(
    ("known", "asked"),
    [
        ((data_disk(), NEAR), 2),
        ((data_disk(policies=frozenset({"sp-other"})), NEAR), 1),
        ((data_disk(), NEAR, data_snapshot()), 1),
        ((data_disk(),), 1),
    ],
    ids=["something near", "ecs names its policy", "its run is there", "nothing near"],
)
def test_a_disks_last_run_is_asked_for_only_where_it_matters_whether_it_is_under_the_policy(
    known: tuple[Any, ...], asked: int
) -> None:
    _, calls = candidates(*known, look=HELD, take="attached")

    assert calls == asked


def test_the_last_run_of_a_disk_is_found_though_it_lies_further_back_than_what_may_serve() -> None:
    last_run = data_snapshot("s-last", created=BEGUN - timedelta(hours=20))

    found, _ = candidates(data_disk(), NEAR, last_run, look=HELD, take="attached")
    assert found == {"s-sys", "s-hand", "s-last"}


@pytest.mark.parametrize(
    ("disks", "parts", "calls"),
    [
        ((), {"take": "none"}, 0),
        ((data_disk(), LOGS), {"take": ["d-data", "d-logs"]}, 1),
        ((data_disk(), replace(LOGS, instance_id="i-other")), {"take": ["d-data", "d-logs"]}, 2),
        ((data_disk(instance_id=None),), {"take": ["d-data"]}, 2),
    ],
    ids=["no disks", "all on the machine", "one elsewhere", "none there, and one more for the system disk"],
)
def test_snapshots_take_one_call_for_the_machine_and_one_for_each_disk_elsewhere(
    disks: tuple[Disk, ...], parts: dict[str, Any], calls: int
) -> None:
    assert candidates(*disks, **parts)[1] == calls


def test_a_disk_on_no_machine_is_found_by_its_id() -> None:
    assert candidates(data_disk(instance_id=None), data_snapshot(), take=["d-data"])[0] == {"s-sys", "s-data"}


def test_a_disk_that_is_gone_is_looked_for_by_its_id() -> None:
    assert candidates(data_snapshot(), look=RELEASED, take="attached")[0] == {"s-sys", "s-data"}


@pytest.mark.parametrize(
    ("age", "found"), [(timedelta(hours=12, seconds=59), True), (timedelta(hours=12, minutes=2), False)]
)
def test_snapshots_are_looked_for_twice_as_far_back_as_they_may_serve_and_in_whole_minutes(
    age: timedelta, found: bool
) -> None:
    old = data_snapshot(created=BEGUN - age)

    assert ("s-data" in candidates(data_disk(), old, look=HELD, take="attached")[0]) is found
