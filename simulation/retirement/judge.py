"""Judges what a run does by what is true in the account, and by its own record: it knows no rule of the functions."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from simulation.retirement.account import MemoryAccount, TrueImage, TrueSnapshot


@dataclass(frozen=True)
class Promise:
    """What the operator of a plan was promised."""

    mode: str
    last: int
    grace: timedelta
    gone: timedelta
    most: int
    """Images that are deprecated, and that are deleted, in one run."""
    releases: bool


@dataclass(frozen=True)
class LookTaken:
    """What was true when a run looked at a disk's images last: what came later it could not know."""

    tick: int
    kept: frozenset[str]
    heads: frozenset[str]
    deprecated: frozenset[str]


@dataclass
class Judge:
    account: MemoryAccount
    promises: Mapping[str, Promise]
    announced: frozenset[str] = frozenset()
    """What a dry run of the same state says will be deleted."""
    looks: dict[str, LookTaken] = field(default_factory=dict)
    seen: dict[str, tuple[int, bool]] = field(default_factory=dict)
    """Snapshots at the last look: when that was, and whether something kept them."""
    touched: Counter[tuple[str, str]] = field(default_factory=Counter)
    retired: dict[str, TrueImage] = field(default_factory=dict)
    """Deleted by a run."""
    freed: list[tuple[TrueSnapshot, int]] = field(default_factory=list)
    """Snapshots whose retention was over, with that retention, and which nothing but the retired image needed. One that
    somebody extends since ends with ECS's own retention."""
    deprecated: set[str] = field(default_factory=set)
    heard: Counter[tuple[str, str]] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)

    def begin(self, announced: frozenset[str]) -> None:
        self.looks.clear()
        self.seen.clear()
        self.touched.clear()
        self.announced = announced

    def look(self, disk_id: str) -> None:
        self.looks[disk_id] = LookTaken(
            self.account.tick, self.kept(disk_id), self.heads(),
            frozenset(each.id for each in self.account.images.values() if each.status == "Deprecated"),
        )  # fmt: skip

    def touch(self, image: TrueImage, verb: str) -> None:
        """Also of what ECS will refuse: nobody may rely on that."""
        promise = self.promises.get(image.plan)
        if not image.is_ours or image.is_copy or promise is None:
            return self.say(f"{verb} {image.id}, which is none of ours")
        if promise.mode not in ({"delete"} if verb == "delete" else {"delete", "deprecate"}):
            self.say(f"{verb} {image.id} of a plan that is to {promise.mode}")
        self._check_guards(image, verb)
        self._check_kept(image, verb)
        self.touched[verb, image.plan] += 1
        if self.touched[verb, image.plan] > promise.most:
            self.say(f"{verb} {image.id}: more than {promise.most} in one run")
        if verb == "delete":
            self._check_time(image, promise)
            if not self.account.is_disturbed and image.id not in self.announced:
                self.say(f"delete {image.id}, which the dry run did not announce")
        else:
            self.deprecated.add(image.id)
        return None

    def deleted(self, image: TrueImage) -> None:
        self.retired[image.id] = image
        if self.promises[image.plan].releases:
            now = self.account.now
            for snapshot in (
                self.account.snapshots[each] for each in image.snapshot_ids if each in self.account.snapshots
            ):
                days = snapshot.retention_days
                is_needed = self.account.usage(snapshot) != "none" or self.account.users_of(snapshot.id)
                if days is not None and snapshot.began + timedelta(days=days) < now and not is_needed:
                    self.freed.append((snapshot, days))

    def touch_snapshot(self, snapshot: TrueSnapshot) -> None:
        account = self.account
        owners = [each for each in account.ever if snapshot.id in each.snapshot_ids and each.is_ours]
        if not any(self.promises[each.plan].releases for each in owners if each.plan in self.promises):
            self.say(f"delete {snapshot.id}, of no image that was retired and is to release it")
        tick, was_kept = self.seen.get(snapshot.id, (-1, True))
        if was_kept and (why := self._why_kept(snapshot)):
            self.say(f"delete {snapshot.id}, {why}")
        for kind, since in account.users_of(snapshot.id).items():
            if since <= tick or tick < 0:
                self.say(f"delete {snapshot.id}, named by a {kind}")

    def look_at_snapshots(self, snapshot_ids: Sequence[str]) -> None:
        found = [self.account.snapshots[each] for each in snapshot_ids if each in self.account.snapshots]
        self.seen |= {each.id: (self.account.tick, bool(self._why_kept(each))) for each in found}

    def _why_kept(self, snapshot: TrueSnapshot) -> str:
        now, days = self.account.now, snapshot.retention_days
        if days is None or snapshot.began + timedelta(days=days) > now:
            return "which ECS would have kept"
        return "which is locked" if snapshot.locked_until and snapshot.locked_until > now else ""

    def hear(self, reason: str, image_id: str) -> None:
        self.heard[reason, image_id] += 1
        if reason == "ImageRetired" and image_id in self.account.images:
            self.say(f"told that {image_id} is deleted, and it is there")

    def close(self) -> None:
        """After some quiet days."""
        for image_id in self.retired:
            if not self.heard["ImageRetired", image_id]:
                self.say(f"nobody was told that {image_id} is deleted")
        for image_id in self.deprecated:
            image = self.account.images.get(image_id)
            if image and self._is_free(image) and not self.heard["ImageDeprecated", image_id]:
                self.say(f"nobody was told that {image_id} is deprecated")
        for snapshot in self.account.snapshots.values():
            if "snapimage:release" in snapshot.tags:
                self.say(f"{snapshot.id} is tagged for release for ever")
        for snapshot, days in self.freed:
            if self.account.snapshots.get(snapshot.id) is not snapshot or snapshot.retention_days != days:
                continue
            is_needed = self.account.usage(snapshot) != "none" or self.account.users_of(snapshot.id)
            if not is_needed and not self._why_kept(snapshot):
                self.say(f"{snapshot.id} costs money for ever")

    def kept(self, disk_id: str) -> frozenset[str]:
        """The newest good images of a disk: nothing may happen to them while the disk is there."""
        account, kept = self.account, set()
        gone = account.disks.get(disk_id)
        for plan, promise in self.promises.items():
            if gone is not None and gone + promise.gone <= account.now:
                continue
            good = [
                each
                for each in account.images.values()
                if each.disk_id == disk_id and each.plan == plan and each.is_good
            ]
            good.sort(key=lambda each: (each.began, each.id), reverse=True)
            living = [each for each in good if each.status == "Available"]
            kept |= {each.id for each in (*good[:1], *living[: max(1, promise.last)])}
        return frozenset(kept)

    def heads(self) -> frozenset[str]:
        newest: dict[str, TrueImage] = {}
        for image in self.account.images.values():
            best = newest.get(image.family)
            if image.family and image.status == "Available" and (best is None or image.created > best.created):
                newest[image.family] = image
        return frozenset(image.id for image in newest.values())

    def _is_free(self, image: TrueImage) -> bool:
        """Deprecated, and touched again by the next run: what is kept by then no run looks at any more. One that is not
        good may be kept again, when the better ones were deleted by others."""
        is_kept = image.id in self.kept(image.disk_id) or image.guards or self.account.users_of(image.id)
        return image.status == "Deprecated" and image.is_good and not is_kept

    def say(self, what: str) -> None:
        self.broken.append(f"run {self.account.run}: {what}")

    def _check_guards(self, image: TrueImage, verb: str) -> None:
        look = self.looks.get(image.disk_id)
        for guard, since in {**image.guards, **self.account.users_of(image.id)}.items():
            if look is None or since <= look.tick:
                self.say(f"{verb} {image.id}, guarded: {guard}")
        if image.id in self.heads() and (look is None or image.id in look.heads):
            self.say(f"{verb} {image.id}, the newest of its family")

    def _check_kept(self, image: TrueImage, verb: str) -> None:
        look = self.looks.get(image.disk_id)
        if image.id in self.kept(image.disk_id) and (look is None or image.id in look.kept):
            self.say(f"{verb} {image.id}, one of the newest good images of {image.disk_id}")

    def _check_time(self, image: TrueImage, promise: Promise) -> None:
        look = self.looks.get(image.disk_id)
        if image.deprecated is None:
            if look and image.id in look.deprecated:
                return None
            return self.say(f"delete {image.id}, which is not deprecated")
        when, run = image.deprecated
        if run == self.account.run or when + promise.grace > self.account.now:
            self.say(f"delete {image.id}, deprecated {self.account.now - when} ago in run {run}")
        return None
