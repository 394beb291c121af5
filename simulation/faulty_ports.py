"""The ports in memory as a history sees them: every method is one call through the door."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from shared.adapters.patience import CallRecord, Patience
from shared.domain.facts import Disk, Image, Snapshot, SnapshotGroup
from shared.domain.image_request import ImageRequest
from shared.domain.message import StatusMessage
from shared.domain.refusal import ANSWER
from shared.ports import Cloud
from simulation.door import Door
from simulation.truth import lies
from simulation.world import Told, World

T = TypeVar("T")


@dataclass(frozen=True)
class FaultyPort:
    world: World
    door: Door
    calls: CallRecord

    def _ask(self, action: str, carry_out: Callable[[], T]) -> T:
        """With the real patience: what is throttled comes to the door again."""
        return self.calls.send(action, lambda: self.door.ask(action, carry_out))


class FaultySnapshots(FaultyPort):
    def find(self, snapshot_ids: Sequence[str]) -> list[Snapshot]:
        return self._ask("DescribeSnapshots", lambda: self.world.cloud.snapshots.find(snapshot_ids))

    def of_disk(self, disk_id: str, since: datetime) -> list[Snapshot]:
        return self._ask("DescribeSnapshots", lambda: self.world.cloud.snapshots.of_disk(disk_id, since))

    def of_instance(self, instance_id: str, since: datetime) -> list[Snapshot]:
        return self._ask("DescribeSnapshots", lambda: self.world.cloud.snapshots.of_instance(instance_id, since))

    def system_disks(self, since: datetime) -> list[Snapshot]:
        return self._ask("DescribeSnapshots", lambda: self.world.cloud.snapshots.system_disks(since))

    def groups(self, instance_id: str) -> list[SnapshotGroup]:
        return self._ask("DescribeSnapshotGroups", lambda: self.world.cloud.snapshots.groups(instance_id))

    def disk(self, disk_id: str) -> Disk | None:
        return self._ask("DescribeDisks", lambda: self.world.cloud.snapshots.disk(disk_id))

    def disks(self, disk_ids: Sequence[str]) -> list[Disk]:
        return self._ask("DescribeDisks", lambda: self.world.cloud.snapshots.disks(disk_ids))

    def attached(self, instance_id: str) -> list[Disk]:
        return self._ask("DescribeDisks", lambda: self.world.cloud.snapshots.attached(instance_id))

    def record(self, snapshot_id: str, tags: Mapping[str, str]) -> None:
        def carry_out() -> None:
            self.world.cloud.snapshots.record(snapshot_id, tags)
            self.world.touched.append((snapshot_id, frozenset(tags)))
            if ANSWER in tags:
                self.world.give_up(snapshot_id, tags[ANSWER], self.door.began)

        self._ask("TagResources", carry_out)


class FaultyImages(FaultyPort):
    def tagged(self, tags: Mapping[str, str]) -> list[Image]:
        return self._ask("DescribeImages", lambda: self._listed(self.world.cloud.images.tagged(tags)))

    def of_snapshot(self, snapshot_id: str) -> list[Image]:
        return self._ask("DescribeImages", lambda: self._listed(self.world.cloud.images.of_snapshot(snapshot_id)))

    def made_since(self, since: datetime) -> list[Image]:
        return self._ask("DescribeImages", lambda: self._listed(self.world.cloud.images.made_since(since)))

    def named(self, name: str) -> list[Image]:
        return self._ask("DescribeImages", lambda: self._listed(self.world.cloud.images.named(name)))

    def create(self, request: ImageRequest) -> str:
        self.world.attempts.append(request)

        def carry_out() -> str:
            image_id = self.world.cloud.images.create(request)
            self.world.begin_image(image_id, request, self.door.began)
            return image_id

        return self._ask("CreateImage", carry_out)

    def record(self, image_ids: Sequence[str], tags: Mapping[str, str]) -> None:
        def carry_out() -> None:
            self.world.cloud.images.record(image_ids, tags)
            self.world.touched += [(image_id, frozenset(tags)) for image_id in image_ids]

        self._ask("TagResources", carry_out)

    def set_family(self, image_id: str, family: str) -> None:
        def carry_out() -> None:
            self.world.cloud.images.set_family(image_id, family)
            self.world.touched.append((image_id, frozenset()))
            self.world.promoted.append((self.world.images[image_id], self.world.now))

        self._ask("ModifyImageAttribute", carry_out)

    def _listed(self, images: list[Image]) -> list[Image]:
        """Without those that ECS does not list yet."""
        return [image for image in images if image.id not in self.world.hidden]


@dataclass(frozen=True)
class FaultyQueue:
    world: World
    door: Door

    def publish(self, message: StatusMessage) -> None:
        def carry_out() -> None:
            told = Told(message, self.world.now, self.door.began)
            self.world.told.append(told)
            self.world.seen[message.data.reason.value] += 1
            self.world.lies += [f"{message.type} of {message.subject}: {lie}" for lie in lies(told, self.world)]
            self.world.cloud.queue.publish(message)

        said = message.data
        self.door.publish(f"{said.state.value}/{said.reason.value} {said.image_id or said.snapshot_id}", carry_out)


@dataclass(frozen=True)
class PassingClock:
    """While one invocation sleeps, the others go on."""

    world: World
    door: Door

    def now(self) -> datetime:
        return self.world.now

    def sleep(self, span: timedelta) -> None:
        self.door.note(f"waits for {span.total_seconds():.0f} s")
        self.world.seen["waited"] += 1
        self.door.pass_time(span)


def faulty_cloud(world: World, door: Door, jitter: Callable[[], float]) -> Cloud:
    """The ports for one invocation, with as much patience as it has time."""
    clock = PassingClock(world, door)
    calls = CallRecord(Patience(clock, door.running[-1].deadline, jitter))
    return Cloud(
        FaultySnapshots(world, door, calls), FaultyImages(world, door, calls), FaultyQueue(world, door), clock, calls
    )
