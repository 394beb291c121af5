"""Replays events on a function that is deployed, and tells what it answered, or as which task it will."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ops.invoke import ALREADY_SUBMITTED, InvokeError, Invoker
from ops.queues import subscriber
from shared.adapters.mns_queue import QueueAccess
from shared.adapters.replies import credentials, redact
from shared.domain.events import read_events

LEFT = "left"


@dataclass(frozen=True)
class DeployedOutcome:
    """What became of one invocation. `state` is `error` when the function or the call failed."""

    event: str
    state: str
    reason: str
    explanation: str = ""
    request_id: str = ""
    task_id: str | None = None
    log: str = ""
    answers: list[dict[str, Any]] = field(default_factory=list)

    @property
    def is_answered(self) -> bool:
        return self.state != "error"

    @property
    def is_over(self) -> bool:
        """Whether every event of the invocation got an answer: no sweep looks at what is too old for it."""
        return self.is_answered and self.state != LEFT

    def to_json(self) -> str:
        return json.dumps(vars(self), ensure_ascii=False)


def invoke_now(name: str, payload: bytes, invoker: Invoker) -> DeployedOutcome:
    """One synchronous invocation; state and reason are those of an event that was left to the sweep, else of the last."""
    try:
        reply = invoker.invoke(payload, None)
    except InvokeError as error:
        return DeployedOutcome(name, "error", error.code, str(error))
    if reply.error_type:
        return DeployedOutcome(
            name, "error", reply.error_type, _error_text(reply.body), reply.request_id, log=reply.log
        )
    answers = _answers(reply.body)
    if not answers:
        return DeployedOutcome(
            name, "error", "NoAnswer", "the function is none of ours", reply.request_id, log=reply.log
        )
    told = next((answer for answer in answers if answer.get("state") == LEFT), answers[-1])
    state, reason, text = (str(told.get(key, "")) for key in ("state", "reason", "explanation"))
    return DeployedOutcome(name, state, reason, text, reply.request_id, log=reply.log, answers=answers)


def invoke_later(name: str, payload: bytes, invoker: Invoker, task_id: str | None) -> DeployedOutcome:
    """One asynchronous task. Without an id of its own it is named after the event, so that a repeat is refused."""
    wanted = task_id or name_task(payload)
    try:
        reply = invoker.invoke(payload, wanted)
        request_id, reason = reply.request_id, "TaskSubmitted"
    except InvokeError as error:
        if error.status != ALREADY_SUBMITTED:
            return DeployedOutcome(name, "error", error.code, str(error), task_id=wanted)
        request_id, reason = "", "AlreadySubmitted"
    try:
        state = invoker.task_state(wanted)
    except InvokeError as error:
        state = f"unknown ({error.code})"
    return DeployedOutcome(name, state, reason, f"task {wanted}", request_id, wanted)


def name_task(payload: bytes) -> str:
    """FC help, "Asynchronous tasks": a letter or `_` first, then letters, digits, `_` and `-`, at most 128."""
    ids = "\n".join(event.event_id for event in read_events(payload))
    return "event-" + hashlib.sha256(ids.encode()).hexdigest()[:40]


def replay_dead_letters(access: QueueAccess, invoker: Invoker, most: int | None) -> Iterator[DeployedOutcome]:
    """Each dead letter's event, invoked again; only a letter whose events all got an answer leaves the queue."""
    seen: set[str] = set()
    repeats = 0
    while (most is None or len(seen) < most) and repeats <= len(seen):
        letter = subscriber.receive(access, 0)
        if letter is None:
            return
        if letter.message_id in seen:  # one that stayed has become visible again; others may be behind it
            repeats += 1
            continue
        seen.add(letter.message_id)
        payload = read_dead_letter(letter.text)
        if payload is None:
            yield DeployedOutcome(
                letter.message_id, "error", "NotADeadLetter", redact(letter.text, credentials(access), 200)
            )
            continue
        outcome = invoke_now(letter.message_id, payload, invoker)
        yield outcome  # told first: a queue that fails now must not hide what the function has done
        if outcome.is_over:
            subscriber.delete(access, letter)


def read_dead_letter(body: str) -> bytes | None:
    """The event inside what Function Compute sends to an on-failure destination; None when this is not such a thing."""
    try:
        payload = json.loads(subscriber.plain_text(body)).get("requestPayload")
    except (ValueError, AttributeError, RecursionError):
        return None
    return payload.encode() if isinstance(payload, str) else None


def _answers(body: bytes) -> list[dict[str, Any]]:
    try:
        found = json.loads(body).get("answers", [])
    except (ValueError, AttributeError):
        return []
    return [answer for answer in found if isinstance(answer, dict)] if isinstance(found, list) else []


def _error_text(body: bytes) -> str:
    try:
        envelope = json.loads(body)
        return f"{envelope['errorType']}: {envelope['errorMessage']}"
    except (ValueError, KeyError, TypeError):
        return body.decode("utf-8", "replace")[:300]
