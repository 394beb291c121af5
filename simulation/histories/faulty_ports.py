"""The ports in memory as a history sees them: every method is one call through the injector."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from itertools import chain
from typing import TypeVar

from shared.adapters.throttling import CallRecord, Throttling
from shared.domain.errors import CloudError
from shared.domain.facts import Disk, Image, Instance, Snapshot, SnapshotGroup
from shared.domain.image_request import ImageRequest
from shared.ports import Cloud
from simulation.histories.fault_injector import FaultInjector
from simulation.histories.faults import HOPELESS
from simulation.histories.faulty_queue import FaultyQueue, PassingClock
from simulation.histories.image_life import begin_image
from simulation.histories.oracle_of_sets import set_lies
from simulation.histories.world import SimulatedWorld
from simulation.memory.calls import list_pages, read_pages
from simulation.memory.images import create_each
from simulation.memory.refusals import refuse

T = TypeVar("T")
OUTCOME, LOOK = "snapimage:outcome", "snapimage:disks."
ENDS = frozenset({"available", "failing", "failed"})


class FaultyPort:
    """One for a whole history: it knows by the injector whose call it is."""

    def __init__(self, world: SimulatedWorld, injector: FaultInjector) -> None:
        self.world, self.injector = world, injector

    def enter(self, action: str, apply: Callable[[], T]) -> T:
        """With the real patience: what is throttled comes to the injector again."""
        return self.injector.running[-1].calls.send(action, partial(self.injector.ask, action, apply))


class FaultySnapshots(FaultyPort):
    def find(self, snapshot_ids: Sequence[str]) -> list[Snapshot]:
        return list_pages(self, "DescribeSnapshots", lambda: self.world.cloud.snapshots.find(snapshot_ids))

    def of_disk(self, disk_id: str, since: datetime) -> list[Snapshot]:
        return list_pages(self, "DescribeSnapshots", lambda: self.world.cloud.snapshots.of_disk(disk_id, since))

    def of_instance(self, instance_id: str, since: datetime) -> list[Snapshot]:
        return list_pages(self, "DescribeSnapshots", lambda: self.world.cloud.snapshots.of_instance(instance_id, since))

    def of_system_disks(self, since: datetime) -> Iterator[list[Snapshot]]:
        def find() -> list[Snapshot]:
            return list(chain.from_iterable(self.world.cloud.snapshots.of_system_disks(since)))

        return read_pages(self, "DescribeSnapshots", find)

    def of_data_disks(self, since: datetime) -> Iterator[list[Snapshot]]:
        def find() -> list[Snapshot]:
            return list(chain.from_iterable(self.world.cloud.snapshots.of_data_disks(since)))

        return read_pages(self, "DescribeSnapshots", find)

    def tagged(self, tags: Mapping[str, str]) -> list[Snapshot]:
        return list_pages(self, "DescribeSnapshots", lambda: self.world.cloud.snapshots.carrying(tags))

    def groups_of_instance(self, instance_id: str) -> list[SnapshotGroup]:
        return list_pages(
            self, "DescribeSnapshotGroups", lambda: self.world.cloud.snapshots.groups_of_instance(instance_id)
        )

    def tag(self, snapshot_ids: Sequence[str], tags: Mapping[str, str]) -> None:
        def carry_out() -> None:
            self.world.cloud.snapshots.tag(snapshot_ids, tags)
            self.injector.note(f"{', '.join(snapshot_ids)}: {tags.get(OUTCOME, dict(tags))}")
            ids = frozenset(word for key, line in tags.items() if key.startswith(LOOK) for word in line.split())
            for snapshot_id in snapshot_ids:
                self.world.touched.append((snapshot_id, frozenset(tags)))
                word = tags.get(OUTCOME, "").split(" ")[0]
                self.world.marked.setdefault(snapshot_id, []).append((self.world.now, word))
                self._note_end(snapshot_id, word)
                if ids:
                    self.world.looks.setdefault(snapshot_id, ids)

        self.enter("TagResources", carry_out)

    def _note_end(self, snapshot_id: str, word: str) -> None:
        if word in ENDS:
            self.world.ended.setdefault(snapshot_id, self.world.now)
        elif word and self.injector.caller.began < self.world.ended.get(snapshot_id, self.injector.caller.began):
            self.world.overwritten.add(snapshot_id)

    def untag(self, snapshot_ids: Sequence[str], keys: Sequence[str]) -> None:
        def carry_out() -> None:
            self.world.cloud.snapshots.untag(snapshot_ids, keys)
            self.injector.note(f"{', '.join(snapshot_ids)}: without {', '.join(keys)}")
            self.world.touched += [(snapshot_id, frozenset(keys)) for snapshot_id in snapshot_ids]

        self.enter("UntagResources", carry_out)


class FaultyDisks(FaultyPort):
    def find(self, disk_ids: Sequence[str]) -> list[Disk]:
        return self.enter("DescribeDisks", lambda: self.world.cloud.disks.find(disk_ids))

    def of_instance(self, instance_id: str) -> list[Disk]:
        def carry_out() -> list[Disk]:
            found = self.world.cloud.disks.of_instance(instance_id)
            self.injector.caller.saw[instance_id] = frozenset(disk.id for disk in found)
            return found

        return self.enter("DescribeDisks", carry_out)

    def everywhere(self) -> Iterator[list[Disk]]:
        def find() -> list[Disk]:
            found = list(chain.from_iterable(self.world.cloud.disks.everywhere()))
            on: dict[str, set[str]] = {}
            for disk in found:
                on.setdefault(disk.instance_id or "", set()).add(disk.id)
            self.injector.caller.saw.update({machine: frozenset(ids) for machine, ids in on.items()})
            return found

        return read_pages(self, "DescribeDisks", find)

    def instances(self, instance_ids: Sequence[str]) -> list[Instance]:
        return self.enter("DescribeInstances", lambda: self.world.cloud.disks.instances(instance_ids))


class FaultyImages(FaultyPort):
    def tagged(self, tags: Mapping[str, str]) -> list[Image]:
        return list_pages(self, "DescribeImages", lambda: self._listed(self.world.images.tagged(tags)))

    def of_snapshot(self, snapshot_id: str) -> list[Image]:
        return list_pages(self, "DescribeImages", lambda: self._listed(self.world.images.of_snapshot(snapshot_id)))

    def made_since(self, since: datetime) -> Iterator[list[Image]]:
        def find() -> list[Image]:
            return self._listed(list(chain.from_iterable(self.world.cloud.images.made_since(since))))

        return read_pages(self, "DescribeImages", find)

    def named(self, name: str) -> list[Image]:
        return list_pages(self, "DescribeImages", lambda: self._listed(self.world.images.named(name)))

    def create(self, request: ImageRequest) -> str:
        self.world.attempts.append(request)

        def carry_out() -> str:
            taken = self.world.taken.get(request.disk_set.system.snapshot_id or "")
            if taken and taken.is_hopeless:
                raise refuse("CreateImage", *HOPELESS, "request-hopeless")
            image_id = self.world.cloud.images.create(request)
            made = begin_image(self.world, image_id, request)
            if made:
                self.world.lies += [("right_disks", lie) for lie in set_lies(made, self.injector.caller, self.world)]
            return image_id

        return self.enter("CreateImage", carry_out)

    def create_all(self, requests: Sequence[ImageRequest]) -> list[str | CloudError]:
        return create_each(self.create, requests)

    def tag(self, image_ids: Sequence[str], tags: Mapping[str, str]) -> None:
        def carry_out() -> None:
            self.world.cloud.images.tag(image_ids, tags)
            self.world.touched += [(image_id, frozenset(tags)) for image_id in image_ids]

        self.enter("TagResources", carry_out)

    def set_family(self, image_id: str, family: str) -> None:
        def carry_out() -> None:
            self.world.cloud.images.set_family(image_id, family)
            self.world.touched.append((image_id, frozenset()))
            self.world.promoted.append((self.world.images[image_id], self.world.now, self.injector.caller.began))

        self.enter("ModifyImageAttribute", carry_out)

    def _listed(self, images: list[Image]) -> list[Image]:
        """Without those that ECS does not list yet."""
        listed = [image for image in images if image.id not in self.world.hidden]
        for image in listed:
            made = self.world.made.get(image.id)
            if made and made.looked is None:
                made.looked = self.world.now
        return listed


class FaultyCloud:
    """The ports of a history, of which every invocation gets a cloud of its own."""

    def __init__(self, world: SimulatedWorld, injector: FaultInjector, jitter: Callable[[], float]) -> None:
        parts = world, injector
        self._ports = FaultySnapshots(*parts), FaultyDisks(*parts), FaultyImages(*parts), FaultyQueue(*parts)
        self._clock, self._injector, self._jitter = PassingClock(*parts), injector, jitter

    def connect(self) -> Cloud:
        """With as much patience as the invocation has time."""
        caller = self._injector.caller
        caller.calls = CallRecord(Throttling(self._clock, caller.deadline, self._jitter))
        return Cloud(*self._ports, self._clock, caller.calls)
