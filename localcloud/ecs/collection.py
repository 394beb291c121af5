"""The resources of one kind, in the order in which they came, found by id, by tag, or from a place on."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Generic, Protocol, TypeVar

WantedTags = list[tuple[str, str | None]]
"""Keys with the value they must have, or None for any."""


class Resource(Protocol):
    @property
    def id(self) -> str: ...

    @property
    def tags(self) -> dict[str, str]: ...


T = TypeVar("T", bound=Resource)


class Collection(Mapping[str, T], Generic[T]):
    """A place is never given twice, so what is deleted between two pages moves nothing on the next one."""

    def __init__(self) -> None:
        self._by_place: list[T | None] = []
        self._places: dict[str, int] = {}
        self._tagged: dict[tuple[str, str | None], dict[str, None]] = {}

    def __getitem__(self, resource_id: str) -> T:
        found = self._by_place[self._places[resource_id]]
        if found is None:
            raise KeyError(resource_id)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)

    def add(self, resource: T) -> None:
        if resource.id in self._places:
            raise ValueError(f"{resource.id} is there already")
        self._places[resource.id] = len(self._by_place)
        self._by_place.append(resource)
        self._enter(resource)

    def remove(self, resource_id: str) -> None:
        self._leave(self[resource_id])
        self._by_place[self._places.pop(resource_id)] = None

    def retag(self, resource_id: str, tags: Mapping[str, str]) -> None:
        """Its tags are these from now on."""
        resource = self[resource_id]
        self._leave(resource)
        resource.tags.clear()
        resource.tags.update(tags)
        self._enter(resource)

    def place(self, resource: T) -> int:
        return self._places[resource.id]

    def since(self, place: int) -> Iterator[T]:
        for at in range(place, len(self._by_place)):
            found = self._by_place[at]
            if found is not None:
                yield found

    def in_order(self, ids: Iterable[str]) -> list[T]:
        """Those of `ids` that exist."""
        places = sorted(self._places[each] for each in set(ids) if each in self._places)
        return [found for place in places if (found := self._by_place[place]) is not None]

    def tagged(self, wanted: WantedTags) -> list[T]:
        """What has all the tags."""
        groups = sorted((self._tagged.get(tag, {}) for tag in wanted), key=len)
        return self.in_order(each for each in groups[0] if all(each in group for group in groups[1:]))

    def _enter(self, resource: T) -> None:
        for key, value in resource.tags.items():
            for tag in ((key, value), (key, None)):
                self._tagged.setdefault(tag, {})[resource.id] = None

    def _leave(self, resource: T) -> None:
        for key, value in resource.tags.items():
            for tag in ((key, value), (key, None)):
                del self._tagged[tag][resource.id]
