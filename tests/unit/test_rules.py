"""Where a function works, and what of its plans is known before they are read."""

import pytest
from fakes.builders import plan, rules

from shared.domain.plans import Plan, Plans
from shared.domain.rules import Outline, Rules, outline_of

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

    lazy = Rules("1", "cn-hangzhou", Outline(frozenset(), announces_skips=False), read_plans)

    assert read == []
    assert [lazy.plans, lazy.plans] == [read[0], read[0]]
    assert len(read) == 1
