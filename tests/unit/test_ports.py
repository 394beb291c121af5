"""Work that several share."""

from collections import deque
from dataclasses import replace
from datetime import timedelta

import pytest
from fakes.world import world

from shared.adapters.throttling import do_together
from shared.ports import do_each, one_after_another, take_each


def test_of_what_several_share_each_thing_has_one_turn() -> None:
    left, done = deque(range(1000)), list[int]()

    def work() -> None:
        done.extend(take_each(left))

    do_together(work, 8)

    assert sorted(done) == list(range(1000))


def test_nobody_waits_for_what_another_has_taken() -> None:
    left = deque([1, 2])
    mine, others = take_each(left), take_each(left)

    taken = [next(mine), next(others), *mine, *others]

    assert taken == [1, 2]


def test_each_thing_is_done() -> None:
    done = list[str]()

    do_each("abc", done.append, world().cloud)

    assert done == ["a", "b", "c"]


def test_each_thing_is_done_once_whoever_does_it() -> None:
    done = list[int]()

    do_each(range(1000), done.append, replace(world().cloud, together=do_together))

    assert sorted(done) == list(range(1000))


def test_of_several_who_would_share_one_does_it_all() -> None:
    done = list[str]()

    one_after_another(lambda: done.append("all"), 3)

    assert done == ["all"]


def test_where_nothing_is_to_do_nobody_begins() -> None:
    done = list[str]()

    one_after_another(lambda: done.append("all"), 0)

    assert done == []


@pytest.mark.parametrize(("margin", "is_late"), [(29, False), (30, False), (31, True)])
def test_an_invocation_is_late_when_less_than_the_margin_is_left(margin: int, is_late: bool) -> None:
    there = world()
    cloud = replace(there.cloud, deadline=there.moment + timedelta(seconds=30))

    assert cloud.is_late(timedelta(seconds=margin)) is is_late


def test_without_a_deadline_nothing_is_late() -> None:
    assert not world().cloud.is_late(timedelta(days=1))
