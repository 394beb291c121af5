"""Weeks of accounts whose images are retired, with people at work, refusals and crashes; and mistakes that must be found."""

from collections.abc import Callable
from typing import Any

import pytest
from fakes.blind import BELIEVED, BLIND
from support import SEARCH_SHARE

from shared.domain.retire import Retire
from simulation.retirement.history import play_history, search

HISTORIES = 300 // SEARCH_SHARE
"""More on demand: python -m simulation.retirement --histories 10000"""
SEEDS: dict[str, int] = {
    "an instance uses it": 0, "shared": 10, "public": 7, "pinned": 14, "followed": 4, "newest of its family": 0,
    "a high risk": 0, "a launch template": 5, "a scaling configuration": 26, "a pipeline": 8,
    "templates that cannot be read": 183, "configurations that cannot be read": 131, "the second look": 0,
    "the grace": 0, "the note before the deletion": 0, "the retention": 0, "a lock": 15, "who names a snapshot": 77,
    "the mode": 0, "the last ones": 0, "that the disk is gone": 15, "at most": 5,
}  # fmt: skip
"""Where each mistake is found first."""


def test_no_history_breaks_a_promise() -> None:
    assert search(range(HISTORIES)) is None


@pytest.mark.parametrize(("name", "wrap"), BLIND.items(), ids=list(BLIND))
def test_a_guard_that_is_not_looked_at_is_found(name: str, wrap: Callable[[Any, Any], Any]) -> None:
    assert play_history(SEEDS[name], wrap=wrap)


@pytest.mark.parametrize(("name", "believe"), BELIEVED.items(), ids=list(BELIEVED))
def test_a_rule_that_is_not_kept_is_found(name: str, believe: Callable[[Retire], Retire]) -> None:
    assert play_history(SEEDS[name], believe=believe)


@pytest.mark.parametrize("seed", sorted(set(SEEDS.values())))
def test_without_the_mistake_the_same_history_breaks_nothing(seed: int) -> None:
    assert play_history(seed) == []
