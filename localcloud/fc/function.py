"""A deployed function: its warm processes, how often it ran, and what it logged."""

import threading
from functools import cached_property

from fastcrc import crc64

from localcloud.clock import MovableClock
from localcloud.fc.process import FunctionProcess, Invoked
from localcloud.fc.restriction import InvocationRestriction
from localcloud.fc.spec import FunctionSpec

LOG_TAIL = 4096
"""API InvokeFunction, X-Fc-Log-Type: Tail returns the last 4 KB."""
_LOG_KEPT = 256 * 1024
_DEFAULT_PROCESSES = 2
"""FC would start up to a hundred instances; a laptop would not like that."""


class Undeployed(Exception):
    """The function was removed or replaced while something still wanted to run it."""


class HostedFunction:
    """Safe for threads. When every process is busy a call waits for one; FC would answer a synchronous call with 429."""

    def __init__(self, spec: FunctionSpec, account_id: str, region: str, clock: MovableClock | None = None) -> None:
        self.spec = spec
        self._clock = clock if spec.clock == "cloud" else None
        self._told = clock
        self.deployed = clock.now() if clock else 0.0
        self.last_invoked: float | None = None
        self.last_failed: float | None = None
        self.invocations = 0
        self.restriction: InvocationRestriction | None = None
        """Set while it takes no invocations."""
        self.place = (account_id, region)
        self._most = spec.reserved_concurrency or _DEFAULT_PROCESSES
        self._changed = threading.Condition()
        self._idle: list[FunctionProcess] = []
        self._busy: list[FunctionProcess] = []
        self._log = bytearray()
        self._closed = False

    @property
    def arn(self) -> str:
        """FC 3.0 API, struct Function; of FC 2.0 as the sample of awesome-fc/async-invocation-dlq shows it."""
        if self.spec.service:
            return f"acs:fc:::services/{self.spec.service}.LATEST/functions/{self.spec.name}"
        account_id, region = self.place
        return f"acs:fc:{region}:{account_id}:functions/{self.spec.name}"

    def invoke(self, event: bytes, request_id: str, retries: int = 0) -> Invoked:
        process = self._take()
        try:
            outcome = process.invoke(event, request_id, retries, self._clock.now() if self._clock else None)
        finally:
            self._give_back(process)
        with self._changed:
            self._log += outcome.log
            del self._log[:-_LOG_KEPT]
            self.last_invoked = self._told.now() if self._told else 0.0
            if outcome.error_type is not None:
                self.last_failed = self.last_invoked
        return outcome

    def log(self) -> str:
        with self._changed:
            return self._log.decode(errors="replace")

    @cached_property
    def checksum(self) -> str | None:
        """FC 3.0 API, struct Function, `codeChecksum`: ECMA-182 as OSS and the deployment tool count it, in decimals."""
        return str(crc64.xz(self.spec.archive.read_bytes())) if self.spec.archive else None

    def close(self) -> None:
        """Ends every process; an invocation under way ends as one whose process died."""
        with self._changed:
            self._closed = True
            idle, self._idle = self._idle, []
            for process in self._busy:
                process.kill()
            self._changed.notify_all()
        for process in idle:
            process.close()

    def _take(self) -> FunctionProcess:
        with self._changed:
            while not (self._closed or self._idle or len(self._busy) < self._most):
                self._changed.wait()
            if self._closed:
                raise Undeployed(f"{self.spec.key} is not deployed any more")
            self.invocations += 1
            process = self._idle.pop() if self._idle else FunctionProcess(self.spec, *self.place)
            if not process.alive:
                process.close()
                process = FunctionProcess(self.spec, *self.place)
            self._busy.append(process)
            return process

    def _give_back(self, process: FunctionProcess) -> None:
        with self._changed:
            self._busy.remove(process)
            keep = process.alive and not self._closed
            if keep:
                self._idle.append(process)
            self._changed.notify()
        if not keep:
            process.close()
