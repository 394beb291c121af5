"""What the general ports of every flow do for retirement, over the account in memory."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.domain.errors import Refused
from shared.domain.facts import Disk, Role, Snapshot
from shared.domain.message import StatusMessage
from simulation.retirement.account import MemoryAccount
from simulation.retirement.judge import Judge

NEVER_THERE = datetime.min


@dataclass
class RetirementTags:
    """Of images and of snapshots: what the general ports do for retirement."""

    account: MemoryAccount
    kind: str

    def tag(self, ids: Sequence[str], tags: Mapping[str, str]) -> None:
        def answer() -> None:
            stored = self.account.images if self.kind == "image" else self.account.snapshots
            for each in ids:
                check_there(each, stored)
            for each in ids:
                stored[each].tags.update(tags)

        self.account.call(f"TagResources of {self.kind}s", answer)

    def find(self, snapshot_ids: Sequence[str]) -> list[Snapshot]:
        def answer() -> list[Snapshot]:
            found = [self.account.snapshots[each] for each in snapshot_ids if each in self.account.snapshots]
            return [Snapshot(each.id, each.disk_id, Role.SYSTEM, 40, "accomplished", each.began) for each in found]

        return self.account.call("DescribeSnapshots", answer)


@dataclass
class RetirementDisks:
    account: MemoryAccount

    def find(self, disk_ids: Sequence[str]) -> list[Disk]:
        def answer() -> list[Disk]:
            there = [each for each in disk_ids if self.account.disks.get(each, NEVER_THERE) is None]
            return [Disk(each, Role.SYSTEM, 40, "i-1") for each in there]

        return self.account.call("DescribeDisks", answer)


@dataclass
class RetirementQueue:
    account: MemoryAccount
    judge: Judge

    def publish(self, message: StatusMessage) -> None:
        def answer() -> None:
            status = message.data
            self.judge.hear(status.reason.value, status.image_id or "")
            self.account.told.append((status.reason.value, status.image_id or "", message.id))

        self.account.call("SendMessage", answer)


@dataclass
class RetirementClock:
    account: MemoryAccount

    def now(self) -> datetime:
        return self.account.now

    def sleep(self, span: timedelta) -> None:
        self.account.now += span


def check_there(resource_id: str, stored: Mapping[str, object]) -> None:
    if resource_id not in stored:
        raise Refused("InvalidResourceId.NotFound", f"{resource_id} does not exist", 404)
