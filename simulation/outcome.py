"""What a night came to: what was made, what was lost, and how near the time came to what the quota dictates."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from shared.domain.facts import Role
from shared.domain.memory import OPEN, SNAPSHOT
from simulation.night_cloud import NightCloud
from simulation.night_world import Fleet
from simulation.platform import Function
from simulation.quota import MINUTE


@dataclass(frozen=True)
class Outcome:
    """Times are in seconds after the first snapshot could end. Lists name snapshots, unless they say otherwise."""

    fleet: Fleet
    cloud: NightCloud
    functions: Mapping[str, Function]

    @property
    def last_image(self) -> float:
        return max(self.cloud.made_at, default=0)

    @property
    def lost(self) -> list[str]:
        """System snapshots without an image."""
        return [snapshot for snapshot, images in self._images().items() if images == 0]

    @property
    def twice(self) -> list[str]:
        """System snapshots with several images."""
        return [snapshot for snapshot, images in self._images().items() if images > 1]

    @property
    def unfinished(self) -> list[str]:
        """Images that lack a disk of their instance, or whose end was not told."""
        systems = {each.snapshot.id: each.snapshot.disk_id for each in self.fleet.endings}
        instances = {disk.id: disk.instance_id for disk in self.fleet.disks}
        disks = Counter(instances.values())
        return [
            image.id
            for image in self.cloud.images.images.values()
            if len(image.disks) != disks[instances[systems[image.tags[SNAPSHOT]]]] or image.tags[OPEN] == "yes"
        ]

    @property
    def dead_letters(self) -> set[str]:
        """Events that the platform has given up; an operator can replay them."""
        given_up = self.functions["create_image"].spent.dead_letters
        return {json.loads(payload)["data"]["snapshotId"] for payload in given_up}

    @property
    def unanswered(self) -> list[str]:
        """Snapshots whose event is neither answered on the queue nor a dead letter."""
        told = {message.data.event_id for message in self.cloud.queue.messages}
        waiting = {each.snapshot.id for each in self.fleet.endings} - self.dead_letters
        return sorted(snapshot for snapshot in waiting if f"event-{snapshot}" not in told)

    @property
    def needed(self) -> Counter[str]:
        """Calls of each API that were let in until the last image."""
        last = int(self.last_image // MINUTE)
        made = Counter[str]()
        for (action, minute), count in self.cloud.quota.made.items():
            made[action] += count if minute <= last else 0
        return made

    @property
    def least_seconds(self) -> float:
        """What the quota alone dictates: the time in which it lets in the calls of the API with most of them."""
        return max(self.needed.values(), default=0) / self.cloud.quota.per_minute * MINUTE

    @property
    def last_ending(self) -> float:
        """When the last snapshot was finished."""
        return max(each.seconds for each in self.fleet.endings)

    @property
    def ratio(self) -> float:
        """To what the quota dictates, or to the end of the last snapshot where that comes later."""
        return self.last_image / max(self.least_seconds, self.last_ending)

    @property
    def calls_of_events(self) -> Counter[str]:
        """Calls that were let in for all events together: without the timers, which run in quiet nights, too."""
        made = Counter[str]()
        for (function, action), count in self.cloud.let_in.items():
            made[action] += count if function == "create_image" else 0
        return made

    @cached_property
    def systems(self) -> list[str]:
        """Snapshots of system disks."""
        return [each.snapshot.id for each in self.fleet.endings if each.snapshot.role is Role.SYSTEM]

    def _images(self) -> dict[str, int]:
        return {each: len(self.cloud.images.images.tagged({SNAPSHOT: each})) for each in self.systems}
