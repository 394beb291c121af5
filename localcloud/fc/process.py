"""One warm process of a function: started as FC starts it, given one invocation at a time, killed when it is late."""

import contextlib
import json
import os
import selectors
import signal
import subprocess
import time
import uuid
from dataclasses import dataclass
from pathlib import Path

from localcloud.fc.environment import environment_of, start_of
from localcloud.fc.spec import FunctionSpec

_RUNTIME = str(Path(__file__).with_name("runtime.py"))
_GRACE_SECONDS = 0.5
"""Between SIGTERM and SIGKILL. No page says how long FC waits."""
UNHANDLED = "UnhandledInvocationError"


@dataclass(frozen=True)
class Invoked:
    body: bytes
    error_type: str | None
    """What FC says in X-Fc-Error-Type; None of a handler that returned."""
    log: bytes
    duration_ms: int
    instance_id: str


class _Died(Exception):
    """The process ended before it answered."""


class _TookTooLong(Exception):
    """The function's time is over."""


class FunctionProcess:
    def __init__(self, spec: FunctionSpec, account_id: str, region: str) -> None:
        self.instance_id = f"c-{uuid.uuid4().hex[:16]}"
        self._spec = spec
        environment = environment_of(spec, account_id, region, self.instance_id)
        child_reads, self._requests = os.pipe()
        self._answers, child_writes = os.pipe()
        self._log, child_logs = os.pipe()
        isolation = ["-I", "-B", "-u", "-X", "utf8", "-W", "ignore"] + ["-S"] * spec.isolated
        # FC starts Python with `-W ignore` too. -B: the package stays as it was staged.
        self._process = subprocess.Popen(  # noqa: S603 - an interpreter and a package that the caller chose
            [spec.python, *isolation, _RUNTIME, str(child_reads), str(child_writes)],
            cwd=spec.folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=child_logs,
            stderr=child_logs,
            pass_fds=(child_reads, child_writes),
            start_new_session=True,
        )
        for theirs in (child_reads, child_writes, child_logs):
            os.close(theirs)
        os.set_blocking(self._requests, False)
        os.set_blocking(self._log, False)
        self._preface = json.dumps(start_of(spec, account_id, region, environment)).encode() + b"\n"

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def invoke(self, event: bytes, request_id: str, retries: int = 0, now: float | None = None) -> Invoked:
        """`now` sets the clock of the process; without it that is the machine's."""
        started = time.monotonic()
        call = {"request_id": request_id, "retries": retries, "size": len(event), "now": now}
        message = self._preface + json.dumps(call).encode() + b"\n" + event
        self._preface = b""
        log = bytearray()
        try:
            error_type, body = self._exchange(message, log, started + self._spec.timeout)
        except _Died:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(_GRACE_SECONDS)  # its last words
            self._kill()
            error_type, body = UNHANDLED, _exited(time.monotonic() - started)
        except _TookTooLong:
            self._kill()
            error_type, body = UNHANDLED, _timed_out(self._spec.timeout)
        log += self._rest_of_log()
        duration = round((time.monotonic() - started) * 1000)
        return Invoked(body, error_type, bytes(log), duration, self.instance_id)

    def close(self) -> None:
        """For good: a closed process answers nothing."""
        self._kill()
        for ours in (self._requests, self._answers, self._log):
            os.close(ours)

    def kill(self) -> None:
        """At once and from any thread; the invocation under way sees that the process has died."""
        if self.alive:
            self._signal(signal.SIGKILL)

    def _exchange(self, message: bytes, log: bytearray, deadline: float) -> tuple[str | None, bytes]:
        unsent, answer = memoryview(message), bytearray()
        with selectors.DefaultSelector() as selector:
            selector.register(self._requests, selectors.EVENT_WRITE)
            selector.register(self._answers, selectors.EVENT_READ)
            selector.register(self._log, selectors.EVENT_READ)
            while (whole := _whole(answer)) is None:
                ready = selector.select(deadline - time.monotonic())
                if time.monotonic() >= deadline:
                    raise _TookTooLong
                for key, _ in ready:
                    if key.fd == self._requests:
                        unsent = _send(self._requests, unsent)
                        if not unsent:
                            selector.unregister(self._requests)
                    elif chunk := os.read(key.fd, 65536):
                        (answer if key.fd == self._answers else log).extend(chunk)
                    elif key.fd == self._answers:
                        raise _Died
                    else:
                        selector.unregister(self._log)
        return whole

    def _rest_of_log(self) -> bytes:
        """The child flushes before it answers, so what it said is in the pipe by now."""
        rest = bytearray()
        with contextlib.suppress(BlockingIOError):
            while chunk := os.read(self._log, 65536):
                rest += chunk
        return bytes(rest)

    def _kill(self) -> None:
        """FC's Python runtime gets SIGTERM and exits with 143."""
        if not self.alive:
            return
        self._signal(signal.SIGTERM)
        try:
            self._process.wait(_GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            self._signal(signal.SIGKILL)
            self._process.wait()
        self._signal(signal.SIGKILL)  # what the handler started and left behind

    def _signal(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError):  # nobody of its session is left
            os.killpg(self._process.pid, number)


def _send(pipe: int, unsent: memoryview) -> memoryview:
    try:
        return unsent[os.write(pipe, unsent) :]
    except BrokenPipeError:
        return unsent[:0]  # its answers end as well, and that is what counts


def _whole(answer: bytearray) -> tuple[str | None, bytes] | None:
    line, newline, body = answer.partition(b"\n")
    if not newline:
        return None
    head = json.loads(line)
    return (head["error_type"], bytes(body)) if len(body) >= head["size"] else None


def _exited(seconds: float) -> bytes:
    """FC help, "Error handling": the message of an abnormal exit. The memory is not measured here."""
    text = (
        f"Process exited unexpectedly before completing request (duration: {seconds * 1000:.0f}ms, maxMemoryUsage: 0MB)"
    )
    return json.dumps({"errorMessage": text}).encode()


def _timed_out(seconds: float) -> bytes:
    """FC help, "Function time out after": the page has the words in its title and shows no whole body."""
    return json.dumps({"errorMessage": f"Function time out after {seconds:g} seconds"}).encode()
