"""What is said of an image that exists, by its status, its age and its disks."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from fakes.builders import ACCOUNT, NOW, REGION, SUBJECT, disk_set, image, image_request, plan, rules, system_snapshot

from shared.domain.facts import Image, ImageCheck, MappedDisk, Risk, Role
from shared.domain.image_tags import ABOUT, DISKS, recall_about
from shared.domain.message import CheckResult, ImageStatus, RiskEntry
from shared.domain.message_fields import Reason, State
from shared.domain.progress import (
    News,
    Verdict,
    compare_disks,
    deleted,
    found,
    is_sound,
    judge_image,
    news_of,
    subject_of_image,
)

DUE = timedelta(hours=4)
SYSTEM, DATA, EMPTY = disk_set().disks
SECOND, TEN_MINUTES = timedelta(seconds=1), timedelta(minutes=10)


def aged(age: timedelta, status: str) -> Image:
    return image(status=status, created=NOW - age)


@pytest.mark.parametrize(
    ("status", "age", "verdict"),
    [
        ("Creating", DUE, Verdict(State.CREATING, Reason.IMAGE_ADOPTED, "m-1 is being made already")),
        ("Waiting", DUE, Verdict(State.CREATING, Reason.IMAGE_ADOPTED, "m-1 is being made already")),
        ("BrandNew", DUE, Verdict(State.CREATING, Reason.IMAGE_ADOPTED, "m-1 is being made already")),
        ("Creating", DUE + SECOND, Verdict(State.OVERDUE, Reason.IMAGE_OVERDUE, "m-1 is still Creating after 4.0 h")),
        ("Waiting", 2 * DUE, Verdict(State.OVERDUE, Reason.IMAGE_OVERDUE, "m-1 is still Waiting after 8.0 h")),
        ("BrandNew", 90 * DUE, Verdict(State.OVERDUE, Reason.IMAGE_OVERDUE, "m-1 is still BrandNew after 360.0 h")),
        ("UnAvailable", TEN_MINUTES, Verdict(State.CREATING, Reason.IMAGE_ADOPTED, "m-1 is being made already")),
        (
            "UnAvailable",
            TEN_MINUTES + SECOND,
            Verdict(State.FAILED, Reason.IMAGE_CREATE_FAILED, "m-1 ended as UnAvailable; ECS gives no reason for it"),
        ),
        (
            "CreateFailed",
            SECOND,
            Verdict(State.FAILED, Reason.IMAGE_CREATE_FAILED, "m-1 ended as CreateFailed; ECS gives no reason for it"),
        ),
        (
            "Available",
            2 * DUE,
            Verdict(State.AVAILABLE, Reason.IMAGE_AVAILABLE, "m-1 is usable and has the intended disks"),
        ),
        (
            "Deprecated",
            2 * DUE,
            Verdict(
                State.AVAILABLE,
                Reason.IMAGE_AVAILABLE,
                "m-1 is usable and has the intended disks; it has been deprecated since",
            ),
        ),
    ],
)
def test_status_and_age_tell_the_state(status: str, age: timedelta, verdict: Verdict) -> None:
    assert judge_image(aged(age, status), DUE, NOW) == verdict


def test_an_image_without_an_age_is_never_overdue() -> None:
    verdict = judge_image(image(status="Creating", created=None), timedelta(0), NOW)

    assert verdict.state is State.CREATING


def test_an_image_that_lacks_what_the_plan_left_out_is_partial() -> None:
    partial = image(tags=image_request(disk_set(left_out=("d-logs", "d-dumps"))).tags)

    assert judge_image(partial, DUE, NOW) == Verdict(
        State.AVAILABLE,
        Reason.IMAGE_AVAILABLE_PARTIAL,
        "m-1 is usable without d-logs, d-dumps",
    )


@pytest.mark.parametrize("status", ["Available", "Deprecated"])
def test_an_image_with_other_disks_than_intended_has_failed(status: str) -> None:
    lost = image(status=status, disks=(SYSTEM, EMPTY))

    assert judge_image(lost, DUE, NOW) == Verdict(
        State.FAILED, Reason.DISK_MAP_MISMATCH, "m-1: missing data disk s-data of 100 GiB"
    )


@pytest.mark.parametrize("tags", [{}, {ABOUT: "due=1"}, {DISKS: "s-sys/many/d-sys/"}, {DISKS: "+5"}])
def test_an_image_whose_memory_was_altered_cannot_be_called_good(tags: dict[str, str]) -> None:
    assert judge_image(image(tags=tags), DUE, NOW) == Verdict(
        State.FAILED,
        Reason.DISK_MAP_MISMATCH,
        "m-1: the tags with its intended disk set are gone or altered, so it cannot be checked",
    )


@pytest.mark.parametrize(
    ("made", "difference"),
    [
        pytest.param((SYSTEM, DATA, EMPTY), "", id="equal"),
        pytest.param((EMPTY, DATA, SYSTEM), "", id="another order"),
        pytest.param((SYSTEM, MappedDisk(Role.DATA, "s-data", 100), EMPTY), "", id="a disk id that ECS does not tell"),
        pytest.param((DATA, EMPTY), "missing system disk s-sys of 40 GiB", id="no system disk"),
        pytest.param((SYSTEM, EMPTY), "missing data disk s-data of 100 GiB", id="missing"),
        pytest.param((SYSTEM, DATA), "missing data disk empty of 5 GiB", id="missing empty disk"),
        pytest.param((SYSTEM, DATA, EMPTY, EMPTY), "unexpected data disk empty of 5 GiB", id="unexpected"),
        pytest.param((SYSTEM, DATA, DATA, EMPTY), "unexpected data disk s-data of 100 GiB", id="twice"),
        pytest.param(
            (SYSTEM, MappedDisk(Role.DATA, "s-foreign", 100), EMPTY),
            "missing data disk s-data of 100 GiB; unexpected data disk s-foreign of 100 GiB",
            id="foreign",
        ),
        pytest.param(
            (SYSTEM, MappedDisk(Role.DATA, "s-data", 101), EMPTY),
            "missing data disk s-data of 100 GiB; unexpected data disk s-data of 101 GiB",
            id="wrong size",
        ),
        pytest.param(
            (SYSTEM, DATA, MappedDisk(Role.DATA, None, 20)),
            "missing data disk empty of 5 GiB; unexpected data disk empty of 20 GiB",
            id="wrong size of an empty disk",
        ),
        pytest.param(
            (MappedDisk(Role.DATA, "s-sys", 40), DATA, EMPTY),
            "missing system disk s-sys of 40 GiB; unexpected data disk s-sys of 40 GiB",
            id="wrong role",
        ),
        pytest.param(
            (),
            "missing data disk empty of 5 GiB, data disk s-data of 100 GiB, system disk s-sys of 40 GiB",
            id="nothing",
        ),
    ],
)
def test_the_difference_of_two_disk_maps_is_told_in_words(made: tuple[MappedDisk, ...], difference: str) -> None:
    assert compare_disks(disk_set().disks, made) == difference


def test_one_of_two_equal_disks_is_missed() -> None:
    assert compare_disks((SYSTEM, EMPTY, EMPTY), (SYSTEM, EMPTY)) == "missing data disk empty of 5 GiB"


AVAILABLE = Verdict(State.AVAILABLE, Reason.IMAGE_AVAILABLE, "m-1 is usable and has the intended disks")
PASSED = Verdict(State.CHECKED, Reason.IMAGE_CHECK_PASSED, "the check of m-1 found nothing")
OVERDUE = Verdict(State.OVERDUE, Reason.IMAGE_OVERDUE, "m-1 is still Creating after 5.0 h")
FAILED = Verdict(State.FAILED, Reason.IMAGE_CREATE_FAILED, "m-1 ended as CreateFailed; ECS gives no reason for it")
CLEAN, RUNNING = ImageCheck(True), ImageCheck(False)
BAD = ImageCheck(True, (Risk("GUESTOS.Fstab", "High", "Fstab.DeviceNotFound"),))
FOUND = Verdict(State.CHECKED, Reason.IMAGE_CHECK_FOUND_RISKS, "the check of m-1 found: GUESTOS.Fstab (High)")


def seen(told: str, status: str, check: ImageCheck | None = None, hours: float = 1, asked: bool = True) -> News | None:
    """What is new of an image of which so much was told."""
    tags = {**image_request(plan=plan(image={"check": asked})).tags, "snapimage:state": told}
    looked_at = image(status=status, check=check, tags=tags, created=NOW - timedelta(hours=hours))
    about = recall_about(tags)
    assert about is not None
    return news_of(looked_at, about, NOW)


@pytest.mark.parametrize(
    ("look", "expected"),
    [
        pytest.param(("creating", "Creating"), News((), "making", True), id="seen for the first time"),
        pytest.param(("making", "Creating"), None, id="nothing new"),
        pytest.param(("making", "Creating", None, 5), News((OVERDUE,), "overdue", True), id="takes long"),
        pytest.param(("overdue", "Creating", None, 5), None, id="takes long, as told"),
        pytest.param(("making", "CreateFailed"), News((FAILED,), "failed", False), id="failed"),
        pytest.param(("failed", "CreateFailed"), None, id="failed, as told"),
        pytest.param(
            ("making", "Available", None, 1, False), News((AVAILABLE,), "available", False), id="usable, no check"
        ),
        pytest.param(("making", "Available"), News((AVAILABLE,), "available", True), id="usable, check to come"),
        pytest.param(
            ("making", "Available", CLEAN), News((AVAILABLE, PASSED), "checked", False), id="usable and checked"
        ),
        pytest.param(("overdue", "Available", BAD), News((AVAILABLE, FOUND), "checked", False), id="with risks"),
        pytest.param(("available", "Available", RUNNING), None, id="the check runs"),
        pytest.param(("available", "Available", CLEAN), News((PASSED,), "checked", False), id="checked later"),
        pytest.param(("available", "Available", None, 4), None, id="the check has the whole time"),
        pytest.param(("available", "Available", None, 5), News((), "available", False), id="never checked"),
        pytest.param(
            ("making", "Available", None, 5), News((AVAILABLE,), "available", False), id="usable late, no check"
        ),
        pytest.param(("available", "UnAvailable", RUNNING), None, id="flickers after it was announced"),
        pytest.param(("available", "UnAvailable", CLEAN), None, id="checked while it flickers"),
        pytest.param(("available", "UnAvailable", CLEAN, 5), News((), "available", False), id="does not recover"),
        pytest.param(("available", "CreateFailed", RUNNING), None, id="fails after it was announced"),
    ],
)
def test_what_was_told_before_is_not_told_again(look: tuple[Any, ...], expected: News | None) -> None:
    assert seen(*look) == expected


def test_the_end_of_a_check_before_the_first_look_is_told_as_well() -> None:
    news = seen("creating", "Available", CLEAN)

    assert news is not None
    assert [verdict.state for verdict in news.verdicts] == [State.AVAILABLE, State.CHECKED]


@pytest.mark.parametrize(
    ("news", "check", "good"),
    [
        (News((AVAILABLE,), "available", False), None, True),
        (News((AVAILABLE,), "available", True), RUNNING, False),
        (News((PASSED,), "checked", False), CLEAN, True),
        (News((FOUND,), "checked", False), BAD, False),
        (News((FAILED,), "failed", False), None, False),
        (News((), "making", True), None, False),
    ],
)
def test_only_a_sound_image_may_lead_a_family(news: News, check: ImageCheck | None, good: bool) -> None:
    assert is_sound(image(check=check), news) is good


@pytest.mark.parametrize("status", ["UnAvailable", "CreateFailed"])
def test_an_image_that_is_not_usable_any_more_leads_no_family(status: str) -> None:
    assert not is_sound(image(status=status), News((), "available", False))


def test_what_is_told_of_an_image_later_is_about_the_snapshot_that_it_remembers() -> None:
    about = recall_about(image().tags)

    assert about is not None
    assert subject_of_image(about, rules(), NOW) == replace(SUBJECT, event_id=None)


def test_what_a_check_found_is_told_with_the_image() -> None:
    told = found(SUBJECT, image(check=BAD), FOUND)

    assert told.check == CheckResult(True, (RiskEntry("GUESTOS.Fstab", "High", "Fstab.DeviceNotFound"),))


@pytest.mark.parametrize(("known", "told"), [("d-sys", "d-sys"), ("", None)])
def test_of_an_image_that_was_deleted_the_snapshot_is_told(known: str, told: str | None) -> None:
    status = deleted(system_snapshot(disk_id=known), rules())

    assert status == ImageStatus(
        state=State.FAILED,
        reason=Reason.IMAGE_DELETED,
        terminal=True,
        explanation="the image of s-sys was deleted before it was usable",
        account_id=ACCOUNT,
        region_id=REGION,
        snapshot_id="s-sys",
        disk_id=told,
    )
