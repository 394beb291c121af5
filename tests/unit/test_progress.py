"""What is said of an image that exists, by its status, its age and its disks."""

from datetime import timedelta

import pytest
from fakes.builders import NOW, disk_set, image, image_request

from shared.domain.facts import Image, MappedDisk, Role
from shared.domain.memory import ABOUT, DISKS
from shared.domain.progress import GRACE, Verdict, compare_disks, judge_image
from shared.domain.reasons import Reason, State

DUE = timedelta(hours=4)
SYSTEM, DATA, EMPTY = disk_set().disks
SECOND = timedelta(seconds=1)


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
        ("BrandNew", 2 * DUE, Verdict(State.OVERDUE, Reason.IMAGE_OVERDUE, "m-1 is still BrandNew after 8.0 h")),
        ("UnAvailable", GRACE, Verdict(State.CREATING, Reason.IMAGE_ADOPTED, "m-1 is being made already")),
        (
            "UnAvailable",
            GRACE + SECOND,
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
        "m-1 is usable without d-logs, d-dumps, as the plan allows",
    )


@pytest.mark.parametrize("status", ["Available", "Deprecated"])
def test_an_image_with_other_disks_than_intended_has_failed(status: str) -> None:
    lost = image(status=status, disks=(SYSTEM, EMPTY))

    assert judge_image(lost, DUE, NOW) == Verdict(
        State.FAILED, Reason.DISK_MAP_MISMATCH, "m-1: missing data disk s-data of 100 GiB"
    )


@pytest.mark.parametrize("tags", [{}, {ABOUT: "disk=d-sys at=1 due=1"}, {DISKS: "s-sys/many/d-sys"}, {DISKS: "+5"}])
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
