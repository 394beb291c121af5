"""What is read of a whole region to judge a fleet; there is no way to change anything through it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from shared.domain.facts import Disk, Image, Instance, Snapshot, SnapshotPolicy
    from shared.domain.report import KeptSnapshot
    from shared.domain.report_message import ImageQuota


class FleetReader(Protocol):
    """Every method may raise Transient or Refused; every listing is whole or raises."""

    def instances(self) -> Iterator[list[Instance]]:
        """Every machine, also those that are stopped, page by page."""

    def instance(self, instance_id: str) -> Instance | None:
        """None when there is none."""

    def disks(self) -> Iterator[list[Disk]]:
        """Every disk, page by page; one that several machines share comes once for each."""

    def snapshots(self, since: datetime) -> Iterator[list[Snapshot]]:
        """Every snapshot of a system disk that began after `since`, page by page."""

    def find_snapshots(self, snapshot_ids: Sequence[str]) -> list[Snapshot]:
        """Those that exist, in any order."""

    def images(self) -> list[Image]:
        """Those of this account that carry our tags, in all statuses, however many."""

    def image(self, image_id: str) -> Image | None:
        """One of this account, whoever made it; None when there is none."""

    def policies(self) -> list[SnapshotPolicy]:
        """Every automatic snapshot policy."""


class ReportReader(FleetReader, Protocol):
    """What the night's report asks beside."""

    def kept_snapshots(self, until: datetime) -> Iterator[list[KeptSnapshot]]:
        """Every snapshot that an image holds and that began before `until`, page by page."""

    def image_quota(self) -> ImageQuota:
        """Of custom images in the region."""
