"""What becomes of one finished snapshot: every refusal, and the image when there is none."""

from datetime import timedelta
from typing import Any

import pytest
from fakes.builders import (
    BEGUN,
    NOW,
    completed,
    data_snapshot,
    image,
    origin,
    plan,
    rules,
    system_disk,
    system_snapshot,
)

from shared.domain.decision import (
    Adopt,
    Make,
    Wait,
    accept_snapshot,
    choose_plan,
    decide_image,
    not_system_disk,
    snapshot_kind,
)
from shared.domain.disk_set import DiskSet, Wanted
from shared.domain.facts import Disk, MappedDisk, Role, Snapshot
from shared.domain.image_request import request_image
from shared.domain.plans import Plan
from shared.domain.reasons import Reason
from shared.domain.refusal import Fail, Refusal, Skip, TryLater, refuse_event
from shared.domain.rules import Rules

RULES = rules()
COMPLETED = completed()
WITH_DATA = plan(data_disks={"take": ["d-data"]})


@pytest.mark.parametrize(
    ("changes", "decision"),
    [
        pytest.param(
            {"account_id": "99"},
            Skip(Reason.WRONG_ACCOUNT, "the event is of account 99, not 1234567890123456"),
            id="another account",
        ),
        pytest.param(
            {"region_id": "cn-beijing"},
            Skip(Reason.WRONG_REGION, "images are regional: cn-beijing is not cn-hangzhou"),
            id="another region",
        ),
        pytest.param(
            {"kind": "imported"},
            Skip(Reason.SNAPSHOT_TYPE_EXCLUDED, "no plan takes imported snapshots"),
            id="imported",
        ),
        pytest.param(
            {"kind": "copied"}, Skip(Reason.SNAPSHOT_TYPE_EXCLUDED, "no plan takes copied snapshots"), id="copied"
        ),
        pytest.param(
            {"kind": "novel"}, Skip(Reason.SNAPSHOT_TYPE_EXCLUDED, "no plan takes novel snapshots"), id="a new type"
        ),
        pytest.param(
            {"result": "failed"},
            Fail(Reason.SNAPSHOT_FAILED, "snapshot s-sys failed; there is nothing to make an image from"),
            id="failed",
        ),
        pytest.param(
            {"account_id": "99", "region_id": "cn-beijing", "kind": "copied", "result": "failed"},
            Skip(Reason.WRONG_ACCOUNT, "the event is of account 99, not 1234567890123456"),
            id="everything at once",
        ),
    ],
)
def test_an_event_that_speaks_for_itself_is_refused(changes: dict[str, str], decision: Refusal) -> None:
    assert refuse_event(completed(**changes), RULES) == decision


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"account_id": None},
        {"region_id": None},
        {"kind": None},
        {"kind": "user"},
        {"result": None},
        {"result": "novel"},
    ],
)
def test_what_the_event_leaves_open_is_asked_of_ecs(changes: dict[str, Any]) -> None:
    assert refuse_event(completed(**changes), RULES) is None


def test_a_type_that_any_plan_takes_is_not_refused_by_the_event() -> None:
    two = rules(plan("web"), plan("copies", source={"snapshot_types": ["copied"]}))

    assert refuse_event(completed(kind="copied"), two) is None


@pytest.mark.parametrize(
    ("snapshot", "decision"),
    [
        pytest.param(
            None,
            Fail(
                Reason.SNAPSHOT_NOT_FOUND,
                "s-sys does not exist in cn-hangzhou, or the function's role may not see it",
            ),
            id="gone",
        ),
        pytest.param(
            system_snapshot(status="failed"),
            Fail(Reason.SNAPSHOT_FAILED, "snapshot s-sys failed; there is nothing to make an image from"),
            id="failed",
        ),
        pytest.param(
            system_snapshot(status="progressing"),
            TryLater("SnapshotNotReady", "s-sys is progressing; an image needs it accomplished"),
            id="still being made",
        ),
        pytest.param(
            system_snapshot(status="novel"),
            TryLater("SnapshotNotReady", "s-sys is novel; an image needs it accomplished"),
            id="a new status",
        ),
        pytest.param(system_snapshot(), system_snapshot(), id="good"),
    ],
)
def test_ecs_has_the_last_word_on_the_snapshot(snapshot: Snapshot | None, decision: Snapshot | Refusal) -> None:
    assert accept_snapshot(COMPLETED, snapshot, RULES) == decision


