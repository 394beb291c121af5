"""What ECS and the queue hold in a night, for all invocations: the cloud in memory, with indices for tens of thousands."""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from shared.domain.facts import Disk, Image, Role, Snapshot
from shared.domain.image_request import ImageRequest
from shared.domain.message import StatusMessage
from shared.domain.message_fields import State
from shared.domain.outcome import OUTCOME
from shared.ports import Clock
from simulation.memory.calls import OpenEntrance
from simulation.memory.disks import MemoryDisks
from simulation.memory.images import MemoryImages
from simulation.memory.snapshots import MemorySnapshots
from simulation.nights.fleet import NightFleet


class NightState:
    def __init__(self, clock: Clock, fleet: NightFleet, on_image: Callable[[str], None]) -> None:
        """`on_image` hears of every image that is begun."""
        entrance = OpenEntrance()
        self.images = MemoryImages(entrance, clock)
        self.disks = MemoryDisks(entrance, clock, fleet.disks)
        self.snapshots = MemorySnapshots(entrance, self.disks, fleet.begun)
        self.of_system_disks = [each.snapshot.id for each in fleet.endings if each.snapshot.role is Role.SYSTEM]
        self.of_data_disks = [each.snapshot.id for each in fleet.endings if each.snapshot.role is Role.DATA]
        self.told: Counter[tuple[str, State]] = Counter()
        """Messages by snapshot and state."""
        self._created = {each.snapshot.id: each.snapshot.created for each in fleet.endings}
        self._begun = min(self._created.values()), max(self._created.values())
        self._fleet = fleet
        self._on_image = on_image
        self._made: list[datetime] = []
        """When images were begun, in the order of their numbers."""
        self._remembers: dict[str, dict[str, None]] = defaultdict(dict)
        """Snapshots by their outcome."""

    def end(self, snapshot_id: str) -> None:
        """The snapshot is finished. It keeps what was remembered of it meanwhile."""
        if known := self.snapshots.known(snapshot_id):
            self.snapshots.put(replace(known, status="accomplished"))

    def begun_since(self, ids: Sequence[str], since: datetime) -> Sequence[str]:
        """Those of these snapshots; as all begin together, it is all or none that most listings ask for."""
        first, last = self._begun
        if since <= first:
            return ids
        return [each for each in ids if self._created[each] >= since] if since <= last else []

    def tagged(self, tags: Mapping[str, str]) -> list[Snapshot]:
        """By their outcome alone: nothing else is asked for."""
        ids = self._remembers[tags[OUTCOME]]
        return [each for snapshot_id in ids if (each := self.snapshots.known(snapshot_id))]

    def tag(self, snapshot_ids: Sequence[str], tags: Mapping[str, str]) -> None:
        before = [known.tags.get(OUTCOME) for each in snapshot_ids if (known := self.snapshots.known(each))]
        self.snapshots.tag(snapshot_ids, tags)
        if word := tags.get(OUTCOME):
            for snapshot_id, old in zip(snapshot_ids, before, strict=True):
                self._remembers[old or ""].pop(snapshot_id, None)
                self._remembers[word][snapshot_id] = None

    def all_disks(self) -> Sequence[Disk]:
        return self._fleet.disks

    def made_since(self, since: datetime) -> list[Image]:
        """Images are listed in the order in which they were begun."""
        first = bisect_left(self._made, since)
        known = self.images.images
        return [known[f"m-{number + 1}"] for number in range(first, len(self._made))]

    def create(self, request: ImageRequest) -> str:
        before = len(self.images.images)
        image_id = self.images.create(request)
        if len(self.images.images) > before:
            made = self.images.images[image_id].created
            assert made is not None
            self._made.append(made)
            if system := self.snapshots.known(request.snapshot_id):
                self.snapshots.put(replace(system, usage="image"))
            self._on_image(image_id)
        return image_id

    def tell(self, message: StatusMessage) -> None:
        self.told[message.data.snapshot_id or "", message.data.state] += 1
