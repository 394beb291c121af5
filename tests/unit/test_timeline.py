"""Simulated time: things happen in its order, one at a time, whatever the threads do."""

from datetime import datetime, timedelta, timezone

import pytest

from simulation.nights.timeline import OutOfTime, Timeline

START = datetime(2026, 11, 20, 2, 0, tzinfo=timezone.utc)


@pytest.fixture
def timeline() -> Timeline:
    return Timeline(START, threads=5)


def walker(timeline: Timeline, name: str, steps: list[float], seen: list[tuple[str, float]]) -> None:
    for step in steps:
        timeline.pause(step)
        seen.append((name, timeline.seconds))


def test_those_that_pause_go_on_in_the_order_of_their_times(timeline: Timeline) -> None:
    seen: list[tuple[str, float]] = []
    timeline.after(0, lambda: timeline.begin(lambda: walker(timeline, "slow", [3, 3], seen)))
    timeline.after(1, lambda: timeline.begin(lambda: walker(timeline, "quick", [1, 1, 2], seen)))
    timeline.after(2.5, lambda: seen.append(("once", timeline.seconds)))

    timeline.run()

    assert seen == [("quick", 2), ("once", 2.5), ("slow", 3), ("quick", 3), ("quick", 5), ("slow", 6)]


def test_at_one_time_the_first_to_ask_goes_first(timeline: Timeline) -> None:
    seen: list[tuple[str, float]] = []
    for name in "abc":
        timeline.after(0, lambda name=name: timeline.begin(lambda: walker(timeline, name, [1, 1], seen)))  # type: ignore[misc]

    timeline.run()

    assert [name for name, _ in seen] == ["a", "b", "c", "a", "b", "c"]


def test_the_clock_of_the_flows_is_the_simulated_one(timeline: Timeline) -> None:
    seen: list[datetime] = []

    def work() -> None:
        timeline.sleep(timedelta(minutes=90))
        seen.append(timeline.now())

    timeline.after(0, lambda: timeline.begin(work))
    timeline.run()

    assert seen == [START + timedelta(minutes=90)]


def test_who_pauses_beyond_his_limit_is_ended_at_it(timeline: Timeline) -> None:
    ended: list[float] = []

    def work() -> None:
        timeline.limit(10)
        timeline.pause(10)
        with pytest.raises(OutOfTime):
            timeline.pause(0.1)
        ended.append(timeline.seconds)

    timeline.after(5, lambda: timeline.begin(work))
    timeline.run()

    assert ended == [15]


def test_what_one_of_them_raises_ends_the_run(timeline: Timeline) -> None:
    def fail() -> None:
        timeline.pause(1)
        raise LookupError("lost my way")

    timeline.after(0, lambda: timeline.begin(lambda: timeline.pause(5)))
    timeline.after(0, lambda: timeline.begin(fail))

    with pytest.raises(LookupError, match="lost my way"):
        timeline.run()
    assert timeline.seconds == 1


def test_so_does_what_one_of_several_side_by_side_raises(timeline: Timeline) -> None:
    def breaks() -> None:
        timeline.pause(1)
        raise ValueError("broken")

    timeline.after(0, lambda: timeline.begin(lambda: timeline.together(breaks, 2)))

    with pytest.raises(ValueError, match="broken"):
        timeline.run()


def test_so_does_what_happens_by_itself(timeline: Timeline) -> None:
    def fail() -> None:
        raise LookupError("lost my way")

    timeline.after(0, lambda: timeline.begin(lambda: timeline.pause(5)))
    timeline.after(1, fail)

    with pytest.raises(LookupError, match="lost my way"):
        timeline.run()


def test_nothing_begins_before_the_timeline_runs(timeline: Timeline) -> None:
    with pytest.raises(RuntimeError):
        timeline.begin(lambda: None)
