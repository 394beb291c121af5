"""A throttled night: the real flows against the cloud in memory, under ECS's quota, on a simulated platform and clock.

What is supposed stands in `Night`, `Delays` and `Terms`; the rest is the code that is deployed.
"""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from shared.domain.memory import OPEN
from shared.flows.create_image import create_images
from shared.flows.reconcile_snapshots import reconcile_snapshots
from shared.flows.track_images import track_images
from shared.ports import Cloud
from simulation.night_cloud import Delays, NightCloud
from simulation.night_world import BEGINS, RULES, Ending, event_of, make_fleet
from simulation.outcome import Outcome
from simulation.platform import Deployed, Function, Terms, every
from simulation.quota import Quota
from simulation.timeline import Timeline

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
    is_patient: bool = True
    """Whether functions wait out throttling."""


def run_night(night: Night) -> Outcome:
    chance = random.Random(night.seed)
    timeline = Timeline(BEGINS, sum(each.concurrency for each in night.functions.values()))
    fleet = make_fleet(night.count, chance)
    quota = Quota(night.quota, night.clock_ahead)
    cloud = NightCloud(timeline, quota, fleet, night.delays, night.is_patient, chance)
    functions = {name: _deploy(timeline, cloud, deployed, night.terms) for name, deployed in night.functions.items()}
    outcome = Outcome(fleet, cloud, functions)
    for ending in fleet.endings:
        _end_later(timeline, cloud, ending, functions["create_image"], chance.uniform(*night.delivery))
    _start_timers(timeline, outcome)
    timeline.run()
    return outcome


def _deploy(timeline: Timeline, cloud: NightCloud, deployed: Deployed, terms: Terms) -> Function:
    flows: dict[str, Callable[[bytes, Cloud], object]] = {
        "create_image": lambda payload, ports: create_images(payload, RULES, ports),
        "track_images": lambda _, ports: track_images(RULES, ports),
        "reconcile_snapshots": lambda _, ports: reconcile_snapshots(RULES, ports),
    }
    flow = flows[deployed.name]
    return Function(
        timeline, deployed, terms,
        lambda payload: cloud.run(deployed.name, deployed.timeout, lambda ports: flow(payload, ports)),
    )  # fmt: skip


def _end_later(timeline: Timeline, cloud: NightCloud, ending: Ending, function: Function, delivery: float) -> None:
    event = event_of(ending.snapshot, BEGINS + timedelta(seconds=ending.seconds))
    timeline.after(ending.seconds, lambda: cloud.end(ending.snapshot))
    timeline.after(ending.seconds + delivery, lambda: function.submit(event))


def _start_timers(timeline: Timeline, outcome: Outcome) -> None:
    """Until every event is done with, every image made and told of. The hourly sweep comes in the middle of the night."""
    images = outcome.cloud.images.images
    events = outcome.functions["create_image"]

    def goes_on() -> bool:
        is_open = events.open or len(images) < len(outcome.systems) or images.tagged({OPEN: "yes"})
        return timeline.seconds < LONGEST and bool(is_open)

    every(timeline, 20, 60, outcome.functions["track_images"], goes_on)
    every(timeline, 700, 3600, outcome.functions["reconcile_snapshots"], goes_on)
