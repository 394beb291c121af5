"""Decides what is new about an image since the last report, and whether anything can still follow."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from .facts import Image
from .memory import STATE, OurTags
from .progress import Verdict, judge_image
from .reasons import Reason, State


@dataclass(frozen=True)
class Report:
    """What to tell (None: nothing new) and what to remember. `is_open` says whether the next sweep looks again."""

    verdict: Verdict | None
    remembered: State
    is_open: bool


def follow_image(image: Image, about: OurTags, now: datetime) -> Report | None:
    """None when nothing has changed."""
    told = _last_told(image)
    if told is State.AVAILABLE:
        return _follow_check(image, about, now)
    verdict = judge_image(image, timedelta(seconds=about.overdue_after), now)
    if verdict.state is State.AVAILABLE:
        return Report(verdict, State.AVAILABLE, is_open=about.checked and not _is_checked(image))
    if verdict.state is told or verdict.state is State.CREATING:
        return None
    return Report(verdict, verdict.state, is_open=verdict.state is State.OVERDUE)


def is_sound(image: Image, report: Report) -> bool:
    """Whether the image may become the newest of its family: usable, and looked into as far as was asked."""
    good = report.remembered in {State.AVAILABLE, State.CHECKED} and not report.is_open
    return good and not any(risk.level == "High" for risk in (image.check.risks if image.check else ()))


def _follow_check(image: Image, about: OurTags, now: datetime) -> Report | None:
    """The image is usable and was announced; only the result of its check is missing."""
    if image.check is not None and image.check.is_finished:
        return Report(_judge_check(image), State.CHECKED, is_open=False)
    if now - (image.created or now) > timedelta(seconds=about.overdue_after):
        # Images with encrypted snapshots and some systems are never looked into (ECS help, "Check custom images").
        return Report(None, State.AVAILABLE, is_open=False)
    return None


def _judge_check(image: Image) -> Verdict:
    risks = image.check.risks if image.check else ()
    if not risks:
        return Verdict(State.CHECKED, Reason.IMAGE_CHECK_PASSED, f"the check of {image.id} found nothing")
    names = ", ".join(f"{risk.name} ({risk.level})" for risk in risks)
    return Verdict(State.CHECKED, Reason.IMAGE_CHECK_FOUND_RISKS, f"the check of {image.id} found: {names}")


def _is_checked(image: Image) -> bool:
    return image.check is not None and image.check.is_finished


def _last_told(image: Image) -> State:
    """A tag that somebody altered counts as the beginning: told twice is better than never."""
    text = image.tags.get(STATE, "")
    return State(text) if text in {state.value for state in State} else State.CREATING
