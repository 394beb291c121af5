"""What retirement needs from the outside beside the ports of every flow, and nothing about how it is spelled there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from shared.domain.retirement_facts import ImageEntry, Naming, StoredSnapshot


@dataclass(frozen=True)
class LaunchTemplate:
    id: str
    edition: str
    """Another one means that its versions must be read again; a version itself never changes."""


class Retirement(Protocol):
    """Every method may raise Transient or Refused; every listing is whole or raises. Nothing here forces anything."""

    def own_images(self) -> Iterator[list[ImageEntry]]:
        """Every image of the account in all statuses, page by page."""

    def images_of_disk(self, disk_id: str) -> list[ImageEntry]:
        """Those that carry the disk's id in our tag; raises when ECS may not have shown all of them."""

    def images_of_family(self, family: str) -> list[ImageEntry]:
        """Those of a family, in all statuses."""

    def deprecate(self, image_id: str) -> None:
        """From now on it is in no default listing and in no family; whoever has its id may go on using it."""

    def bring_back(self, image_id: str) -> None:
        """A deprecated image is available again."""

    def delete_image(self, image_id: str) -> None:
        """Its snapshots stay. One that is gone already is no error."""

    def snapshots(self, snapshot_ids: Sequence[str]) -> list[StoredSnapshot]:
        """Those that exist, in any order and number."""

    def tagged_snapshots(self, key: str) -> list[StoredSnapshot]:
        """Those that carry the tag, whatever its value: at most as many as ECS shows of one tag."""

    def untag_snapshots(self, snapshot_ids: Sequence[str], key: str) -> None:
        """A snapshot that is gone is Refused for the whole call."""

    def locked_snapshots(self, snapshot_ids: Sequence[str]) -> frozenset[str]:
        """Those of them that a lock keeps from being deleted."""

    def delete_snapshot(self, snapshot_id: str) -> None:
        """One that is gone already is no error."""

    def launch_templates(self) -> list[LaunchTemplate]:
        """Every launch template of the region."""

    def versions(self, template_id: str) -> list[Naming]:
        """What each version of a template names."""

    def scaling_configurations(self) -> list[Naming]:
        """What each active scaling configuration of the region names."""

    def image_pipelines(self) -> list[Naming]:
        """What each image pipeline of the region begins with."""
