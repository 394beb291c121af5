"""What becomes of a snapshot that was decided about, in the words that subscribers read."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from .decision import UNDECIDED, Decided, Fail, Matter, Settled, Wait
from .errors import CloudError
from .message import MOST_RISKS, TEXT, Cause, CheckResult, DiskEntry, ImageStatus, RiskEntry
from .message_fields import Reason, State
from .outcome import Outcome, Word, read_attempt, read_outcome
from .rules import Rules, Subject, elapsed

if TYPE_CHECKING:
    from .disk_set import DiskSet
    from .facts import ImageCheck, MappedDisk
    from .image_request import ImageRequest

STATES = {
    Word.WAITING: State.WAITING,
    Word.REQUESTED: State.CREATING,
    Word.MAKING: State.CREATING,
    Word.AVAILABLE: State.AVAILABLE,
    Word.REFUSED: State.FAILED,
    Word.FAILING: State.FAILED,
    Word.FAILED: State.FAILED,
}


@dataclass(frozen=True)
class Answer:
    """What became of a matter. `trouble` is why it has no status: then nothing was told, and somebody tries again."""

    matter: Matter
    decided: Decided | None = None
    status: ImageStatus | None = None
    outcome: Outcome | None = None
    """To be remembered on the snapshot."""
    trouble: CloudError | None = None

    @property
    def known(self) -> Decided:
        """What was decided; only an answer with a trouble may lack it."""
        return self.decided or Decided(UNDECIDED)

    @property
    def before(self) -> Outcome | None:
        """What the snapshot remembered when this was decided."""
        return read_outcome(self.known.snapshot.tags) if self.known.snapshot else None

    @property
    def attempt(self) -> int:
        return read_attempt(self.known.snapshot.tags) if self.known.snapshot else 1


def with_disks(status: ImageStatus, disk_set: "DiskSet") -> ImageStatus:
    """The set that the image has or will have."""
    return replace(
        status,
        disks=tuple(_entry(disk) for disk in disk_set.disks),
        partial=bool(disk_set.left_out),
        left_out=disk_set.left_out[:64],
        without_snapshots=disk_set.without_snapshots[:32],
        snapshot_group_id=disk_set.group_id,
        skew_seconds=disk_set.skew_seconds,
    )


def cause_of(error: CloudError) -> Cause:
    request_id = error.request_id[:64] if error.request_id else None
    return Cause(error.code[:128], error.message[:TEXT], error.http_status, request_id)


def check_result(check: "ImageCheck") -> CheckResult:
    risks = [RiskEntry(risk.name[:48], risk.level[:16], risk.code[:64]) for risk in check.risks[:MOST_RISKS]]
    return CheckResult(check.is_finished, tuple(risks))


def _entry(disk: "MappedDisk") -> DiskEntry:
    return DiskEntry(disk.role.value, disk.snapshot_id, disk.disk_id, disk.size_gib, (disk.device or "")[:32] or None)


def subject_of(answer: Answer, rules: Rules, now: datetime) -> Subject:
    """The snapshot that the decision is about: of a data disk's event the system snapshot beside it."""
    matter, decided = answer.matter, answer.known
    snapshot, event = decided.snapshot, matter.event
    return Subject(
        account_id=rules.account_id,
        region_id=rules.region_id,
        event_id=matter.event_id,
        snapshot_id=snapshot.id if snapshot else matter.snapshot_id,
        disk_id=(snapshot.disk_id or None) if snapshot else event.disk_id if event else None,
        instance_id=decided.instance_id,
        plan=decided.plan.name if decided.plan else None,
        seconds_since_snapshot=elapsed(decided.ended, now),
    )


def failed(subject: Subject, fail: Fail) -> ImageStatus:
    status = subject.answer(State.FAILED, fail.reason, fail.explanation, fail.is_final)
    return replace(status, missing=fail.missing[:64], cause=cause_of(fail.cause) if fail.cause else None)


def answer_failed(answer: Answer, fail: Fail, rules: Rules, now: datetime) -> Answer:
    outcome = Outcome(Word.FAILED, fail.reason, fail.cause.code if fail.cause else "") if fail.is_final else None
    return replace(answer, status=failed(subject_of(answer, rules, now), fail), outcome=outcome)


def waiting(subject: Subject, wait: Wait) -> ImageStatus:
    status = subject.answer(State.WAITING, wait.reason, wait.explanation)
    return replace(status, waiting_for=wait.waiting_for[:64])


def told_before(subject: Subject, settled: Settled) -> ImageStatus:
    """An answer for the caller and the log; no message says it again."""
    outcome = settled.outcome
    reason = outcome.reason or Reason.IMAGE_REQUESTED
    text = f"told before: the snapshot's outcome is {outcome.word.value}"
    is_final = outcome.word is not Word.REFUSED
    return subject.answer(STATES[outcome.word], reason, text, is_final=is_final)


def requested(subject: Subject, request: "ImageRequest", image_id: str) -> ImageStatus:
    status = subject.answer(State.CREATING, Reason.IMAGE_REQUESTED, f"{image_id} is being made")
    status = replace(status, image_id=image_id, image_name=request.name, image_status="Creating")
    return with_disks(status, request.disk_set)


def refused(error: CloudError, is_final: bool) -> Fail:
    """ECS said no: its own words are part of the answer."""
    return Fail(reason_for(error.code), str(error), cause=error, is_final=is_final)


def reason_for(code: str) -> Reason:
    """The reason for an ECS refusal, by the family its code belongs to."""
    if code.startswith(("QuotaExceed", "ImageQuotaExceed", "ImageFamilyQuotaExceed")):
        return Reason.QUOTA_EXCEEDED
    if code.startswith(("Forbidden", "NoPermission", "InvalidAccessKeyId", "SignatureDoesNotMatch")):
        return Reason.PERMISSION_DENIED
    return Reason.ECS_REFUSED
