"""What an event alone decides, before anything is asked, and what every answer begins with."""

from dataclasses import replace
from datetime import timedelta

import pytest
from fakes.builders import ACCOUNT, NOW, SUBJECT, completed, plan, rules

from shared.domain.events import SnapshotCompleted
from shared.domain.message_fields import Reason, State
from shared.domain.refusal import elapsed, refuse_event, wants_message

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


@pytest.mark.parametrize(("ago", "seconds"), [(90.9, 90), (0, 0), (-1, 0)])
def test_the_time_since_a_snapshot_is_in_whole_seconds_and_never_negative(ago: float, seconds: int) -> None:
    assert elapsed(NOW - timedelta(seconds=ago), NOW) == seconds


def test_the_time_since_a_snapshot_without_an_end_is_unknown() -> None:
    assert elapsed(None, NOW) is None


@pytest.mark.parametrize(("of_plan", "is_wanted"), [("loud", True), ("silent", False), ("unknown", False)])
def test_a_skip_is_announced_where_its_plan_asks_for_it(of_plan: str, is_wanted: bool) -> None:
    known = rules(plan("loud", notify={"skipped": True}), plan("silent", notify={"skipped": False}))
    skip = replace(SUBJECT.answer(State.SKIPPED, Reason.PLAN_DISABLED, ""), plan=of_plan)

    assert wants_message(skip, known) is is_wanted
