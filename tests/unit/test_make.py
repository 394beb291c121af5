"""What ECS refuses equally is not asked a thousand times: three refusals, then one probe a run, then open again."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
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
from fakes.invocations import event
from fakes.world import FakeImages, World, world

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
from shared.domain.facts import Image
from shared.domain.image_request import ImageRequest
from shared.domain.message_fields import Reason
from shared.domain.outcome import ATTEMPT, OUTCOME, Outcome, Word
from shared.domain.rules import Rules
from shared.flows.create_image import create_images
from shared.flows.make import Gate, look_again
from shared.flows.reconcile_snapshots import reconcile_snapshots

FULL = Curable("QuotaExceed.Image", "no", 400)
OTHER = Curable("Forbidden.RAM", "no", 403)
ALL = rules(plan(source={}))
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def refused(gate: Gate, times: int, code: str = "QuotaExceed.Image", by: str = "web") -> None:
    for _ in range(times):
        assert gate.lets_through(by)
        gate.refused(by, code)


def fleet(count: int = 10, refusal: CloudError | None = FULL) -> World:
    there = world(*[system_snapshot(f"s-{number:02}", disk_id=f"d-{number:02}") for number in range(count)])
    if refusal:
        there.refuses["CreateImage"] = refusal
    return there


def sweep(there: World, after: timedelta = timedelta(0), by: Rules = ALL) -> int:
    """How many requests for images the run sent."""
    there.moment += after
    before = there.actions.count("CreateImage")
    reconcile_snapshots(by, there.cloud)
    return there.actions.count("CreateImage") - before


def test_three_equal_refusals_close_the_gate_for_the_run() -> None:
    gate = Gate(is_sweep=True)

    refused(gate, 3)
    assert not gate.lets_through("web")


def test_three_different_refusals_leave_it_open() -> None:
    gate = Gate(is_sweep=True)

    for code in ("QuotaExceed.Image", "Forbidden.RAM", "InvalidResourceGroup.NotFound"):
        refused(gate, 1, code)
    assert gate.lets_through("web")


def test_another_plan_may_be_allowed() -> None:
    gate = Gate(is_sweep=True)

    refused(gate, 3)
    assert gate.lets_through("db")


def test_events_are_never_held() -> None:
    gate = Gate()

    refused(gate, 5)
    assert gate.lets_through("web")


def remembering(times: int) -> Gate:
    gate = Gate(is_sweep=True)
    for _ in range(times):
        gate.recent["QuotaExceed.Image"] += 1
    return gate


def test_refusals_of_the_last_hour_allow_one_probe() -> None:
    gate = remembering(3)

    assert [gate.lets_through("web") for _ in range(3)] == [True, False, False]


def test_after_two_refusals_of_a_run_the_third_of_the_last_hour_allows_one_probe() -> None:
    gate = remembering(2)
    refused(gate, 2, OTHER.code)

    gate.recent[FULL.code] += 1
    assert [gate.lets_through("web") for _ in range(2)] == [True, False]


def test_two_refusals_of_the_last_hour_hold_nothing() -> None:
    gate = remembering(2)

    assert all(gate.lets_through("web") for _ in range(3))


def test_a_request_that_is_taken_opens_the_gate() -> None:
    gate = remembering(3)

    gate.lets_through("web")
    gate.accepted("web")
    assert all(gate.lets_through("web") for _ in range(3))


def test_a_request_that_is_taken_forgets_the_refusals_before() -> None:
    gate = Gate(is_sweep=True)
    refused(gate, 2)

    gate.accepted("web")
    refused(gate, 2)
    assert gate.lets_through("web")


def test_a_sweep_asks_three_times_and_no_more() -> None:
    there = fleet()

    assert (sweep(there), len(there.messages)) == (3, 3)


@dataclass(frozen=True)
class Batches(FakeImages):
    """How many images were asked for side by side."""

    sizes: list[int] = field(default_factory=list)

    def create_all(self, requests: Sequence[ImageRequest]) -> list[str | CloudError]:
        self.sizes.append(len(requests))
        return super().create_all(requests)


def test_a_sweep_begins_with_three_images_and_asks_for_all_others_when_ecs_takes_one() -> None:
    there = fleet(refusal=None)
    images = Batches(there)

    reconcile_snapshots(ALL, replace(there.cloud, images=images))
    assert images.sizes == [3, 7]


def test_events_ask_for_all_of_their_images_at_once() -> None:
    there = fleet(refusal=None)
    images = Batches(there)

    notices = [notice(f"e-{name}", snapshotId=name, diskId=each.disk_id) for name, each in there.snapshots.items()]
    create_images(payload(*notices), ALL, replace(there.cloud, images=images))
    assert images.sizes == [10]


def test_what_ecs_refuses_to_one_plan_is_asked_for_by_another() -> None:
    there = fleet(18)
    halves = [[f"d-{number:02}" for number in range(start, start + 9)] for start in (0, 9)]

    assert sweep(there, by=rules(*(plan(disks[0], source={"disks": disks}) for disks in halves))) == 6


def test_no_image_is_looked_for_after_a_refusal_that_can_be_removed() -> None:
    there = world(system_snapshot(), system_disk(), refuses={"CreateImage": FULL})

    event(there)
    assert there.actions[-2:] == ["CreateImage", "TagResources"]


def test_the_next_run_sends_one_probe() -> None:
    there = fleet()
    sweep(there)

    assert sweep(there, MINUTE) == 1


def test_what_is_held_waits_for_the_cause_to_be_removed() -> None:
    there = fleet()
    sweep(there)
    sweep(there, MINUTE)

    there.refuses.clear()
    sweep(there, MINUTE)
    assert len(there.images) == 6  # the other four rest for their hour
    sweep(there, HOUR)
    assert len(there.images) == 10


@pytest.mark.parametrize("refusal", [Final("OperationDenied", "no", 403), Final("InvalidSnapshot.TooOld", "no", 403)])
def test_what_is_final_of_one_snapshot_holds_no_other(refusal: CloudError) -> None:
    there = fleet(refusal=refusal)

    assert sweep(there) == 10
    assert there.told() == [("failed", "EcsRefused", True)] * 10


def test_every_snapshot_that_was_held_has_an_end() -> None:
    there = fleet()
    while there.moment < BEGUN + timedelta(hours=27):
        sweep(there, HOUR)

    ends = [message.subject for message in there.messages if message.data.terminal]
    assert sorted(map(str, ends)) == sorted(there.snapshots)


def test_the_end_of_what_was_never_asked_for_names_no_refusal() -> None:
    there = fleet(4)
    for number in range(3):
        tag = Outcome(Word.REFUSED, Reason.QUOTA_EXCEEDED, "QuotaExceed.Image", BEGUN + timedelta(hours=30)).to_tag()
        there.snapshots[f"s-{number:02}"] = system_snapshot(f"s-{number:02}", tags={OUTCOME: tag})
    there.snapshots["s-00a"] = system_snapshot("s-00a", disk_id="d-00a")

    sweep(there, BEGUN + timedelta(hours=25, minutes=30) - NOW)
    [held] = [message.data for message in there.messages if message.data.reason is Reason.WINDOW_OVER]
    assert (held.terminal, held.cause) == (True, None)
    assert held.explanation == "the sweep does not look back to s-00a any more"


def test_a_throttled_sweep_stops_and_is_resumed() -> None:
    there = fleet(refusal=Throttled("Throttling", "no", 400))

    with pytest.raises(Throttled):
        sweep(there)
    assert there.actions.count("CreateImage") == 3
    there.refuses.clear()
    assert (sweep(there), len(there.images)) == (10, 10)


@pytest.mark.parametrize(
    ("age", "said"), [(24 * HOUR, None), (24 * HOUR + timedelta(seconds=1), "the last refusal was Throttling")]
)
def test_trouble_beyond_the_window_is_told_as_its_end(age: timedelta, said: str | None) -> None:
    there = fleet(1, Throttled("Throttling", "no", 400))

    with suppress(Throttled):
        sweep(there, BEGUN + age - NOW)
    told = [message.data for message in there.messages]
    assert [(each.reason, each.explanation.partition("; ")[2]) for each in told] == [(Reason.WINDOW_OVER, said)] * bool(
        said
    )


def test_trouble_with_the_event_of_an_old_snapshot_has_it_come_back_and_tells_nothing() -> None:
    there = world(
        system_snapshot(),
        system_disk(),
        moment=BEGUN + 25 * HOUR,
        refuses={"CreateImage": Throttled("Busy", "no", 429)},
    )

    with pytest.raises(Throttled):
        event(there)
    assert there.messages == []


def made_and_forgotten() -> World:
    """Its image and its snapshot have lost their tags, and ECS tells late that there is one."""
    there = world(system_snapshot(), system_disk())
    event(there, plan(image={"name": "old-{snapshot_id}"}))
    there.change(tags={})
    there.snapshots["s-sys"] = system_snapshot(usage="none")
    return there


def test_an_image_whose_token_ecs_knows_is_found_under_the_name_that_its_plan_had() -> None:
    there = made_and_forgotten()

    [answer] = event(there, plan(image={"name": "new-{snapshot_id}"}))
    assert (answer.state, answer.image_id, len(there.images)) == ("creating", "m-1", 1)


def test_somebody_elses_image_of_the_snapshot_is_not_adopted_when_no_reply_came() -> None:
    there = made_and_forgotten()
    there.refuses["CreateImage"] = OutcomeUnknown("NoReply", "no")

    with pytest.raises(OutcomeUnknown):
        event(there, plan(image={"name": "new-{snapshot_id}"}))
    assert there.messages[1:] == []


DENIED = Final("OperationDenied", "no", 403)


def cut_off(there: World) -> World:
    """An attempt was killed when ECS had taken its request, and now ECS refuses."""
    event(there)
    there.messages.clear()
    there.snapshots["s-sys"] = system_snapshot(usage="none")
    there.refuses["CreateImage"] = DENIED
    return there


def test_no_refusal_is_told_of_a_snapshot_of_which_an_attempt_that_was_cut_off_made_an_image() -> None:
    there = cut_off(world(system_snapshot(), system_disk()))

    [answer] = event(there)
    assert (answer.state, answer.image_id, answer.terminal) == ("creating", "m-1", False)


def test_a_refusal_is_put_off_while_nobody_can_see_whether_there_is_an_image() -> None:
    there = cut_off(world(system_snapshot(), system_disk()))
    there.refuses["DescribeImages"] = OutcomeUnknown("NoReply", "no")

    with pytest.raises(OutcomeUnknown):
        event(there)
    assert there.messages == []


def test_a_refusal_is_told_by_who_may_not_look_for_images() -> None:
    there = cut_off(world(system_snapshot(), system_disk()))
    there.refuses["DescribeImages"] = OTHER

    [answer] = event(there)
    assert (answer.state, answer.reason, answer.cause.code) == ("failed", "EcsRefused", "OperationDenied")


def test_the_image_of_an_attempt_that_was_forgotten_does_not_take_the_place_of_a_refusal() -> None:
    there = cut_off(world(system_snapshot(), system_disk()))
    there.snapshots["s-sys"] = system_snapshot(usage="none", tags={ATTEMPT: "2"})

    [answer] = event(there)
    assert (answer.state, answer.image_id) == ("failed", None)


TAKEN = TokenTaken("IdempotentParameterMismatch", "no", 400)


@pytest.mark.parametrize(("age", "is_told"), [(23 * HOUR, False), (23 * HOUR + MINUTE, True)])
def test_what_ecs_says_of_an_image_that_is_not_listed_is_told_at_the_last_try(age: timedelta, is_told: bool) -> None:
    there = world(system_snapshot(), system_disk(), moment=BEGUN + age, refuses={"CreateImage": TAKEN})

    [answer] = event(there)
    assert (answer.to_plain().get("code"), answer.to_plain().get("terminal")) == (
        (None, True) if is_told else ("ImageNotVisibleYet", None)
    )
    assert [each.data.cause.code for each in there.messages if each.data.cause] == [TAKEN.code] * is_told


@pytest.mark.parametrize(
    ("taken", "known", "remembered"),
    [
        (TAKEN, {}, "requested until=2026-11-20T02:40Z"),
        (AlreadyExists("InvalidImageName.Duplicated", "no", 400), {}, None),
        (TAKEN, {OUTCOME: "refused EcsRefused code=x"}, "refused EcsRefused code=x"),
    ],
)
def test_a_request_that_its_event_made_stands_unless_it_was_refused(
    taken: AlreadyExists, known: dict[str, str], remembered: str | None
) -> None:
    """By its token ECS tells of a request, by the name only of an image, whoever made it."""
    there = world(system_snapshot(tags=known), system_disk(), refuses={"CreateImage": taken})

    sweep(there)
    assert (there.outcome(), there.messages) == (remembered, [])


class ListedLate(FakeImages):
    """Of its snapshot the image is listed a moment later than by its name."""

    def of_snapshot(self, snapshot_id: str) -> list[Image]:
        return []


class OnlyCopies(FakeImages):
    """Of an image that is not listed yet, somebody's copy with all of its tags is."""

    def tagged(self, tags: Mapping[str, str]) -> list[Image]:
        return [replace(image, is_copy=True) for image in self.world.images.values()]

    def of_snapshot(self, snapshot_id: str) -> list[Image]:
        return []

    def named(self, name: str) -> list[Image]:
        return []


