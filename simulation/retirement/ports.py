"""The ports that retirement needs, over the account in memory."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice

from shared.domain.errors import Refused
from shared.domain.facts import Image, ImageCheck, Risk
from shared.domain.image_tags import DISK
from shared.domain.retirement_facts import ImageEntry, Naming, StoredSnapshot
from shared.retirement_ports import LaunchTemplate
from simulation.retirement.account import MemoryAccount, TrueImage
from simulation.retirement.general_ports import check_there
from simulation.retirement.judge import Judge

PAGE = 5
NO_RISK, AT_RISK = ImageCheck(True), ImageCheck(True, (Risk("GUESTOS.Fstab", "High", "x"),))


def entry_of(image: TrueImage) -> ImageEntry:
    shown = Image(
        image.id, f"name-{image.id}", image.status, image.created, image.disks, dict(image.tags),
        AT_RISK if image.has_risk else NO_RISK, image.is_copy,
    )  # fmt: skip
    guards = image.guards
    usage = "instance" if "instance" in guards else "none"
    return ImageEntry(shown, image.family, usage, "shared" in guards, "public" in guards)


@dataclass
class MemoryRetirement:
    account: MemoryAccount
    judge: Judge

    def own_images(self) -> Iterator[list[ImageEntry]]:
        """By number: what is deleted between two pages moves the others."""
        number = 0
        while True:
            yield self.account.call("DescribeImages", partial(self._page, number * PAGE))
            number += 1
            if number * PAGE >= len(self.account.images):
                return

    def images_of_disk(self, disk_id: str) -> list[ImageEntry]:
        def answer() -> list[ImageEntry]:
            self.judge.look(disk_id)
            return [entry_of(each) for each in self.account.images.values() if each.tags.get(DISK) == disk_id]

        return self.account.call("DescribeImages of disk", answer)

    def images_of_family(self, family: str) -> list[ImageEntry]:
        def answer() -> list[ImageEntry]:
            return [entry_of(each) for each in self.account.images.values() if each.family == family]

        return self.account.call("DescribeImages of family", answer)

    def deprecate(self, image_id: str) -> None:
        def answer() -> None:
            image = self.account.image(image_id)
            self.judge.touch(image, "deprecate")
            self.account.set_status(image, "Deprecated")

        self.account.call("ModifyImageAttribute", answer)

    def bring_back(self, image_id: str) -> None:
        raise NotImplementedError

    def delete_image(self, image_id: str) -> None:
        def answer() -> None:
            if image_id in self.account.images:
                image = self.account.image(image_id)
                self.judge.touch(image, "delete")
                self.account.delete(image)
                self.judge.deleted(image)

        self.account.call("DeleteImage", answer)

    def snapshots(self, snapshot_ids: Sequence[str]) -> list[StoredSnapshot]:
        def answer() -> list[StoredSnapshot]:
            self.judge.look_at_snapshots(snapshot_ids)
            return self._stored(snapshot_ids)

        return self.account.call("DescribeSnapshots", answer)

    def tagged_snapshots(self, key: str) -> list[StoredSnapshot]:
        def answer() -> list[StoredSnapshot]:
            return self._stored([each.id for each in self.account.snapshots.values() if key in each.tags])

        return self.account.call("DescribeSnapshots by tag", answer)

    def untag_snapshots(self, snapshot_ids: Sequence[str], key: str) -> None:
        def answer() -> None:
            for snapshot_id in snapshot_ids:
                check_there(snapshot_id, self.account.snapshots)
            for snapshot_id in snapshot_ids:
                self.account.snapshots[snapshot_id].tags.pop(key, None)

        self.account.call("UntagResources", answer)

    def locked_snapshots(self, snapshot_ids: Sequence[str]) -> frozenset[str]:
        def answer() -> frozenset[str]:
            found = [self.account.snapshots[each] for each in snapshot_ids if each in self.account.snapshots]
            return frozenset(each.id for each in found if each.locked_until and each.locked_until > self.account.now)

        return self.account.call("DescribeLockedSnapshots", answer)

    def delete_snapshot(self, snapshot_id: str) -> None:
        def answer() -> None:
            if snapshot := self.account.snapshots.get(snapshot_id):
                self.judge.touch_snapshot(snapshot)
                self.account.delete_snapshot(snapshot)

        self.account.call("DeleteSnapshot", answer)

    def launch_templates(self) -> list[LaunchTemplate]:
        def answer() -> list[LaunchTemplate]:
            found = [each for each in self.account.named.values() if each.kind == "template"]
            return [LaunchTemplate(each.id, f"{each.since}") for each in found]

        return self.account.call("DescribeLaunchTemplates", answer)

    def versions(self, template_id: str) -> list[Naming]:
        def answer() -> list[Naming]:
            if template_id not in self.account.named:
                raise Refused("InvalidLaunchTemplate.NotFound", template_id, 404)
            return [_naming(template_id, self.account.named[template_id].what)]

        return self.account.call("DescribeLaunchTemplateVersions", answer)

    def scaling_configurations(self) -> list[Naming]:
        return self.account.call("DescribeScalingConfigurations", lambda: self._named("configuration"))

    def image_pipelines(self) -> list[Naming]:
        return self.account.call("DescribeImagePipelines", lambda: self._named("pipeline"))

    def _named(self, kind: str) -> list[Naming]:
        return [_naming(each.id, each.what) for each in self.account.named.values() if each.kind == kind]

    def _page(self, start: int) -> list[ImageEntry]:
        return [entry_of(image) for image in islice(self.account.images.values(), start, start + PAGE)]

    def _stored(self, ids: Sequence[str]) -> list[StoredSnapshot]:
        found = [self.account.snapshots[each] for each in ids if each in self.account.snapshots]
        return [
            StoredSnapshot(
                each.id, each.disk_id, each.began, each.retention_days, self.account.usage(each), "accomplished",
                dict(each.tags),
            )
            for each in found
        ]  # fmt: skip


def _naming(who: str, what: str) -> Naming:
    return Naming(who, "", "", (what,)) if what.startswith("s-") else Naming(who, what)
