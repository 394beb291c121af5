"""Judges an image that exists, decides what of it has not been told yet, and puts that into the words of a message."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone

from .answers import Answer, check_result, subject_of, with_disks
from .disk_set import DiskSet
from .facts import Image, MappedDisk, Role, Snapshot
from .image_marks import told_state
from .image_tags import OurTags, recall_about, recall_disks
from .message import ImageStatus
from .message_fields import Reason, State
from .outcome import Outcome, Word
from .rules import Rules, Subject, elapsed

GRACE = timedelta(minutes=10)
"""How long an image may be `UnAvailable` before that counts as a failure: the documents name the status, not its meaning."""
USABLE = frozenset({"Available", "Deprecated"})
SEEN = "making"
"""The state of an image that was seen, and of which there is nothing to tell yet."""


@dataclass(frozen=True)
class Verdict:
    state: State
    reason: Reason
    explanation: str


@dataclass(frozen=True)
class News:
    """What is to be told of an image, in order, and what to remember. Open means that more may follow."""

    verdicts: tuple[Verdict, ...]
    remembered: str
    is_open: bool


def news_of(image: Image, about: OurTags, now: datetime) -> News | None:
    """None when nothing has changed since the last look."""
    told = told_state(image.tags)
    if told in {State.AVAILABLE.value, State.CHECKED.value}:
        return _news_of_check(image, about, now, ())
    verdict = judge_image(image, timedelta(seconds=about.overdue_after), now)
    if verdict.state is State.AVAILABLE:
        if not about.checked:
            return News((verdict,), State.AVAILABLE.value, is_open=False)
        return _news_of_check(image, about, now, (verdict,)) or News((verdict,), State.AVAILABLE.value, is_open=True)
    if verdict.state is State.CREATING:
        return None if told in {SEEN, State.OVERDUE.value} else News((), SEEN, is_open=True)
    if verdict.state.value == told:
        return None
    return News((verdict,), verdict.state.value, is_open=verdict.state is State.OVERDUE)


def news_owed(end: Outcome, about: OurTags) -> News:
    """Of an end that was told, nothing; a check may follow it."""
    return News((), end.word.value, is_open=end.word is Word.AVAILABLE and about.checked)


def judge_image(image: Image, overdue_after: timedelta, now: datetime, intent: DiskSet | None = None) -> Verdict:
    """What can be said of an image at this moment. A status that ECS may add some day counts as in progress. `intent` counts
    where the image itself does not tell its disks."""
    if image.status in USABLE:
        return _judge_disks(image, recall_disks(image.tags) or intent)
    age = now - (image.created or now)
    if image.status == "CreateFailed" or (image.status == "UnAvailable" and age > GRACE):
        text = f"{image.id} ended as {image.status}; ECS gives no reason for it"  # DescribeImages has no such field
        return Verdict(State.FAILED, Reason.IMAGE_CREATE_FAILED, text)
    if age > overdue_after:
        hours = age.total_seconds() / 3600
        return Verdict(State.OVERDUE, Reason.IMAGE_OVERDUE, f"{image.id} is still {image.status} after {hours:.1f} h")
    return Verdict(State.CREATING, Reason.IMAGE_ADOPTED, f"{image.id} is being made already")


def is_sound(image: Image, news: News) -> bool:
    """Whether the image may become the newest of its family: usable, and looked into as far as was asked."""
    is_told = news.remembered in {State.AVAILABLE.value, State.CHECKED.value} and not news.is_open
    risks = image.check.risks if image.check else ()
    return is_told and image.status in USABLE and all(risk.level != "High" for risk in risks)


def compare_disks(intended: Iterable[MappedDisk], made: Iterable[MappedDisk]) -> str:
    """What differs between two disk maps, in words; empty when nothing does. Order and device names do not count."""
    wanted, found = Counter(map(_spell, intended)), Counter(map(_spell, made))
    parts = {"missing ": wanted - found, "unexpected ": found - wanted}
    return "; ".join(word + ", ".join(sorted(disks.elements())) for word, disks in parts.items() if disks)


def _news_of_check(image: Image, about: OurTags, now: datetime, before: tuple[Verdict, ...]) -> News | None:
    """The image was usable; only the result of its check is missing. While it is not usable, that is not told: whoever hears
    of it would take the image, and so would its family."""
    if image.check is not None and image.check.is_finished and image.status in USABLE:
        return News((*before, _judge_check(image)), State.CHECKED.value, is_open=False)
    if now - (image.created or now) > timedelta(seconds=about.overdue_after):
        # Images with encrypted snapshots and some systems are never looked into (ECS help, "Check custom images").
        return News(before, State.AVAILABLE.value, is_open=False)
    return None


def _judge_check(image: Image) -> Verdict:
    risks = image.check.risks if image.check else ()
    if not risks:
        return Verdict(State.CHECKED, Reason.IMAGE_CHECK_PASSED, f"the check of {image.id} found nothing")
    names = ", ".join(f"{risk.name} ({risk.level})" for risk in risks)
    return Verdict(State.CHECKED, Reason.IMAGE_CHECK_FOUND_RISKS, f"the check of {image.id} found: {names}")


def _judge_disks(image: Image, intent: DiskSet | None) -> Verdict:
    if intent is None:
        problem = "the tags with its intended disk set are gone or altered, so it cannot be checked"
        return Verdict(State.FAILED, Reason.DISK_MAP_MISMATCH, f"{image.id}: {problem}")
    if problem := compare_disks(intent.disks, image.disks):
        return Verdict(State.FAILED, Reason.DISK_MAP_MISMATCH, f"{image.id}: {problem}")
    retired = "; it has been deprecated since" if image.status == "Deprecated" else ""
    if intent.left_out:
        missing = ", ".join(intent.left_out)
        text = f"{image.id} is usable without {missing}{retired}"
        return Verdict(State.AVAILABLE, Reason.IMAGE_AVAILABLE_PARTIAL, text)
    return Verdict(State.AVAILABLE, Reason.IMAGE_AVAILABLE, f"{image.id} is usable and has the intended disks{retired}")


def _spell(disk: MappedDisk) -> str:
    return f"{disk.role.value} disk {disk.snapshot_id or 'empty'} of {disk.size_gib} GiB"


def subject_of_image(about: OurTags, rules: Rules, now: datetime) -> Subject:
    """From what the image remembers; there is no event here."""
    ended = datetime.fromtimestamp(about.ended, timezone.utc) if about.ended else None
    return Subject(
        account_id=rules.account_id,
        region_id=rules.region_id,
        snapshot_id=about.snapshot_id,
        disk_id=about.disk_id,
        instance_id=about.instance_id,
        plan=about.plan or None,
        seconds_since_snapshot=elapsed(ended, now),
    )


def deleted(snapshot: Snapshot, rules: Rules) -> ImageStatus:
    """Its image was to be made, and is gone before it was told usable. What it was to be is gone with it."""
    who = (rules.account_id, rules.region_id)
    subject = Subject(*who, snapshot_id=snapshot.id, disk_id=snapshot.disk_id or None)
    text = f"the image of {snapshot.id} was deleted before it was usable"
    return subject.answer(State.FAILED, Reason.IMAGE_DELETED, text)


def found(subject: Subject, image: Image, verdict: Verdict) -> ImageStatus:
    """An image that exists, as judged."""
    status = replace(
        subject.answer(verdict.state, verdict.reason, verdict.explanation),
        image_id=image.id,
        image_name=image.name,
        image_status=image.status,
        check=check_result(image.check) if image.check else None,
    )
    intent = recall_disks(image.tags)
    return with_disks(status, intent) if intent else status


def answer_image(answer: Answer, image: Image, rules: Rules, now: datetime) -> Answer:
    """The state of an image that was made before."""
    about = recall_about(image.tags)
    overdue_after = timedelta(seconds=about.overdue_after) if about else timedelta.max
    verdict = judge_image(image, overdue_after, now, _intended_by_plan(answer))
    words = {State.AVAILABLE: Word.AVAILABLE, State.FAILED: Word.FAILED}
    word = words.get(verdict.state, Word.MAKING)
    outcome = Outcome(word) if word is Word.MAKING else Outcome(word, verdict.reason)
    return replace(answer, status=found(subject_of(answer, rules, now), image, verdict), outcome=outcome)


def _intended_by_plan(answer: Answer) -> DiskSet | None:
    """The set of a plan that takes no data disks, which needs no look at the machine; None of others."""
    plan, snapshot = answer.known.plan, answer.known.snapshot
    if plan is None or snapshot is None or plan.data_disks.take != "none":
        return None
    if plan.data_disks.snapshots or plan.data_disks.empty:
        return None
    return DiskSet(MappedDisk(Role.SYSTEM, snapshot.id, snapshot.size_gib, snapshot.disk_id))
