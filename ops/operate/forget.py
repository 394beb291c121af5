"""Makes snapshots forget what became of them, so that they may become images once more.

The attempt is raised first: a request to ECS that is repeated under its old token would be answered with the image of
that token, even one that is gone. Whoever stops in between leaves an outcome that stands, and a repeat is harmless.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from files.errors import CommandError
from ops.moments import write_moment
from ops.operate.which_plan import find_wanting
from ops.session import Account
from shared.adapters.ecs_client import TAGGED_AT_ONCE
from shared.domain.errors import Refused
from shared.domain.facts import Image, Role, Snapshot
from shared.domain.image_tags import SNAPSHOT, is_image_of
from shared.domain.outcome import ATTEMPT, LOOK_TAGS, OUTCOME, Word, read_attempt, read_outcome

KEYS = (OUTCOME, *LOOK_TAGS)
"""5 of the 20 keys that one call takes (API reference UntagResources)."""
WITH_IMAGE = frozenset({Word.REQUESTED, Word.MAKING, Word.AVAILABLE})
DEAD = frozenset({"CreateFailed", "Deprecated"})
"""Not in the way of another image: no machine starts from the first, and the operator has retired the second."""


@dataclass(frozen=True)
class Forgettable:
    snapshot: Snapshot
    image: Image | None = None
    """One that is there, and would be doubled."""

    @property
    def attempt(self) -> int:
        return read_attempt(self.snapshot.tags) + 1

    def describe(self) -> str:
        return f"{self.snapshot.id}  {self.snapshot.tags[OUTCOME]}  attempt {self.attempt}"


@dataclass(frozen=True)
class ForgetSelection:
    """Snapshots by their ids, or those of a plan that began since."""

    ids: tuple[str, ...] = ()
    plan: str | None = None
    since: datetime | None = None


def forget_outcomes(
    which: ForgetSelection, account: Account, dry_run: bool, force: bool, say: Callable[[str], None]
) -> bool:
    """Whether everything that was named could be forgotten."""
    snapshots, complete = _find(which, account, say)
    found = list(_look_for_images(snapshots, account))
    kept = [] if force else [each for each in found if each.image]
    for each in kept:
        say(
            f"{each.snapshot.id}: kept, its image {each.image.id if each.image else ''} is there; delete it first, or --force"
        )
    taken = [each for each in found if force or not each.image]
    done = taken if dry_run else _forget(taken, account, say)
    for each in done:
        say(("would forget  " if dry_run else "forgot  ") + each.describe())
    if not found:
        say("nothing to forget: no outcome on any of them")
    elif done and not dry_run:
        oldest = min(each.snapshot.created for each in done)
        say(f"{len(done)} forgotten. The next sweep takes up what it still looks at; older ones: snapimage make s-... "
            f"(the oldest began {write_moment(oldest)})")  # fmt: skip
    return complete and len(done) == len(taken) and not (which.ids and kept)


def _find(which: ForgetSelection, account: Account, say: Callable[[str], None]) -> tuple[list[Snapshot], bool]:
    """Those that remember something, and whether all that were named are among them or have nothing to forget."""
    if which.ids:
        known = {each.id: each for each in account.cloud.snapshots.find(which.ids)}
        complete = True
        for snapshot_id in which.ids:
            if snapshot_id not in known:
                say(f"{snapshot_id}: not there, in {account.settings.region_id}")
                complete = False
            elif read_outcome(known[snapshot_id].tags) is None:
                say(f"{snapshot_id}: has no outcome")
        return [each for each in known.values() if read_outcome(each.tags)], complete
    if which.plan not in {plan.name for plan in account.plans.plans}:
        raise CommandError(f"no plan {which.plan}; there are {', '.join(plan.name for plan in account.plans.plans)}")
    return list(_of_plan(which, account)), True


def _of_plan(which: ForgetSelection, account: Account) -> Iterator[Snapshot]:
    """A plan that is disabled by now has outcomes, too."""
    plans = tuple(plan.model_copy(update={"enabled": True}) for plan in account.plans.plans if plan.name == which.plan)
    only = account.plans.model_copy(update={"plans": plans})
    since = which.since or account.cloud.clock.now()
    for page in account.cloud.snapshots.of_system_disks(since - timedelta(minutes=1)):
        told = [
            each
            for each in page
            if each.role is Role.SYSTEM and each.created >= since and read_outcome(each.tags) is not None
        ]
        for snapshot, wanting in zip(told, find_wanting(told, only, account.cloud), strict=True):
            if wanting.plans:
                yield snapshot


def _look_for_images(snapshots: Sequence[Snapshot], account: Account) -> Iterator[Forgettable]:
    """In one listing for all of them. An image is made after its snapshot began."""
    doubtful = [each for each in snapshots if (outcome := read_outcome(each.tags)) and outcome.word in WITH_IMAGE]
    images: dict[str, Image] = {}
    for page in account.cloud.images.made_since(min(each.created for each in doubtful)) if doubtful else ():
        for image in page:
            for snapshot_id in {image.system_snapshot_id, image.tags.get(SNAPSHOT)} - {None}:
                if image.status not in DEAD and is_image_of(image, str(snapshot_id)):
                    images[str(snapshot_id)] = image
    for snapshot in snapshots:
        yield Forgettable(snapshot, images.get(snapshot.id))


def _forget(found: Sequence[Forgettable], account: Account, say: Callable[[str], None]) -> list[Forgettable]:
    groups: dict[int, list[Forgettable]] = defaultdict(list)
    for each in found:
        groups[each.attempt].append(each)
    done: list[Forgettable] = []
    for attempt, group in groups.items():
        for start in range(0, len(group), TAGGED_AT_ONCE):
            done += _forget_some(group[start : start + TAGGED_AT_ONCE], attempt, account, say)
    return done


def _forget_some(
    some: Sequence[Forgettable], attempt: int, account: Account, say: Callable[[str], None]
) -> list[Forgettable]:
    """Equal tags in one call; each by itself where the call is refused for one of them."""
    ids, raised = [each.snapshot.id for each in some], {ATTEMPT: str(attempt)}
    try:
        account.cloud.snapshots.tag(ids, raised)
        account.cloud.snapshots.untag(ids, KEYS)
    except Refused:
        if len(some) > 1:
            return [each for one in some for each in _forget_some([one], attempt, account, say)]
        return list(some) if _make_room(ids[0], raised, account, say) else []
    return list(some)


def _make_room(snapshot_id: str, raised: dict[str, str], account: Account, say: Callable[[str], None]) -> bool:
    """Of a snapshot whose 20 tags are taken: what it forgets leaves room for the attempt."""
    try:
        account.cloud.snapshots.untag([snapshot_id], KEYS)
        account.cloud.snapshots.tag([snapshot_id], raised)
    except Refused as refusal:
        say(f"{snapshot_id}: not forgotten: {refusal}")
        return False
    return True
