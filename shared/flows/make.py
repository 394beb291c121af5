"""Asks ECS for images, several at a time, or finds those that an earlier attempt made."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone

from shared.domain.answers import Answer, answer_failed, refused, requested, subject_of
from shared.domain.decision import Fail, Make
from shared.domain.errors import AlreadyExists, CloudError, Curable, OutcomeUnknown, Throttled, TokenTaken, Transient
from shared.domain.facts import Image
from shared.domain.image_request import ImageRequest
from shared.domain.image_tags import SNAPSHOT, attempt_of, is_image_of, made_of
from shared.domain.message_fields import Reason
from shared.domain.outcome import Outcome, Word
from shared.domain.progress import answer_image
from shared.domain.rules import Rules
from shared.ports import Cloud, Images

NOT_LISTED = "ImageNotVisibleYet"
"""Our code for an image that ECS has by its own word, and does not list."""
MANY = 128
"""Images asked for before their answers are told: all of a page."""
REST = timedelta(hours=1)
"""Between two requests for an image that ECS refused for a cause that can be removed."""
LISTED = timedelta(minutes=30)
"""Since a request that ECS took, until its image is listed or was deleted. Nothing is documented, so this is generous."""
ENOUGH = 3
"""Equal refusals in one run, after which the others of the plan would hear the same."""
FOREVER = datetime.max.replace(tzinfo=timezone.utc)


@dataclass
class Gate:
    """Keeps a run from asking a thousand times what ECS refuses each time. Per plan: another plan may be allowed."""

    is_sweep: bool = False
    recent: Counter[str] = field(default_factory=Counter)
    """Refusals of the last hour by code, as far as snapshots remember them."""
    refusals: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Refusals of this run, by plan and code."""
    probed: set[str] = field(default_factory=set)
    open: set[str] = field(default_factory=set)
    """Plans of which ECS took a request in this run."""

    @property
    def at_once(self) -> int:
        """A sweep begins with few, to see whether ECS takes them at all."""
        return MANY if self.open or not self.is_sweep else ENOUGH

    def lets_through(self, plan: str) -> bool:
        """After three equal refusals one request a run finds out whether the cause is gone. Events are never held."""
        of_plan = max((count for (name, _), count in self.refusals.items() if name == plan), default=0)
        remembered = 0 if plan in self.open else max(self.recent.values(), default=0)
        if not self.is_sweep or max(of_plan, remembered) < ENOUGH:
            return True
        is_first = plan not in self.probed
        self.probed.add(plan)
        return is_first

    def refused(self, plan: str, code: str) -> None:
        self.refusals[plan, code] += 1
        if self.refusals[plan, code] >= ENOUGH:
            self.probed.add(plan)

    def accepted(self, plan: str) -> None:
        self.open.add(plan)
        for key in [key for key in self.refusals if key[0] == plan]:
            del self.refusals[key]


def make_all(pending: Sequence[Answer], rules: Rules, cloud: Cloud, gate: Gate) -> list[Answer]:
    """The answers to decisions to make an image, in their order."""
    return [_unless_made(each, rules, cloud) for each in _ask_all(pending, rules, cloud, gate)]


def _ask_all(left: Sequence[Answer], rules: Rules, cloud: Cloud, gate: Gate) -> list[Answer]:
    answers: list[Answer] = []
    while left:
        some, left = left[: gate.at_once], left[gate.at_once :]
        asked = [each for each in some if gate.lets_through(_plan(each))]
        results = dict(zip(map(id, asked), cloud.images.create_all([_request(each) for each in asked]), strict=True))
        answers += [_answer(each, results.get(id(each)), rules, cloud, gate) for each in some]
        throttled = next((each.trouble for each in answers if isinstance(each.trouble, Throttled)), None)
        if throttled:  # waited out as long as there was time: every further request would only be refused
            return [*answers, *(_put_off(each, throttled, rules, cloud.clock.now(), gate) for each in left)]
    return answers


def _answer(answer: Answer, result: str | CloudError | None, rules: Rules, cloud: Cloud, gate: Gate) -> Answer:
    plan, request, now = _plan(answer), _request(answer), cloud.clock.now()
    asked_for = Outcome(Word.REQUESTED, until=now + LISTED)
    try:
        made = _judge(result, request, plan, cloud.images)
    except Transient as trouble:
        said = trouble.__cause__  # by ECS; the trouble itself is our word
        if isinstance(said, CloudError) and now + REST > _window_end(answer, rules):
            return _refused(answer, said, rules, now)
        if isinstance(said, TokenTaken) and answer.before is None:  # by the event's request, which was not refused
            return replace(answer, trouble=trouble, outcome=asked_for)
        return _put_off(answer, trouble, rules, now, gate)
    except CloudError as error:
        if result is None:
            return _put_off(answer, error, rules, now, gate)
        if isinstance(error, Curable):
            gate.refused(plan, error.code)
        return _refused(answer, error, rules, now)
    gate.accepted(plan)
    if isinstance(made, Image):
        return answer_image(answer, made, rules, now)
    return replace(answer, status=requested(subject_of(answer, rules, now), request, made), outcome=asked_for)


