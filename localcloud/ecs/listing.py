"""Which resources a Describe call means: where it looks, and what each must be like."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from localcloud.ecs.collection import Collection, Resource
from localcloud.ecs.params import Params
from localcloud.ecs.tags import tag_filter

MOST_TAGGED = 1000
"""SDK 7.11.8, DescribeSnapshotsRequestTag.key (likewise of disks, images and instances): a query by tags cannot return
more than 1,000 resources; ListTagResources is named for more. No code is listed for it, so the rest is cut off."""

T = TypeVar("T", bound=Resource)
Test = Callable[[T], bool]


@dataclass(frozen=True)
class Listing(Generic[T]):
    collection: Collection[T]
    tests: tuple[Test[T], ...] = ()
    narrowed: Sequence[T] | None = None
    """The only ones in question, in order; None for all."""

    def since(self, place: int = 0) -> Iterator[T]:
        """From a place of the collection on."""
        if self.narrowed is None:
            candidates = self.collection.since(place)
        else:
            candidates = (each for each in self.narrowed if self.collection.place(each) >= place)
        return (each for each in candidates if all(test(each) for test in self.tests))


def tagged(params: Params, collection: Collection[T], exists: Test[T] | None = None) -> list[T] | None:
    """What the Tag.N of a query leave, None without any. The other filters see these 1,000 only: whether ECS cuts

    before or after them is not documented, and before is the harder case for a caller. The first in order stay.
    """
    wanted = tag_filter(params)
    if not wanted:
        return None
    found = collection.tagged(wanted)
    return [each for each in found if exists is None or exists(each)][:MOST_TAGGED]


def given(*tests: Test[T] | None) -> tuple[Test[T], ...]:
    """Without those that the query does not ask for."""
    return tuple(test for test in tests if test is not None)
