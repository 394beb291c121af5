"""One asynchronous invocation: what it carries, the states it went through, and how it is told about."""

from dataclasses import dataclass, field
from typing import Any, Literal

from localcloud.fc.function import HostedFunction

Status = Literal["Enqueued", "Running", "Retrying", "Succeeded", "Failed", "Expired", "Invalid"]
"""Of the states in the APIs' structs StatefulAsyncInvocation and AsyncTask, those that the local cloud reaches."""


@dataclass(frozen=True)
class TaskEvent:
    status: Status
    time: float
    detail: str


@dataclass
class AsyncTask:
    id: str
    request_id: str
    function: HostedFunction
    payload: bytes
    submitted: float
    runs: int = 0
    started: float | None = None
    ended: float | None = None
    error: str = ""
    answer: bytes = b""
    instance_id: str = ""
    destination: str = ""
    events: list[TaskEvent] = field(default_factory=list)

    @property
    def status(self) -> Status:
        return self.events[-1].status

    @property
    def retries(self) -> int:
        return max(self.runs - 1, 0)

    def enter(self, status: Status, now: float, detail: str = "") -> None:
        self.events.append(TaskEvent(status, now, detail))
        if status == "Running":
            self.runs += 1
            self.started = self.started or now
        elif status not in ("Enqueued", "Retrying"):
            self.ended = now


def as_invocation(task: AsyncTask) -> dict[str, Any]:
    """API 2021-04-06, struct StatefulAsyncInvocation."""
    spec = task.function.spec
    return _common(task) | {
        "functionName": spec.name,
        "serviceName": spec.service,
        "invocationId": task.id,
        "invocationPayload": task.payload.decode(errors="replace"),
        "invocationErrorMessage": task.error,
    }


def as_async_task(task: AsyncTask) -> dict[str, Any]:
    """API 2023-03-30, struct AsyncTask."""
    return _common(task) | {
        "functionArn": task.function.arn,
        "taskId": task.id,
        "taskPayload": task.payload.decode(errors="replace"),
        "taskErrorMessage": task.error,
    }


def _common(task: AsyncTask) -> dict[str, Any]:
    ended = {}
    if task.ended is not None:
        since = task.submitted if task.started is None else task.started
        ended = {"endTime": _ms(task.ended), "durationMs": _ms(task.ended - since)}
    return ended | {
        "alreadyRetriedTimes": task.retries,
        "destinationStatus": task.destination,
        "events": [
            {"eventId": number, "status": event.status, "timestamp": _ms(event.time), "eventDetail": event.detail}
            for number, event in enumerate(task.events, 1)
        ],
        "instanceId": task.instance_id,
        "qualifier": "LATEST",
        "requestId": task.request_id,
        "returnPayload": task.answer.decode(errors="replace"),
        "startedTime": _ms(task.submitted if task.started is None else task.started),
        "status": task.status,
    }


def _ms(seconds: float) -> int:
    return round(seconds * 1000)
