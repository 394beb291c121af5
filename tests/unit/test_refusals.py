"""What ECS refuses with which code: what is told at once, what the next sweep does, what is told when the window ends."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from fakes.builders import (
    BEGUN,
    NOW,
    image,
    image_request,
    notice,
    payload,
    plan,
    rules,
    system_disk,
    system_snapshot,
)
from fakes.world import World, world

from shared.adapters.aliyun_errors import classify
from shared.domain.errors import (
    AlreadyExists,
    CloudError,
    Curable,
    Final,
    OutcomeUnknown,
    Throttled,
    TokenTaken,
    Transient,
)
from shared.domain.plans import Plan
from shared.flows.create_image import Left, create_images
from shared.flows.reconcile_snapshots import reconcile_snapshots
from shared.flows.track_images import track_images

HOUR = timedelta(hours=1)
ASKING = ["DescribeSnapshots", "DescribeDisks", "DescribeImages"]
OTHERS = [*ASKING, "TagResources", "ModifyImageAttribute"]

THROTTLED = [("Throttling", 400), ("Throttling.User", 400), ("Throttling.Api", 400), ("Busy", 429)]
UNSETTLED: list[tuple[str, int, type[CloudError]]] = [
    ("ServiceUnavailable", 503, Transient),
    ("InternalError", 500, Transient),
    ("IdempotentProcessing", 403, Transient),
    ("SnapshotNotReady", 403, Transient),
    ("QuotaExceed.ConcurrentSnapshotQuota", 400, Transient),
    ("IncorrectInstanceStatus", 403, Transient),
    ("IllegalTimestamp", 400, Transient),
    ("SignatureDoesNotMatch", 400, Transient),
    ("InvalidSecurityToken.Expired", 400, Transient),
    ("Slow", 408, Transient),
    ("Conflict", 409, Transient),
    ("Early", 425, Transient),
    ("SignatureNonceUsed", 400, OutcomeUnknown),
    ("Mystery", 500, OutcomeUnknown),
    ("BadGateway", 502, OutcomeUnknown),
]
CURABLE = [
    ("QuotaExceed.Image", 400, "QuotaExceeded"),
    ("QuotaExceed.Tags", 400, "QuotaExceeded"),
    ("Forbidden.RAM", 403, "PermissionDenied"),
    ("NoPermission.SLR", 403, "PermissionDenied"),
    ("InvalidAccessKeyId.Inactive", 403, "PermissionDenied"),
    ("InvalidAccountStatus.NotEnoughBalance", 403, "EcsRefused"),
    ("InvalidParameter.KMSKeyId.CMKNotEnabled", 400, "EcsRefused"),
    ("InvalidResourceGroup.NotFound", 404, "EcsRefused"),
    ("InvalidImageName.Malformed", 400, "EcsRefused"),
    ("InvalidSnapshotId.NotFound", 404, "EcsRefused"),
    ("Brand.New", 400, "EcsRefused"),
    ("Brand.New", 403, "EcsRefused"),
]
FINAL = [
    ("OperationDenied", 403),
    ("InvalidSnapshot.TooOld", 403),
    ("InvalidSnapshotCategory.NotSupportImageCreation", 403),
    ("InvalidOperation.SnapshotStorageLocationUnsupported", 400),
    ("InvalidDiskCategory.CreateImage", 400),
]
TAKEN = [("InvalidImageName.Duplicated", 400), ("IdempotentParameterMismatch", 400), ("IdempotenceParamNotMatch", 403)]
KINDS: list[tuple[str, int, type[CloudError]]] = [
    *((code, status, Throttled) for code, status in THROTTLED),
    *UNSETTLED,
    *((code, status, Curable) for code, status, _ in CURABLE),
    *((code, status, AlreadyExists if "Name" in code else TokenTaken) for code, status in TAKEN),
]


def refusing(action: str, code: str, status: int, *facts: Any) -> World:
    """A world in which one action is refused with a code, as the adapter would raise it."""
    made = world(*(facts or (system_snapshot(), system_disk())))
    made.refuses[action] = classify(code, status, action)(code, "no", status, "request-1")
    return made


def event(there: World, *plans: Plan, **told: Any) -> str:
    """What the platform hears: the state of the answer, `left` to the sweep, or `again`."""
    try:
        [answer] = create_images(payload(notice(**told)), rules(*plans), there.cloud)
    except Transient:
        return "again"
    return "left" if isinstance(answer, Left) else answer.state.value


def sweep(there: World, *plans: Plan, after: timedelta = HOUR) -> str:
    there.moment += after
    try:
        reconcile_snapshots(rules(*plans), there.cloud)
    except CloudError as trouble:
        return trouble.code
    return "quiet"


def sweep_to_the_end(there: World, *plans: Plan) -> None:
    """Every hour, until no sweep looks back so far."""
    while there.moment < BEGUN + timedelta(hours=27):
        sweep(there, *plans)


@pytest.mark.parametrize(("code", "status", "kind"), [*KINDS, *((code, status, Final) for code, status in FINAL)])
def test_create_image_says_a_code_of_a_kind(code: str, status: int, kind: type[CloudError]) -> None:
    assert classify(code, status, "CreateImage") is kind


@pytest.mark.parametrize(("code", "status", "kind"), [*KINDS, *((code, status, Curable) for code, status in FINAL)])
def test_no_other_action_is_refused_for_good(code: str, status: int, kind: type[CloudError]) -> None:
    assert {action: classify(code, status, action) for action in OTHERS} == dict.fromkeys(OTHERS, kind)


@pytest.mark.parametrize(("code", "status"), THROTTLED)
def test_a_throttled_event_is_left_to_the_sweep_and_ends_with_the_window(code: str, status: int) -> None:
    there = refusing("CreateImage", code, status)

    assert (event(there), sweep(there), there.told()) == ("left", code, [])
    sweep_to_the_end(there)
    assert there.told() == [("failed", "WindowOver", True)]


@pytest.mark.parametrize(("code", "status", "kind"), UNSETTLED)
def test_what_settles_nothing_is_tried_again_and_ends_with_the_window(code: str, status: int, kind: Any) -> None:
    there = refusing("CreateImage", code, status)

    assert (event(there), there.told()) == ("left" if code == "SnapshotNotReady" else "again", [])
    assert (sweep(there) in {code, "quiet"}, there.told()) == (True, [])
    sweep_to_the_end(there)
    assert there.told() == [("failed", "WindowOver", True)]


@pytest.mark.parametrize(("code", "status", "kind"), [*((*each, Throttled) for each in THROTTLED), *UNSETTLED])
def test_what_settles_nothing_is_made_up_for_by_the_next_sweep(code: str, status: int, kind: Any) -> None:
    there = refusing("CreateImage", code, status)
    event(there)

    there.refuses.clear()
    sweep(there)
    assert there.told() == [("creating", "ImageRequested", False)]


@pytest.mark.parametrize(("code", "status", "reason"), CURABLE)
def test_what_can_be_cured_is_told_once_and_ends_with_the_window(code: str, status: int, reason: str) -> None:
    there = refusing("CreateImage", code, status)

    assert (event(there), there.told()) == ("failed", [("failed", reason, False)])
    assert (sweep(there), there.actions.count("CreateImage"), len(there.messages)) == ("quiet", 2, 1)
    sweep_to_the_end(there)
    assert there.told() == [("failed", reason, False), ("failed", reason, True)]


def test_what_can_be_cured_is_asked_for_at_most_hourly() -> None:
    there = refusing("CreateImage", "QuotaExceed.Image", 400)
    event(there)

    for _ in range(59):
        sweep(there, after=timedelta(minutes=1))
    assert there.actions.count("CreateImage") == 1


def test_another_cause_is_told_as_well() -> None:
    there = refusing("CreateImage", "QuotaExceed.Image", 400)
    event(there)

    there.refuses["CreateImage"] = Curable("Forbidden.RAM", "no", 403)
    sweep(there)
    assert there.told() == [("failed", "QuotaExceeded", False), ("failed", "PermissionDenied", False)]


def test_the_end_of_a_curable_refusal_is_another_fact() -> None:
    there = refusing("CreateImage", "QuotaExceed.Image", 400)
    event(there)

    sweep_to_the_end(there)
    assert len({message.id for message in there.messages}) == 2


@pytest.mark.parametrize(("code", "status", "reason"), CURABLE)
def test_what_was_cured_becomes_an_image(code: str, status: int, reason: str) -> None:
    there = refusing("CreateImage", code, status)
    event(there)

    there.refuses.clear()
    sweep(there)
    assert there.told() == [("failed", reason, False), ("creating", "ImageRequested", False)]


@pytest.mark.parametrize(("code", "status"), FINAL)
def test_what_is_final_is_told_at_once_and_never_tried_again(code: str, status: int) -> None:
    there = refusing("CreateImage", code, status)

    assert (event(there), there.told()) == ("failed", [("failed", "EcsRefused", True)])
    there.refuses.clear()
    sweep_to_the_end(there)
    assert (event(there), len(there.messages), there.images) == ("failed", 1, {})


@pytest.mark.parametrize(("code", "status"), TAKEN)
def test_a_name_or_token_that_an_earlier_try_took_is_adopted(code: str, status: int) -> None:
    there = refusing("CreateImage", code, status, system_snapshot(usage="none"), image(status="Creating"))

    assert (event(there), there.told()) == ("creating", [("creating", "ImageAdopted", False)])


@pytest.mark.parametrize(("code", "status"), TAKEN)
def test_a_name_that_a_stranger_took_can_be_cured(code: str, status: int) -> None:
    stranger = replace(image(), tags={}, disks=())
    there = refusing("CreateImage", code, status, system_snapshot(usage="none"), stranger)

    assert (event(there), there.told()) == ("failed", [("failed", "EcsRefused", False)])


@pytest.mark.parametrize(("code", "status"), TAKEN)
def test_a_name_that_is_taken_by_what_is_not_listed_yet_is_left_to_the_sweep(code: str, status: int) -> None:
    there = refusing("CreateImage", code, status)

    assert (event(there), there.told()) == ("left", [])


BY_MACHINE = plan(source={"instances": ["i-web"]})
CODES = [(code, status) for code, status, _ in KINDS] + FINAL


@pytest.mark.parametrize("action", ASKING)
@pytest.mark.parametrize(("code", "status"), CODES)
def test_a_refused_question_never_ends_anything(action: str, code: str, status: int) -> None:
    there = refusing(action, code, status)
    kind = classify(code, status, action)
    waits = "left" if kind is Throttled or code == "SnapshotNotReady" else "again"
    expected = waits if issubclass(kind, Transient) else "failed"

    assert event(there, BY_MACHINE) == expected
    sweep_to_the_end(there, BY_MACHINE)
    assert {terminal for _, _, terminal in there.told()} <= {False}
    assert (len(there.messages), there.outcome()) == (int(expected == "failed"), None)


@pytest.mark.parametrize("action", ASKING)
@pytest.mark.parametrize(("code", "status"), CODES)
def test_a_question_that_is_answered_at_last_becomes_an_image(action: str, code: str, status: int) -> None:
    there = refusing(action, code, status)
    event(there, BY_MACHINE)

    there.refuses.clear()
    sweep(there, BY_MACHINE)
    assert there.told()[-1] == ("creating", "ImageRequested", False)


@pytest.mark.parametrize(("code", "status"), CODES)
def test_a_failure_that_cannot_be_marked_for_the_moment_is_not_told(code: str, status: int) -> None:
    there = refusing("TagResources", code, status, system_snapshot(status="failed"))
    is_for_the_moment = issubclass(classify(code, status, "TagResources"), Transient)

    event(there)
    assert there.told() == [] if is_for_the_moment else [("failed", "SnapshotFailed", True)]
    there.refuses.clear()
    sweep(there)
    assert (set(there.told()), there.outcome()) == ({("failed", "SnapshotFailed", True)}, "failed SnapshotFailed")
    assert len({message.id for message in there.messages}) == 1


FAMILY = plan(image={"family": "web", "check": False})


@pytest.mark.parametrize(("code", "status"), CODES)
def test_a_family_that_is_refused_keeps_nothing_back(code: str, status: int) -> None:
    usable = image(tags=image_request(plan=FAMILY).tags)
    there = refusing("ModifyImageAttribute", code, status, system_snapshot(), usable)
    is_tried_again = issubclass(classify(code, status, "ModifyImageAttribute"), Transient)

    track_images(rules(FAMILY), there.cloud)
    assert (there.told(), there.outcome()) == ([("available", "ImageAvailable", True)], "available ImageAvailable")
    there.refuses.clear()
    track_images(rules(FAMILY), there.cloud)
    assert there.families == ({"m-1": "web"} if is_tried_again else {})
    assert [state for state, _, _ in there.told()].count("available") == 1


@pytest.mark.parametrize("code", ["ImageQuotaExceed.ImageFamily", "ImageQuotaFull.ImageFamily"])
def test_a_family_that_is_full_is_told_with_its_own_reason(code: str) -> None:
    usable = image(tags=image_request(plan=FAMILY).tags)
    there = refusing("ModifyImageAttribute", code, 400, system_snapshot(), usable)

    track_images(rules(FAMILY), there.cloud)
    track_images(rules(FAMILY), there.cloud)
    assert there.told() == [("available", "ImageAvailable", True), ("promoted", "ImageFamilyFull", False)]


def test_a_refusal_is_told_in_the_words_of_ecs() -> None:
    there = refusing("CreateImage", "QuotaExceed.Image", 400)
    event(there)

    cause = there.messages[0].data.cause
    assert cause is not None
    assert (cause.code, cause.message, cause.http_status, cause.request_id) == (
        "QuotaExceed.Image",
        "no",
        400,
        "request-1",
    )


def test_a_refusal_is_remembered_until_an_hour_later() -> None:
    there = refusing("CreateImage", "QuotaExceed.Image", 400)
    event(there)

    assert there.outcome() == f"refused QuotaExceeded until={NOW + HOUR:%Y-%m-%dT%H:%MZ} code=QuotaExceed.Image"