def test_a_data_disk_makes_no_image() -> None:
    assert not_system_disk(data_snapshot(), "no plan takes it along") == Skip(
        Reason.NOT_SYSTEM_DISK,
        "s-data is of data disk d-data and makes no image by itself; no plan takes it along",
    )


OFF = plan("off", enabled=False)
BY_INSTANCE = plan("fleet", source={"instances": ["i-web"]})


@pytest.mark.parametrize(
    ("told", "disk", "known", "decision"),
    [
        pytest.param("timer", None, rules(plan()), plan(), id="the plan that names it"),
        pytest.param("timer", system_disk(), rules(BY_INSTANCE), BY_INSTANCE, id="the plan that names its instance"),
        pytest.param(
            "timer",
            None,
            rules(plan(source={"disks": ["d-other"]})),
            Skip(Reason.NO_PLAN, "no plan names disk d-sys"),
            id="no plan",
        ),
        pytest.param(
            "timer", None, rules(BY_INSTANCE), Skip(Reason.NO_PLAN, "no plan names disk d-sys"), id="a disk that is gone"
        ),
        pytest.param(
            "copied",
            None,
            rules(plan()),
            Skip(Reason.SNAPSHOT_TYPE_EXCLUDED, "no plan takes copied snapshots of disk d-sys"),
            id="a type that its plan does not take",
        ),
        pytest.param(
            "timer", None, rules(OFF), Skip(Reason.PLAN_DISABLED, "plan off is disabled", OFF), id="a disabled plan"
        ),
        pytest.param("timer", None, rules(OFF, plan()), plan(), id="an enabled plan after a disabled one"),
    ],
)  # fmt: skip
def test_one_plan_counts_or_a_reason_says_why_not(
    told: str, disk: Disk | None, known: Rules, decision: Plan | Skip
) -> None:
    assert choose_plan(told, system_snapshot(), disk, known) == decision


@pytest.mark.parametrize(
    ("told", "known", "kind"),
    [
        ("timer", "timer", "timer"),
        (None, "timer", "timer"),
        ("imported", "user", "imported"),
        ("user", "copied", "copied"),
        (None, "copied", "copied"),
    ],
)
def test_the_type_is_what_the_event_says_unless_ecs_knows_of_a_copy(told: str | None, known: str, kind: str) -> None:
    assert snapshot_kind(completed(kind=told), system_snapshot(kind=known)) == kind


def test_an_image_that_is_there_is_adopted_whatever_its_disks() -> None:
    there = image(status="CreateFailed")

    assert decide_image(origin(plan=WITH_DATA), [there], Wanted(), NOW) == Adopt(there)


def test_the_oldest_of_several_images_is_adopted() -> None:
    first, second = image("m-2", created=BEGUN), image("m-1", created=BEGUN + timedelta(seconds=1))

    assert decide_image(origin(), [second, first], Wanted(), NOW) == Adopt(first)


def test_of_images_of_one_moment_always_the_same_is_adopted() -> None:
    first, second = image("m-1"), image("m-2")

    assert decide_image(origin(), [second, first], Wanted(), NOW) == Adopt(first)


def test_a_right_disk_set_makes_an_image() -> None:
    whence = origin(plan=WITH_DATA)

    decision = decide_image(whence, [], Wanted(("d-data",), [data_snapshot()]), NOW)

    disks = DiskSet(MappedDisk(Role.SYSTEM, "s-sys", 40, "d-sys"), (MappedDisk(Role.DATA, "s-data", 100, "d-data"),))
    assert decision == Make(request_image(whence, disks))


def test_a_disk_set_that_may_still_be_completed_waits() -> None:
    assert decide_image(origin(plan=WITH_DATA), [], Wanted(("d-data",)), NOW) == Wait(("d-data",))


def test_a_disk_set_that_will_not_be_completed_fails() -> None:
    decision = decide_image(origin(plan=WITH_DATA), [], Wanted(("d-data",)), NOW + timedelta(hours=2))

    assert decision == Fail(
        Reason.DATA_DISK_SNAPSHOT_MISSING,
        "no accomplished snapshot of d-data within 6:00:00 of the system snapshot",
        ("d-data",),
    )
