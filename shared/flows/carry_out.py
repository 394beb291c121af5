"""Does what was decided about a snapshot, and puts what came of it into an answer."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from shared.domain.answers import Subject, failed, refused, skipped, subject_of, waiting
from shared.domain.decision import Adopt, Decided, Fail, Make, Rules, Settled, Skip, TryLater, Wait
from shared.domain.errors import CloudError, Transient
from shared.domain.events import SnapshotCompleted
from shared.domain.facts import Image, Snapshot
from shared.domain.image_tags import recall_about
from shared.domain.message import ImageStatus, fact_id
from shared.domain.message_fields import State
from shared.domain.outcome import Outcome, Word, read_outcome
from shared.domain.progress import found, judge_image, told_before
from shared.ports import Cloud


@dataclass(frozen=True)
class Matter:
    """One snapshot to be answered for: named by an event, or found by a sweep."""

    event: SnapshotCompleted | None = None
    snapshot: Snapshot | None = None

    @property
    def event_id(self) -> str | None:
        return self.event.event_id if self.event else None

    @property
    def snapshot_id(self) -> str | None:
        return self.snapshot.id if self.snapshot else self.event.snapshot_id if self.event else None


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
        return self.decided or Decided(TryLater("", ""))


def carry_out(matter: Matter, result: Decided | CloudError, rules: Rules, cloud: Cloud) -> Answer:
    """Does what was decided; of an image to be made the answer is still open. A refusal of a question says nothing of
    the snapshot."""
    if isinstance(result, CloudError):
        return _unanswered(matter, result, rules, cloud)
    now = cloud.clock.now()
    subject = subject_for(matter, result, rules, now)
    match result.decision:
        case TryLater(code, explanation):
            return Answer(matter, result, trouble=Transient(code, explanation))
        case Skip() as skip:
            return Answer(matter, result, skipped(subject, skip))
        case Settled() as settled:
            return Answer(matter, result, told_before(subject, settled))
        case Wait() as wait:
            status = waiting(subject, wait)
            return Answer(
                matter, result, status, Outcome(Word.WAITING, wait.reason, until=wait.until, digest=digest(status))
            )
        case Fail() as fail:
            return answer_failed(Answer(matter, result), fail, subject)
        case Adopt(image):
            return answer_image(Answer(matter, result), image, subject, now)
        case Make():
            return Answer(matter, result)


def answer_failed(answer: Answer, fail: Fail, subject: Subject) -> Answer:
    code = fail.cause.code if fail.cause else ""
    outcome = Outcome(Word.FAILED, fail.reason, code) if fail.is_final else None
    return replace(answer, status=failed(subject, fail), outcome=outcome)


def answer_image(answer: Answer, image: Image, subject: Subject, now: datetime) -> Answer:
    """The state of an image that was made before."""
    about = recall_about(image.tags)
    overdue_after = timedelta(seconds=about.overdue_after) if about else timedelta.max
    verdict = judge_image(image, overdue_after, now)
    words = {State.AVAILABLE: Word.AVAILABLE, State.FAILED: Word.FAILED}
    word = words.get(verdict.state, Word.MAKING)
    outcome = Outcome(word) if word is Word.MAKING else Outcome(word, verdict.reason)
    return replace(answer, status=found(subject, image, verdict), outcome=outcome)


def _unanswered(matter: Matter, error: CloudError, rules: Rules, cloud: Cloud) -> Answer:
    """A permission that is missing is told, since nobody would find out otherwise; it decides nothing."""
    if isinstance(error, Transient) or matter.event is None:
        return Answer(matter, trouble=error)
    decided = Decided(refused(error, is_final=False), ended=matter.event.ended)
    subject = subject_for(matter, decided, rules, cloud.clock.now())
    return Answer(matter, decided, failed(subject, refused(error, is_final=False)))


def subject_for(matter: Matter, decided: Decided, rules: Rules, now: datetime) -> Subject:
    subject = subject_of(decided, rules, now, matter.event_id)
    if decided.snapshot is None and matter.event:
        return replace(subject, snapshot_id=matter.event.snapshot_id, disk_id=matter.event.disk_id)
    return subject


def digest(status: ImageStatus) -> str:
    """Tells whether the same was told before."""
    return fact_id(status)[:12]


def is_news(answer: Answer) -> bool:
    """Not what was told before, and no skips that a sweep finds. A refusal is told once per cause."""
    decided, is_sweep = answer.decided, answer.matter.event is None
    match decided.decision if decided else None:
        case None | Settled():
            return False
        case Skip():
            return not is_sweep
        case Wait():
            told = read_outcome(decided.snapshot.tags) if decided and decided.snapshot else None
            return told is None or answer.status is None or told.digest != digest(answer.status)
        case Make() if answer.outcome and answer.outcome.word is Word.REFUSED:
            told = read_outcome(decided.snapshot.tags) if decided and decided.snapshot else None
            now = answer.outcome
            return told is None or (told.word, told.reason, told.code) != (now.word, now.reason, now.code)
        case _:
            return True
