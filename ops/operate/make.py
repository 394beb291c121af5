"""Makes images that no sweep would make: one from any snapshot, or those of a night that was missed.

Everything goes through the flow of the functions. What differs is what the operator may decide: a plan's `since` and the
sweep's window do not count, and a plan that is named counts whatever it would choose by itself.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from files.errors import CommandError
from ops.operate.show_made import show_answer, show_request
from ops.operate.which_plan import find_wanting
from ops.rehearsal import rehearse
from ops.session import Account
from shared.domain.answers import Answer
from shared.domain.decision import Matter
from shared.domain.facts import Role, Snapshot
from shared.domain.image_request import ImageRequest
from shared.domain.message_fields import State
from shared.domain.outcome import OUTCOME, Word, read_outcome
from shared.domain.plans import Plan, Plans, Source
from shared.domain.rules import rules_for
from shared.flows.answer import answer_all
from shared.flows.make import Gate
from shared.flows.region import Region
from shared.flows.sweep import PUT_OFF, group_by_age, is_unsettled

FUNCTION = "make"
"""In the source of its messages, beside the names of the functions."""
EVERY_KIND = Source(snapshot_types=frozenset({"timer", "user", "copied", "imported"}))
Say = Callable[[str], None]


@dataclass(frozen=True)
class MakeResult:
    answer: Answer
    request: ImageRequest | None = None
    """Of a rehearsal: the image that would be asked for."""


def make_named(ids: Sequence[str], plan: str | None, account: Account, dry_run: bool, say: Say) -> bool:
    """Whether each of the snapshots got an answer."""
    if plan is not None and plan not in {each.name for each in account.plans.plans}:
        raise CommandError(f"no plan {plan}; there are {', '.join(each.name for each in account.plans.plans)}")
    known = {each.id: each for each in account.cloud.snapshots.find(ids)}
    fit: list[Snapshot] = []
    for snapshot_id in dict.fromkeys(ids):
        snapshot = known.get(snapshot_id)
        if unfit := find_unfit(snapshot):
            say(f"{snapshot_id}: {unfit}")
        elif snapshot:
            fit.append(snapshot)
    chosen = _choose(fit, plan, account, say)
    results = [
        result
        for plans, some in ((_only(account.plans, name, plan is not None), some) for name, some in chosen.items())
        for result in make_images(some, plans, account, dry_run, is_forced=plan is not None)
    ]
    return _show(results, say) and sum(map(len, chosen.values())) == len(set(ids))


def make_missed(since: datetime, account: Account, dry_run: bool, say: Say) -> bool:
    """Every system snapshot begun since then that an enabled plan wants and that has no end yet."""
    now = account.cloud.clock.now()
    plans = account.plans.model_copy(update={"plans": tuple(map(_without_since, account.plans.plans))})
    complete, wanted = True, 0
    for page in account.cloud.snapshots.of_system_disks(since - timedelta(minutes=1)):
        missed = [each for each in page if each.created >= since and is_unsettled(each, now)]
        results = make_images(missed, plans, account, dry_run, is_forced=False)
        told = [each for each in results if not _is_skip(each.answer)]
        wanted += len(told)
        _show(told, say)
        complete = complete and all(each.answer.status or _is_left_to_sweep(each.answer) for each in told)
    if not wanted:
        say("no snapshot that a plan wants is without an end")
    return complete


def make_images(
    snapshots: Sequence[Snapshot], plans: Plans, account: Account, dry_run: bool, is_forced: bool
) -> list[MakeResult]:
    """Those of one age together. What no sweep will look at again has its last try now: a refusal is its end."""
    usual = timedelta() if is_forced else account.rules.lookback
    groups = group_by_age(snapshots, account.cloud.clock.now(), usual, timedelta.max)
    gate = Gate(is_sweep=True)
    return [
        result for lookback, some in groups.items() for result in _make(some, plans, lookback, account, dry_run, gate)
    ]


def find_unfit(snapshot: Snapshot | None) -> str | None:
    """Why no image can be made of it, as far as it tells itself."""
    if snapshot is None:
        return "not there"
    if snapshot.role is not Role.SYSTEM:
        return "of a data disk; an image is made of a system disk's snapshot"
    outcome = read_outcome(snapshot.tags)
    if outcome and (outcome.is_settled or outcome.word is Word.FAILING):
        return f"settled ({outcome.to_tag()}); to have it made once more: snapimage forget {snapshot.id}"
    return None


def _make(
    snapshots: Sequence[Snapshot], plans: Plans, lookback: timedelta, account: Account, dry_run: bool, gate: Gate
) -> list[MakeResult]:
    rules = rules_for(account.settings.account_id, account.settings.region_id, plans, lookback)
    cloud, requests = rehearse(account.cloud) if dry_run else (account.cloud, [])
    answers = answer_all([Matter(snapshot=_rested(each)) for each in snapshots], rules, cloud, FUNCTION, gate, Region())
    asked = {request.snapshot_id: request for request in requests}
    return [MakeResult(answer, asked.get(answer.matter.snapshot_id or "")) for answer in answers]


def _rested(snapshot: Snapshot) -> Snapshot:
    """The operator has removed the cause of a refusal, and need not wait an hour."""
    outcome = read_outcome(snapshot.tags)
    if outcome is None or outcome.word is not Word.REFUSED:
        return snapshot
    return replace(snapshot, tags={**snapshot.tags, OUTCOME: replace(outcome, until=None).to_tag()})


def _choose(snapshots: Sequence[Snapshot], plan: str | None, account: Account, say: Say) -> dict[str, list[Snapshot]]:
    """The snapshots of each plan: of the one that was named, or of the only one that wants them."""
    if plan is not None:
        return {plan: list(snapshots)} if snapshots else {}
    chosen: dict[str, list[Snapshot]] = defaultdict(list)
    for snapshot, wanting in zip(snapshots, find_wanting(snapshots, account.plans, account.cloud), strict=True):
        if not wanting.plans:
            say(f"{snapshot.id}: {wanting.why_none}; name one: --plan NAME")
        elif len(wanting.plans) > 1:
            say(f"{snapshot.id}: plans {', '.join(wanting.plans)} want it; name one: --plan NAME")
        else:
            chosen[wanting.plans[0]].append(snapshot)
    return chosen


def _only(plans: Plans, name: str, is_forced: bool) -> Plans:
    plan = next(_without_since(each) for each in plans.plans if each.name == name)
    forced = plan.model_copy(update={"enabled": True, "source": EVERY_KIND})
    return plans.model_copy(update={"plans": (forced if is_forced else plan,)})


def _without_since(plan: Plan) -> Plan:
    return plan.model_copy(update={"since": None})


def _is_skip(answer: Answer) -> bool:
    return answer.status is not None and answer.status.state is State.SKIPPED


def _is_left_to_sweep(answer: Answer) -> bool:
    return answer.trouble is not None and answer.trouble.code in PUT_OFF


def _show(results: Sequence[MakeResult], say: Say) -> bool:
    for result in results:
        say(show_answer(result.answer) if result.request is None else show_request(result.request))
    return all(result.answer.status for result in results)
