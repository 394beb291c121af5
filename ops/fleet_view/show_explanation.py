"""An explanation for programs and for a terminal."""

from collections.abc import Iterator
from typing import Any

from ops.fleet_view.explain_named import Explained
from ops.fleet_view.facts_seen import say_facts
from ops.fleet_view.rule_words import rule_of
from ops.fleet_view.show_coverage import machine_to_plain, point_to_plain
from ops.fleet_view.words import indented, printable, write_age
from shared.adapters.ecs_images import to_wire
from shared.domain.answers import Answer
from shared.domain.image_request import ImageRequest
from shared.flows.explain import Explanation

Plain = dict[str, Any]
UNKNOWN = "made of the account's number, which SNAPIMAGE_MNS_ENDPOINT tells"


def to_plain(told: Explained, account_id: str | None) -> Plain:
    return {
        "id": told.id,
        "facts": list(told.facts),
        "machine": machine_to_plain(told.machine) if told.machine else None,
        "image": {**point_to_plain(told.image), "why": told.image.text} if told.image else None,
        "snapshot": _explanation(told.snapshot, account_id) if told.snapshot else None,
    }


def _explanation(explained: Explanation, account_id: str | None) -> Plain:
    request = explained.request
    return {
        "snapshot_id": explained.snapshot.id,
        "decision": answer_to_plain(explained.answer),
        "by_event": answer_to_plain(explained.by_event),
        "rule": rule_of(explained.answer),
        "is_swept": explained.is_swept,
        "plans": [{"name": name, "says": says} for name, says in explained.plans],
        "facts": list(say_facts(explained.asked)),
        "request": to_call(request, account_id) if request else None,
    }


def to_call(request: ImageRequest, account_id: str | None) -> Plain:
    """CreateImage as it would be sent. Its token is made of the account's number, among others: not shown where nobody told it."""
    call: Plain = to_wire(request).to_map()
    return call if account_id else call | {"ClientToken": UNKNOWN}


def answer_to_plain(answer: Answer) -> Plain:
    """In the words of a message. `make` is what a function would do before it tells anything, `later` what it would put off."""
    plan = answer.known.plan
    told = {"decision": type(answer.known.decision).__name__.lower(), "plan": plan.name if plan else None}
    if answer.status:
        status = answer.status
        said = {"state": status.state.value, "reason": status.reason.value, "explanation": status.explanation}
        ids = {"waiting_for": list(status.waiting_for), "missing": list(status.missing), "image_id": status.image_id}
        return told | said | ids
    if answer.trouble:
        return told | {"state": "later", "reason": answer.trouble.code, "explanation": answer.trouble.message}
    return told | {"state": "make", "reason": None, "explanation": "an image would be asked for"}


def to_text(told: Explained, account_id: str | None) -> str:
    return "\n".join(map(printable, _lines(told, account_id)))


def _lines(told: Explained, account_id: str | None) -> Iterator[str]:
    yield from told.facts
    if machine := told.machine:
        newest = machine.newest
        image = (
            f"{newest.image.id} of {newest.snapshot_id}, {write_age(machine.age)} old"
            if newest and newest.image
            else "none"
        )
        yield ""
        yield f"machine {machine.instance.id}: {machine.standing.value}; {machine.why}"
        yield f"  plan {machine.plan.name if machine.plan else 'none'}; newest good image {image}"
        yield from (f"  {warning}" for warning in machine.warnings)
    if told.image:
        yield f"  {told.image.state.value}: {told.image.text}"
    if told.snapshot:
        yield ""
        yield from _decision(told.snapshot, account_id)


def _decision(explained: Explanation, account_id: str | None) -> Iterator[str]:
    name = explained.snapshot.id
    yield f"snapshot {name}: {_said(explained.answer)}"
    yield f"  rule   {rule_of(explained.answer)}"
    if _said(explained.by_event) != _said(explained.answer):
        yield f"  event  its event would be answered: {_said(explained.by_event)}"
    yield from (f"  plan   {plan}: {says}" for plan, says in explained.plans)
    yield from (f"  fact   {fact}" for fact in say_facts(explained.asked))
    if explained.request:
        yield "  CreateImage"
        yield from indented(to_call(explained.request, account_id))


def _said(answer: Answer) -> str:
    plain = answer_to_plain(answer)
    return f"{plain['state']}{'/' + plain['reason'] if plain['reason'] else ''}; {plain['explanation']}"
