"""What a plan may say of old images."""

from contextlib import nullcontext
from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from shared.domain.retire import KeepRules, Retire, strongest_mode


@pytest.mark.parametrize(
    ("share", "images", "most"), [("10%", 14, 2), ("10%", 0, 0), ("0%", 9, 0), ("100%", 101, 101), (3, 9, 3), (0, 9, 0)]
)
def test_a_share_of_a_few_images_is_at_least_one(share: Any, images: int, most: int) -> None:
    assert Retire(keep=KeepRules(last=1), at_most=share).most_of(images) == most


@pytest.mark.parametrize("rule", ["last", "daily", "weekly", "monthly"])
def test_any_one_rule_keeps_something(rule: str) -> None:
    assert getattr(Retire.model_validate({"keep": {rule: 1}}).keep, rule) == 1


def test_a_plan_that_only_says_what_to_keep_reports() -> None:
    assert Retire.model_validate({"keep": {"last": 1, "daily": 0}}) == Retire(
        mode="report", keep=KeepRules(last=1, daily=0, weekly=0, monthly=0, within=timedelta(0)), time_zone="UTC",
        grace=timedelta(days=7), gone=timedelta(days=90), at_most="10%", snapshots="leave",
    )  # fmt: skip


@pytest.mark.parametrize(("count", "is_taken"), [(1000, True), (1001, False), (-1, False), ("3", False), (True, False)])
def test_a_count_is_a_whole_number_up_to_a_thousand(count: Any, is_taken: bool) -> None:
    with nullcontext() if is_taken else pytest.raises(ValidationError):
        Retire.model_validate({"keep": {"last": 1, "daily": count}})


def test_the_shortest_grace_is_a_day() -> None:
    assert Retire.model_validate({"keep": {"within": "1h"}, "grace": "1d"}).grace.days == 1


def test_a_mode_of_off_is_taken_as_yaml_reads_it() -> None:
    assert Retire.model_validate({"mode": False, "keep": {"last": 1}}).mode == "off"


def test_the_role_must_be_allowed_the_most_that_any_plan_does() -> None:
    modes = [Retire(mode=mode, keep=KeepRules(last=1)) for mode in ("report", "delete", "deprecate")]

    assert [strongest_mode(modes), strongest_mode([None, modes[2]]), strongest_mode([None])] == [
        "delete", "deprecate", "report",
    ]  # fmt: skip


@pytest.mark.parametrize(("mode", "is_on"), [("off", False), ("report", True), ("deprecate", True), ("delete", True)])
def test_a_plan_may_retire_nothing(mode: Any, is_on: bool) -> None:
    assert Retire(mode=mode, keep=KeepRules(last=1)).is_on is is_on