def test_a_copy_is_not_what_was_asked_for() -> None:
    with pytest.raises(Transient):
        look_again(image_request(), TAKEN, OnlyCopies(made_and_forgotten()))


@pytest.mark.parametrize("strange", [{"name": "golden"}, {"name": "copy-of-s-sys", "is_copy": True}])
def test_an_image_of_the_snapshot_that_has_not_our_name_or_is_a_copy_is_not_what_was_asked_for(
    strange: dict[str, Any],
) -> None:
    with pytest.raises(Transient):
        look_again(image_request(), TAKEN, FakeImages(world(image(tags={}, **strange))))


AGAIN = image_request(snapshot=system_snapshot(tags={ATTEMPT: "2"}))
"""After `snapimage forget`."""
FAILED = image("m-1", status="CreateFailed")
"""Of the attempt that was forgotten."""


def test_an_attempt_whose_reply_was_lost_finds_its_own_image_beside_that_of_an_earlier_one() -> None:
    there = world(FAILED, image("m-2", name=AGAIN.name, tags=AGAIN.tags))

    assert look_again(AGAIN, OutcomeUnknown("NoReply", "no"), FakeImages(there)).id == "m-2"


@pytest.mark.parametrize("trouble", [OutcomeUnknown("NoReply", "no"), TAKEN])
def test_the_image_of_an_earlier_attempt_is_not_what_was_asked_for(trouble: OutcomeUnknown | AlreadyExists) -> None:
    with pytest.raises(Transient):
        look_again(AGAIN, trouble, FakeImages(world(FAILED)))


