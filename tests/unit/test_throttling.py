"""Throttling is waited out until the next minute, or as long as ECS says, while the function has the time."""

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from threading import get_ident
from types import SimpleNamespace
from typing import Any

import pytest

from shared.adapters.throttling import CallRecord, Throttling, do_together, spread
from shared.domain.errors import CloudError, Curable, OutcomeUnknown, Throttled, Transient
from shared.wiring import read_deadline
from simulation.memory.cloud import MemoryClock

NOW = datetime(2026, 11, 20, 2, 10, 20, tzinfo=timezone.utc)
IN_TWO_MINUTES = NOW + timedelta(seconds=120)
THROTTLED = Throttled("Throttling.User", "too many calls", 400, "request-1")


def told(seconds: float) -> Throttled:
    return Throttled("Throttling.User", "too many calls", 400, "request-1", timedelta(seconds=seconds))


def refused_by(*refusals: CloudError) -> Callable[[], str]:
    """An attempt that succeeds after these."""
    left = list(refusals)

    def attempt() -> str:
        if left:
            raise left.pop(0)
        return "answer"

    return attempt


def throttling(clock: MemoryClock, deadline: datetime | None = IN_TWO_MINUTES) -> Throttling:
    return Throttling(clock, deadline, jitter=lambda: 2.0)


def test_a_throttled_call_is_sent_again_shortly_after_the_next_minute_begins() -> None:
    clock = MemoryClock(NOW)

    answer = throttling(clock).call(refused_by(THROTTLED))

    assert (answer, clock.now()) == ("answer", datetime(2026, 11, 20, 2, 11, 2, tzinfo=timezone.utc))


def test_a_refusal_on_the_minute_waits_for_the_next_one() -> None:
    clock = MemoryClock(datetime(2026, 11, 20, 2, 11, tzinfo=timezone.utc))

    throttling(clock, NOW + timedelta(hours=1)).call(refused_by(THROTTLED))

    assert clock.now() == datetime(2026, 11, 20, 2, 12, 2, tzinfo=timezone.utc)


@pytest.mark.parametrize(("asked", "waited"), [(7.5, 7.5), (90, 90), (0.001, 1), (0, 1)])
def test_what_ecs_asks_for_is_waited_and_never_less_than_a_second(asked: float, waited: float) -> None:
    clock = MemoryClock(NOW)

    throttling(clock).call(refused_by(told(asked)))

    assert clock.now() - NOW == timedelta(seconds=waited)


def test_a_call_waits_as_many_minutes_as_there_are() -> None:
    clock = MemoryClock(NOW)
    patient = throttling(clock, NOW + timedelta(minutes=5))

    answer = patient.call(refused_by(THROTTLED, told(3), THROTTLED))

    assert (answer, clock.now()) == ("answer", datetime(2026, 11, 20, 2, 12, 2, tzinfo=timezone.utc))
    assert patient.waited == clock.now() - NOW


def test_a_second_wait_that_the_deadline_does_not_allow_is_not_begun() -> None:
    clock = MemoryClock(NOW)

    with pytest.raises(Throttled) as refusal:
        throttling(clock).call(refused_by(THROTTLED, THROTTLED))

    assert refusal.value is THROTTLED
    assert clock.now() == datetime(2026, 11, 20, 2, 11, 2, tzinfo=timezone.utc)


@pytest.mark.parametrize(("asked", "waited"), [(100, 100), (100.001, 0)])
def test_twenty_seconds_are_left_for_what_remains_to_be_done(asked: float, waited: float) -> None:
    clock = MemoryClock(NOW)
    attempt = refused_by(told(asked), Curable("After", "the wait"))

    with pytest.raises(CloudError):
        throttling(clock).call(attempt)

    assert clock.now() - NOW == timedelta(seconds=waited)


def test_without_a_deadline_nothing_is_waited_for() -> None:
    clock = MemoryClock(NOW)

    with pytest.raises(Throttled):
        throttling(clock, None).call(refused_by(THROTTLED))

    assert clock.now() == NOW


