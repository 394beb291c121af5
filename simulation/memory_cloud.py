"""The ports in memory: images and a queue that keep state and follow ECS's rules, with faults on demand."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from typing import Any

from shared.adapters.patience import Patience
from shared.domain.errors import CloudError
from shared.domain.facts import Disk, Image, Snapshot, SnapshotGroup
from shared.domain.image_request import ImageRequest
from shared.domain.message import StatusMessage
from shared.ports import Clock, Cloud
from simulation.memory_snapshots import Entrance, MemoryCalls, MemorySnapshots, list_pages
from simulation.refusals import refuse
from simulation.shelf import Shelf

START = datetime(2026, 11, 20, 2, 10, tzinfo=timezone.utc)
"""When it is, unless a test says otherwise."""


@dataclass(frozen=True)
class Fault:
    """What the next call raises, and whether it has taken effect by then."""

    error: CloudError
    applied: bool = False


class MemoryClock:
    def __init__(self, moment: datetime = START) -> None:
        self._moment = moment

    def now(self) -> datetime:
        return self._moment

    def advance(self, span: timedelta) -> None:
        self._moment += span

    def sleep(self, span: timedelta) -> None:
        self.advance(span)


class MemoryImages:
    """Names are unique, a known token answers with the first image, and an image is `Creating` until a test says more.

    `faults` belong to `create`.
    """

    def __init__(self, calls: Entrance, clock: Clock, images: Sequence[Image] = ()) -> None:
        self.images = Shelf(images)
        self.families: dict[str, str] = {}
        self.faults: list[Fault] = []
        self._tokens: dict[str, tuple[ImageRequest, str]] = {}
        self._calls = calls
        self._clock = clock

    def finish(self, image_id: str, **changes: Any) -> None:
        self.change(image_id, **({"status": "Available"} | changes))

    def fail(self, image_id: str) -> None:
        self.change(image_id, status="CreateFailed")

    def change(self, image_id: str, **changes: Any) -> None:
        """What a person with a console may do to an image."""
        self.images[image_id] = replace(self.images[image_id], **changes)

    def delete(self, image_id: str) -> None:
        del self.images[image_id]

    def tagged(self, tags: Mapping[str, str]) -> list[Image]:
        return self._which(lambda: self.images.tagged(tags))

    def of_snapshot(self, snapshot_id: str) -> list[Image]:
        return self._which(lambda: self.images.of_snapshot(snapshot_id))

    def made_since(self, since: datetime) -> list[Image]:
        every = self.images.values()
        return self._which(lambda: [image for image in every if image.created and image.created >= since])

    def named(self, name: str) -> list[Image]:
        return self._which(lambda: self.images.named(name))

    def create(self, request: ImageRequest) -> str:
        return self._calls.enter("CreateImage", lambda: self._create(request))

    def record(self, image_ids: Sequence[str], tags: Mapping[str, str]) -> None:
        self._calls.enter("TagResources", lambda: self._record(image_ids, tags))

    def set_family(self, image_id: str, family: str) -> None:
        self._calls.enter("ModifyImageAttribute", lambda: self._set_family(image_id, family))

    def _which(self, find: Callable[[], list[Image]]) -> list[Image]:
        return list_pages(self._calls, "DescribeImages", find)

    def _create(self, request: ImageRequest) -> str:
        fault = self.faults.pop(0) if self.faults else None
        if fault and not fault.applied:
            raise fault.error
        image_id = self._known(request) or self._make(request)
        if fault:
            raise fault.error
        return image_id

    def _record(self, image_ids: Sequence[str], tags: Mapping[str, str]) -> None:
        if gone := [image_id for image_id in image_ids if image_id not in self.images]:
            raise refuse("TagResources", 404, "InvalidResourceId.NotFound", f"no such image: {gone}", "request-tag")
        for image_id in image_ids:
            self.change(image_id, tags={**self.images[image_id].tags, **tags})

    def _set_family(self, image_id: str, family: str) -> None:
        if image_id not in self.images:
            raise refuse(
                "ModifyImageAttribute", 404, "InvalidImageId.NotFound", f"no such image: {image_id}", "request-family"
            )
        self.families[image_id] = family

    def _known(self, request: ImageRequest) -> str | None:
        """A token outlives its image: how long is documented nowhere."""
        if request.client_token not in self._tokens:
            return None
        given, image_id = self._tokens[request.client_token]
        if given != request:
            raise refuse(
                "CreateImage", 400, "IdempotenceParamNotMatch", "token used for another request", "request-token"
            )
        return image_id

    def _make(self, request: ImageRequest) -> str:
        if self.images.named(request.name):
            raise refuse("CreateImage", 400, "InvalidImageName.Duplicated", f"{request.name} is in use", "request-name")
        image_id = f"m-{len(self._tokens) + 1}"
        disks = tuple(replace(disk, disk_id=None) for disk in request.disk_set.disks)
        made = Image(image_id, request.name, "Creating", self._clock.now(), disks, dict(request.tags))
        self.images[image_id] = made
        self._tokens[request.client_token] = request, image_id
        return image_id


@dataclass
class MemoryQueue:
    """`faults` belong to `publish`."""

    messages: list[StatusMessage] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def publish(self, message: StatusMessage) -> None:
        fault = self.faults.pop(0) if self.faults else None
        if fault is None or fault.applied:
            self.messages.append(message)
        if fault:
            raise fault.error


@dataclass(frozen=True)
class MemoryCloud(Cloud):
    snapshots: MemorySnapshots
    images: MemoryImages
    queue: MemoryQueue
    clock: MemoryClock
    calls: MemoryCalls


def memory_cloud(
    snapshots: Sequence[Snapshot] = (),
    disks: Sequence[Disk] = (),
    images: Sequence[Image] = (),
    groups: Mapping[str, Sequence[SnapshotGroup]] | None = None,
    now: datetime = START,
    patient_for: timedelta | None = None,
) -> MemoryCloud:
    """Throttled calls are waited out as in a function that has so much time; not at all without it."""
    clock = MemoryClock(now)
    calls = MemoryCalls(Patience(clock, now + patient_for if patient_for else None))
    known = MemorySnapshots(calls, snapshots, disks, groups)
    return MemoryCloud(known, MemoryImages(calls, clock, images), MemoryQueue(), clock, calls)
