"""What a run saw, as values: everything that the answers are made of."""

from dataclasses import dataclass, field

from shared.domain.errors import CloudError
from shared.domain.facts import MappedDisk, Snapshot

Said = str | CloudError
"""The id that CreateImage returned, or its refusal."""
Seconds = float | None
"""None: not in ten minutes."""


@dataclass(frozen=True)
class FirstImage:
    """One image, from its request to after its deletion."""

    source: Snapshot
    id: str
    listed: dict[str, Seconds]
    """After how long each kind of query showed it."""
    used: Seconds
    """After how long Usage of the snapshot said so."""
    status: str
    ready: Seconds
    asked: tuple[MappedDisk, ...]
    disks: tuple[MappedDisk, ...]
    unasked_tags: dict[str, str]
    same_token: Said
    other_request: Said
    same_name: Said
    unused: Seconds
    """After its deletion: until Usage turned back."""
    token_afterwards: Said


@dataclass(frozen=True)
class Listings:
    unknown: dict[str, int | CloudError]
    """How many entries a question for an unknown id gave."""
    is_stable: bool
    """Two listings of all snapshots, one after the other, in the same order."""
    has_repeats: bool


@dataclass(frozen=True)
class QueueStory:
    arrived_whole: bool
    missing: str
    """The code of a queue that is not there."""
    oversized: str


@dataclass(frozen=True)
class Observations:
    image: FirstImage | CloudError
    refusals: dict[str, Said]
    listings: Listings | CloudError
    queue: QueueStory | str
    """Or why there was no queue."""
    left: list[str] = field(default_factory=list)
