"""One run of retirement: what it found, what it has done so far, and the look that it takes before it touches an image."""

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import timedelta

from shared.domain.account_images import AccountImages, Families
from shared.domain.errors import CloudError
from shared.domain.image_tags import STATE
from shared.domain.message import ImageStatus, envelope
from shared.domain.message_fields import Reason, State
from shared.domain.retirement import RetirementStep
from shared.domain.retirement_facts import Candidate
from shared.domain.rules import Rules, Subject
from shared.flows.log import log_trouble
from shared.flows.publish import publish_all
from shared.flows.retirement_view import RetirementView, find_beginnings, find_gone, judge
from shared.ports import Cloud
from shared.retirement_ports import Retirement

FUNCTION = "retire_images"
DEPRECATING, DELETING = frozenset({"deprecate", "delete"}), frozenset({"delete"})
SPARE = timedelta(minutes=2)
"""Left at the end of a run: what has been done is still told and remembered in it."""


@dataclass
class RetirementRun:
    rules: Rules
    cloud: Cloud
    estate: Retirement
    view: RetirementView
    told: list[ImageStatus] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    uncertain: set[str] = field(default_factory=set)
    """Snapshots of images whose deletion got no answer: the next run sees whether they are gone."""

    def is_over(self) -> bool:
        return self.cloud.is_late(SPARE)

    def planned(self, kind: type[RetirementStep], modes: frozenset[str]) -> list[Candidate]:
        """The images that are to take this step, the oldest first."""
        found = [
            image
            for image in self.view.inventory.candidates
            if isinstance(self.view.steps[image.id], kind) and self.view.wanted[image.plan].mode in modes
        ]
        return sorted(found, key=lambda image: (self.view.began.get(image.snapshot_id, image.created), image.id))

    def tell(self, statuses: list[ImageStatus]) -> None:
        """Raises what the queue raises: a fact must not be lost."""
        now = self.cloud.clock.now()
        for trouble in publish_all([envelope(status, FUNCTION, now) for status in statuses], self.cloud):
            if trouble:
                raise trouble
        self.told += statuses

    def trouble(self, subject: str, code: str, text: str) -> None:
        self.counts["troubles"] += 1
        log_trouble(FUNCTION, subject, code, text)

    def mark(self, image_id: str, tag: str) -> None:
        self.cloud.images.tag([image_id], {STATE: tag})


def confirm(image: Candidate, kind: type[RetirementStep], run: RetirementRun) -> Candidate | None:
    """The image as it is now, if all that was read again leads to the same step; else None, and why is logged."""
    try:
        found, step = _look_again(image, run)
    except CloudError as trouble:
        run.trouble(image.id, trouble.code, f"kept: its guards cannot be read again: {trouble.message}")
        return None
    if found is not None and isinstance(step, kind):
        return found
    run.counts["changed"] += 1
    run.trouble(image.id, "Changed", f"kept: it would be {type(step).__name__} now" if step else "gone meanwhile")
    return None


def _look_again(image: Candidate, run: RetirementRun) -> tuple[Candidate | None, RetirementStep | None]:
    """The images of its disk, its family, the templates and all others that may name it: nothing from the first look
    but when snapshots began, which never changes."""
    view, key = run.view, (image.plan, image.disk_id)
    again = AccountImages()
    again.take(run.estate.images_of_disk(image.disk_id), view.wanted)
    images = again.groups[key]
    found = next((each for each in images if each.id == image.id), None)
    if found is None:
        return None, None
    families = Families()
    for entry in run.estate.images_of_family(found.family) if found.family else []:
        families.take(entry)
    view.began |= find_beginnings(
        (each.snapshot_id for each in images if each.snapshot_id not in view.began), run.cloud
    )
    group = view.disk_images(key, images)
    if group.is_disk_gone:
        gone = find_gone([image.disk_id], run.cloud)
        group = type(group)(images, view.began, None if gone is None else bool(gone))
    users = view.reader.read()
    steps = judge(key, group, users, families.heads, view.wanted[image.plan], run.cloud.clock.now())
    return found, steps[image.id]


def retired(
    run: RetirementRun,
    reason: Reason,
    text: str,
    image_id: str,
    image_name: str | None = None,
    image_status: str | None = None,
    **known: str | None,
) -> ImageStatus:
    """`known` are the fields of a subject."""
    subject = Subject(account_id=run.rules.account_id, region_id=run.rules.region_id, **known)  # type: ignore[arg-type]
    status = subject.answer(State.RETIRED, reason, text)
    return replace(status, image_id=image_id, image_name=image_name, image_status=image_status)
