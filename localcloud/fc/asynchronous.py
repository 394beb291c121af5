"""The asynchronous queue: at least once, retried as configured, given up into the failure destination."""

import heapq
import itertools
import json
import re
import threading
from collections.abc import Callable
from typing import Any, Literal

from localcloud.clock import MovableClock
from localcloud.fc.errors import entity_too_large, invalid_argument
from localcloud.fc.function import HostedFunction, Undeployed
from localcloud.fc.process import UNHANDLED
from localcloud.fc.tasks import AsyncTask

LARGEST_PAYLOAD = 128 * 1024
"""FC help, "Limits": of an asynchronous request."""
RETRY_SECONDS = 60
"""FC help, "Configure a retry mechanism", gives the number of retries of a failed function and not their spacing."""
_TASK_ID = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,127}")
_EXPIRED = "EventAgeExceeded"
"""No page names the condition of an event that was too old."""

DeadLetter = Callable[[str, str], None]


class DestinationFailed(Exception):
    """The failure destination took no message."""


class TaskExists(Exception):
    """FC help, "Task deduplication": a second submission with one id is refused."""


class AsyncQueue:
    """Nothing runs by itself: `pump` runs what is due. Every invocation is kept as a task, as with asyncTask: true."""

    def __init__(self, clock: MovableClock, dead_letter: DeadLetter) -> None:
        self._clock = clock
        self._dead_letter = dead_letter
        self._lock = threading.Lock()
        self._order = itertools.count()
        self._waiting: list[tuple[float, int, AsyncTask]] = []
        self._tasks: dict[tuple[str, str], AsyncTask] = {}

    def submit(
        self, function: HostedFunction, payload: bytes, request_id: str, task_id: str | None = None
    ) -> AsyncTask:
        """Without a task id the request id stands in for it (FC help, "Task deduplication")."""
        if len(payload) > LARGEST_PAYLOAD:
            raise entity_too_large(LARGEST_PAYLOAD)
        if task_id is not None and not _TASK_ID.fullmatch(task_id):
            # API 2021-04-06, InvokeFunction, X-Fc-Stateful-Async-Invocation-Id.
            raise invalid_argument(f"the task id {task_id!r} is not 1 to 128 of A-Z a-z 0-9 _ -, a letter or _ first")
        now = self._clock.now()
        task = AsyncTask(task_id or request_id, request_id, function, payload, submitted=now)
        with self._lock:
            if (function.spec.key, task.id) in self._tasks:
                raise TaskExists(task.id)
            self._tasks[function.spec.key, task.id] = task
            self._wait(task, now)
        return task

    def find(self, function: HostedFunction, task_id: str) -> AsyncTask | None:
        return self._tasks.get((function.spec.key, task_id))

    def clear(self) -> None:
        """Forgets every task."""
        with self._lock:
            self._waiting, self._tasks = [], {}

    def pump(self) -> int:
        """Run everything that is due now, and what that makes due, one after another; return how many ran."""
        ran, held = 0, list[AsyncTask]()
        while (task := self._next()) is not None:
            if self._clock.now() - task.submitted > task.function.spec.async_config.max_age_seconds:
                self._give_up(task, "Expired", _EXPIRED)
            elif task.function.restriction:
                held.append(task)
            else:
                ran += self._run(task)
        with self._lock:
            for task in held:
                self._wait(task, self._clock.now())
        return ran

    def _next(self) -> AsyncTask | None:
        with self._lock:
            if self._waiting and self._waiting[0][0] <= self._clock.now():
                return heapq.heappop(self._waiting)[2]
            return None

    def _wait(self, task: AsyncTask, due: float) -> None:
        heapq.heappush(self._waiting, (due, next(self._order), task))

    def _run(self, task: AsyncTask) -> int:
        task.status = "Running"
        task.runs += 1
        try:
            outcome = task.function.invoke(task.payload, task.request_id, task.retries)
        except Undeployed as gone:
            task.status, task.error = "Invalid", str(gone)
            return 0
        task.answer, task.error = outcome.body, outcome.error_type or ""
        if outcome.error_type is None:
            task.status = "Succeeded"
        elif task.retries < task.function.spec.async_config.max_retries:
            task.status = "Retrying"
            with self._lock:
                self._wait(task, self._clock.now() + RETRY_SECONDS)
        else:
            self._give_up(task, "Failed", outcome.error_type)
        return 1

    def _give_up(self, task: AsyncTask, status: Literal["Failed", "Expired"], condition: str) -> None:
        """FC help, "Result callback": the failure destination keeps what is discarded. Of expired events no page speaks."""
        queue = task.function.spec.async_config.on_failure_queue
        task.error = condition
        if queue is not None:
            try:
                self._dead_letter(queue, failure_text(task, condition, self._clock.now()))
                task.destination = "Succeeded"
            except DestinationFailed as failed:
                task.destination = f"Failed: {failed}"
        task.status = status


def failure_text(task: AsyncTask, condition: str, now: float) -> str:
    """As the queue of awesome-fc/async-invocation-dlq received it. FC help, "Result callback", shows the same fields,
    but `timestamp` as ISO 8601. Whether FC encodes the body of an MNS message in Base64 is not documented; here it is
    the bare text, as in that sample."""
    context = {
        "requestId": task.request_id,
        "functionArn": task.function.arn,
        "condition": condition,
        "approximateInvokeCount": task.runs,
    }
    message: dict[str, Any] = {
        "timestamp": round(now * 1000),
        "requestContext": context,
        "requestPayload": task.payload.decode(errors="replace"),
    }
    if task.runs:
        message["responseContext"] = {"statusCode": 200, "functionError": UNHANDLED}
        message["responsePayload"] = task.answer.decode(errors="replace")
    return json.dumps(message, ensure_ascii=False, separators=(",", ":"))