def test_an_image_that_is_listed_only_by_its_name_is_found() -> None:
    there = made_and_forgotten()

    request = replace(image_request(), name=there.images["m-1"].name)
    found = look_again(request, TAKEN, ListedLate(there))
    assert found.id == "m-1"


@pytest.mark.parametrize("age", [23 * HOUR + 30 * MINUTE, 24 * HOUR + 30 * MINUTE])
def test_what_is_held_until_its_window_ends_names_the_refusal_that_it_had(age: timedelta) -> None:
    there = fleet(4)
    for number in range(4):
        tag = Outcome(Word.REFUSED, Reason.QUOTA_EXCEEDED, FULL.code, BEGUN + 23 * HOUR).to_tag()
        there.snapshots[f"s-{number:02}"] = system_snapshot(
            f"s-{number:02}", disk_id=f"d-{number:02}", tags={OUTCOME: tag}
        )

    sweep(there, BEGUN + age - NOW)
    held = [message.data for message in there.messages if message.data.reason is Reason.WINDOW_OVER]
    assert [each.cause and (each.cause.code, each.cause.message) for each in held] == [(FULL.code, "refused")]


@pytest.mark.parametrize(("age", "is_end"), [(23 * HOUR, False), (23 * HOUR + MINUTE, True)])
def test_a_refusal_is_the_end_where_the_next_try_would_come_too_late(age: timedelta, is_end: bool) -> None:
    there = world(system_snapshot(), system_disk(), moment=BEGUN + age, refuses={"CreateImage": FULL})

    [answer] = event(there)
    assert answer.terminal is is_end
