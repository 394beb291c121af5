"""The decision about one snapshot as the functions make it, with the facts that it rests on and the rule that decided.

There is no second spelling of it: this goes the way of the sweep and of the event, up to where something would be done.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from shared.domain.answers import Answer
from shared.domain.arrival import decide_matter
from shared.domain.decision import Decided, Make, Matter, Question, View
from shared.domain.errors import CloudError
from shared.domain.events import SnapshotCompleted
from shared.domain.facts import Role, Snapshot
from shared.domain.image_request import ImageRequest
from shared.domain.message import ImageStatus
from shared.domain.plans import Plan
from shared.domain.rules import Rules, Skip, refuse_event
from shared.domain.selection import MachineUnknown, Origin, choose_plan
from shared.flows.answer import carry_out
from shared.flows.gather import gather
from shared.flows.region import Region
from shared.flows.sweep import is_unsettled
from shared.ports import Cloud


class WitnessedView(View):
    """A view that remembers what it was asked, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: dict[Question, object] = {}

    def _ask(self, question: Question) -> Any:
        try:
            answer = super()._ask(question)
        except CloudError as refusal:
            self.asked[question] = refusal
            raise
        self.asked[question] = answer
        return answer


@dataclass(frozen=True)
class Explanation:
    snapshot: Snapshot
    answer: Answer
    """Of the next sweep, before anything is done."""
    by_event: Answer
    """What its event would be answered."""
    is_swept: bool
    """Whether the sweep looks at it at all."""
    plans: tuple[tuple[str, str], ...] = ()
    """Each plan, and whether it wants the snapshot."""
    asked: Mapping[Question, object] = field(default_factory=dict)
    """The facts that the decision asked for, in that order; the refusal where ECS refused one."""

    @property
    def status(self) -> ImageStatus | None:
        """What would be told. None of an image that would be asked for, and of what cannot be decided now."""
        return self.answer.status

    @property
    def request(self) -> ImageRequest | None:
        decision = self.answer.known.decision
        return decision.request if isinstance(decision, Make) else None


def explain_snapshot(snapshot: Snapshot, rules: Rules, cloud: Cloud) -> Explanation:
    """Asks what the functions ask, and changes nothing. A data disk's snapshot is looked at by its event only."""
    view, told = WitnessedView(), Matter(event=_event_of(snapshot, rules))
    is_system = snapshot.role is Role.SYSTEM
    answer = answer_of_sweep(snapshot, view, rules, cloud) if is_system else _answer(told, view, rules, cloud)
    by_event = _answer(told, view, rules, cloud)
    asked = dict(view.asked)
    plans = _say_plans(snapshot, rules.plans.plans, view, cloud) if is_system else ()
    return Explanation(snapshot, answer, by_event, is_unsettled(snapshot, cloud.clock.now()), plans, asked)


def answer_of_sweep(snapshot: Snapshot, view: View, rules: Rules, cloud: Cloud) -> Answer:
    """Of the next one, before anything is done."""
    return _answer(Matter(snapshot=snapshot), view, rules, cloud)


def _event_of(snapshot: Snapshot, rules: Rules) -> SnapshotCompleted:
    """As far as the snapshot tells it: when it ended only its own event knows."""
    return SnapshotCompleted(
        event_id="explained",
        account_ids=frozenset({rules.account_id}),
        region_ids=frozenset({rules.region_id}),
        snapshot_id=snapshot.id,
        disk_id=snapshot.disk_id,
        result=snapshot.status,
        kind=snapshot.kind,
        ended=None,
        time=None,
    )


def _answer(matter: Matter, view: View, rules: Rules, cloud: Cloud) -> Answer:
    now = cloud.clock.now()

    def of(each: Matter, gathered: View) -> Decided:
        refused = refuse_event(each.event, rules) if each.event else None
        return Decided(refused) if refused else decide_matter(each, gathered, rules, now)

    (result,) = gather([matter], of, view, cloud, Region())
    return carry_out(matter, result, rules, cloud)


def _say_plans(snapshot: Snapshot, plans: Sequence[Plan], view: View, cloud: Cloud) -> tuple[tuple[str, str], ...]:
    """Each plan by itself, by the rule that chooses among them."""

    def look(plan: Plan, gathered: View) -> str:
        found = choose_plan([plan], snapshot.kind, Origin(snapshot, gathered))
        return _say_no(found) if isinstance(found, Skip | MachineUnknown) else "wants it"

    answers = gather(plans, look, view, cloud, Region())
    said = [f"cannot be told: {each}" if isinstance(each, CloudError) else each for each in answers]
    return tuple(zip((plan.name for plan in plans), said, strict=True))


def _say_no(found: Skip | MachineUnknown) -> str:
    """Of one plan among several."""
    return found.explanation.replace("no plan wants", "does not want")
