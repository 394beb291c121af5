"""Function Compute's asynchronous side: who runs when, who is tried again, who is given up."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timezone

import pytest

from shared.domain.errors import Throttled
from shared.ports import Warm
from simulation.memory.function_compute import Deployed, Terms
from simulation.nights.platform import NightFunction, every
from simulation.nights.timeline import Timeline

START = datetime(2026, 11, 20, 2, 0, tzinfo=timezone.utc)
DEPLOYED = Deployed("create_image", concurrency=1, timeout=120, retries=3, max_age=86_400, memory_gib=0.5, vcpu=0.5)
TERMS = Terms(cold_start=0)


@pytest.fixture
def timeline() -> Timeline:
    return Timeline(START, threads=5)


def deploy(
    timeline: Timeline, work: Callable[[bytes, Warm], None], terms: Terms = TERMS, **changes: int
) -> NightFunction:
    return NightFunction(timeline, replace(DEPLOYED, **changes), terms, work)  # type: ignore[arg-type]


def logbook(timeline: Timeline, seconds: float) -> tuple[list[tuple[bytes, float]], Callable[[bytes, Warm], None]]:
    """Work that takes so long, and when it began."""
    begun: list[tuple[bytes, float]] = []

    def work(payload: bytes, warm: Warm) -> None:
        begun.append((payload, timeline.seconds))
        timeline.pause(seconds)

    return begun, work


def refuse(timeline: Timeline, begun: list[float]) -> Callable[[bytes, Warm], None]:
    def work(payload: bytes, warm: Warm) -> None:
        begun.append(timeline.seconds)
        timeline.pause(1)
        raise Throttled("Throttling.User", "not now")

    return work


def test_no_more_run_at_once_than_are_reserved_and_the_others_come_back_after_doubling_waits(
    timeline: Timeline,
) -> None:
    begun, work = logbook(timeline, 10)
    function = deploy(timeline, work, concurrency=2)
    for payload in (b"a", b"b", b"c"):
        timeline.after(0, lambda payload=payload: function.submit(payload))  # type: ignore[misc]

    timeline.run()

    assert begun == [(b"a", 0), (b"b", 0), (b"c", 15.5)]
    assert (function.spent.turned_away, function.open) == (5, 0)


def test_the_longest_of_these_waits_may_be_bounded(timeline: Timeline) -> None:
    begun, work = logbook(timeline, 10)
    function = deploy(timeline, work, replace(TERMS, longest_backoff=2))
    timeline.after(0, lambda: function.submit(b"a"))
    timeline.after(0, lambda: function.submit(b"b"))

    timeline.run()

    assert begun[1] == (b"b", 11.5)


def test_what_finds_no_instance_for_too_long_is_given_up(timeline: Timeline) -> None:
    _, work = logbook(timeline, 100)
    function = deploy(timeline, work, replace(TERMS, gives_up_after=20))
    timeline.after(0, lambda: function.submit(b"a"))
    timeline.after(0, lambda: function.submit(b"b"))

    timeline.run()

    assert (function.spent.dead_letters, function.open) == ([b"b"], 0)


def test_a_failed_run_is_repeated_as_often_as_configured_and_then_kept(timeline: Timeline) -> None:
    begun: list[float] = []
    function = deploy(timeline, refuse(timeline, begun))
    timeline.after(0, lambda: function.submit(b"a"))

    timeline.run()

    assert begun == [0, 61, 122, 183]
    assert (function.spent.runs, function.spent.retries, function.spent.dead_letters) == (4, 3, [b"a"])


def test_an_event_that_has_become_too_old_is_kept_unrun(timeline: Timeline) -> None:
    begun: list[float] = []
    function = deploy(timeline, refuse(timeline, begun), max_age=60)
    timeline.after(0, lambda: function.submit(b"a"))

    timeline.run()

    assert (begun, function.spent.dead_letters) == ([0], [b"a"])


def test_a_run_beyond_its_timeout_is_ended_billed_and_repeated(timeline: Timeline) -> None:
    _, work = logbook(timeline, 200)
    function = deploy(timeline, work, retries=1)
    timeline.after(0, lambda: function.submit(b"a"))

    timeline.run()

    assert (function.spent.timeouts, function.spent.billed_seconds) == (2, 240)
    assert function.spent.dead_letters == [b"a"]


def test_every_instance_starts_cold_once(timeline: Timeline) -> None:
    begun, work = logbook(timeline, 10)
    function = deploy(timeline, work, Terms(cold_start=2), concurrency=2)
    for moment in (0, 1, 20, 21):
        timeline.after(moment, lambda: function.submit(b"x"))

    timeline.run()

    assert [moment for _, moment in begun] == [2, 3, 20, 21]
    assert function.spent.billed_seconds == 44


def test_a_fault_of_the_code_is_not_taken_for_trouble_of_the_cloud(timeline: Timeline) -> None:
    def work(payload: bytes, warm: Warm) -> None:
        raise LookupError("a mistake")

    function = deploy(timeline, work)
    timeline.after(0, lambda: function.submit(b"a"))

    with pytest.raises(LookupError):
        timeline.run()


def test_a_timer_starts_its_function_until_it_is_over(timeline: Timeline) -> None:
    begun, work = logbook(timeline, 1)
    function = deploy(timeline, work)
    every(timeline, 20, 60, function, b"sweep", lambda: timeline.seconds < 150)

    timeline.run()

    assert begun == [(b"sweep", 20), (b"sweep", 80), (b"sweep", 140)]


def test_an_instance_remembers_and_the_one_that_worked_last_works_next(timeline: Timeline) -> None:
    seen: list[int] = []

    def work(payload: bytes, warm: Warm) -> None:
        seen.append(id(warm))
        timeline.pause(10 if payload == b"long" else 1)

    function = deploy(timeline, work, concurrency=2)
    for moment, payload in ((0, b"long"), (0, b"short"), (2, b"short"), (12, b"short")):
        timeline.after(moment, lambda payload=payload: function.submit(payload))  # type: ignore[misc]

    timeline.run()

    assert seen[0] != seen[1]
    assert seen == [seen[0], seen[1], seen[1], seen[0]]


def test_what_has_no_destination_for_failures_is_given_up_without_a_trace(timeline: Timeline) -> None:
    function = deploy(timeline, refuse(timeline, []), has_dead_letters=False)
    timeline.after(0, lambda: function.submit(b"a"))

    timeline.run()

    assert (function.spent.dead_letters, function.open) == ([], 0)
