"""One cloud in memory that all invocations of a night share: its quota, its delays, and images that take their time."""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from shared.adapters.throttling import EARLIEST, LATEST, Throttling
from shared.domain.facts import ImageCheck
from shared.ports import Cloud, Warm
from simulation.nights.fleet import NightFleet
from simulation.nights.ports import NightCalls, NightDisks, NightImages, NightQueue, NightSnapshots
from simulation.nights.quota import Quota
from simulation.nights.state import NightState
from simulation.nights.timeline import Timeline


@dataclass(frozen=True)
class Delays:
    """Seconds, each between a least and a most: one ECS call, one message, what a handler does by itself, one image, its
    check. All are assumptions."""

    call: tuple[float, float] = (0.2, 1.0)
    publish: tuple[float, float] = (0.02, 0.1)
    handle: tuple[float, float] = (0.005, 0.02)
    make: tuple[float, float] = (120, 600)
    check: tuple[float, float] = (60, 180)


class NightCloud:
    def __init__(
        self, timeline: Timeline, quota: Quota, fleet: NightFleet, delays: Delays, chance: random.Random
    ) -> None:
        self.quota = quota
        self.made_at: list[float] = []
        self.waited: Counter[str] = Counter()
        """Seconds spent waiting for a new minute, by function."""
        self.let_in: Counter[tuple[str, str]] = Counter()
        """Calls by function and API."""
        self.state = NightState(timeline, fleet, self._begin_image)
        self._timeline = timeline
        self._delays = delays
        self._chance = chance

    def run(self, function: str, timeout: float, warm: Warm, flow: Callable[[Cloud], object]) -> None:
        """One invocation, as the handler would do it."""
        self._timeline.pause(self._chance.uniform(*self._delays.handle))
        deadline = self._timeline.now() + timedelta(seconds=timeout)
        waits = deadline if function != "create_image" else None
        throttling = Throttling(self._timeline, waits, lambda: self._chance.uniform(EARLIEST, LATEST))
        calls = NightCalls(throttling, self._timeline, lambda action: self._admit(function, action))
        queue = NightQueue(self.state, self._publish)
        snapshots, disks = NightSnapshots(calls, self.state), NightDisks(calls, self.state)
        images = NightImages(calls, self.state)
        try:
            flow(Cloud(snapshots, disks, images, queue, self._timeline, calls, waits, warm, self._timeline.together))
        finally:
            self.waited[function] += round(throttling.waited.total_seconds())

    def _publish(self) -> None:
        self._timeline.pause(self._chance.uniform(*self._delays.publish))

    def _admit(self, function: str, action: str) -> None:
        self._timeline.pause(self._chance.uniform(*self._delays.call))
        self.quota.admit(action, self._timeline.seconds)
        self.let_in[function, action] += 1

    def _begin_image(self, image_id: str) -> None:
        images = self.state.images
        self.made_at.append(self._timeline.seconds)
        done = self._chance.uniform(*self._delays.make)
        self._timeline.after(done, lambda: images.finish(image_id))
        checked = done + self._chance.uniform(*self._delays.check)
        self._timeline.after(checked, lambda: images.finish(image_id, check=ImageCheck(is_finished=True)))
