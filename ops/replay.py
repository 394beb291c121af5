"""Runs the create_image function on stored events and tells what it answered, called and published."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ops.local import Bench
from shared.adapters.ecs_images import to_wire
from shared.domain.answers import invalid, subject_of_event
from shared.domain.decision import Decision, Make
from shared.domain.errors import CloudError, Transient
from shared.domain.events import ArrivedEvent, SnapshotCompleted, UnreadableEvent, read_events
from shared.domain.image_answers import with_origin
from shared.domain.image_request import Origin
from shared.domain.message import StatusMessage
from shared.domain.refusal import Fail, Refusal, Skip, TryLater, refuse_event
from shared.domain.status import Subject
from shared.flows.create_image import answer_refusal, create_image
from shared.flows.gather import find_origin
from shared.flows.make import apply, decide
from shared.ports import StatusQueue


class NotedQueue:
    """Publishes, and keeps what was published."""

    def __init__(self, queue: StatusQueue) -> None:
        self._queue = queue
        self.published: list[StatusMessage] = []

    def publish(self, message: StatusMessage) -> None:
        self._queue.publish(message)
        self.published.append(message)


@dataclass(frozen=True)
class Outcome:
    """What became of one event. `state` is `retry` when the function raised and the platform would try again."""

    event: str
    event_id: str
    state: str
    reason: str
    explanation: str
    image_id: str | None = None
    calls: list[str] = field(default_factory=list)
    messages: list[dict[str, Any]] = field(default_factory=list)
    request: dict[str, Any] | None = None
    """Of a dry run: the CreateImage call as it would be sent."""

    @property
    def is_answered(self) -> bool:
        return self.state != "retry"

    def to_json(self) -> str:
        fields = {key: value for key, value in vars(self).items() if key != "request" or value is not None}
        return json.dumps(fields, ensure_ascii=False)


def replay_file(path: Path, bench: Bench, dry_run: bool = False) -> Iterator[Outcome]:
    """One outcome for every event in the file."""
    for event in read_events(path.read_bytes()):
        yield _rehearse(path, event, bench) if dry_run else _run(path, event, bench)


def _run(path: Path, event: ArrivedEvent, bench: Bench) -> Outcome:
    queue = NotedQueue(bench.cloud.queue)
    mark = bench.cloud.calls.mark()
    try:
        status = create_image(event, bench.rules, replace(bench.cloud, queue=queue))
    except Transient as trouble:
        calls = bench.cloud.calls.since(mark)
        return Outcome(str(path), event.event_id, "retry", trouble.code, trouble.message, calls=calls)
    return Outcome(
        str(path),
        event.event_id,
        status.state.value,
        status.reason.value,
        status.explanation,
        status.image_id,
        bench.cloud.calls.since(mark),
        [json.loads(message.to_json()) for message in queue.published],
    )


def _rehearse(path: Path, event: ArrivedEvent, bench: Bench) -> Outcome:
    """Gathers and decides, once; applies only what changes nothing, and shows the request where an image would be made."""
    mark = bench.cloud.calls.mark()
    subject = subject_of_event(event, bench.rules, bench.cloud.clock.now())
    try:
        if isinstance(event, UnreadableEvent):
            status = invalid(subject, event)
        else:
            decision, subject = _foresee(event, subject, bench)
            if isinstance(decision, Make):
                request = to_wire(decision.request).to_map()
                told = ("creating", "ImageRequested", f"would make {decision.request.name}")
                return Outcome(str(path), event.event_id, *told, calls=bench.cloud.calls.since(mark), request=request)
            if isinstance(decision, Skip | Fail | TryLater):
                status = answer_refusal(decision, subject)
            else:
                status = apply(decision, subject, bench.cloud)
    except CloudError as error:
        state = "retry" if isinstance(error, Transient) else "failed"
        calls = bench.cloud.calls.since(mark)
        return Outcome(str(path), event.event_id, state, error.code, error.message, calls=calls)
    told = (status.state.value, status.reason.value, status.explanation)
    return Outcome(str(path), event.event_id, *told, status.image_id, bench.cloud.calls.since(mark))


def _foresee(event: SnapshotCompleted, subject: Subject, bench: Bench) -> tuple[Decision | Refusal, Subject]:
    origin = refuse_event(event, bench.rules) or find_origin(event, bench.rules, bench.cloud)
    if not isinstance(origin, Origin):
        return origin, subject
    return decide(origin, bench.cloud), with_origin(subject, origin)
