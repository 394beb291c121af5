"""All images of an account as retirement sees them, taken in page by page: what it decides about, and what that touches."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone

from .retirement_facts import Candidate, ImageEntry, candidate_of

EPOCH = datetime.fromtimestamp(0, timezone.utc)
GroupKey = tuple[str, str]
"""Plan and system disk."""


@dataclass
class Families:
    """Which image is the newest of each family: ECS goes by the time of creation among the available ones
    (ECS help, "Image family overview")."""

    _newest: dict[str, tuple[datetime, list[str]]] = field(default_factory=dict)

    def take(self, entry: ImageEntry) -> None:
        """Of several that were created at one moment each may be the newest."""
        if not entry.family or entry.image.status != "Available":
            return
        created = entry.image.created or EPOCH
        best, ids = self._newest.get(entry.family, (EPOCH, []))
        if created > best or not ids:
            self._newest[entry.family] = (created, [entry.image.id])
        elif created == best:
            ids.append(entry.image.id)

    @property
    def heads(self) -> frozenset[str]:
        return frozenset(image_id for _, ids in self._newest.values() for image_id in ids)


@dataclass
class AccountImages:
    groups: dict[GroupKey, list[Candidate]] = field(default_factory=lambda: defaultdict(list))
    families: Families = field(default_factory=Families)
    image_ids: set[str] = field(default_factory=set)
    held: Counter[str] = field(default_factory=Counter)
    """By snapshot: how many images hold it, whoever made them."""
    left_alone: Counter[str] = field(default_factory=Counter)
    """How many images nothing is decided about, by the reason."""

    def take(self, entries: Iterable[ImageEntry], plans: Mapping[str, object]) -> None:
        """`plans` are the names of those whose images are retired. An image that comes while pages are read moves others
        to the next page, where they are seen twice."""
        for entry in entries:
            if entry.image.id in self.image_ids:
                continue
            self.image_ids.add(entry.image.id)
            self.held.update({disk.snapshot_id for disk in entry.image.disks if disk.snapshot_id})
            self.families.take(entry)
            candidate = candidate_of(entry)
            if candidate is None:
                self.left_alone["not an image of snapimage"] += 1
            elif candidate.plan not in plans:
                self.left_alone["of no plan that retires images"] += 1
            else:
                self.groups[candidate.plan, candidate.disk_id].append(candidate)

    def forget(self, image: Candidate) -> None:
        """It was deleted."""
        self.image_ids.discard(image.id)
        self.held.subtract(image.snapshot_ids)

    @property
    def candidates(self) -> list[Candidate]:
        return [image for images in self.groups.values() for image in images]
