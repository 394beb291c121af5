"""One cloud in memory that all invocations of a night share: its quota, its delays, and images that take their time."""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from shared.adapters.throttling import EARLIEST, LATEST, Throttling
from shared.domain.facts import ImageCheck
from shared.domain.image_request import ImageRequest
from shared.domain.message import StatusMessage
from shared.domain.message_fields import State
from shared.ports import Cloud, Warm
from simulation.memory.disks import MemoryDisks
from simulation.nights.fleet import NightFleet
from simulation.nights.ports import NightCalls, NightImages, NightSnapshots
from simulation.nights.quota import Quota
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
    """Also the queue, which takes every message."""

    def __init__(
        self, timeline: Timeline, quota: Quota, fleet: NightFleet, delays: Delays, chance: random.Random
    ) -> None:
        self.quota = quota
        self.made_at: list[float] = []
        self.waited: Counter[str] = Counter()
        """Seconds spent waiting for a new minute, by function."""
        self.let_in: Counter[tuple[str, str]] = Counter()
        """Calls by function and API."""
        self.told: Counter[tuple[str, State]] = Counter()
        """Messages by snapshot and state."""
        self._timeline = timeline
        self._delays = delays
        self._chance = chance
        mine = self._calls_of("", None)
        self.images = NightImages(mine, timeline, self._begin_image)
        self.disks = MemoryDisks(mine, timeline, fleet.disks)
        self.snapshots = NightSnapshots(mine, self.disks, fleet)

    def run(self, function: str, timeout: float, warm: Warm, flow: Callable[[Cloud], object]) -> None:
        """One invocation, as the handler would do it."""
        self._timeline.pause(self._chance.uniform(*self._delays.handle))
        deadline = self._timeline.now() + timedelta(seconds=timeout)
        calls = self._calls_of(function, waits := deadline if function != "create_image" else None)
        ports = self.snapshots.seen_by(calls), self.disks.seen_by(calls), self.images.seen_by(calls)
        try:
            flow(Cloud(*ports, self, self._timeline, calls, waits, warm, self._timeline.together))
        finally:
            self.waited[function] += round(calls.throttling.waited.total_seconds())

    def end(self, snapshot_id: str) -> None:
        """The snapshot is finished. It keeps what was remembered of it meanwhile."""
        self._change(snapshot_id, status="accomplished")

    def publish(self, message: StatusMessage) -> None:
        self._timeline.pause(self._chance.uniform(*self._delays.publish))
        self.told[message.data.snapshot_id or "", message.data.state] += 1

    def _calls_of(self, function: str, waits: datetime | None) -> NightCalls:
        throttling = Throttling(self._timeline, waits, lambda: self._chance.uniform(EARLIEST, LATEST))
        return NightCalls(throttling, self._timeline, partial(self._admit, function))

    def _admit(self, function: str, action: str) -> None:
        self._timeline.pause(self._chance.uniform(*self._delays.call))
        self.quota.admit(action, self._timeline.seconds)
        self.let_in[function, action] += 1

    def _begin_image(self, image_id: str, request: ImageRequest) -> None:
        self._change(request.snapshot_id, usage="image")
        self.made_at.append(self._timeline.seconds)
        done = self._chance.uniform(*self._delays.make)
        self._timeline.after(done, lambda: self.images.change(image_id, status="Available"))
        checked, check = done + self._chance.uniform(*self._delays.check), ImageCheck(is_finished=True)
        self._timeline.after(checked, lambda: self.images.change(image_id, status="Available", check=check))

    def _change(self, snapshot_id: str, **changes: Any) -> None:
        if known := self.snapshots.known(snapshot_id):
            self.snapshots.put(replace(known, **changes))
