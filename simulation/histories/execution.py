"""Runs one history over the real flows, to the point where nothing more can happen."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property

from shared.adapters.throttling import EARLIEST, LATEST, CallRecord, Throttling
from shared.domain.rules import Rules
from shared.flows.create_image import create_images
from shared.flows.reconcile_snapshots import reconcile_snapshots
from shared.flows.track_images import track_images
from shared.ports import Cloud
from simulation.histories.fault_injector import FaultInjector
from simulation.histories.history import Delivery, History, TakenSnapshot
from simulation.histories.machines import WAIT, WINDOW, rules_of
from simulation.histories.oracle import wants
from simulation.histories.payloads import payload_of
from simulation.histories.platform import Platform
from simulation.histories.ports import open_cloud
from simulation.histories.world import SimulatedWorld
from simulation.memory.cloud import START
from simulation.memory.function_compute import DeadLetter

RESTLESS = 30
"""Minutes in a row in which track_images tells or remembers something: it will not end by itself."""
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@dataclass(frozen=True)
class Product:
    """What is run. A planted bug puts something else in one of these places."""

    create_images: Callable[[bytes, Rules, Cloud], object] = create_images
    track_images: Callable[[Rules, Cloud], object] = track_images
    reconcile_snapshots: Callable[[Rules, Cloud], object] = reconcile_snapshots
    connect: Callable[[Cloud], Cloud] = lambda cloud: cloud
    """From the ports in memory to those that the flows get."""


@dataclass
class Execution:
    """One history on its way, and what is left of it at the end."""

    history: History
    world: SimulatedWorld
    injector: FaultInjector
    payloads: dict[Delivery, bytes] = field(default_factory=dict)
    answered: set[bytes] = field(default_factory=set)
    """What invocations took and returned from."""
    busy: int = 0
    """How many minutes in a row track_images has found something to do."""
    restless: bool = False
    dead_letters: list[DeadLetter] = field(default_factory=list)

    @property
    def rules(self) -> Rules:
        """As they are deployed now."""
        edits = self.history.edits
        variant = next((edit.variant for edit in reversed(edits) if edit.at <= self.world.now), "as written")
        return rules_of(self.plans, variant)

    @cached_property
    def plans(self) -> frozenset[str]:
        """Those of its machines, and one that no machine needs."""
        return frozenset({"off", *(machine.plan for machine in self.history.machines if machine.plan)})


def run_history(history: History, product: Product | None = None, traced: bool = False) -> Execution:
    world = SimulatedWorld(history, traced)
    injector = FaultInjector(world)
    world.cloud = open_cloud(world, injector)
    execution = Execution(history, world, injector)
    platform = Platform(world, _functions(execution, product or Product()))
    execution.dead_letters = platform.dead_letters
    _play(execution, platform)
    world.seen["ran beside another"] += platform.beside
    world.seen.update(f"dead letter: {letter.condition}" for letter in execution.dead_letters)
    return execution


def _functions(execution: Execution, product: Product) -> dict[str, Callable[[bytes], object]]:
    chance, world = random.Random(execution.history.seed), execution.world

    def connect() -> Cloud:
        """Anew for every invocation, as the wiring does it, with as much patience as it has time."""
        there, caller = world.cloud, world.caller
        caller.calls = CallRecord(Throttling(world.clock, caller.deadline, lambda: chance.uniform(EARLIEST, LATEST)))
        return product.connect(
            Cloud(there.snapshots, there.disks, there.images, there.queue, world.clock, caller.calls)
        )

    def create(payload: bytes) -> None:
        product.create_images(payload, execution.rules, connect())
        execution.answered.add(payload)

    def track(_: bytes) -> None:
        """Whatever it leaves undone, the next minute takes up."""
        mark = execution.injector.changes
        try:
            product.track_images(execution.rules, connect())
        except BaseException:
            world.on_change(world.now)
            raise
        execution.busy = execution.busy + 1 if execution.injector.changes > mark else 0
        execution.restless = execution.restless or execution.busy >= RESTLESS
        if 0 < execution.busy < RESTLESS:
            world.on_change(world.now)

    def reconcile(_: bytes) -> None:
        """What it changes, the next minute's `track_images` sees."""
        mark = execution.injector.changes
        try:
            product.reconcile_snapshots(execution.rules, connect())
        finally:
            if execution.injector.changes > mark:
                world.on_change(world.now)

    return {"create_image": create, "track_images": track, "reconcile_snapshots": reconcile}


def _play(execution: Execution, platform: Platform) -> None:
    """Deliveries and hourly sweeps until the world is quiet and nothing waits; then as the next sweeps would, without faults."""
    history, world = execution.history, execution.world
    world.on_change = _MinuteTimer(world, platform).wake
    for delivery in history.deliveries:
        execution.payloads[delivery] = payload_of(delivery, history)
        platform.submit("create_image", execution.payloads[delivery], delivery.at)
        world.quiet = max(world.quiet, delivery.at)
    for moment in (*(edit.at for edit in history.edits), *((history.outage.end,) if history.outage else ())):
        world.quiet = max(world.quiet, moment)
    last = max((taken.shown for taken in history.snapshots), default=START) + WINDOW + WAIT + 2 * HOUR
    sweep = START.replace(minute=0) + timedelta(minutes=history.sweep_minute)
    swept = -1
    while sweep <= world.quiet + HOUR or (sweep <= last and _is_open(execution)):
        platform.run_until(sweep)
        if world.changes + execution.injector.changes != swept or _is_open(execution):
            _sweep(platform, world, sweep)
            swept = world.changes + execution.injector.changes
        sweep += HOUR
    platform.run_until(None)
    execution.injector.calm()
    for _ in range(2):
        swept = world.changes + execution.injector.changes
        world.on_change(max(sweep, world.now))
        _sweep(platform, world, max(sweep, world.now))
        platform.run_until(None)
        if world.changes + execution.injector.changes == swept:  # the next one would find the same
            break
        sweep += HOUR


def _is_open(execution: Execution) -> bool:
    """Whether a sweep may still find something to do: a snapshot without its end, or with what only a wait needs."""
    world = execution.world
    return any(
        wants(taken, world) is not False and (not _has_end(taken, world) or _is_half_done(taken, world))
        for taken in execution.history.snapshots
    )


def _has_end(taken: TakenSnapshot, world: SimulatedWorld) -> bool:
    return any(told.message.data.terminal for told in world.told_of[taken.id])


def _is_half_done(taken: TakenSnapshot, world: SimulatedWorld) -> bool:
    known = world.cloud.snapshots.known(taken.id)
    if known is None:
        return False
    is_told = not known.tags.get("snapimage:outcome", "").startswith("failing")
    return not is_told or any(key.startswith("snapimage:disks.") for key in known.tags)


def _sweep(platform: Platform, world: SimulatedWorld, moment: datetime) -> None:
    """The hourly sweep, and the minute after it."""
    platform.run_until(moment)
    platform.submit("reconcile_snapshots", b"", moment)
    platform.run_until(moment + MINUTE)


class _MinuteTimer:
    """Starts track_images at the next full minute after something changed; the minutes in between could tell nothing."""

    def __init__(self, world: SimulatedWorld, platform: Platform) -> None:
        self._world, self._platform = world, platform
        self._set: set[datetime] = set()

    def wake(self, moment: datetime) -> None:
        minute = max(moment, self._world.now).replace(second=0, microsecond=0) + MINUTE
        if minute not in self._set:
            self._set.add(minute)
            self._platform.submit("track_images", b"", minute)
