"""What the next run of retire_images would do, for people and for programs: the function's own look and decision."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from json import dumps

from files.errors import CommandError
from ops.fleet_view.words import table, write_age, write_time
from ops.moments import write_moment
from ops.session import Account
from shared.domain.account_images import AccountImages
from shared.domain.retirement import Delete, Deprecate, HeldBack, InGrace, Retain, RetirementStep
from shared.domain.retirement_facts import Candidate
from shared.flows.retire_images import count_steps, word_of
from shared.flows.retirement_run import DELETING, DEPRECATING
from shared.flows.retirement_view import RetirementView, held_back, retiring_plans, view_retirement
from shared.wiring import open_retirement

HEADINGS = ("IMAGE", "PLAN", "DISK", "AGE", "NOW", "WHAT BECOMES OF IT")


@dataclass(frozen=True)
class Row:
    image: Candidate
    began: datetime | None
    step: RetirementStep
    mode: str

    def to_plain(self) -> dict[str, object]:
        step = self.step
        return {
            "image_id": self.image.id,
            "plan": self.image.plan,
            "disk_id": self.image.disk_id,
            "snapshot_id": self.image.snapshot_id,
            "began": write_time(self.began),
            "status": self.image.status,
            "mode": self.mode,
            "step": word_of(step),
            "reasons": list(step.reasons)
            if isinstance(step, Retain)
            else [step.why]
            if isinstance(step, HeldBack)
            else [],
            "until": write_moment(step.until) if isinstance(step, InGrace) else None,
        }

    def cells(self, now: datetime) -> tuple[str, ...]:
        return (
            self.image.id,
            self.image.plan,
            self.image.disk_id,
            write_age(now - self.began if self.began else None),
            self.image.status,
            describe_step(self.step, self.mode),
        )


def preview_retirement(account: Account, as_json: bool, say: Callable[[str], None]) -> None:
    wanted = retiring_plans(account.rules)
    if not wanted:
        raise CommandError("no enabled plan has `retire` with a mode other than off: nothing is ever retired")
    view = view_retirement(wanted, account.cloud, open_retirement(account.settings, account.cloud))
    if as_json:
        say(dumps(_document(view)))
        return
    for line in _table(view, account.cloud.clock.now()):
        say(line)


def describe_step(step: RetirementStep, mode: str) -> str:
    would = "" if mode in DEPRECATING else "would be "
    would_go = "" if mode in DELETING else "would be "
    match step:
        case Retain(reasons=reasons, is_guarded=True):
            return f"guarded: {', '.join(reasons)}"
        case Retain(reasons=reasons):
            return f"kept: {', '.join(reasons)}"
        case Deprecate():
            return f"{would}deprecated by the next run"
        case InGrace(until=until):
            return f"{would_go}deleted after {write_moment(until)}"
        case Delete(since=since):
            return f"{would_go}deleted by the next run; deprecated since {write_moment(since)}"
        case HeldBack(why=why):
            return f"held back: {why}"


def _document(view: RetirementView) -> dict[str, object]:
    return {
        "images": [row.to_plain() for row in _rows(view)],
        "counts": count_steps(view),
        "left_alone": dict(view.inventory.left_alone),
        "held_back": held_back(view),
    }


def _rows(view: RetirementView) -> Iterator[Row]:
    """By plan and disk, the newest first."""
    inventory: AccountImages = view.inventory
    for (plan, _), images in sorted(inventory.groups.items()):
        for image in sorted(
            images, key=lambda each: (view.began.get(each.snapshot_id, each.created), each.id), reverse=True
        ):
            yield Row(image, view.began.get(image.snapshot_id), view.steps[image.id], view.wanted[plan].mode)


def _table(view: RetirementView, now: datetime) -> Iterator[str]:
    yield from table([HEADINGS, *(row.cells(now) for row in _rows(view))])
    yield ""
    for plan, retire in view.wanted.items():
        count = sum(image.plan == plan for image in view.inventory.candidates)
        yield f"plan {plan} ({retire.mode}): {count} images"
    counts = ", ".join(f"{count} {word.replace('_', ' ')}" for word, count in count_steps(view).items())
    yield f"{counts or 'no images'}"