def _unless_made(answer: Answer, rules: Rules, cloud: Cloud) -> Answer:
    """No end before a last look: whatever ECS says now, an attempt that was cut off may have made the image."""
    if answer.status is None or not answer.status.terminal or answer.status.image_id:
        return answer
    request, snapshot = _request(answer), answer.known.snapshot
    try:
        images = cloud.images.of_snapshot(request.snapshot_id)
    except Transient as trouble:
        return Answer(answer.matter, answer.known, trouble=trouble)
    except CloudError:
        return answer  # who may not look cannot be told more
    made = made_of(images, snapshot, request.name) if snapshot else []
    return answer_image(answer, made[0], rules, cloud.clock.now()) if made else answer


def _judge(result: str | CloudError | None, request: ImageRequest, plan: str, images: Images) -> str | Image:
    """The id of a new image, or the image that is there. After a lost reply, a taken name or a token conflict, look first."""
    if result is None:
        raise Curable("LeftToTheNextRun", f"ECS refuses images of plan {plan} for now")
    if isinstance(result, OutcomeUnknown | AlreadyExists):
        return look_again(request, result, images)
    if isinstance(result, CloudError):
        raise result
    return result


def _put_off(answer: Answer, trouble: CloudError, rules: Rules, now: datetime, gate: Gate) -> Answer:
    """Left to the next run. What is held until its window ends, or troubled beyond it, has its end here."""
    until = now if isinstance(trouble, Transient) else now + REST
    if not gate.is_sweep or until <= _window_end(answer, rules):
        return replace(answer, trouble=trouble)
    told = answer.before
    cause = trouble if isinstance(trouble, Transient) else Curable(told.code, "refused") if told and told.code else None
    last = f"; the last refusal was {cause.code}" if cause else ""
    text = f"the sweep does not look back to {_request(answer).snapshot_id} any more{last}"
    return answer_failed(answer, Fail(Reason.WINDOW_OVER, text, cause=cause), rules, now)


def _refused(answer: Answer, error: CloudError, rules: Rules, now: datetime) -> Answer:
    """Told as the end when it is known to be one, or when the next try would come after the snapshot left its window."""
    fail = refused(
        error, is_final=not isinstance(error, Curable | Transient) or now + REST > _window_end(answer, rules)
    )
    answered = answer_failed(answer, fail, rules, now)
    decision = answer.known.decision
    wait_ends = decision.wait_ends if isinstance(decision, Make) else None
    rests = Outcome(Word.REFUSED, fail.reason, error.code, now + REST, wait_ends=wait_ends)
    return answered if fail.is_final else replace(answered, outcome=rests)


def _window_end(answer: Answer, rules: Rules) -> datetime:
    snapshot, plan = answer.known.snapshot, answer.known.plan
    return snapshot.created + rules.window_of(plan) if snapshot and plan else FOREVER


def _plan(answer: Answer) -> str:
    return answer.known.plan.name if answer.known.plan else ""


def _request(answer: Answer) -> ImageRequest:
    decision = answer.known.decision
    if not isinstance(decision, Make):
        raise TypeError("only a decision to make an image has a request")
    return decision.request


def look_again(request: ImageRequest, trouble: OutcomeUnknown | AlreadyExists, images: Images) -> Image:
    """The image that an earlier attempt made. If there is none the trouble itself says what to do.

    By tag, then by snapshot (tags may have been taken off, or not be searchable yet), then by name. Whose token ECS knows
    has an image: should the plan have been renamed since, it has the name of then.
    """
    looks = images.tagged({SNAPSHOT: request.snapshot_id}), images.of_snapshot(request.snapshot_id)
    tagged, found = ([each for each in look if attempt_of(each.tags) >= attempt_of(request.tags)] for look in looks)
    ours = [each for each in tagged if is_image_of(each, request.snapshot_id)]
    named = [each for each in found if each.name == request.name]
    renamed = [each for each in found if request.snapshot_id in each.name and not each.is_copy]
    for image in (*ours, *named, *(renamed if isinstance(trouble, AlreadyExists) else [])):
        return image
    if isinstance(trouble, OutcomeUnknown):
        raise trouble
    for image in images.named(request.name):
        if image.system_snapshot_id == request.snapshot_id:  # listed only since the looks before
            return image
        text = f"image name {request.name} is taken by {image.id}, which was not made from {request.snapshot_id}"
        raise Curable(trouble.code, text, trouble.http_status, trouble.request_id) from trouble
    raise Transient(NOT_LISTED, f"{trouble}; no such image is listed yet", trouble.http_status) from trouble
