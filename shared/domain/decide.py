"""Decides what becomes of one finished snapshot. Pure: what was gathered in, a decision out; there is no other spelling of it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from .decision import UNDECIDED, Adopt, Decided, Decision, Fail, Make, Settled, TryLater, View, Wait
from .disk_set import DiskSet, ImpossibleSet, PendingSet, assemble
from .errors import CloudError, Final, Transient
from .facts import Image, Snapshot
from .image_request import image_name, request_image
from .image_tags import made_of, made_surely_of, recall_about
from .message_fields import Reason
from .outcome import Outcome, Word, read_outcome
from .rules import LAST_LOOK, SLACK, Rules, Skip
from .runs import Run
from .selection import MachineUnknown, Origin, choose_plan
from .wanted import candidate_snapshots, find_group, look_at_machine, wanted_disks, without_excepted

if TYPE_CHECKING:
    from .plans import Plan


def decide(
    snapshot: Snapshot,
    view: View,
    rules: Rules,
    now: datetime,
    ended: datetime | None = None,
    told_kind: str | None = None,
    is_event: bool = True,
) -> Decided:
    """Of one system snapshot. `told_kind` is the event's word for its type; a sweep has none and is no event."""
    outcome = read_outcome(snapshot.tags)
    # An end before the beginning, or after now, is a wrong clock.
    ended = min(ended, now) if ended and ended >= snapshot.created else None
    # ECS knows a copied snapshot by its source; beyond that the event knows best: ECS has no word for an imported one.
    kind = snapshot.kind if snapshot.kind == "copied" or not told_kind else told_kind
    about = Decided(UNDECIDED, snapshot, ended=ended)
    if outcome and outcome.stands(now):
        return replace(about, decision=Settled(outcome))
    if outcome and outcome.word is Word.REQUESTED:
        return replace(about, decision=_look_for_requested(snapshot, view, now))
    try:
        decided = _decide_anew(about, Origin(snapshot, view), kind, view, rules, now, is_event)
    except CloudError as refusal:
        if outcome is None or outcome.word is not Word.FAILING or isinstance(refusal, Transient):
            raise
        decided = about  # it stands without the facts, too, although it then cannot name what is missing
    stands = _stand_by(decided, snapshot, outcome, now, is_event)
    if isinstance(stands, Fail) and (outcome is None or outcome.word is not Word.FAILING):
        stands = _unless_made(stands, decided.plan, snapshot, view, now)
    return decided if stands is decided.decision else replace(decided, decision=stands)


def _look_for_requested(snapshot: Snapshot, view: View, now: datetime) -> Decision:
    """ECS took the request, and by now lists the image if it is there."""
    gone = Fail(Reason.IMAGE_DELETED, f"the image of {snapshot.id} was deleted before it was usable")
    return _adopt(made_surely_of(view.images_of_snapshot(snapshot.id), snapshot), now) or gone


def _decide_anew(
    about: Decided, origin: Origin, kind: str, view: View, rules: Rules, now: datetime, is_event: bool
) -> Decided:
    snapshot, outcome = origin.snapshot, read_outcome(origin.snapshot.tags)
    plan = choose_plan(rules.plans.plans, kind, origin)
    if isinstance(plan, Skip):
        return replace(about, decision=plan, plan=plan.plan)
    if isinstance(plan, MachineUnknown):
        unknown = _machine_unknown(plan, origin, view, rules, outcome, now, about.ended, is_event)
        return replace(about, decision=unknown, plan=plan.plan)
    if plan.since and snapshot.created < plan.since and outcome is None:  # who was asked to make it is told its end
        text = f"{snapshot.id} began before plan {plan.name} counts ({plan.since:%Y-%m-%dT%H:%M:%SZ}): `snapimage make`"
        return replace(about, decision=Skip(Reason.BEFORE_SINCE, text, plan), plan=plan)
    if not is_event and now > snapshot.created + rules.window_of(plan) + LAST_LOOK:
        return replace(about, decision=Skip(Reason.WINDOW_OVER, f"{snapshot.id} is older than the sweep looks", plan))
    needs_machine = plan.needs_instance or "disk" in vars(origin)
    about = Decided(UNDECIDED, snapshot, plan, origin.instance_id if needs_machine else None, about.ended)
    return replace(about, decision=_decide_image(about, plan, origin, view, rules, now))


def _stand_by(decided: Decided, snapshot: Snapshot, outcome: Outcome | None, now: datetime, is_event: bool) -> Decision:
    """A failure that may have been told stands, whatever the facts have become: no image and no other end may follow it.

    And a sweep does not give up at once what nobody remembers anything of: its event may have asked for an image that ECS
    does not list yet.
    """
    decision = decided.decision
    if outcome is None:
        grace = max(SLACK, decided.plan.data_disks.wait_for) if decided.plan else SLACK
        is_early = not is_event and now < snapshot.created + grace and snapshot.status != "failed"
        if isinstance(decision, Fail) and is_early:
            return TryLater("NotGivenUpYet", f"{snapshot.id}: {decision.explanation}")
        return decision
    if outcome.word is not Word.FAILING or outcome.reason is None:
        return decision
    if isinstance(decision, Fail) and decision.reason is outcome.reason:
        return decision
    text = f"{snapshot.id} was given up; `snapimage forget {snapshot.id}` has it tried again"
    return Fail(outcome.reason, text, cause=Final(outcome.code, text) if outcome.code else None)


