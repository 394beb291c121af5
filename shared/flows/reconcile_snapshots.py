"""Finds what no event brought to an end: every system snapshot of the last day goes through the same decision.

Lost events are made up for, sets that waited too long expire, a set whose last event was lost is completed. A final
refusal is remembered on the snapshot, so that the next sweep does not ask again.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

from shared.domain.answers import failed, refused
from shared.domain.decision import choose_plan
from shared.domain.errors import Permanent, Throttled, Transient
from shared.domain.facts import Disk, Role, Snapshot
from shared.domain.image_answers import subject_of_origin
from shared.domain.image_request import Origin
from shared.domain.memory import SNAPSHOT
from shared.domain.message import envelope
from shared.domain.reasons import State
from shared.domain.refusal import ANSWER, Skip, snapshot_failed
from shared.domain.rules import Rules
from shared.domain.selection import needs_disk
from shared.domain.status import ImageStatus
from shared.flows.log import log_answer, log_postponed, log_summary
from shared.flows.make import apply, decide
from shared.flows.refusals import remember_refusal
from shared.ports import Cloud

FUNCTION = "reconcile_snapshots"
SLACK = timedelta(hours=2)
"""A set that waits is looked at once more after its wait is over, even when one sweep was missed."""


def reconcile_snapshots(rules: Rules, cloud: Cloud) -> dict[str, int]:
    """How many snapshots were looked at, and what became of them. Raises the first Transient when all had their turn."""
    since = cloud.clock.now() - max(rules.lookback, *(plan.data_disks.wait_for + SLACK for plan in rules.plans.plans))
    snapshots = cloud.snapshots.system_disks(since)
    answered = {image.tags.get(SNAPSHOT) for image in cloud.images.made_since(since)}
    unanswered = [each for each in snapshots if each.id not in answered and not _is_settled(each)]
    counts = Counter(looked_at=len(snapshots), done=len(snapshots) - len(unanswered))
    postponed: list[Transient] = []
    for origin in find_origins(unanswered, rules, cloud):
        try:
            counts[reconcile(origin, rules, cloud)] += 1
        except Transient as trouble:
            postponed.append(trouble)
            if isinstance(trouble, Throttled):
                break  # waited out as long as there was time: every further call would only fail
    counts["postponed"] = len(postponed)
    log_summary(FUNCTION, counts)
    if postponed:
        raise postponed[0]
    return dict(counts)


def find_origins(snapshots: Sequence[Snapshot], rules: Rules, cloud: Cloud) -> list[Origin]:
    """Those that a plan wants, with their disks: one call for every 100 disks."""
    asked = [each.disk_id for each in snapshots if needs_disk(rules.plans.plans, each, each.kind)]
    disks = {disk.id: disk for disk in (cloud.snapshots.disks(list(dict.fromkeys(asked))) if asked else [])}
    origins = [_origin(each, disks.get(each.disk_id), rules) for each in snapshots]
    return [origin for origin in origins if origin is not None]


def reconcile(origin: Origin, rules: Rules, cloud: Cloud) -> str:
    """The snapshot's answer, published and, where it is final, remembered; returns what to count it as."""
    mark = cloud.calls.mark()
    try:
        status = answer_origin(origin, rules, cloud)
        cloud.queue.publish(envelope(status, FUNCTION, cloud.clock.now()))
        remember_refusal(status, FUNCTION, cloud.snapshots)
    except Transient as trouble:
        log_postponed(None, origin.snapshot.id, FUNCTION, trouble, cloud.calls, mark)
        raise
    log_answer(status, FUNCTION, cloud.calls, mark)
    return COUNTED_AS.get(status.state, "gave_up")


COUNTED_AS = {State.CREATING: "made", State.AVAILABLE: "made", State.OVERDUE: "made", State.WAITING: "waiting"}


def answer_origin(origin: Origin, rules: Rules, cloud: Cloud) -> ImageStatus:
    subject = subject_of_origin(origin, rules)
    if origin.snapshot.status == "failed":
        return failed(subject, snapshot_failed(origin.snapshot.id))
    try:
        return apply(decide(origin, cloud), subject, cloud)
    except Permanent as refusal:
        return refused(subject, refusal)


def _origin(snapshot: Snapshot, disk: Disk | None, rules: Rules) -> Origin | None:
    plan = choose_plan(snapshot.kind, snapshot, disk, rules)
    return None if isinstance(plan, Skip) else Origin(rules.account_id, rules.region_id, snapshot, disk, plan)


def _is_settled(snapshot: Snapshot) -> bool:
    """Answered for good, still being made (its event is to come), or of no disk at all: that one came with an image."""
    is_ours = snapshot.role is Role.SYSTEM and bool(snapshot.disk_id)
    return ANSWER in snapshot.tags or snapshot.status not in {"accomplished", "failed"} or not is_ours
