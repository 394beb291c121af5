"""Images by their ids, found by tag, system snapshot or name without looking at each: a night has thousands."""

from collections.abc import Iterator, Mapping, Sequence

from shared.domain.facts import Image, Role


class ImageIndex(dict[str, Image]):
    """Set and deleted by item only."""

    def __init__(self, images: Sequence[Image] = ()) -> None:
        super().__init__()
        self._where: dict[tuple[str, ...], dict[str, None]] = {}
        for image in images:
            self[image.id] = image

    def __setitem__(self, image_id: str, image: Image) -> None:
        self._forget(image_id)
        super().__setitem__(image_id, image)
        for label in _labels(image):
            self._where.setdefault(label, {})[image_id] = None

    def __delitem__(self, image_id: str) -> None:
        self._forget(image_id)
        super().__delitem__(image_id)

    def tagged(self, tags: Mapping[str, str]) -> list[Image]:
        """Those that carry all of the tags."""
        groups = [self._where.get(("tag", *pair), {}) for pair in tags.items()]
        fewest = min(groups, key=len, default=self)
        return [self[each] for each in fewest if tags.items() <= self[each].tags.items()]

    def of_snapshot(self, snapshot_id: str) -> list[Image]:
        """Those made from this system snapshot."""
        return [self[each] for each in self._where.get(("snapshot", snapshot_id), {})]

    def named(self, name: str) -> list[Image]:
        return [self[each] for each in self._where.get(("name", name), {})]

    def _forget(self, image_id: str) -> None:
        if image_id in self:
            for label in _labels(self[image_id]):
                self._where[label].pop(image_id, None)


def _labels(image: Image) -> Iterator[tuple[str, ...]]:
    yield "name", image.name
    for pair in image.tags.items():
        yield "tag", *pair
    for disk in image.disks:
        if disk.role is Role.SYSTEM and disk.snapshot_id:
            yield "snapshot", disk.snapshot_id
