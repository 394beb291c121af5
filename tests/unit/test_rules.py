"""What of the plans is known before they are read, what an event alone decides, and what every answer begins with."""

from dataclasses import replace
from datetime import timedelta

import pytest
from fakes.builders import ACCOUNT, NOW, SUBJECT, completed, plan, rules

from shared.domain.events import SnapshotCompleted, UnreadableEvent
from shared.domain.message_fields import Reason, State
from shared.domain.plans import Plan, Plans
from shared.domain.rules import Outline, Rules, Skip, elapsed, invalid, outline_of, refuse_event, skipped, wants_message

TIMER = plan("timer", source={"snapshot_types": ["timer"]}, notify={"skipped": False})
USER = plan("user", source={"snapshot_types": ["user"]}, notify={"skipped": True})


@pytest.mark.parametrize(
    ("plans", "outline"),
    [
        ([TIMER], Outline(frozenset({"timer"}), announces_skips=False)),
        ([TIMER, USER], Outline(frozenset({"timer", "user"}), announces_skips=True)),
    ],
)
def test_the_outline_holds_what_any_plan_takes_and_wants_to_hear(plans: list[Plan], outline: Outline) -> None:
    assert outline_of(rules(*plans).plans) == outline


def test_the_plans_are_read_when_they_are_asked_for_and_once() -> None:
    read: list[Plans] = []

    def read_plans() -> Plans:
        read.append(rules(TIMER).plans)
        return read[-1]

    lazy = Rules("1", "cn-hangzhou", Outline(frozenset(), announces_skips=False), read_plans, timedelta(days=1))

    assert read == []
    assert [lazy.plans, lazy.plans] == [read[0], read[0]]
    assert len(read) == 1


WIDE = "\U0001f4be"
"""One character, four bytes."""


@pytest.mark.parametrize(
    ("event", "skip"),
    [
        pytest.param(completed(), None, id="ours"),
        pytest.param(completed(account_ids=frozenset()), None, id="of no account"),
        pytest.param(completed(account_ids=frozenset({ACCOUNT, "99"})), Reason.WRONG_ACCOUNT, id="one of two accounts"),
        pytest.param(completed(region_ids=frozenset({"cn-beijing"})), Reason.WRONG_REGION, id="another region"),
        pytest.param(completed(kind="copied"), Reason.SNAPSHOT_TYPE_EXCLUDED, id="a type that no plan takes"),
        pytest.param(completed(kind=None), None, id="of no type"),
        pytest.param(completed(result="failed"), None, id="failed, which ECS is asked about"),
    ],
)
def test_an_event_alone_decides_what_is_not_for_us(event: SnapshotCompleted, skip: Reason | None) -> None:
    found = refuse_event(event, rules())

    assert (found.reason if found else None) == skip


def test_a_longer_explanation_is_cut() -> None:
    answer = SUBJECT.answer(State.FAILED, Reason.ECS_REFUSED, WIDE * 2000)

    assert answer.explanation == WIDE * 600


def test_what_is_not_for_us_or_cannot_be_read_is_decided_for_good() -> None:
    skip = skipped(SUBJECT, Skip(Reason.NO_PLAN, "no plan wants it"))
    unreadable = invalid(SUBJECT, UnreadableEvent("event-1", "not JSON"))

    assert (skip.state, skip.terminal) == (State.SKIPPED, True)
    assert (unreadable.state, unreadable.terminal) == (State.INVALID, True)


@pytest.mark.parametrize(("ago", "seconds"), [(90.9, 90), (0, 0), (-1, 0)])
def test_the_time_since_a_snapshot_is_in_whole_seconds_and_never_negative(ago: float, seconds: int) -> None:
    assert elapsed(NOW - timedelta(seconds=ago), NOW) == seconds


def test_the_time_since_a_snapshot_without_an_end_is_unknown() -> None:
    assert elapsed(None, NOW) is None


def test_what_is_no_skip_is_announced_whatever_is_said_of_skips() -> None:
    failure = replace(SUBJECT.answer(State.FAILED, Reason.ECS_REFUSED, ""), plan=None)

    assert wants_message(failure, rules(TIMER))


@pytest.mark.parametrize(("wait_for", "hours"), [("2h", 24), ("22h", 24), ("23h", 25)])
def test_the_window_is_a_day_or_the_wait_and_two_hours_if_that_is_more(wait_for: str, hours: int) -> None:
    patient = plan(data_disks={"wait_for": wait_for})

    assert rules(patient).window_of(patient) == timedelta(hours=hours)


@pytest.mark.parametrize(("of_plan", "is_wanted"), [("loud", True), ("silent", False), ("unknown", False)])
def test_a_skip_is_announced_where_its_plan_asks_for_it(of_plan: str, is_wanted: bool) -> None:
    known = rules(plan("loud", notify={"skipped": True}), plan("silent", notify={"skipped": False}))
    skip = replace(SUBJECT.answer(State.SKIPPED, Reason.PLAN_DISABLED, ""), plan=of_plan)

    assert wants_message(skip, known) is is_wanted
