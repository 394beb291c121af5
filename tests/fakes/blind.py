"""Retirement with one of its eyes closed, or one of its rules left out: mistakes that the simulation must find."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from shared.domain.errors import CloudError
from shared.domain.image_marks import PIN
from shared.domain.image_tags import STATE
from shared.domain.release import RELEASE
from shared.domain.retire import Retire
from shared.domain.retirement_facts import ImageEntry, Naming, StoredSnapshot

Ports = tuple[Any, Any]
Change = Callable[[ImageEntry], ImageEntry]


class Proxy:
    """Passes on what it does not change."""

    def __init__(self, port: Any, **changes: Any) -> None:
        self._port = port
        self._changes = changes

    def __getattr__(self, name: str) -> Any:
        change = self._changes.get(name)
        if change is None:
            return getattr(self._port, name)
        return lambda *arguments: change(self._port, *arguments)


def seeing(change: Change) -> Callable[[Any, Any], Ports]:
    """Every image looks other than it is."""

    def pages(port: Any) -> Iterator[list[ImageEntry]]:
        return ([change(entry) for entry in page] for page in port.own_images())

    def of_disk(port: Any, disk_id: str) -> list[ImageEntry]:
        return [change(entry) for entry in port.images_of_disk(disk_id)]

    def of_family(port: Any, family: str) -> list[ImageEntry]:
        return [change(entry) for entry in port.images_of_family(family)]

    changes = {"own_images": pages, "images_of_disk": of_disk, "images_of_family": of_family}
    return lambda cloud, estate: (cloud, Proxy(estate, **changes))


def without_tag(key: str, entry: ImageEntry) -> ImageEntry:
    tags = {name: value for name, value in entry.image.tags.items() if name != key}
    return replace(entry, image=replace(entry.image, tags=tags))


def asking(**changes: Any) -> Callable[[Any, Any], Ports]:
    return lambda cloud, estate: (cloud, Proxy(estate, **changes))


def or_nothing(name: str) -> Any:
    """What cannot be read counts as empty."""

    def ask(port: Any, *arguments: Any) -> list[Any]:
        try:
            return list(getattr(port, name)(*arguments))
        except CloudError:
            return []

    return ask


def without_looking_again(cloud: Any, estate: Any) -> Ports:
    """The second look shows what the first one saw."""
    seen: list[ImageEntry] = []

    def pages(port: Any) -> Iterator[list[ImageEntry]]:
        seen.clear()
        for page in port.own_images():
            seen.extend(page)
            yield page

    def of_disk(port: Any, disk_id: str) -> list[ImageEntry]:
        return [entry for entry in seen if entry.image.tags.get("snapimage:disk") == disk_id]

    return cloud, Proxy(estate, own_images=pages, images_of_disk=of_disk)


def without_notes(cloud: Any, estate: Any) -> Ports:
    """The snapshots do not learn that their image is about to be deleted."""

    def tag(port: Any, ids: Sequence[str], tags: Mapping[str, str]) -> None:
        if RELEASE not in tags:
            port.tag(ids, tags)

    return replace(cloud, snapshots=Proxy(cloud.snapshots, tag=tag)), estate


def with_early_marks(cloud: Any, estate: Any) -> Ports:
    """The grace is said to have begun a month ago."""

    def change(entry: ImageEntry) -> ImageEntry:
        state = entry.image.tags.get(STATE, "")
        tags = {**entry.image.tags, STATE: state.replace("retiring=2026-", "retiring=2025-")}
        return replace(entry, image=replace(entry.image, tags=tags))

    return seeing(change)(cloud, estate)


def stored(change: Callable[[StoredSnapshot], StoredSnapshot]) -> Callable[[Any, Any], Ports]:
    def snapshots(port: Any, ids: Sequence[str]) -> list[StoredSnapshot]:
        return [change(each) for each in port.snapshots(ids)]

    def tagged(port: Any, key: str) -> list[StoredSnapshot]:
        return [change(each) for each in port.tagged_snapshots(key)]

    return asking(snapshots=snapshots, tagged_snapshots=tagged)


def naming_images_only(name: str) -> Any:
    def ask(port: Any, *arguments: Any) -> list[Naming]:
        return [replace(each, snapshot_ids=()) for each in getattr(port, name)(*arguments)]

    return ask


BLIND: dict[str, Callable[[Any, Any], Ports]] = {
    "an instance uses it": seeing(lambda entry: replace(entry, usage="none")),
    "shared": seeing(lambda entry: replace(entry, is_shared=False)),
    "public": seeing(lambda entry: replace(entry, is_public=False)),
    "pinned": seeing(lambda entry: without_tag(PIN, entry)),
    "followed": seeing(lambda entry: replace(entry, image=replace(entry.image, tags={**entry.image.tags, "snapimage:open": "no"}))),
    "newest of its family": seeing(lambda entry: replace(entry, family="")),
    "a high risk": seeing(lambda entry: replace(entry, image=replace(entry.image, check=None))),
    "a launch template": asking(launch_templates=lambda port: []),
    "a scaling configuration": asking(scaling_configurations=lambda port: []),
    "a pipeline": asking(image_pipelines=lambda port: []),
    "templates that cannot be read": asking(launch_templates=or_nothing("launch_templates")),
    "configurations that cannot be read": asking(scaling_configurations=or_nothing("scaling_configurations")),
    "the second look": without_looking_again,
    "the grace": with_early_marks,
    "the note before the deletion": without_notes,
    "the retention": stored(lambda each: replace(each, retention_days=1)),
    "a lock": asking(locked_snapshots=lambda port, ids: frozenset()),
    "who names a snapshot": asking(
        versions=naming_images_only("versions"), scaling_configurations=naming_images_only("scaling_configurations")
    ),
}  # fmt: skip
BELIEVED: dict[str, Callable[[Retire], Retire]] = {
    "the mode": lambda wanted: wanted.model_copy(update={"mode": "delete"}),
    "the last ones": lambda wanted: wanted.model_copy(
        update={"keep": wanted.keep.model_copy(update={"last": 1, "daily": 0, "monthly": 0})}
    ),
    "that the disk is gone": lambda wanted: wanted.model_copy(update={"gone": timedelta(0)}),
    "at most": lambda wanted: wanted.model_copy(update={"at_most": "100%"}),
}
