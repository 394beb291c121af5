"""One cloud in memory that all invocations of a night share: its quota, its delays, and images that take their time."""

import random
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from shared.adapters.patience import EARLIEST, LATEST, Patience
from shared.domain.facts import ImageCheck, Snapshot
from shared.domain.image_request import ImageRequest
from shared.domain.message import StatusMessage
from shared.ports import Cloud
from simulation.memory_cloud import MemoryImages, MemoryQueue
from simulation.memory_snapshots import Entrance, MemoryCalls, MemorySnapshots
from simulation.night_world import Fleet
from simulation.quota import Quota
from simulation.timeline import Timeline

T = TypeVar("T")


@dataclass(frozen=True)
class Delays:
    """Seconds, each between a least and a most: one ECS call, one message, one image, its check. All are assumptions."""

    call: tuple[float, float] = (0.2, 0.5)
    publish: tuple[float, float] = (0.02, 0.1)
    make: tuple[float, float] = (120, 600)
    check: tuple[float, float] = (60, 180)


class SharedEntrance:
    """Every invocation has its own record of calls; the cloud that they enter is one."""

    def __init__(self) -> None:
        self._here = threading.local()

    def begin(self, calls: MemoryCalls) -> None:
        """From now on, what this thread does is recorded there."""
        self._here.calls = calls

    def enter(self, action: str, apply: Callable[[], T]) -> T:
        calls: MemoryCalls = self._here.calls
        return calls.enter(action, apply)


class NightImages(MemoryImages):
    """Says when an image was made."""

    def __init__(self, calls: Entrance, timeline: Timeline, made: Callable[[str], None]) -> None:
        super().__init__(calls, timeline)
        self._made = made

    def _make(self, request: ImageRequest) -> str:
        image_id = super()._make(request)
        self._made(image_id)
        return image_id


class SlowQueue(MemoryQueue):
    def __init__(self, pause: Callable[[], None]) -> None:
        super().__init__()
        self._pause = pause

    def publish(self, message: StatusMessage) -> None:
        self._pause()
        super().publish(message)


class NightCloud:
    def __init__(
        self, timeline: Timeline, quota: Quota, fleet: Fleet, delays: Delays, is_patient: bool, chance: random.Random
    ) -> None:
        self.quota = quota
        self.made_at: list[float] = []
        self.waited: Counter[str] = Counter()
        """Seconds spent waiting for a new minute, by function."""
        self.let_in: Counter[tuple[str, str]] = Counter()
        """Calls by function and API."""
        self._timeline = timeline
        self._delays = delays
        self._is_patient = is_patient
        self._chance = chance
        self._entrance = SharedEntrance()
        self.images = NightImages(self._entrance, timeline, self._begin_image)
        self.snapshots = MemorySnapshots(self._entrance, fleet.begun, fleet.disks)
        self.queue = SlowQueue(lambda: timeline.pause(chance.uniform(*delays.publish)))

    def run(self, function: str, timeout: float, flow: Callable[[Cloud], object]) -> None:
        """One invocation, as the handler would do it."""
        deadline = self._timeline.now() + timedelta(seconds=timeout) if self._is_patient else None
        patience = Patience(self._timeline, deadline, lambda: self._chance.uniform(EARLIEST, LATEST))
        calls = MemoryCalls(patience, lambda action: self._admit(function, action))
        self._entrance.begin(calls)
        try:
            flow(Cloud(self.snapshots, self.images, self.queue, self._timeline, calls))
        finally:
            self.waited[function] += round(patience.waited.total_seconds())

    def end(self, snapshot: Snapshot) -> None:
        self.snapshots.put(snapshot)

    def _admit(self, function: str, action: str) -> None:
        self._timeline.pause(self._chance.uniform(*self._delays.call))
        self.quota.admit(action, self._timeline.seconds)
        self.let_in[function, action] += 1

    def _begin_image(self, image_id: str) -> None:
        self.made_at.append(self._timeline.seconds)
        done = self._chance.uniform(*self._delays.make)
        self._timeline.after(done, lambda: self.images.finish(image_id))
        checked = done + self._chance.uniform(*self._delays.check)
        self._timeline.after(checked, lambda: self.images.finish(image_id, check=ImageCheck(is_finished=True)))
