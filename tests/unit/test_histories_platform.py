"""The platform of the simulation retries, gives up and lets others run as `s.yaml` and the documents have it."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from shared.domain.errors import Transient
from simulation.histories.fault_injector import FaultInjector
from simulation.histories.faults import Killed
from simulation.histories.history import History, Outage
from simulation.histories.platform import Platform
from simulation.histories.world import SimulatedWorld
from simulation.memory.cloud import START
from simulation.memory.deployed import read_functions
from simulation.memory.function_compute import DeadLetter, Deployed

SECOND = timedelta(seconds=1)
CONFIGURED = read_functions()
QUIET = History(0, (), (), ())


class Scene:
    """A platform with one function that does what a test says, and the moments at which it was started."""

    def __init__(
        self,
        act: Callable[[], None] = lambda: None,
        function: str = "create_image",
        outage: Outage | None = None,
        settings: Mapping[str, Deployed] = CONFIGURED,
    ) -> None:
        self.world = SimulatedWorld(replace(QUIET, outage=outage))
        self.injector = FaultInjector(self.world)
        self.started: list[timedelta] = []
        self._act = act
        self.platform = Platform(self.world, {function: self._run}, settings)
        self.platform.submit(function, b"event", START)

    def _run(self, payload: bytes) -> None:
        self.started.append(self.world.now - START)
        self._act()


def throttled() -> None:
    raise Transient("Throttling.User", "denied", 400)


def killed() -> None:
    raise Killed


@pytest.mark.parametrize("fail", [throttled, killed])
def test_an_event_is_tried_four_times_and_then_kept(fail: Callable[[], None]) -> None:
    scene = Scene(fail)

    scene.platform.run_until(None)
    assert scene.started == [60 * SECOND * number for number in range(4)]
    assert scene.platform.dead_letters == [DeadLetter(b"event", "UnhandledInvocationError", 4)]


def test_a_sweep_is_tried_twice_and_then_forgotten() -> None:
    scene = Scene(killed, "track_images")

    scene.platform.run_until(None)
    assert (len(scene.started), scene.platform.dead_letters) == (2, [])


def test_an_event_that_cannot_be_started_waits_until_it_can() -> None:
    scene = Scene(outage=Outage(START, START + 100 * SECOND))

    scene.platform.run_until(None)
    assert scene.started == [127.5 * SECOND]


def test_an_event_that_cannot_be_started_for_five_hours_is_kept_unseen() -> None:
    scene = Scene(outage=Outage(START, START + timedelta(days=2)))

    scene.platform.run_until(None)
    assert (scene.started, scene.platform.dead_letters) == ([], [DeadLetter(b"event", "NoInstance", 0)])
    assert scene.world.now - START == timedelta(hours=5)


def test_an_event_that_is_too_old_is_kept_although_a_try_is_left() -> None:
    scene = Scene(killed, settings={"create_image": replace(CONFIGURED["create_image"], max_age=100)})

    scene.platform.run_until(None)
    assert len(scene.started) == 2
    assert scene.platform.dead_letters == [DeadLetter(b"event", "Expired", 2)]


def test_while_one_invocation_hangs_another_runs() -> None:
    scene = Scene(lambda: scene.world.pass_time(20 * SECOND))
    scene.platform.submit("create_image", b"other", START + 5 * SECOND)

    scene.platform.run_until(None)
    assert (scene.started, scene.platform.beside) == ([0 * SECOND, 5 * SECOND], 1)


def test_a_sweep_never_runs_beside_itself() -> None:
    scene = Scene(lambda: scene.world.pass_time(20 * SECOND), "track_images")
    scene.platform.submit("track_images", b"", START + 5 * SECOND)

    scene.platform.run_until(None)
    assert scene.platform.beside == 0
    assert scene.started[1] >= 20 * SECOND


def test_an_invocation_that_takes_too_long_is_killed_at_its_next_call() -> None:
    def act() -> None:
        scene.world.clock.advance(120 * SECOND)
        scene.injector.ask("DescribeImages", list)

    scene = Scene(act)

    scene.platform.run_until(START)
    assert scene.world.seen["function timed out"] == 1


def test_a_moment_in_the_past_does_not_turn_the_clock_back() -> None:
    scene = Scene()

    scene.platform.run_until(datetime.min.replace(tzinfo=START.tzinfo))
    assert scene.world.now == START
