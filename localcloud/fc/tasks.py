"""One asynchronous invocation: what it carries, how far it is, and how it is told about."""

from dataclasses import dataclass
from typing import Any, Literal

from localcloud.fc.function import HostedFunction

Status = Literal["Enqueued", "Running", "Retrying", "Succeeded", "Failed", "Expired", "Invalid"]
"""Of the states in the APIs' structs StatefulAsyncInvocation and AsyncTask, those that the local cloud reaches."""


@dataclass
class AsyncTask:
    id: str
    request_id: str
    function: HostedFunction
    payload: bytes
    submitted: float
    status: Status = "Enqueued"
    runs: int = 0
    error: str = ""
    answer: bytes = b""
    destination: str = ""

    @property
    def retries(self) -> int:
        return max(self.runs - 1, 0)


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
    """Without the times and the events of each step, which nobody reads."""
    return {
        "alreadyRetriedTimes": task.retries,
        "destinationStatus": task.destination,
        "qualifier": "LATEST",
        "requestId": task.request_id,
        "returnPayload": task.answer.decode(errors="replace"),
        "status": task.status,
    }
