"""Work that several share."""

from collections import deque

from shared.adapters.throttling import do_together
from shared.ports import take_each


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
