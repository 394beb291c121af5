"""Runs one history over the real flows, to the point where nothing more can happen."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from shared.adapters.patience import EARLIEST, LATEST
from shared.domain.rules import Rules
from shared.domain.status import ImageStatus
from shared.flows.create_image import create_images
from shared.flows.reconcile_snapshots import reconcile_snapshots
from shared.flows.track_images import track_images
from shared.ports import Cloud
from simulation.delivery import DeadLetter, Platform
from simulation.door import Door
from simulation.faulty_ports import faulty_cloud
from simulation.fleet import fleet_rules, longest_wait
from simulation.history import History
from simulation.memory_cloud import START
from simulation.payloads import payload_of
from simulation.trace import Step
from simulation.world import World

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def _as_it_is(cloud: Cloud) -> Cloud:
    return cloud


@dataclass(frozen=True)
class Product:
    """What is run. A planted bug puts something else in one of these places."""

    create_images: Callable[[bytes, Rules, Cloud], list[ImageStatus]] = create_images
    track_images: Callable[[Rules, Cloud], list[ImageStatus]] = track_images
    reconcile_snapshots: Callable[[Rules, Cloud], dict[str, int]] = reconcile_snapshots
    connect: Callable[[Cloud], Cloud] = _as_it_is
    """From the ports in memory to those that the flows get."""


@dataclass
class Run:
    """One history on its way, and what is left of it at the end."""

    history: History
    world: World
    door: Door
    answered: set[str] = field(default_factory=set)
    """Events whose invocation returned."""
    dead_letters: list[DeadLetter] = field(default_factory=list)
    trace: list[Step] = field(default_factory=list)


def run_history(history: History, product: Product | None = None, traced: bool = False) -> Run:
    world = World(history)
    trace: list[Step] = []

    def note(text: str) -> None:
        trace.append(Step(world.now, len(door.running), text))

    door = Door(world, history.faults, note if traced else _quietly)
    world.note = door.note
    run = Run(history, world, door, trace=trace)
    platform = Platform(world.clock, door, _functions(run, product or Product()), history.outage, note=door.note)
    run.dead_letters = platform.dead_letters
    _play(run, platform)
    run.world.seen["ran beside another"] += platform.beside
    run.world.seen.update(f"dead letter: {letter.condition}" for letter in run.dead_letters)
    return run


def _functions(run: Run, product: Product) -> dict[str, Callable[[bytes], object]]:
    rules, chance = fleet_rules(), random.Random(run.history.seed)

    def connect() -> Cloud:
        """Anew for every invocation, as the wiring does it."""
        return product.connect(faulty_cloud(run.world, run.door, lambda: chance.uniform(EARLIEST, LATEST)))

    def create(payload: bytes) -> None:
        answers = product.create_images(payload, rules, connect())
        run.answered.update(answer.event_id for answer in answers if answer.event_id)

    def track(_: bytes) -> None:
        """Whatever it leaves undone, the next minute takes up."""
        try:
            done = not product.track_images(rules, connect())
        except BaseException:
            run.world.on_change(run.world.now)
            raise
        if not done:
            run.world.on_change(run.world.now)

    def reconcile(_: bytes) -> None:
        product.reconcile_snapshots(rules, connect())

    return {"create_image": create, "track_images": track, "reconcile_snapshots": reconcile}


def _play(run: Run, platform: Platform) -> None:
    """Deliveries and hourly sweeps until the world is quiet; then once more without faults, as the next sweeps would."""
    history, world = run.history, run.world
    world.on_change = _MinuteTimer(world, platform).wake
    for delivery in history.deliveries:
        platform.submit("create_image", payload_of(delivery, history), delivery.at)
        world.quiet = max(world.quiet, delivery.at)
    if history.outage:
        world.quiet = max(world.quiet, history.outage.end)
    sweep = START.replace(minute=0) + timedelta(minutes=history.sweep_minute)
    while sweep <= world.quiet + longest_wait() + HOUR:
        _sweep(platform, world, sweep)
        sweep += HOUR
    platform.run_until(None)
    run.door.calm()
    for _ in range(2):
        _sweep(platform, world, max(sweep, world.now))
        platform.run_until(None)
        sweep += HOUR


def _sweep(platform: Platform, world: World, moment: datetime) -> None:
    """The hourly sweep, and one of the minutes before and after it."""
    platform.run_until(moment)
    platform.submit("reconcile_snapshots", b"", moment)
    world.on_change(moment)
    platform.run_until(moment + MINUTE)


class _MinuteTimer:
    """Starts track_images at the next full minute after something changed; the minutes in between could tell nothing."""

    def __init__(self, world: World, platform: Platform) -> None:
        self._world, self._platform = world, platform
        self._set: set[datetime] = set()

    def wake(self, moment: datetime) -> None:
        minute = max(moment, self._world.now).replace(second=0, microsecond=0) + MINUTE
        if minute not in self._set:
            self._set.add(minute)
            self._platform.submit("track_images", b"", minute)


def _quietly(text: str) -> None:
    return None
