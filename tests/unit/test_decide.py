"""What becomes of one finished snapshot: every decision there is, and which of two facts counts."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from fakes.builders import (
    BEGUN,
    ENDED,
    NOW,
    POLICY,
    by_hand,
    data_disk,
    data_snapshot,
    image,
    image_request,
    instance,
    last_image,
    plan,
    rules,
    system_disk,
    system_snapshot,
)
from fakes.world import World, world

from shared.domain.decide import decide
from shared.domain.decision import Adopt, Decided, Decision, Fail, Make, Settled, TryLater, Wait
from shared.domain.errors import CloudError, Curable, Final, Throttled
from shared.domain.facts import Image, Role, SnapshotGroup
from shared.domain.message_fields import Reason
from shared.domain.outcome import ATTEMPT, OUTCOME, Look, Outcome, Word
from shared.domain.plans import Plan
from shared.domain.rules import Skip

SECOND, MINUTE, HOUR, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
LISTED = plan(data_disks={"take": ["d-data"]})
ATTACHED = plan(data_disks={"take": "attached"})
BY_MACHINE = plan(source={"instances": ["i-web"]})
DISKS = (system_disk(), data_disk(policies=frozenset({POLICY})))
DETACHED = system_disk(instance_id=None, detached=BEGUN + MINUTE, attached=None)


UNKNOWN = "plan web needs the machine: d-sys is attached to no instance any more"


def remembering(word: Word, reason: Reason | None = None, **more: Any) -> dict[str, str]:
    return {OUTCOME: Outcome(word, reason, **more).to_tag()}


def decided(
    there: World, *plans: Plan, now: datetime = NOW, ended: datetime | None = None, told: str | None = None, **more: Any
) -> Decided:
    found = there.view(
        lambda view: decide(there.snapshots["s-sys"], view, rules(*(plans or (plan(),))), now, ended, told, **more)
    )
    assert isinstance(found, Decided), found
    return found


def decision(*facts: Any, by: Plan | None = None, **more: Any) -> Decision:
    """Of the usual snapshot, unless one is among the facts."""
    there = world(system_snapshot(), *facts)
    return decided(there, *([by] if by else []), **more).decision


def test_a_snapshot_that_a_plan_wants_is_made_into_an_image() -> None:
    found = decided(world(system_snapshot(), *DISKS), plan(), ended=ENDED)

    assert isinstance(found.decision, Make)
    assert found.decision.request.disk_set.disks == image_request().disk_set.disks[:1]
    assert (found.plan, found.ended, found.instance_id) == (plan(), ENDED, None)


def test_the_request_says_which_disks_and_machine() -> None:
    found = decided(world(system_snapshot(), data_snapshot(), *DISKS), ATTACHED)

    assert isinstance(found.decision, Make)
    assert [disk.snapshot_id for disk in found.decision.request.disk_set.disks] == ["s-sys", "s-data"]
    assert found.instance_id == "i-web"


@pytest.mark.parametrize(
    ("by", "instance_id"),
    [
        pytest.param(plan(), None, id="nobody asked for its disk"),
        pytest.param(plan(source={"tags": {"role": "web"}}), "i-web", id="its disk's tags were asked for"),
    ],
)
def test_the_machine_is_told_where_it_is_known_anyway(by: Plan, instance_id: str | None) -> None:
    there = world(system_snapshot(usage="none"), system_disk(tags={"role": "web"}))

    found = decided(there, by)
    assert (type(found.decision), found.instance_id) == (Make, instance_id)


@pytest.mark.parametrize(("told", "known"), [(BEGUN - SECOND, None), (BEGUN, BEGUN), (NOW, NOW), (NOW + SECOND, NOW)])
def test_an_end_before_the_beginning_does_not_count_and_one_to_come_is_now(
    told: datetime, known: datetime | None
) -> None:
    assert decided(world(system_snapshot(), *DISKS), ended=told).ended == known


@pytest.mark.parametrize("word", [Word.MAKING, Word.AVAILABLE, Word.FAILED])
def test_what_was_told_is_settled_and_costs_no_question(word: Word) -> None:
    tags = remembering(word, Reason.IMAGE_AVAILABLE)
    there = world(system_snapshot(tags=tags))

    found = decided(there, BY_MACHINE)
    assert (found.decision, there.actions) == (Settled(Outcome(word, Reason.IMAGE_AVAILABLE)), [])


@pytest.mark.parametrize(("until", "rests"), [(NOW + MINUTE, True), (NOW, False), (NOW - HOUR, False)])
def test_a_refusal_rests_for_its_time(until: datetime, rests: bool) -> None:
    tags = remembering(Word.REFUSED, Reason.QUOTA_EXCEEDED, code="QuotaExceed.Image", until=until)

    assert isinstance(decision(system_snapshot(tags=tags)), Settled) is rests


OVERDUE = system_snapshot(tags=remembering(Word.REQUESTED, until=NOW))
"""ECS took a request for its image some time ago, and nobody has seen the image since."""


def test_a_request_stands_as_long_as_ecs_may_list_its_image_yet() -> None:
    tags = remembering(Word.REQUESTED, until=NOW + MINUTE)

    assert isinstance(decision(system_snapshot(tags=tags)), Settled)


def test_what_was_requested_and_is_not_there_by_then_was_deleted_whatever_plans_say_now() -> None:
    there = world(OVERDUE)

    found = decided(there, plan(source={"disks": ["d-other"]})).decision
    assert isinstance(found, Fail)
    assert (found.reason, found.is_final, there.actions) == (Reason.IMAGE_DELETED, True, ["DescribeImages"])


@pytest.mark.parametrize("seen", [image(), image(tags={}), image(tags={}, name="old-name-s-sys")])
def test_what_was_requested_and_is_there_is_adopted_with_or_without_its_tags(seen: Image) -> None:
    assert decision(OVERDUE, seen) == Adopt(seen)


@pytest.mark.parametrize("other", [image(tags={}, name="golden"), image(tags={}, name="s-sys", is_copy=True)])
def test_somebody_elses_image_of_the_snapshot_is_not_what_was_requested(other: Image) -> None:
    found = decision(OVERDUE, other)

    assert isinstance(found, Fail)
    assert found.reason is Reason.IMAGE_DELETED


@pytest.mark.parametrize("is_event", [True, False])
@pytest.mark.parametrize(("since", "counts"), [(BEGUN, True), (BEGUN + SECOND, False)])
def test_what_began_before_the_plan_counts_is_left_to_the_operator(
    since: datetime, counts: bool, is_event: bool
) -> None:
    found = decision(by=plan(since=since), is_event=is_event)

    assert isinstance(found, Make) is counts


def test_a_snapshot_from_before_says_how_it_is_made_all_the_same() -> None:
    since = plan(since=BEGUN + MINUTE)

    assert decision(by=since) == Skip(
        Reason.BEFORE_SINCE, "s-sys began before plan web counts (2026-11-20T02:01:00Z): `snapimage make`", since
    )


@pytest.mark.parametrize(
    ("by", "window"), [(plan(), DAY), (plan(data_disks={"wait_for": "3d"}), 3 * DAY + 2 * HOUR)], ids=["day", "wait"]
)
def test_a_sweep_looks_back_as_far_as_its_plan_asks_and_a_little_more(by: Plan, window: timedelta) -> None:
    end = BEGUN + window + 4 * HOUR

    assert isinstance(decision(by=by, now=end, is_event=False), Make)
    assert decision(by=by, now=end + SECOND, is_event=False) == Skip(
        Reason.WINDOW_OVER, "s-sys is older than the sweep looks", by
    )


@pytest.mark.parametrize(
    ("late", "found"),
    [(timedelta(0), Fail(Reason.MACHINE_UNKNOWN, UNKNOWN)), (SECOND, Skip(Reason.MACHINE_UNKNOWN, UNKNOWN))],
)
def test_what_a_later_image_says_of_the_plan_begins_no_wait_after_the_sweeps_last_look(
    late: timedelta, found: Decision
) -> None:
    now = BEGUN + DAY + 4 * HOUR + late

    assert decision(DETACHED, last_image(), by=BY_MACHINE, now=now, is_event=False) == found


def test_an_event_is_answered_however_late_it_comes() -> None:
    assert isinstance(decision(now=BEGUN + 30 * DAY), Make)


def test_a_failed_snapshot_makes_no_image() -> None:
    assert decision(system_snapshot(status="failed")) == Fail(
        Reason.SNAPSHOT_FAILED, "snapshot s-sys failed; there is nothing to make an image from"
    )


def test_a_snapshot_that_is_still_made_is_looked_at_later() -> None:
    assert decision(system_snapshot(status="progressing")) == TryLater(
        "SnapshotNotReady", "s-sys is progressing; an image needs it accomplished"
    )


USED = system_snapshot(usage="image")


@pytest.mark.parametrize(
    "found",
    [
        pytest.param(image(), id="by its tags"),
        pytest.param(image(status="CreateFailed"), id="one that failed"),
        pytest.param(image(tags={}), id="by its name, tags taken off"),
        pytest.param(image(status="Creating", disks=()), id="in the making, without a disk map"),
    ],
)
def test_an_image_that_is_there_is_adopted(found: Any) -> None:
    there = world(USED, found)
    there.images["m-1"] = found if found.disks or found.tags else image()

    assert decided(there).decision == Adopt(there.images["m-1"])


@pytest.mark.parametrize(
    "stranger",
    [
        pytest.param(image(is_copy=True, name="copy"), id="a copy with our tags"),
        pytest.param(image(tags={}, name="theirs"), id="somebody's own of the same snapshot"),
        pytest.param(last_image(), id="of another snapshot"),
    ],
)
def test_a_strangers_image_is_not_adopted(stranger: Any) -> None:
    assert isinstance(decision(USED, stranger), Make)


def test_the_first_of_two_images_is_adopted() -> None:
    first, second = image("m-9", created=BEGUN), image("m-1", created=BEGUN + MINUTE)

    assert decision(second, first) == Adopt(first)


def test_a_new_attempt_does_not_adopt_what_an_earlier_one_made() -> None:
    found = decision(system_snapshot(tags={ATTEMPT: "2"}, usage="image"), image())

    assert isinstance(found, Make)
    assert found.request.name == "snapimage-s-sys-2"


def test_a_new_attempt_adopts_its_own_image() -> None:
    again = system_snapshot(tags={ATTEMPT: "2"}, usage="image")
    own = image("m-2", tags=image_request(snapshot=again).tags)

    assert decision(again, image(), own) == Adopt(own)


@pytest.mark.parametrize(
    ("usage", "asked"),
    [("none", []), ("", ["DescribeImages"]), ("disk", ["DescribeImages"]), ("image", ["DescribeImages"] * 2)],
)
def test_images_are_looked_for_where_there_may_be_one(usage: str, asked: list[str]) -> None:
    there = world(system_snapshot(usage=usage))

    decided(there)
    assert there.actions == asked


def test_an_image_that_usage_does_not_tell_yet_is_adopted_where_images_are_asked_for_anyway() -> None:
    """The last image of an attached set tells which disks were there."""
    assert decision(system_snapshot(usage="none"), *DISKS, image(), by=ATTACHED) == Adopt(image())


@pytest.mark.parametrize(
    ("ended", "by", "wait_ends"),
    [
        pytest.param(ENDED, LISTED, ENDED + 2 * HOUR, id="no sweep could know it"),
        pytest.param(None, LISTED, None, id="a sweep comes to the same"),
        pytest.param(ENDED, plan(), None, id="nothing was waited for"),
    ],
)
def test_the_end_of_the_wait_is_remembered_where_it_is_news(
    ended: datetime | None, by: Plan, wait_ends: datetime | None
) -> None:
    found = decision(*DISKS, data_snapshot(), by=by, ended=ended)

    assert isinstance(found, Make)
    assert found.wait_ends == wait_ends


@pytest.mark.parametrize(
    ("ended", "told", "until"),
    [
        pytest.param(None, {}, BEGUN + 2 * HOUR, id="from the beginning"),
        pytest.param(ENDED, {}, ENDED + 2 * HOUR, id="from the end, where it is known"),
        pytest.param(BEGUN - DAY, {}, BEGUN + 2 * HOUR, id="an end before the beginning is none"),
        pytest.param(NOW + DAY, {}, NOW + 2 * HOUR, id="an end to come has come: there is an event of it"),
        pytest.param(
            None, remembering(Word.WAITING, until=BEGUN + 3 * HOUR), BEGUN + 3 * HOUR, id="as it was told, for a sweep"
        ),
        pytest.param(
            ENDED,
            remembering(Word.WAITING, until=BEGUN + 3 * HOUR),
            BEGUN + 3 * HOUR,
            id="as it was told, for an event",
        ),
        pytest.param(None, remembering(Word.REFUSED, until=NOW), BEGUN + 2 * HOUR, id="a refusal's time is another"),
    ],
)
def test_the_wait_for_what_is_absent_has_one_end(ended: Any, told: dict[str, str], until: datetime) -> None:
    found = decision(system_snapshot(tags=told), *DISKS, by=LISTED, ended=ended)

    assert found == Wait(
        Reason.DATA_DISK_SNAPSHOT_PENDING,
        "waiting: d-data: its policy has not begun a snapshot of this run",
        ("d-data",),
        until,
    )


@pytest.mark.parametrize(
    ("wait_for", "took", "told", "until"),
    [
        pytest.param("24h", 3 * HOUR, {}, BEGUN + 27 * HOUR, id="its own end lies within"),
        pytest.param("24h", 7 * HOUR, {}, BEGUN + 28 * HOUR, id="a window of more than a day"),
        pytest.param("6h", 23 * HOUR, {}, BEGUN + 26 * HOUR, id="a window of a day"),
        pytest.param(
            "2h", 2 * HOUR, remembering(Word.WAITING, until=BEGUN + 60 * HOUR), BEGUN + 26 * HOUR, id="told before"
        ),
    ],
)
def test_a_wait_is_over_while_sweeps_still_come_to_its_snapshot(
    wait_for: str, took: timedelta, told: dict[str, str], until: datetime
) -> None:
    by = plan(data_disks={"take": "attached", "wait_for": wait_for})
    ended = BEGUN + took

    found = decision(system_snapshot(tags=told), *DISKS, by=by, ended=ended, now=ended)
    assert isinstance(found, Wait)
    assert found.until == until


def test_a_set_that_was_complete_when_ecs_refused_its_image_is_complete_an_hour_later() -> None:
    refused = remembering(Word.REFUSED, Reason.ECS_REFUSED, until=BEGUN + 6 * HOUR, wait_ends=BEGUN + 5 * HOUR)
    late = data_snapshot(created=BEGUN + 5 * HOUR)

    assert isinstance(decision(system_snapshot(tags=refused), late, *DISKS, by=LISTED, now=BEGUN + 6 * HOUR), Make)


def test_what_began_after_the_wait_and_before_a_refusal_was_over_does_not_count() -> None:
    refused = remembering(Word.REFUSED, Reason.ECS_REFUSED, until=BEGUN + 6 * HOUR, wait_ends=BEGUN + 4 * HOUR)
    late = data_snapshot(created=BEGUN + 5 * HOUR)

    assert isinstance(decision(system_snapshot(tags=refused), late, *DISKS, by=LISTED, now=BEGUN + 6 * HOUR), Fail)


def test_the_disks_first_seen_are_kept_while_the_set_waits() -> None:
    found = decision(*DISKS, by=ATTACHED)

    assert isinstance(found, Wait)
    assert found.look == Look("i-web", ("d-data",))


def test_a_disk_that_was_seen_first_is_in_the_set_wherever_it_is_now() -> None:
    remembered = system_snapshot(tags=Look("i-web", ("d-data",)).to_tags() | remembering(Word.WAITING))
    moved = data_disk(instance_id="i-other", attached=BEGUN + MINUTE)

    found = decision(remembered, data_snapshot(), system_disk(), moved, by=ATTACHED)
    assert isinstance(found, Make)
    assert [disk.disk_id for disk in found.request.disk_set.data] == ["d-data"]


def test_a_disk_that_came_after_the_first_look_is_not_in_the_set() -> None:
    remembered = system_snapshot(tags=Look("i-web").to_tags() | remembering(Word.WAITING))

    found = decision(remembered, data_snapshot(), *DISKS, by=ATTACHED)
    assert isinstance(found, Make)
    assert found.request.disk_set.data == ()


def test_a_rescue_machines_disks_are_never_taken() -> None:
    on_rescue = system_disk(instance_id="i-rescue", role=Role.DATA, attached=BEGUN + MINUTE)
    theirs = data_disk("d-theirs", instance_id="i-rescue")

    assert decision(on_rescue, theirs, data_snapshot("s-theirs", disk_id="d-theirs"), by=ATTACHED) == Fail(
        Reason.DATA_DISKS_UNKNOWN,
        "d-sys hangs on i-rescue as a data disk; nobody can tell which disks belonged to it",
    )


def test_what_is_in_progress_is_waited_for_beyond_the_wait() -> None:
    found = decision(*DISKS, data_snapshot(status="progressing"), by=LISTED, now=BEGUN + DAY - SECOND, is_event=False)

    assert isinstance(found, Wait)


def test_a_wait_that_is_over_ends_in_a_failure_that_says_why() -> None:
    assert decision(*DISKS, by=LISTED, now=BEGUN + 2 * HOUR) == Fail(
        Reason.DATA_DISK_SNAPSHOT_MISSING, "d-data: this run skipped it", ("d-data",)
    )


WITHOUT_SNAPSHOTS = (system_disk(), data_disk(category="local_ssd_pro"))
HOPELESS = Fail(Reason.DATA_DISK_WITHOUT_SNAPSHOTS, "ECS cannot snapshot d-data", ("d-data",))


@pytest.mark.parametrize(
    ("by", "now", "is_event", "found"),
    [
        pytest.param(LISTED, NOW, True, HOPELESS, id="its event knows enough"),
        pytest.param(
            LISTED,
            BEGUN + 2 * HOUR - SECOND,
            False,
            TryLater("NotGivenUpYet", "s-sys: ECS cannot snapshot d-data"),
            id="its event may have asked for an image",
        ),
        pytest.param(LISTED, BEGUN + 2 * HOUR, False, HOPELESS, id="by now that would be seen"),
    ],
)
def test_a_sweep_does_not_give_up_at_once_what_nobody_remembers(
    by: Plan, now: datetime, is_event: bool, found: Decision
) -> None:
    assert decision(*WITHOUT_SNAPSHOTS, by=by, now=now, is_event=is_event) == found


def test_a_sweep_says_at_once_that_a_snapshot_failed() -> None:
    assert isinstance(decision(system_snapshot(status="failed"), is_event=False), Fail)


@pytest.mark.parametrize("seen", [image(), image(tags={})], ids=["by its tags", "by its name, tags taken off"])
def test_an_image_that_is_there_at_the_last_look_is_adopted(seen: Image) -> None:
    found = decision(system_snapshot(usage="none"), *DISKS, seen, by=LISTED, now=BEGUN + 2 * HOUR)

    assert found == Adopt(seen)


@pytest.mark.parametrize(
    ("snapshot", "looks"),
    [
        pytest.param(system_snapshot(usage="none"), 1, id="not looked for before"),
        pytest.param(system_snapshot(usage="disk"), 1, id="looked for before"),
        pytest.param(system_snapshot(usage="none", status="failed"), 0, id="no image can be"),
    ],
)
def test_no_image_is_looked_for_twice_before_a_failure(snapshot: Any, looks: int) -> None:
    there = world(snapshot, *DISKS)

    found = decided(there, LISTED, now=BEGUN + 2 * HOUR)
    assert (type(found.decision), there.actions.count("DescribeImages")) == (Fail, looks)


def test_what_begins_after_the_failure_does_not_bring_the_set_back() -> None:
    late = data_snapshot(created=BEGUN + 2 * HOUR + SECOND)

    assert isinstance(decision(*DISKS, late, by=LISTED, now=BEGUN + 3 * HOUR), Fail)


FAILING = remembering(Word.FAILING, Reason.DATA_DISK_SNAPSHOT_MISSING)


@pytest.mark.parametrize(
    "facts",
    [
        pytest.param([*DISKS, data_snapshot()], id="the set is complete by now"),
        pytest.param([*DISKS, data_snapshot(status="progressing")], id="a snapshot has begun"),
        pytest.param([*DISKS, image()], id="there is an image"),
    ],
)
@pytest.mark.parametrize("usage", ["", "none"])
def test_a_failure_that_may_have_been_told_stands(facts: list[Any], usage: str) -> None:
    assert decision(system_snapshot(tags=FAILING, usage=usage), *facts, by=LISTED) == Fail(
        Reason.DATA_DISK_SNAPSHOT_MISSING, "s-sys was given up; `snapimage forget s-sys` has it tried again"
    )


def test_a_failure_stands_when_the_machine_is_unknown_by_now() -> None:
    found = decision(system_snapshot(tags=FAILING), DETACHED, by=BY_MACHINE, now=BEGUN + DAY)

    assert isinstance(found, Fail)
    assert found.reason is Reason.DATA_DISK_SNAPSHOT_MISSING


def test_a_failure_that_is_one_still_says_what_is_missing() -> None:
    assert decision(system_snapshot(tags=FAILING), *DISKS, by=LISTED, now=BEGUN + 2 * HOUR) == Fail(
        Reason.DATA_DISK_SNAPSHOT_MISSING, "d-data: this run skipped it", ("d-data",)
    )


@pytest.mark.parametrize(
    ("refusal", "stands"),
    [(Curable("Forbidden.RAM", "no", 403), True), (Throttled("Throttling.User", "no", 400), False)],
)
def test_a_failure_stands_without_the_facts_unless_they_may_come(refusal: CloudError, stands: bool) -> None:
    there = world(system_snapshot(tags=FAILING), *DISKS, refuses={"DescribeDisks": refusal})

    found: Any = there.view(lambda view: decide(there.snapshots["s-sys"], view, rules(LISTED), NOW))
    assert (found is refusal) is not stands


def test_a_failure_with_a_code_of_ecs_keeps_its_code() -> None:
    tags = remembering(Word.FAILING, Reason.ECS_REFUSED, code="OperationDenied")

    found = decision(system_snapshot(tags=tags))
    assert isinstance(found, Fail)
    assert isinstance(found.cause, Final)
    assert (found.reason, found.cause.code) == (Reason.ECS_REFUSED, "OperationDenied")


def test_an_event_waits_for_a_machine_that_nobody_knows() -> None:
    assert decision(DETACHED, by=BY_MACHINE, ended=ENDED) == Wait(Reason.MACHINE_UNKNOWN, UNKNOWN, (), ENDED + 2 * HOUR)


def test_an_event_says_in_the_end_that_nobody_knows_the_machine() -> None:
    assert decision(DETACHED, by=BY_MACHINE, now=BEGUN + 2 * HOUR) == Fail(Reason.MACHINE_UNKNOWN, UNKNOWN)


@pytest.mark.parametrize(
    "images",
    [
        pytest.param([], id="no image"),
        pytest.param([last_image(tags={**last_image().tags, "snapimage:plan": "other"})], id="another plan's image"),
        pytest.param([last_image(tags={"snapimage:disk": "d-sys"})], id="an image of nobody's"),
    ],
)
def test_a_sweep_begins_no_wait_for_a_machine(images: list[Image]) -> None:
    assert decision(DETACHED, *images, by=BY_MACHINE, is_event=False) == Skip(Reason.MACHINE_UNKNOWN, UNKNOWN)


@pytest.mark.parametrize(
    "facts",
    [
        pytest.param([system_snapshot(tags=remembering(Word.WAITING, Reason.MACHINE_UNKNOWN)), DETACHED], id="told"),
        pytest.param([DETACHED, last_image()], id="the last image was this plan's"),
    ],
)
def test_a_sweep_goes_on_where_the_plan_is_known_to_want_the_machine(facts: list[Any]) -> None:
    assert isinstance(decision(*facts, by=BY_MACHINE, is_event=False), Wait)
    assert isinstance(decision(*facts, by=BY_MACHINE, is_event=False, now=BEGUN + 2 * HOUR), Fail)


def test_a_machine_that_becomes_known_ends_the_wait() -> None:
    told = system_snapshot(tags=remembering(Word.WAITING, Reason.MACHINE_UNKNOWN))

    assert isinstance(decision(told, system_disk(), by=BY_MACHINE), Make)


def test_an_image_that_is_there_is_adopted_though_nobody_knows_the_machine() -> None:
    assert decision(USED, DETACHED, image(), by=BY_MACHINE) == Adopt(image())


def test_what_an_earlier_attempt_made_is_not_adopted_though_nobody_knows_the_machine() -> None:
    again = system_snapshot(tags={ATTEMPT: "2"}, usage="image")

    assert isinstance(decision(again, DETACHED, image(), by=BY_MACHINE), Wait)


def test_what_began_before_the_plan_counts_is_not_waited_for() -> None:
    since = plan(source={"instances": ["i-web"]}, since=BEGUN + MINUTE)

    assert isinstance(decision(DETACHED, by=since), Skip)
    assert isinstance(decision(DETACHED, by=plan(source={"instances": ["i-web"]}, since=BEGUN)), Wait)


def test_a_machine_is_asked_for_its_tags_only_where_a_plan_wants_them() -> None:
    there = world(system_snapshot(usage="none"), *DISKS, instance("i-web", fleet="front"))

    found = decided(there, plan(source={"instance_tags": {"fleet": "front"}}))
    assert (type(found.decision), there.actions) == (Make, ["DescribeDisks", "DescribeInstances"])


BESIDE = by_hand("s-data", created=BEGUN + SECOND)


@pytest.mark.parametrize(
    ("system", "asks"),
    [
        pytest.param(system_snapshot(kind="user", name="x"), True, id="by hand"),
        pytest.param(system_snapshot(), False, id="by a policy"),
    ],
)
def test_a_group_is_asked_for_where_there_may_be_one(system: Any, asks: bool) -> None:
    there = world(system, BESIDE, *DISKS, groups={"i-web": [SnapshotGroup("ssg-1", frozenset({"s-sys", "s-data"}))]})

    decided(there, ATTACHED)
    assert ("DescribeSnapshotGroups" in there.actions) is asks


@pytest.mark.parametrize(
    ("snapshot", "told", "kind"),
    [
        (system_snapshot(kind="user"), "imported", "imported"),
        (system_snapshot(kind="copied"), "user", "copied"),
        (system_snapshot(kind="user"), None, "user"),
    ],
    ids=["the event knows an import", "ECS knows a copy", "a sweep has no word of an event"],
)
def test_the_type_of_a_snapshot_is_known_best_by_one_of_two(snapshot: Any, told: str | None, kind: str) -> None:
    wanting = plan(source={"snapshot_types": [kind]})

    assert isinstance(decision(snapshot, by=wanting, told=told), Make)


@pytest.mark.parametrize("refusal", [Curable("Forbidden.RAM", "no", 403), Throttled("Throttling.User", "no", 400)])
def test_a_failure_is_told_by_who_may_not_look_for_images_and_not_while_the_look_waits(refusal: CloudError) -> None:
    there = world(system_snapshot(usage="none"), *DISKS, refuses={"DescribeImages": refusal})

    found = there.view(lambda view: decide(there.snapshots["s-sys"], view, rules(LISTED), BEGUN + 2 * HOUR))
    is_told = isinstance(found, Decided) and isinstance(found.decision, Fail)
    assert (is_told, found is refusal) == (not isinstance(refusal, Throttled), isinstance(refusal, Throttled))


def test_what_a_refused_question_would_have_told_is_not_made_up() -> None:
    there = world(
        system_snapshot(usage="image"), *DISKS, refuses={"DescribeImages": Curable("Forbidden.RAM", "no", 403)}
    )

    found = there.view(lambda view: decide(there.snapshots["s-sys"], view, rules(), NOW))
    assert found is there.refuses["DescribeImages"]
