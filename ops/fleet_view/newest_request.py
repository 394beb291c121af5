"""The CreateImage request for the newest snapshot, as the functions would make it if nothing were known of it yet."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ops.fleet_view.reading import FleetReading
from shared.domain.answers import Answer
from shared.domain.decide import decide
from shared.domain.decision import Decided, Matter, View
from shared.domain.errors import CloudError
from shared.domain.facts import Image, Snapshot
from shared.domain.image_tags import SNAPSHOT
from shared.domain.outcome import OUTCOME
from shared.flows.answer import carry_out
from shared.flows.gather import gather
from shared.flows.region import Region


class WithoutImagesOf:
    """The images of the account but for those of one snapshot."""

    def __init__(self, images: Any, snapshot_id: str) -> None:
        self._images = images
        self._snapshot_id = snapshot_id

    def tagged(self, tags: Mapping[str, str]) -> list[Image]:
        return [each for each in self._images.tagged(tags) if each.tags.get(SNAPSHOT) != self._snapshot_id]

    def of_snapshot(self, snapshot_id: str) -> list[Image]:
        return [] if snapshot_id == self._snapshot_id else self._images.of_snapshot(snapshot_id)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._images, name)


def decide_as_new(snapshot: Snapshot, reading: FleetReading) -> Answer:
    """Whatever became of it is left out of account."""
    images: Any = WithoutImagesOf(reading.cloud.images, snapshot.id)
    cloud, now = replace(reading.cloud, images=images), reading.cloud.clock.now()
    tags = {key: value for key, value in snapshot.tags.items() if key != OUTCOME}
    matter = Matter(snapshot=replace(snapshot, tags=tags, usage="none"))

    def of(_: Matter, view: View) -> Decided:
        return decide(matter.snapshot or snapshot, view, reading.rules, now)

    (result,) = gather([matter], of, View(), cloud, Region(may_list=False))
    return _answer(matter, result, reading)


def _answer(matter: Matter, result: Decided | CloudError, reading: FleetReading) -> Answer:
    return carry_out(matter, result, reading.rules, reading.cloud)
