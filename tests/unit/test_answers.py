"""What was decided, in the words that subscribers read."""

import pytest
from fakes.builders import NOW, SUBJECT, completed, disk_set, rules, system_snapshot

from shared.domain.answers import (
    Answer,
    cause_of,
    check_result,
    failed,
    reason_for,
    subject_of,
    told_before,
    waiting,
    with_disks,
)
from shared.domain.decision import UNDECIDED, Decided, Fail, Matter, Settled, Wait
from shared.domain.errors import Curable
from shared.domain.facts import ImageCheck, MappedDisk, Risk, Role, Snapshot
from shared.domain.message_fields import Reason, State
from shared.domain.outcome import Outcome, Word

OF_DATA = completed(snapshot_id="s-data", disk_id="d-data")
MANY = tuple(f"d-{number}" for number in range(100))


def test_more_names_than_a_message_has_room_for_are_left_off() -> None:
    status = SUBJECT.answer(State.CREATING, Reason.IMAGE_REQUESTED, "")

    told = with_disks(status, disk_set(left_out=MANY, without_snapshots=MANY))

    assert (told.left_out, told.without_snapshots, told.partial) == (MANY[:64], MANY[:32], True)


def test_disks_without_snapshots_do_not_make_an_image_partial() -> None:
    status = SUBJECT.answer(State.CREATING, Reason.IMAGE_REQUESTED, "")

    assert with_disks(status, disk_set(without_snapshots=("d-local",))).partial is False


def test_a_longer_name_of_a_device_is_cut() -> None:
    odd = MappedDisk(Role.DATA, "s-data", 100, "d-data", "/dev/" + "x" * 28)
    status = SUBJECT.answer(State.CREATING, Reason.IMAGE_REQUESTED, "")

    assert with_disks(status, disk_set(data=(odd,))).disks[1].device == "/dev/" + "x" * 27


def test_a_disk_whose_device_nobody_knows_has_none() -> None:
    status = SUBJECT.answer(State.CREATING, Reason.IMAGE_REQUESTED, "")

    assert [disk.device for disk in with_disks(status, disk_set()).disks] == [None, None, None]


@pytest.mark.parametrize(
    ("matter", "snapshot", "expected"),
    [
        pytest.param(Matter(OF_DATA), system_snapshot(), ("s-sys", "d-sys"), id="found beside a data disk's event"),
        pytest.param(Matter(OF_DATA), None, ("s-data", "d-data"), id="of an event whose snapshot is not there"),
        pytest.param(Matter(), system_snapshot(disk_id=""), ("s-sys", None), id="of a disk that nobody knows"),
        pytest.param(Matter(), None, (None, None), id="of nothing"),
    ],
)
def test_an_answer_is_about_the_snapshot_that_was_decided_about(
    matter: Matter, snapshot: Snapshot | None, expected: tuple[str | None, str | None]
) -> None:
    subject = subject_of(Answer(matter, Decided(UNDECIDED, snapshot)), rules(), NOW)

    assert (subject.snapshot_id, subject.disk_id) == expected


def test_of_more_missing_disks_the_first_are_told() -> None:
    assert failed(SUBJECT, Fail(Reason.DATA_DISK_WITHOUT_SNAPSHOTS, "", MANY)).missing == MANY[:64]


def test_of_more_awaited_disks_the_first_are_told() -> None:
    wait = Wait(Reason.DATA_DISK_SNAPSHOT_PENDING, "", MANY, NOW)

    assert waiting(SUBJECT, wait).waiting_for == MANY[:64]


def test_a_longer_refusal_is_cut() -> None:
    cause = cause_of(Curable("c" * 129, "m" * 601, 403, "r" * 65))

    assert (cause.code, cause.message, cause.http_status, cause.request_id) == ("c" * 128, "m" * 600, 403, "r" * 64)


def test_a_refusal_without_a_request_id_has_none() -> None:
    assert cause_of(Curable("Forbidden", "no")).request_id is None


def test_what_the_check_of_ecs_holds_against_an_image_is_cut() -> None:
    risks = tuple(Risk("n" * 49, "l" * 17, f"{number:065}") for number in range(21))

    told = check_result(ImageCheck(True, risks))

    assert told is not None
    assert (len(told.risks), told.finished) == (20, True)
    assert (told.risks[0].name, told.risks[0].level, told.risks[0].code) == ("n" * 48, "l" * 16, "0" * 64)


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("QuotaExceed.Image", Reason.QUOTA_EXCEEDED),
        ("ImageQuotaExceed.ImageFamily", Reason.QUOTA_EXCEEDED),
        ("ImageFamilyQuotaExceed", Reason.QUOTA_EXCEEDED),
        ("Forbidden.RAM", Reason.PERMISSION_DENIED),
        ("NoPermission.SLR", Reason.PERMISSION_DENIED),
        ("InvalidAccessKeyId.NotFound", Reason.PERMISSION_DENIED),
        ("SignatureDoesNotMatch", Reason.PERMISSION_DENIED),
        ("OperationDenied", Reason.ECS_REFUSED),
    ],
)
def test_a_refusal_has_the_reason_of_its_family(code: str, reason: Reason) -> None:
    assert reason_for(code) is reason


@pytest.mark.parametrize(
    ("word", "state", "is_terminal"),
    [
        (Word.REQUESTED, State.CREATING, False),
        (Word.MAKING, State.CREATING, False),
        (Word.AVAILABLE, State.AVAILABLE, True),
        (Word.REFUSED, State.FAILED, False),
        (Word.FAILED, State.FAILED, True),
    ],
)
def test_what_was_told_before_is_answered_with_its_state(word: Word, state: State, is_terminal: bool) -> None:
    answer = told_before(SUBJECT, Settled(Outcome(word, Reason.ECS_REFUSED)))

    assert (answer.state, answer.reason, answer.terminal) == (state, Reason.ECS_REFUSED, is_terminal)


def test_what_was_told_before_without_a_reason_was_a_request() -> None:
    assert told_before(SUBJECT, Settled(Outcome(Word.MAKING))).reason is Reason.IMAGE_REQUESTED
