"""The cloud in memory as a night needs it: every call takes its time and counts, and what is asked often has an index."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import TypeVar

from shared.adapters.throttling import CallRecord, Throttling
from shared.domain.errors import CloudError
from shared.domain.facts import Image, Role, Snapshot
from shared.domain.image_request import ImageRequest
from shared.domain.outcome import OUTCOME
from simulation.memory.calls import read_pages
from simulation.memory.disks import MemoryDisks
from simulation.memory.images import MemoryImages
from simulation.memory.snapshots import MemorySnapshots
from simulation.nights.fleet import NightFleet
from simulation.nights.timeline import Timeline

T = TypeVar("T")

TAG_PAGE = 50
"""Resources of one call (API reference TagResources)."""


class NightCalls(CallRecord):
    """With the real waiting; `admit` takes its time, and raises what ECS says."""

    def __init__(self, throttling: Throttling, timeline: Timeline, admit: Callable[[str], None]) -> None:
        super().__init__(throttling)
        self._timeline = timeline
        self._admit = admit

    def once(self, action: str, attempt: Callable[[], T]) -> T:
        def arrive() -> T:
            self._admit(action)
            return attempt()

        return super().once(action, arrive)

    def together(self, work: Callable[[], None], times: int) -> None:
        self._timeline.together(work, times)

    def tag(self, ids: Sequence[str], apply: Callable[[Sequence[str]], None]) -> None:
        """As the adapter does: fifty in one call, and calls side by side."""
        pieces = [ids[start : start + TAG_PAGE] for start in range(0, len(ids), TAG_PAGE)]
        if len(pieces) == 1:
            self.send("TagResources", partial(apply, ids))
            return
        for result in self.send_all("TagResources", [partial(apply, some) for some in pieces]):
            if isinstance(result, CloudError):
                raise result


class NightSnapshots(MemorySnapshots):
    calls: NightCalls

    def __init__(self, calls: NightCalls, disks: MemoryDisks, fleet: NightFleet) -> None:
        super().__init__(calls, disks, fleet.begun)
        self._ids = {role: [each.id for each in fleet.begun if each.role is role] for role in Role}
        self._created = {each.id: each.created for each in fleet.begun}
        self._begun = min(self._created.values()), max(self._created.values())
        self._remembers: dict[str, dict[str, None]] = defaultdict(dict)
        """Snapshots by their outcome."""

    def carrying(self, tags: Mapping[str, str]) -> list[Snapshot]:
        """By their outcome alone: nothing else is asked for."""
        return [self._snapshots[each] for each in self._remembers[tags[OUTCOME]]]

    def tag(self, snapshot_ids: Sequence[str], tags: Mapping[str, str]) -> None:
        self.calls.tag(snapshot_ids, lambda some: self._tag(some, tags))

    def untag(self, snapshot_ids: Sequence[str], keys: Sequence[str]) -> None:
        for start in range(0, len(snapshot_ids), TAG_PAGE):
            super().untag(snapshot_ids[start : start + TAG_PAGE], keys)

    def _tag(self, snapshot_ids: Sequence[str], tags: Mapping[str, str]) -> None:
        before = [self._snapshots[each].tags.get(OUTCOME, "") for each in snapshot_ids if each in self._snapshots]
        super()._tag(snapshot_ids, tags)
        if word := tags.get(OUTCOME):
            for snapshot_id, old in zip(snapshot_ids, before, strict=True):
                self._remembers[old].pop(snapshot_id, None)
                self._remembers[word][snapshot_id] = None

    def _everywhere(self, role: Role, since: datetime) -> Iterator[list[Snapshot]]:
        """Each page shows its snapshots as they are when it is asked for."""
        begun = self._begun_since(role, since)
        for page in read_pages(self.calls, "DescribeSnapshots", lambda: begun):
            yield [self._snapshots[each] for each in page]

    def _begun_since(self, role: Role, since: datetime) -> Sequence[str]:
        """As all begin together, it is all or none that most listings ask for."""
        ids, (first, last) = self._ids[role], self._begun
        if since <= first:
            return ids
        return [each for each in ids if self._created[each] >= since] if since <= last else []


class NightImages(MemoryImages):
    calls: NightCalls

    def __init__(self, calls: NightCalls, timeline: Timeline, on_image: Callable[[str, ImageRequest], None]) -> None:
        """`on_image` hears of every image that is begun."""
        super().__init__(calls, timeline)
        self._on_image = on_image
        self._made: list[datetime] = []
        """When images were begun, in the order of their numbers."""

    def create_all(self, requests: Sequence[ImageRequest]) -> list[str | CloudError]:
        return self.calls.send_all("CreateImage", [partial(self._create, each) for each in requests])

    def tag(self, image_ids: Sequence[str], tags: Mapping[str, str]) -> None:
        self.calls.tag(image_ids, lambda some: self._tag(some, tags))

    def _created_since(self, since: datetime) -> list[Image]:
        first = bisect_left(self._made, since)
        return [self.images[f"m-{number + 1}"] for number in range(first, len(self._made))]

    def _make(self, request: ImageRequest) -> str:
        image_id = super()._make(request)
        self._made.append(self._clock.now())
        self._on_image(image_id, request)
        return image_id