@pytest.mark.parametrize("error", [
    Transient("ServiceUnavailable", "not now", 503),
    OutcomeUnknown("InternalError", "broken", 500),
    OutcomeUnknown("NoReply", "nothing came back"),
    Curable("Forbidden.RAM", "no", 403),
])  # fmt: skip
def test_nothing_but_throttling_is_tried_again_in_place(error: CloudError) -> None:
    clock = MemoryClock(NOW)

    with pytest.raises(CloudError) as raised:
        throttling(clock).call(refused_by(error))

    assert raised.value is error
    assert clock.now() == NOW


def test_instances_wake_apart_from_each_other_and_early_in_the_minute() -> None:
    moments = [spread() for _ in range(1000)]

    assert 1 <= min(moments) < 2
    assert 5 < max(moments) <= 6


def test_every_attempt_is_a_call_and_waits_belong_to_the_call_that_was_held_back() -> None:
    calls = CallRecord(throttling(MemoryClock(NOW), NOW + timedelta(hours=1)))
    calls.send("DescribeDisks", refused_by(told(5)))
    mark = calls.mark()

    calls.send("DescribeImages", refused_by())
    calls.send("CreateImage", refused_by(told(7), told(8)))
    end = calls.mark()

    assert calls.since(mark) == ["DescribeImages", "CreateImage", "CreateImage", "CreateImage"]
    assert [calls.waited(each) for each in (0, mark, end)] == [timedelta(seconds=s) for s in (20, 15, 0)]


class OneThread(CallRecord):
    """Remembers how many were to go side by side, and lets one do it all."""

    def __init__(self, throttling: Throttling) -> None:
        super().__init__(throttling)
        self.sides: list[int] = []

    def together(self, work: Callable[[], None], times: int) -> None:
        self.sides.append(times)
        work()


FORBIDDEN = Curable("Forbidden.RAM", "no", 403)


def test_of_many_calls_each_has_its_own_answer_and_refusals_are_remembered() -> None:
    calls = OneThread(throttling(MemoryClock(NOW)))

    answers = calls.send_all("CreateImage", [refused_by(), refused_by(FORBIDDEN), refused_by(), lambda: "other"])

    assert answers == ["answer", FORBIDDEN, "answer", "other"]
    assert (calls.sides, calls.actions) == ([4], ["CreateImage"] * 4)
    assert calls.refusals == [("CreateImage", "Forbidden.RAM")]


def test_after_a_throttled_call_all_wait_and_it_goes_ahead_alone() -> None:
    clock = MemoryClock(NOW)
    calls = OneThread(throttling(clock))

    answers = calls.send_all("CreateImage", [refused_by(told(5)), *(refused_by() for _ in range(39))])

    assert answers == ["answer"] * 40
    assert calls.sides == [32, 1, 32]
    assert (clock.now() - NOW, len(calls.actions)) == (timedelta(seconds=5), 41)
    assert calls.refusals == [("CreateImage", "Throttling.User")]


def test_what_is_left_when_there_is_no_time_to_wait_is_not_asked_any_more() -> None:
    calls = OneThread(throttling(MemoryClock(NOW), None))

    answers = calls.send_all("CreateImage", [refused_by(), refused_by(THROTTLED), refused_by()])

    assert answers == ["answer", THROTTLED, THROTTLED]
    assert calls.actions == ["CreateImage"] * 2


@pytest.mark.parametrize(("times", "others"), [(0, [False]), (1, [False]), (2, [True, True])])
def test_only_several_need_threads(times: int, others: list[bool]) -> None:
    here, seen = get_ident(), list[bool]()

    do_together(lambda: seen.append(get_ident() != here), times)

    assert seen == others


def test_what_one_thread_raises_is_raised_where_they_were_begun() -> None:
    with pytest.raises(Curable):
        do_together(refused_by(FORBIDDEN), 2)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("context", "seconds"),
    [
        (None, None),
        (SimpleNamespace(), None),
        (SimpleNamespace(function=None), None),
        (SimpleNamespace(function=SimpleNamespace(timeout=None)), None),
        (SimpleNamespace(function=SimpleNamespace(timeout="soon")), None),
        (SimpleNamespace(function=SimpleNamespace(timeout=120)), 120),
        (SimpleNamespace(function=SimpleNamespace(timeout="120")), 120),
    ],
)
def test_the_deadline_is_the_functions_timeout_after_its_start_and_unknown_without_one(
    context: Any, seconds: int | None
) -> None:
    expected = None if seconds is None else NOW + timedelta(seconds=seconds)

    assert read_deadline(context, NOW) == expected
