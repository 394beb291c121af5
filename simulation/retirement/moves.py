"""What others do to an account while its images grow old: at any call, or between two runs."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.domain.disk_set import DiskSet
from shared.domain.facts import MappedDisk, Role
from shared.domain.image_marks import PIN
from shared.domain.image_tags import OPEN, OPEN_NO, OPEN_YES, STATE, OurTags, describe_image
from simulation.retirement.account import DAY, MemoryAccount, NamedBy, TrueImage, TrueSnapshot

PLANS = ("web", "db")
BY_THEM = ("instance", "shared", "public")
NAMING = ("template", "configuration", "pipeline")


@dataclass
class Others:
    account: MemoryAccount
    serial: int = 0

    def act(self) -> None:
        """One move."""
        moves = (
            self.pin, self.use, self.use, self.give_up, self.name, self.name, self.unname, self.delete, self.deprecate,
            self.bring_back, self.make_image, self.promote, self.lock, self.extend, self.restore_disk, self.release_disk,
        )  # fmt: skip
        move = self.account.draw.choice(moves)
        move()
        self.account.is_disturbed = True
        self.account.trace.append(f"{self.account.tick} somebody: {move.__name__}")

    def some_image(self) -> TrueImage | None:
        images = list(self.account.images.values())
        return self.account.draw.choice(images) if images else None

    def pin(self) -> None:
        """Or no longer: as `snapimage keep` writes it."""
        if (image := self.some_image()) and image.is_ours:
            if image.guards.pop("pinned", None) is None:
                image.tags[PIN] = "yes"
                image.guards["pinned"] = self.account.tick
            else:
                image.tags.pop(PIN, None)

    def use(self) -> None:
        """A machine is made from it, or it is shared."""
        if image := self.some_image():
            guard = self.account.draw.choice(BY_THEM)
            if guard != "shared" or image.status == "Available":
                image.guards.setdefault(guard, self.account.tick)

    def give_up(self) -> None:
        if image := self.some_image():
            for guard in BY_THEM:
                image.guards.pop(guard, None)

    def name(self) -> None:
        """Most name images; some name snapshots, and go on doing so."""
        account = self.account
        kind = account.draw.choice(NAMING)
        what = list(account.snapshots) if kind != "pipeline" and account.draw.random() < 0.3 else list(account.images)
        if what:
            self.serial += 1
            name = f"{kind}-{self.serial}"
            account.named[name] = NamedBy(kind, name, account.draw.choice(what), account.tick)

    def unname(self) -> None:
        images = [name for name, each in self.account.named.items() if each.what.startswith("m-")]
        if images:
            del self.account.named[self.account.draw.choice(images)]

    def delete(self) -> None:
        image = self.some_image()
        if image and not any(guard in image.guards for guard in BY_THEM):
            del self.account.images[image.id]

    def deprecate(self) -> None:
        if (image := self.some_image()) and image.status == "Available" and "shared" not in image.guards:
            self.account.set_status(image, "Deprecated")

    def bring_back(self) -> None:
        """In the console: our marks stay on it."""
        if (image := self.some_image()) and image.status == "Deprecated":
            self.account.set_status(image, "Available")

    def promote(self) -> None:
        if image := self.some_image():
            image.family = self.account.draw.choice(("web", ""))

    def lock(self) -> None:
        if self.account.snapshots:
            snapshot = self.account.draw.choice(list(self.account.snapshots.values()))
            snapshot.locked_until = self.account.now + self.account.draw.choice((1, 3, 20)) * DAY

    def extend(self) -> None:
        """API reference ModifySnapshotAttribute: a retention only grows."""
        if self.account.snapshots:
            snapshot = self.account.draw.choice(list(self.account.snapshots.values()))
            snapshot.retention_days = self.account.draw.choice((None, (snapshot.retention_days or 0) + 30))

    def restore_disk(self) -> None:
        if self.account.snapshots and self.account.draw.random() < 0.5:
            self.account.draw.choice(list(self.account.snapshots.values())).has_disk = True

    def release_disk(self) -> None:
        there = [disk_id for disk_id, gone in self.account.disks.items() if gone is None]
        if len(there) > 1:
            self.account.disks[self.account.draw.choice(there)] = self.account.now

    def make_image(self, days_ago: float = 0.0) -> TrueImage:
        """Of a new snapshot of some disk, by us; now and then a copy, a stranger's, or one that is not good."""
        account, draw = self.account, self.account.draw
        self.serial += 1
        number = self.serial
        there = [disk_id for disk_id, gone in account.disks.items() if gone is None or days_ago]
        disk_id = draw.choice(there or list(account.disks))
        began = account.now - days_ago * DAY
        system = MappedDisk(Role.SYSTEM, f"s-{number}", 40, disk_id)
        data = (self._data_disk(number, began),) if draw.random() < 0.5 else ()
        retention = draw.choice((1, 2, 5, 20, None))
        for disk in (system, *data):
            if disk.snapshot_id not in account.snapshots:
                days = retention if disk is system else draw.choice((1, 3, None))
                account.snapshots[str(disk.snapshot_id)] = TrueSnapshot(
                    str(disk.snapshot_id), disk.disk_id or "", began, days
                )
        nature = draw.choices(
            ("good", "risky", "partial", "short", "open", "copy", "stranger"), (70, 6, 6, 6, 6, 3, 3)
        )[0]
        return self._register(number, disk_id, began, (system, *data), nature)

    def _data_disk(self, number: int, began: object) -> MappedDisk:
        """Sometimes a pinned snapshot that several images have."""
        name = "s-pinned" if self.account.draw.random() < 0.2 else f"s-{number}d"
        return MappedDisk(Role.DATA, name, 100, "d-data")

    def _register(
        self, number: int, disk_id: str, began: datetime, disks: tuple[MappedDisk, ...], nature: str
    ) -> TrueImage:  # fmt: skip
        account = self.account
        plan = PLANS[0] if disk_id != "d-2" else PLANS[1]
        intended = DiskSet(disks[0], disks[1:], left_out=("d-lost",) if nature == "partial" else ())
        tags = describe_image(OurTags(f"s-{number}", plan, disk_id, "i-1", 3600), intended)
        tags |= {OPEN: OPEN_YES if nature == "open" else OPEN_NO, STATE: account.draw.choice(("checked", "available"))}
        image = TrueImage(
            f"m-{number}", plan, disk_id, began, began + timedelta(minutes=account.draw.randrange(10, 3000)), disks,
            {} if nature == "stranger" else tags,
            is_ours=nature not in {"copy", "stranger"}, is_good=nature == "good", has_risk=nature == "risky",
            is_copy=nature == "copy", family=account.draw.choice(("", "", "web")),
        )  # fmt: skip
        if nature == "short":
            image.disks = disks[:1] if len(disks) > 1 else (MappedDisk(Role.SYSTEM, disks[0].snapshot_id, 41, disk_id),)
        if nature == "copy":
            image.disks = tuple(
                MappedDisk(each.role, f"{each.snapshot_id}c", each.size_gib, each.disk_id) for each in disks
            )
        if nature == "open":
            image.guards["followed"] = 0
        account.images[image.id] = image
        account.ever.append(image)
        return image
