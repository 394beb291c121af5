"""Runs the create_image function on stored events and tells what it answered, called and published."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ops.rehearsal import rehearse
from ops.session import Account
from shared.adapters.ecs_images import to_wire
from shared.domain.errors import Transient
from shared.domain.events import ArrivedEvent, read_events
from shared.domain.message import StatusMessage
from shared.flows.create_image import Left, answer_events
from shared.ports import Cloud, StatusQueue


class RecordingQueue:
    """Publishes, and keeps what was published."""

    def __init__(self, queue: StatusQueue) -> None:
        self._queue = queue
        self.published: list[StatusMessage] = []

    def publish(self, message: StatusMessage) -> None:
        self._queue.publish(message)
        self.published.append(message)


@dataclass(frozen=True)
class ReplayOutcome:
    """What became of one event. `state` is `retry` when the function raised and the platform would try again, `left` when
    the sweep answers for it."""

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


def replay_file(path: Path, local: Account, dry_run: bool = False) -> Iterator[ReplayOutcome]:
    """One outcome for every event in the file."""
    for event in read_events(path.read_bytes()):
        yield _rehearse(path, event, local) if dry_run else _run(path, event, local)


def _run(path: Path, event: ArrivedEvent, local: Account) -> ReplayOutcome:
    queue = RecordingQueue(local.cloud.queue)
    outcome = _answer(path, event, local, replace(local.cloud, queue=queue))
    return replace(outcome, messages=[json.loads(message.to_json()) for message in queue.published])


def _rehearse(path: Path, event: ArrivedEvent, local: Account) -> ReplayOutcome:
    """The same flow; only what would change something stays here, and the request is shown."""
    cloud, requests = rehearse(local.cloud)
    outcome = _answer(path, event, local, cloud)
    if not requests:
        return outcome
    request = requests[0]
    return replace(outcome, image_id=None, explanation=f"would make {request.name}", request=to_wire(request).to_map())


def _answer(path: Path, event: ArrivedEvent, local: Account, cloud: Cloud) -> ReplayOutcome:
    mark = cloud.calls.mark()
    try:
        (answer,) = answer_events([event], local.rules, cloud)
    except Transient as trouble:
        told = ("retry", trouble.code, trouble.message)
        return ReplayOutcome(str(path), event.event_id, *told, calls=cloud.calls.since(mark))
    calls = cloud.calls.since(mark)
    if isinstance(answer, Left):
        return ReplayOutcome(str(path), event.event_id, "left", answer.code, answer.explanation, calls=calls)
    told = (answer.state.value, answer.reason.value, answer.explanation)
    return ReplayOutcome(str(path), event.event_id, *told, answer.image_id, calls)
