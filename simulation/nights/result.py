"""What a night came to: what was made, what was lost, and how near the time came to what the quota dictates."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from shared.domain.facts import Role
from shared.domain.image_tags import OPEN, OPEN_NO, SNAPSHOT
from shared.domain.message_fields import State
from simulation.nights.cloud import NightCloud
from simulation.nights.fleet import NightFleet
from simulation.nights.platform import NightFunction
from simulation.nights.quota import MINUTE

MOST, MOST_SECONDS = 1.1, 120
"""How much later than nobody could be a night may end: times, or seconds where that is more."""
USUAL, MOST_BEYOND = 200, 1.2
"""With more calls a minute than this a night may take so many times as long: listing the region takes as long as before."""


@dataclass(frozen=True)
class NightResult:
    """Times are in seconds after the first snapshot could end. Lists name snapshots, unless they say otherwise."""

    fleet: NightFleet
    cloud: NightCloud
    functions: Mapping[str, NightFunction]

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
            if len(image.disks) != disks[instances[systems[image.tags[SNAPSHOT]]]] or image.tags[OPEN] != OPEN_NO
        ]

    @property
    def dead_letters(self) -> set[str]:
        """Events that the platform has given up; an operator can replay them."""
        given_up = self.functions["create_image"].spent.dead_letters
        return {json.loads(payload)["data"]["snapshotId"] for payload in given_up}

    @property
    def untold(self) -> list[str]:
        """System snapshots of which no message said that their image is usable."""
        return [each for each in self.systems if not self.cloud.told[each, State.AVAILABLE]]

    @property
    def least_seconds(self) -> float:
        """What CreateImage's quota alone dictates."""
        return len(self.systems) / self.cloud.quota.per_minute * MINUTE

    @property
    def goal(self) -> float:
        """The longer of that and the end of the last snapshot: nobody could be done sooner."""
        return max(self.least_seconds, self.last_ending)

    @property
    def is_in_time(self) -> bool:
        most = MOST if self.cloud.quota.per_minute <= USUAL else MOST_BEYOND
        return self.last_image <= max(most * self.goal, self.goal + MOST_SECONDS)

    @property
    def last_ending(self) -> float:
        """When the last snapshot was finished."""
        return max(each.seconds for each in self.fleet.endings)

    @property
    def is_fine(self) -> bool:
        flaws = (self.lost, self.twice, self.unfinished, self.untold, self.dead_letters)
        return self.is_in_time and not any(flaws)

    @property
    def ratio(self) -> float:
        """To what the quota dictates, or to the end of the last snapshot where that comes later."""
        return self.last_image / self.goal

    def calls_of(self, *functions: str) -> Counter[str]:
        """Calls that were let in, by API; of all functions when none is named."""
        made = Counter[str]()
        for (function, action), count in self.cloud.let_in.items():
            made[action] += count if function in functions or not functions else 0
        return made

    @property
    def gb_seconds(self) -> float:
        return sum(each.spent.billed_seconds * each.deployed.memory_gib for each in self.functions.values())

    @cached_property
    def systems(self) -> list[str]:
        """Snapshots of system disks."""
        return [each.snapshot.id for each in self.fleet.endings if each.snapshot.role is Role.SYSTEM]

    def _images(self) -> dict[str, int]:
        return {each: len(self.cloud.images.images.tagged({SNAPSHOT: each})) for each in self.systems}
