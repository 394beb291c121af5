"""ECS's limit of calls: for each API and each minute by itself, and refused calls are free."""

import pytest

from shared.domain.errors import Throttled
from simulation.nights.quota import Minutes, Quota


def ask(quota: Quota, action: str, *moments: float) -> list[bool]:
    """Which of the calls were let in."""
    return [_is_let_in(quota, action, moment) for moment in moments]


def _is_let_in(quota: Quota, action: str, moment: float) -> bool:
    try:
        quota.admit(action, moment)
    except Throttled:
        return False
    return True


def test_a_minute_takes_so_many_calls_and_the_next_one_as_many_again() -> None:
    assert ask(Quota(2), "CreateImage", 0, 30, 59.9, 60, 119, 119.9) == [True, True, False, True, True, False]


def test_a_refused_call_does_not_count_and_does_not_prolong_the_wait() -> None:
    quota = Quota(1)

    assert ask(quota, "CreateImage", 0, 1, 2, 3, 60) == [True, False, False, False, True]
    assert (quota.total_made()["CreateImage"], quota.total_refused()["CreateImage"]) == (2, 3)


def test_each_api_has_a_quota_of_its_own() -> None:
    quota = Quota(1)

    assert [_is_let_in(quota, action, 0) for action in ("CreateImage", "DescribeImages", "CreateImage")] == [
        True,
        True,
        False,
    ]


def test_the_minutes_are_those_of_the_clock_of_ecs() -> None:
    assert ask(Quota(1, ahead=3), "CreateImage", 0, 56.9, 57, 59) == [True, False, True, False]


def test_a_refusal_looks_like_that_of_ecs() -> None:
    quota = Quota(0)

    with pytest.raises(Throttled) as refusal:
        quota.admit("CreateImage", 0)

    assert (refusal.value.code, refusal.value.http_status, refusal.value.retry_after) == ("Throttling.User", 400, None)


def test_minutes_may_begin_at_the_half_minute() -> None:
    assert ask(Quota(1, minutes=Minutes.SHIFTED), "CreateImage", 0, 29, 30, 60, 90) == [True, False, True, False, True]


def test_of_a_sliding_minute_what_was_refused_counts_as_well() -> None:
    quota = Quota(2, minutes=Minutes.SLIDING)

    assert ask(quota, "CreateImage", 0, 1, 59, 61, 118, 200) == [True, True, False, True, False, True]
