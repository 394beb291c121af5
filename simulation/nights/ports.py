"""The ports in memory of one invocation in a night: every call takes its time and counts, and many are found by an index."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import TypeVar

from shared.adapters.throttling import CallRecord, Throttling
from shared.domain.errors import CloudError
from shared.domain.facts import Disk, Image, Instance, Snapshot, SnapshotGroup
from shared.domain.image_request import ImageRequest
from shared.domain.message import StatusMessage
from simulation.memory.calls import PAGE
from simulation.nights.state import NightState
from simulation.nights.timeline import Timeline

T = TypeVar("T")

DISK_PAGE = 500
"""Disks in one reply (API reference DescribeDisks, MaxResults)."""
TAG_PAGE = 50
"""Resources of one call (API reference TagResources)."""
MOST_TAGGED = 1_000
"""Resources that a query by tag shows (alibabacloud-ecs20140526 7.11.8, DescribeImagesRequest.tag)."""


class NightCalls(CallRecord):
    """With the real waiting; `admit` takes its time, and raises what ECS says."""

    def __init__(self, throttling: Throttling, timeline: Timeline, admit: Callable[[str], None]) -> None:
        super().__init__(throttling)
        self._timeline = timeline
        self._admit = admit

    def enter(self, action: str, apply: Callable[[], T]) -> T:
        return self.send(action, lambda: self.arrive(action, apply))

    def arrive(self, action: str, apply: Callable[[], T]) -> T:
        """One attempt, unrecorded."""
        self._admit(action)
        return apply()

    def together(self, work: Callable[[], None], times: int) -> None:
        self._timeline.together(work, times)

    def read(self, action: str, find: Callable[[], Sequence[T]], page: int = PAGE) -> Iterator[list[T]]:
        """A listing as of its first page; each page is a call, made when it is asked for."""
        found = self.enter(action, find)
        yield list(found[:page])
        for start in range(page, len(found), page):
            self.enter(action, lambda: None)
            yield list(found[start : start + page])

    def tag(self, ids: Sequence[str], apply: Callable[[Sequence[str]], None]) -> None:
        """As the adapter does: fifty in one call, and calls side by side."""
        pieces = [ids[start : start + TAG_PAGE] for start in range(0, len(ids), TAG_PAGE)]
        if len(pieces) == 1:
            self.enter("TagResources", partial(apply, ids))
            return
        attempts = [partial(self.arrive, "TagResources", partial(apply, some)) for some in pieces]
        for result in self.send_all("TagResources", attempts):
            if isinstance(result, CloudError):
                raise result

    def whole(self, action: str, find: Callable[[], Sequence[T]]) -> list[T]:
        return [each for page in self.read(action, find) for each in page]


class NightSnapshots:
    def __init__(self, calls: NightCalls, state: NightState) -> None:
        self._calls, self._state = calls, state

    def find(self, snapshot_ids: Sequence[str]) -> list[Snapshot]:
        found: list[Snapshot] = []
        for start in range(0, len(snapshot_ids), PAGE):
            some = snapshot_ids[start : start + PAGE]
            found += self._calls.enter("DescribeSnapshots", partial(self._state.snapshots.find, some))
        return found

    def of_disk(self, disk_id: str, since: datetime) -> list[Snapshot]:
        return self._calls.whole("DescribeSnapshots", lambda: self._state.snapshots.of_disk(disk_id, since))

    def of_instance(self, instance_id: str, since: datetime) -> list[Snapshot]:
        return self._calls.whole("DescribeSnapshots", lambda: self._state.snapshots.of_instance(instance_id, since))

    def of_system_disks(self, since: datetime) -> Iterator[list[Snapshot]]:
        return self._pages(self._state.of_system_disks, since)

    def of_data_disks(self, since: datetime) -> Iterator[list[Snapshot]]:
        return self._pages(self._state.of_data_disks, since)

    def tagged(self, tags: Mapping[str, str]) -> list[Snapshot]:
        return self._calls.whole("DescribeSnapshots", lambda: self._state.tagged(tags)[:MOST_TAGGED])

    def groups_of_instance(self, instance_id: str) -> list[SnapshotGroup]:
        return self._calls.whole("DescribeSnapshotGroups", list)

    def tag(self, snapshot_ids: Sequence[str], tags: Mapping[str, str]) -> None:
        self._calls.tag(snapshot_ids, lambda some: self._state.tag(some, tags))

    def untag(self, snapshot_ids: Sequence[str], keys: Sequence[str]) -> None:
        for start in range(0, len(snapshot_ids), TAG_PAGE):
            some = snapshot_ids[start : start + TAG_PAGE]
            self._calls.enter("UntagResources", partial(self._state.snapshots.untag, some, keys))

    def _pages(self, ids: Sequence[str], since: datetime) -> Iterator[list[Snapshot]]:
        """Each page shows its snapshots as they are when it is asked for."""
        known = self._state.snapshots.known
        begun = self._state.begun_since(ids, since)
        for page in self._calls.read("DescribeSnapshots", lambda: begun):
            yield [found for each in page if (found := known(each))]


class NightDisks:
    def __init__(self, calls: NightCalls, state: NightState) -> None:
        self._calls, self._state = calls, state

    def find(self, disk_ids: Sequence[str]) -> list[Disk]:
        found: list[Disk] = []
        for start in range(0, len(disk_ids), PAGE):
            some = disk_ids[start : start + PAGE]
            found += self._calls.enter("DescribeDisks", partial(self._state.disks.find, some))
        return found

    def of_instance(self, instance_id: str) -> list[Disk]:
        return self._calls.whole("DescribeDisks", lambda: self._state.disks.on(instance_id))

    def everywhere(self) -> Iterator[list[Disk]]:
        return self._calls.read("DescribeDisks", self._state.all_disks, DISK_PAGE)

    def instances(self, instance_ids: Sequence[str]) -> list[Instance]:
        return self._calls.enter("DescribeInstances", lambda: self._state.disks.instances(instance_ids))


class NightImages:
    def __init__(self, calls: NightCalls, state: NightState) -> None:
        self._calls, self._state = calls, state

    def tagged(self, tags: Mapping[str, str]) -> list[Image]:
        return self._calls.whole("DescribeImages", lambda: self._state.images.tagged(tags)[:MOST_TAGGED])

    def of_snapshot(self, snapshot_id: str) -> list[Image]:
        return self._calls.whole("DescribeImages", lambda: self._state.images.of_snapshot(snapshot_id))

    def made_since(self, since: datetime) -> Iterator[list[Image]]:
        return self._calls.read("DescribeImages", lambda: self._state.made_since(since))

    def named(self, name: str) -> list[Image]:
        return self._calls.whole("DescribeImages", lambda: self._state.images.named(name))

    def create(self, request: ImageRequest) -> str:
        return self._calls.enter("CreateImage", lambda: self._state.create(request))

    def create_all(self, requests: Sequence[ImageRequest]) -> list[str | CloudError]:
        attempts = [partial(self._calls.arrive, "CreateImage", partial(self._state.create, each)) for each in requests]
        return self._calls.send_all("CreateImage", attempts)

    def tag(self, image_ids: Sequence[str], tags: Mapping[str, str]) -> None:
        self._calls.tag(image_ids, lambda some: self._state.images.tag(some, tags))

    def set_family(self, image_id: str, family: str) -> None:
        self._calls.enter("ModifyImageAttribute", lambda: self._state.images.set_family(image_id, family))


class NightQueue:
    def __init__(self, state: NightState, pause: Callable[[], None]) -> None:
        self._state, self._pause = state, pause

    def publish(self, message: StatusMessage) -> None:
        self._pause()
        self._state.tell(message)
