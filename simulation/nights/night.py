"""A throttled night: the real flows against the cloud in memory, under ECS's quota, on a simulated platform and clock.

What is supposed stands in `Night`, `Delays` and `Terms`; the rest is the code that is deployed.
"""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from shared.adapters.throttling import AT_ONCE
from shared.domain.image_tags import OPEN, OPEN_CHECK, OPEN_LATE, OPEN_YES
from shared.flows.create_image import create_images
from shared.flows.reconcile_snapshots import read_order, reconcile_snapshots
from shared.flows.track_images import track_images
from shared.ports import Cloud, Warm
from simulation.memory.function_compute import Deployed, Terms
from simulation.nights.cloud import Delays, NightCloud
from simulation.nights.fleet import BEGINS, RULES, Ending, event_of, make_fleet
from simulation.nights.platform import NightFunction, every
from simulation.nights.quota import Minutes, Quota
from simulation.nights.result import NightResult
from simulation.nights.timeline import Timeline

LONGEST = 48 * 3600
"""Timers end then, whatever is still open."""


@dataclass(frozen=True)
class Night:
    """`functions` are create_image, track_images and reconcile_snapshots as they are deployed."""

    count: int
    quota: int
    functions: Mapping[str, Deployed]
    terms: Terms = field(default_factory=Terms)
    delays: Delays = field(default_factory=Delays)
    seed: int = 1
    delivery: tuple[float, float] = (1, 5)
    """Seconds from the end of a snapshot to its event at the function: an assumption."""
    clock_ahead: float = 0
    """Seconds that ECS's clock is ahead of the functions'."""
    minutes: Minutes = Minutes.FIXED


def run_night(night: Night) -> NightResult:
    chance = random.Random(night.seed)
    threads = sum(each.concurrency for each in night.functions.values()) * (AT_ONCE + 1)
    timeline = Timeline(BEGINS, threads)
    fleet = make_fleet(night.count, chance)
    quota = Quota(night.quota, night.clock_ahead, night.minutes)
    cloud = NightCloud(timeline, quota, fleet, night.delays, chance)
    functions = {name: _deploy(timeline, cloud, deployed, night.terms) for name, deployed in night.functions.items()}
    outcome = NightResult(fleet, cloud, functions)
    for ending in fleet.endings:
        _end_later(timeline, cloud, ending, functions["create_image"], chance.uniform(*night.delivery))
    _start_timers(timeline, outcome)
    timeline.run()
    return outcome


def _deploy(timeline: Timeline, cloud: NightCloud, deployed: Deployed, terms: Terms) -> NightFunction:
    flows: dict[str, Callable[[bytes, Cloud], object]] = {
        "create_image": lambda payload, ports: create_images(payload, RULES, ports),
        "track_images": lambda payload, ports: track_images(RULES, ports, payload),
        "reconcile_snapshots": lambda payload, ports: reconcile_snapshots(RULES, ports, read_order(payload)),
    }
    flow = flows[deployed.name]

    def work(payload: bytes, warm: Warm) -> None:
        cloud.run(deployed.name, deployed.timeout, warm, lambda ports: flow(payload, ports))

    return NightFunction(timeline, deployed, terms, work)


def _end_later(timeline: Timeline, cloud: NightCloud, ending: Ending, function: NightFunction, delivery: float) -> None:
    event = event_of(ending.snapshot, BEGINS + timedelta(seconds=ending.seconds))
    timeline.after(ending.seconds, lambda: cloud.end(ending.snapshot.id))
    timeline.after(ending.seconds + delivery, lambda: function.submit(event))


def _start_timers(timeline: Timeline, outcome: NightResult) -> None:
    """Until every event is done with, every image made and told of. The hourly sweep comes in the middle of the night."""
    images = outcome.cloud.images.images
    events = outcome.functions["create_image"]

    def goes_on() -> bool:
        is_open = events.open or len(images) < len(outcome.systems)
        is_told = not any(images.tagged({OPEN: word}) for word in (OPEN_YES, OPEN_LATE, OPEN_CHECK))
        return timeline.seconds < LONGEST and bool(is_open or not is_told)

    sweep = outcome.functions["reconcile_snapshots"]
    every(timeline, 20, 60, outcome.functions["track_images"], b'{"payload": "sweep"}', goes_on)
    every(timeline, 40, 60, sweep, b'{"payload": "recent"}', goes_on)
    every(timeline, 700, 3600, sweep, b'{"payload": "whole"}', goes_on)
