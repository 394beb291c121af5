"""The ports of a history: the cloud in memory behind the injector. What is done to it is recorded and judged at once."""

from collections.abc import Mapping, Sequence
from typing import Any

from shared.adapters.throttling import CallRecord, Throttling
from shared.domain.facts import Disk, Image, Instance
from shared.domain.image_request import ImageRequest
from shared.domain.message import StatusMessage
from simulation.histories.fault_injector import FaultInjector
from simulation.histories.faults import HOPELESS
from simulation.histories.first_state import foreign_images, groups_of
from simulation.histories.image_life import begin_image
from simulation.histories.oracle import lies
from simulation.histories.oracle_of_sets import set_lies
from simulation.histories.records import Told
from simulation.histories.world import SimulatedWorld
from simulation.memory.cloud import MemoryCloud, MemoryQueue
from simulation.memory.disks import MemoryDisks
from simulation.memory.images import MemoryImages
from simulation.memory.refusals import refuse
from simulation.memory.snapshots import MemorySnapshots

OUTCOME, LOOK = "snapimage:outcome", "snapimage:disks."
ENDS = frozenset({"available", "failing", "failed"})


class HistorySnapshots(MemorySnapshots):
    def __init__(self, world: SimulatedWorld, *parts: Any) -> None:
        super().__init__(*parts)
        self.world = world

    def _tag(self, snapshot_ids: Sequence[str], tags: Mapping[str, str]) -> None:
        super()._tag(snapshot_ids, tags)
        world, word = self.world, tags.get(OUTCOME, "").split(" ")[0]
        world.note(f"{', '.join(snapshot_ids)}: {tags.get(OUTCOME, dict(tags))}")
        ids = frozenset(word for key, line in tags.items() if key.startswith(LOOK) for word in line.split())
        for snapshot_id in snapshot_ids:
            world.touched.append((snapshot_id, frozenset(tags)))
            world.marked.setdefault(snapshot_id, []).append((world.now, word))
            self._note_end(snapshot_id, word)
            if ids:
                world.looks.setdefault(snapshot_id, (world.caller.began, ids))

    def _note_end(self, snapshot_id: str, word: str) -> None:
        world, began = self.world, self.world.caller.began
        if word in ENDS:
            world.ended.setdefault(snapshot_id, world.now)
        elif word and began < world.ended.get(snapshot_id, began):
            world.overwritten.add(snapshot_id)

    def _untag(self, snapshot_ids: Sequence[str], keys: Sequence[str]) -> None:
        super()._untag(snapshot_ids, keys)
        self.world.note(f"{', '.join(snapshot_ids)}: without {', '.join(keys)}")
        self.world.touched += [(snapshot_id, frozenset(keys)) for snapshot_id in snapshot_ids]


class HistoryDisks(MemoryDisks):
    def __init__(self, world: SimulatedWorld, *parts: Any) -> None:
        super().__init__(*parts)
        self.world = world

    def _listed(self, disks: list[Disk], machines: Sequence[str] = ()) -> list[Disk]:
        on: dict[str, set[str]] = {machine: set() for machine in machines}
        for disk in disks:
            on.setdefault(disk.instance_id or "", set()).add(disk.id)
        for invocation in self.world.running[-1:]:
            invocation.saw.update({machine: frozenset(ids) for machine, ids in on.items()})
        return disks


class HistoryImages(MemoryImages):
    def __init__(self, world: SimulatedWorld, injector: FaultInjector, images: Sequence[Image]) -> None:
        super().__init__(injector, world.clock, images)
        self.world = world

    def create(self, request: ImageRequest) -> str:
        self.world.attempts.append(request)
        return super().create(request)

    def _listed(self, images: list[Image]) -> list[Image]:
        """Without those that ECS does not list yet."""
        listed = [image for image in images if image.id not in self.world.hidden]
        for image in listed if self.world.running else ():
            made = self.world.made.get(image.id)
            if made and made.looked is None:
                made.looked = self.world.now
        return listed

    def _create(self, request: ImageRequest) -> str:
        taken = self.world.taken.get(request.snapshot_id)
        if taken and taken.is_hopeless:
            raise refuse("CreateImage", *HOPELESS, "request-hopeless")
        image_id = super()._create(request)
        if made := begin_image(self.world, image_id, request):
            self.world.lies += [("right_disks", lie) for lie in set_lies(made, self.world.caller, self.world)]
        return image_id

    def _tag(self, image_ids: Sequence[str], tags: Mapping[str, str]) -> None:
        super()._tag(image_ids, tags)
        self.world.touched += [(image_id, frozenset(tags)) for image_id in image_ids]

    def _set_family(self, image_id: str, family: str) -> None:
        super()._set_family(image_id, family)
        self.world.touched.append((image_id, frozenset()))
        self.world.promoted.append((self.world.images[image_id], self.world.now, self.world.caller.began))


class HistoryQueue(MemoryQueue):
    def __init__(self, world: SimulatedWorld, injector: FaultInjector) -> None:
        super().__init__()
        self.world, self.injector = world, injector

    def publish(self, message: StatusMessage) -> None:
        def carry_out() -> None:
            world = self.world
            told = Told(message, world.now, world.caller, frozenset(world.caller.refused))
            world.told.append(told)
            world.told_of[message.data.snapshot_id or ""].append(told)
            world.seen[message.data.reason.value] += 1
            found = [f"{message.type} of {message.subject}: {lie}" for lie in lies(told, world)]
            world.lies += [("only_truth", lie) for lie in found]

        said = message.data
        self.injector.publish(f"{said.state.value}/{said.reason.value} {said.image_id or said.snapshot_id}", carry_out)


def open_cloud(world: SimulatedWorld, injector: FaultInjector) -> MemoryCloud:
    """As ECS is when the history begins."""
    history = world.history
    present = [disk for machine in history.machines for disk in machine.listed]
    new = [disk for happening in history.happenings for disk in happening.new]
    tagged = [Instance(machine.id, dict(machine.kind.machine_tags)) for machine in history.machines]
    disks = HistoryDisks(world, injector, world.clock, present + new, tagged)
    snapshots = HistorySnapshots(world, injector, disks, (), groups_of(history))
    images = HistoryImages(world, injector, foreign_images(history))
    return MemoryCloud(
        snapshots, disks, images, HistoryQueue(world, injector), world.clock, CallRecord(Throttling(world.clock, None))
    )
