"""A cloud with state for the tests of decisions and flows: what ECS has, what it refuses, what was asked and what was told."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from fakes.builders import NOW
from shared.domain.decision import View
from shared.domain.errors import AlreadyExists, CloudError, Curable, TokenTaken
from shared.domain.facts import Disk, Image, Instance, Snapshot, SnapshotGroup
from shared.domain.image_request import ImageRequest
from shared.domain.message import StatusMessage
from shared.domain.outcome import OUTCOME
from shared.flows.gather import gather
from shared.flows.region import Region
from shared.ports import Cloud

T = TypeVar("T")


@dataclass
class World:
    """Also its own clock and call log. `refuses` holds what each action answers instead; `gone` what no tag can be set on."""

    moment: datetime = NOW
    snapshots: dict[str, Snapshot] = field(default_factory=dict)
    disks: dict[str, Disk] = field(default_factory=dict)
    instances: dict[str, Instance] = field(default_factory=dict)
    groups: dict[str, list[SnapshotGroup]] = field(default_factory=dict)
    images: dict[str, Image] = field(default_factory=dict)
    families: dict[str, str] = field(default_factory=dict)
    messages: list[StatusMessage] = field(default_factory=list)
    actions: list[str] = field(default_factory=list)
    refuses: dict[str, CloudError] = field(default_factory=dict)
    queue_is_down: CloudError | None = None
    tokens: dict[str, tuple[ImageRequest, str]] = field(default_factory=dict)
    full: set[str] = field(default_factory=set)
    """Resources whose twenty tags are taken, or that are gone."""

    @property
    def cloud(self) -> Cloud:
        return Cloud(FakeSnapshots(self), FakeDisks(self), FakeImages(self), FakeQueue(self), self, self)

    def view(self, decide: Callable[[View], T]) -> T | CloudError:
        """What a decision comes to when it is told all that it asks for."""
        return gather([None], lambda _, view: decide(view), View(), self.cloud, Region(may_list=False))[0]

    def ask(self, action: str, pages: int = 1) -> None:
        self.actions += [action] * max(1, pages)
        if action in self.refuses:
            raise self.refuses[action]

    def told(self) -> list[tuple[str, str, bool]]:
        """State, reason and whether it is the end, of every message."""
        return [(each.data.state.value, each.data.reason.value, each.data.terminal) for each in self.messages]

    def outcome(self, snapshot_id: str = "s-sys") -> str | None:
        return self.snapshots[snapshot_id].tags.get(OUTCOME)

    def change(self, image_id: str = "m-1", **changes: Any) -> None:
        self.images[image_id] = replace(self.images[image_id], **changes)

    def now(self) -> datetime:
        return self.moment

    def sleep(self, span: timedelta) -> None:
        self.moment += span

    def mark(self) -> int:
        return len(self.actions)

    def since(self, mark: int) -> list[str]:
        return self.actions[mark:]

    def waited(self, mark: int) -> timedelta:
        return timedelta(0)


def world(*facts: Snapshot | Disk | Instance | Image, **more: Any) -> World:
    made = World(**more)
    stored: dict[type, dict[str, Any]] = {
        Snapshot: made.snapshots, Disk: made.disks, Instance: made.instances, Image: made.images,
    }  # fmt: skip
    for fact in facts:
        stored[type(fact)][fact.id] = fact
    return made


@dataclass(frozen=True)
class FakeSnapshots:
    world: World

    def find(self, snapshot_ids: Sequence[str]) -> list[Snapshot]:
        return self._which(lambda each: each.id in snapshot_ids, -(-len(snapshot_ids) // 100))

    def of_disk(self, disk_id: str, since: datetime) -> list[Snapshot]:
        return self._which(lambda each: each.disk_id == disk_id and each.created >= since)

    def of_instance(self, instance_id: str, since: datetime) -> list[Snapshot]:
        here = {disk.id for disk in self.world.disks.values() if disk.instance_id == instance_id}
        return self._which(lambda each: each.disk_id in here and each.created >= since)

    def of_system_disks(self, since: datetime) -> Iterator[list[Snapshot]]:
        found = self._which(lambda each: each.role.value == "system" and each.created >= since)
        yield from (found[start : start + 100] for start in range(0, max(1, len(found)), 100))

    def of_data_disks(self, since: datetime) -> Iterator[list[Snapshot]]:
        yield self._which(lambda each: each.role.value == "data" and each.created >= since)

    def tagged(self, tags: Mapping[str, str]) -> list[Snapshot]:
        return self._which(lambda each: tags.items() <= each.tags.items())

    def groups_of_instance(self, instance_id: str) -> list[SnapshotGroup]:
        found = self.world.groups.get(instance_id, [])
        self.world.ask("DescribeSnapshotGroups", -(-len(found) // 100))
        return found

    def tag(self, snapshot_ids: Sequence[str], tags: Mapping[str, str]) -> None:
        _tag(self.world, self.world.snapshots, snapshot_ids, tags)

    def untag(self, snapshot_ids: Sequence[str], keys: Sequence[str]) -> None:
        self.world.ask("UntagResources", -(-len(snapshot_ids) // 50))
        for each in snapshot_ids:
            known = self.world.snapshots[each]
            kept = {key: value for key, value in known.tags.items() if key not in keys}
            self.world.snapshots[each] = replace(known, tags=kept)

    def _which(self, test: Callable[[Snapshot], bool], pages: int = 1) -> list[Snapshot]:
        self.world.ask("DescribeSnapshots", pages)
        return [each for each in self.world.snapshots.values() if test(each)]


@dataclass(frozen=True)
class FakeDisks:
    world: World

    def find(self, disk_ids: Sequence[str]) -> list[Disk]:
        self.world.ask("DescribeDisks", -(-len(disk_ids) // 100))
        return [each for each in self.world.disks.values() if each.id in disk_ids]

    def of_instance(self, instance_id: str) -> list[Disk]:
        self.world.ask("DescribeDisks")
        return [each for each in self.world.disks.values() if each.instance_id == instance_id]

    def everywhere(self) -> Iterator[list[Disk]]:
        self.world.ask("DescribeDisks")
        yield list(self.world.disks.values())

    def instances(self, instance_ids: Sequence[str]) -> list[Instance]:
        self.world.ask("DescribeInstances", -(-len(instance_ids) // 100))
        return [each for each in self.world.instances.values() if each.id in instance_ids]


@dataclass(frozen=True)
class FakeImages:
    world: World

    def tagged(self, tags: Mapping[str, str]) -> list[Image]:
        return self._which(lambda each: tags.items() <= each.tags.items())

    def of_snapshot(self, snapshot_id: str) -> list[Image]:
        return self._which(lambda each: each.system_snapshot_id == snapshot_id)

    def made_since(self, since: datetime) -> Iterator[list[Image]]:
        yield self._which(lambda each: each.created is not None and each.created >= since)

    def named(self, name: str) -> list[Image]:
        return self._which(lambda each: each.name == name)

    def create(self, request: ImageRequest) -> str:
        """A known token answers with the first image, unless the request differs; no name is taken twice."""
        world = self.world
        world.ask("CreateImage")
        first, image_id = world.tokens.get(request.client_token, (request, ""))
        if first != request:
            raise TokenTaken("IdempotentParameterMismatch", "another request had this token", 400)
        if image_id:
            return image_id
        if any(each.name == request.name for each in world.images.values()):
            raise AlreadyExists("InvalidImageName.Duplicated", "the name is taken", 400)
        image_id = f"m-{len(world.images) + 1}"
        world.images[image_id] = Image(
            image_id, request.name, "Creating", world.moment, request.disk_set.disks, dict(request.tags)
        )
        world.tokens[request.client_token] = request, image_id
        for disk in request.disk_set.disks:
            if disk.snapshot_id in world.snapshots:
                world.snapshots[disk.snapshot_id] = replace(world.snapshots[disk.snapshot_id], usage="image")
        return image_id

    def create_all(self, requests: Sequence[ImageRequest]) -> list[str | CloudError]:
        return [self._try(request) for request in requests]

    def _try(self, request: ImageRequest) -> str | CloudError:
        try:
            return self.create(request)
        except CloudError as refusal:
            return refusal

    def tag(self, image_ids: Sequence[str], tags: Mapping[str, str]) -> None:
        _tag(self.world, self.world.images, image_ids, tags)

    def set_family(self, image_id: str, family: str) -> None:
        self.world.ask("ModifyImageAttribute")
        self.world.families[image_id] = family

    def _which(self, test: Callable[[Image], bool]) -> list[Image]:
        self.world.ask("DescribeImages")
        return [each for each in self.world.images.values() if test(each)]


@dataclass(frozen=True)
class FakeQueue:
    world: World

    def publish(self, message: StatusMessage) -> None:
        if self.world.queue_is_down:
            raise self.world.queue_is_down
        self.world.messages.append(message)


def _tag(world: World, stored: dict[str, Any], ids: Sequence[str], tags: Mapping[str, str]) -> None:
    world.ask("TagResources", -(-len(ids) // 50))
    if any(each in world.full or each not in stored for each in ids):
        raise Curable("QuotaExceed.Tags", "no room for another tag", 400)
    for each in ids:
        stored[each] = replace(stored[each], tags={**stored[each].tags, **tags})