def _unless_made(fail: Fail, plan: "Plan | None", snapshot: Snapshot, view: View, now: datetime) -> Decision:
    """No failure before a last look: an event beside this one may have asked for an image, of which `Usage` tells late."""
    if snapshot.usage != "none" or snapshot.status != "accomplished":
        return fail
    try:
        images = view.images_of_snapshot(snapshot.id)
    except Transient:
        raise
    except CloudError:
        return fail  # who may not look cannot be told more
    return _adopt(made_of(images, snapshot, image_name(plan, snapshot) if plan else None), now) or fail


def _adopt(images: Sequence[Image], now: datetime) -> Adopt | None:
    """The first that was made."""
    return Adopt(min(images, key=lambda image: (image.created or now, image.id))) if images else None


def _decide_image(about: Decided, plan: "Plan", origin: Origin, view: View, rules: Rules, now: datetime) -> Decision:
    snapshot = origin.snapshot
    if adopted := _adopt(_own_images(plan, snapshot, view), now):
        return adopted
    if snapshot.status == "failed":
        return Fail(Reason.SNAPSHOT_FAILED, f"snapshot {snapshot.id} failed; there is nothing to make an image from")
    if snapshot.status != "accomplished":
        return TryLater("SnapshotNotReady", f"{snapshot.id} is {snapshot.status}; an image needs it accomplished")
    wait_ends = _wait_ends(plan, snapshot, about.ended, rules)
    patient_until = max(snapshot.created + rules.window_of(plan), wait_ends)
    group = find_group(plan, origin, view)
    look = look_at_machine(origin, group, view, now) if plan.data_disks.take == "attached" else None
    if plan.data_disks.take == "attached" and look is None:
        text = f"{origin.why_unknown()}; nobody can tell which disks belonged to it"
        return Fail(Reason.DATA_DISKS_UNKNOWN, text)
    look = without_excepted(look, plan.data_disks, view) if look else None
    wanted = wanted_disks(plan, look, view)
    if about.instance_id and origin.disk:
        wanted = replace(wanted, disks={**wanted.disks, origin.disk.id: origin.disk})
    run = Run(snapshot, candidate_snapshots(plan, origin, wanted, view), plan.data_disks.within, wait_ends, now, group)
    match assemble(plan.data_disks, run, wanted, patient_until):
        case PendingSet(waiting_for, why):
            return Wait(Reason.DATA_DISK_SNAPSHOT_PENDING, f"waiting: {why}", waiting_for, wait_ends, look)
        case ImpossibleSet(reason, missing, why):
            return Fail(reason, why, missing)
        case DiskSet() as disk_set:
            who = (rules.account_id, rules.region_id, snapshot, plan, about.instance_id, about.ended)
            is_news = wanted.disk_ids and wait_ends != snapshot.created + plan.data_disks.wait_for  # to a later sweep
            return Make(request_image(*who, disk_set), look, wait_ends if is_news else None)


def _wait_ends(plan: "Plan", snapshot: Snapshot, ended: datetime | None, rules: Rules) -> datetime:
    """From the end of the snapshot where it is known, while sweeps come to it. What was told or refused first stands,
    whoever looks: a set that was complete stays complete."""
    outcome = read_outcome(snapshot.tags)
    ends = (outcome.end_of_wait if outcome else None) or (ended or snapshot.created) + plan.data_disks.wait_for
    return min(ends, snapshot.created + rules.window_of(plan) + SLACK)


def _own_images(plan: "Plan", snapshot: Snapshot, view: View) -> list[Image]:
    """The images of this snapshot, in whatever status, under whatever plan.

    `Usage` tells for nothing whether there is one (API reference DescribeSnapshots). Should it tell late, the token and
    the name keep ECS from making a second.
    """
    if snapshot.usage == "none" and plan.data_disks.take != "attached":
        return []
    found = made_of(view.images_of_disk(snapshot.disk_id), snapshot)
    if found or not snapshot.has_image:
        return found
    return made_of(view.images_of_snapshot(snapshot.id), snapshot, image_name(plan, snapshot))


def _machine_unknown(
    found: MachineUnknown, origin: Origin, view: View, rules: Rules, outcome: Outcome | None, now: datetime,
    ended: datetime | None, is_event: bool,
) -> Decision:  # fmt: skip
    """Waited for, then told. A sweep begins no such wait by itself, or each machine that is released would be told of
    for a day; unless the disk's last image says that the plan wanted it."""
    plan, snapshot = found.plan, origin.snapshot
    if plan.since and snapshot.created < plan.since:
        return Skip(Reason.MACHINE_UNKNOWN, found.explanation)
    if adopted := _adopt(_own_images(plan, snapshot, view), now):
        return adopted
    text = f"plan {plan.name} needs the machine: {found.explanation}"
    is_told = outcome is not None and outcome.reason is Reason.MACHINE_UNKNOWN
    is_over = now > snapshot.created + rules.window_of(plan) + LAST_LOOK  # no sweep comes to it any more
    if not (is_event or is_told or (not is_over and _had_image(plan, snapshot, view))):
        return Skip(Reason.MACHINE_UNKNOWN, text)
    wait_ends = _wait_ends(plan, snapshot, ended, rules)
    if now < wait_ends:
        return Wait(Reason.MACHINE_UNKNOWN, text, (), wait_ends)
    return Fail(Reason.MACHINE_UNKNOWN, text)


def _had_image(plan: "Plan", snapshot: Snapshot, view: View) -> bool:
    abouts = [recall_about(image.tags) for image in view.images_of_disk(snapshot.disk_id)]
    return any(about is not None and about.plan == plan.name for about in abouts)
