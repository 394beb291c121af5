"""Function Compute on the wire: one request in, one response out, for the APIs of FC 2.0 and of FC 3.0."""

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from localcloud.acs_signature import SignatureRefused, verify
from localcloud.clock import MovableClock
from localcloud.fc import errors
from localcloud.fc.answer import as_answer, as_json, new_request_id
from localcloud.fc.asynchronous import AsyncQueue, DeadLetter, TaskExists
from localcloud.fc.calls import FcCall, check_headers, choice, route, version_of
from localcloud.fc.description import describe, describe_async, describe_triggers
from localcloud.fc.errors import FcError
from localcloud.fc.events import Triggers
from localcloud.fc.function import HostedFunction, Undeployed
from localcloud.fc.permissions import check_permission
from localcloud.fc.restriction import read_restriction
from localcloud.fc.spec import FunctionSpec
from localcloud.wire import LARGEST_BODY, ApiRefusal, Request, Response


class FcService:
    """`keys`: access key id to secret. `dead_letter` puts a text on an MNS queue or raises DestinationFailed."""

    def __init__(
        self, clock: MovableClock, account_id: str, region: str, keys: Mapping[str, str], dead_letter: DeadLetter
    ) -> None:
        self._clock = clock
        self._place = (account_id, region)
        self._keys = keys
        self._functions: dict[str, HostedFunction] = {}
        self._stopping = threading.Event()
        self._pumping: threading.Thread | None = None
        self._answers: Mapping[str, Callable[[Request, FcCall], Response]] = {
            "InvokeFunction": self._invoke,
            "GetAsyncTask": self._look_up,
            "GetStatefulAsyncInvocation": self._look_up,
            "GetFunction": self._telling(describe),
            "ListTriggers": self._telling(describe_triggers),
            "GetAsyncInvokeConfig": self._telling(describe_async),
            "DisableFunctionInvocation": self._restrict,
            "EnableFunctionInvocation": self._restrict,
        }
        self.queue = AsyncQueue(clock, dead_letter)
        self.triggers = Triggers(clock, self.queue, self.functions, new_request_id)

    def deploy(self, specs: Iterable[FunctionSpec]) -> None:
        """A function of the same name is replaced; its timers begin anew."""
        for spec in specs:
            old = self._functions.get(spec.key)
            function = HostedFunction(spec, *self._place, self._clock)
            self.triggers.start_timers(function)
            self.triggers.make_rules(function)
            self._functions[spec.key] = function
            if old is not None:
                function.restriction = old.restriction  # whether an update enables a function is not documented
                old.close()

    def begin(self) -> None:
        """Nothing was called yet and the timers begin anew; the functions stay, and their processes stay warm."""
        self.queue.clear()
        for function in self.functions():
            function.last_invoked = function.last_failed = None
            self.triggers.start_timers(function)

    def find(self, key: str) -> HostedFunction:
        return self._functions[key]

    def remove(self, key: str) -> None:
        self.triggers.drop_rules(key)
        self._functions.pop(key).close()

    def functions(self) -> list[HostedFunction]:
        return list(self._functions.values())

    def pump(self) -> int:
        """Fire the timers that are due and run every asynchronous invocation that is; return how many ran."""
        self.triggers.fire_timers()
        return self.queue.pump()

    def start_pumping(self, every_seconds: float) -> None:
        """Pump in the background, until close."""
        self._pumping = threading.Thread(target=self._keep_pumping, args=(every_seconds,), name="fc", daemon=True)
        self._pumping.start()

    def close(self) -> None:
        self._stopping.set()
        for function in self.functions():
            function.close()
        if self._pumping is not None:
            self._pumping.join()

    def action_of(self, request: Request) -> str:
        try:
            return route(request).action
        except FcError:
            return "Unknown"

    def handle(self, request: Request) -> Response:
        try:
            call = route(request)
            self._authenticate(request)
            account_id, region = self._place
            check_permission(self._keys, _key_id(request), call, f"acs:fc:{region}:{account_id}:")
            check_headers(request, call)
            return self._answers[call.action](request, call)
        except ApiRefusal as refused:
            return self.error(refused.status, refused.code, refused.message, request)

    def error(self, status: int, code: str, message: str, request: Request) -> Response:
        request_id = new_request_id()
        body = dict(zip(version_of(request).error_fields, (code, message, request_id), strict=False))
        return as_json(status, body, request_id)

    def refuse(self, request: Request, status: int, message: str) -> Response:
        """What HTTP itself refused, in FC's words."""
        refusal = errors.entity_too_large(LARGEST_BODY) if status == 413 else errors.invalid_argument(message)
        return self.error(status, refusal.code, refusal.message, request)

    def _authenticate(self, request: Request) -> None:
        """FC help, "Error codes", has codes of its own for three of the refusals; the others are the gateway's."""
        try:
            verify(request, self._keys, time.time())
        except SignatureRefused as refused:
            match refused.code:
                case "SignatureDoesNotMatch":
                    raise errors.signature_mismatch() from None
                case "InvalidAccessKeyId.NotFound":
                    raise errors.invalid_access_key(_key_id(request)) from None
                case "MissingParameter":
                    raise errors.missing_header(refused.message.split()[2]) from None
                case _:
                    raise

    def _find(self, call: FcCall) -> HostedFunction:
        """The API of FC 2.0 addresses services and the API of FC 3.0 has none: neither sees the other's functions,
        but for FC 2.0's as `service$function` in the newer API."""
        key = f"{call.service}${call.function}" if call.service else call.function
        if key in self._functions:
            return self._functions[key]
        services = {function.spec.service for function in self.functions()}
        if call.service and call.service not in services:
            raise errors.service_not_found(call.service)
        raise errors.function_not_found(call.function, call.service)

    def _invoke(self, request: Request, call: FcCall) -> Response:
        function = self._find(call)
        if function.restriction:
            raise errors.invocation_disabled(call.function, function.restriction.reason)
        with_log = choice(request.headers, "x-fc-log-type", "None", "Tail")
        if choice(request.headers, "x-fc-invocation-type", "Sync", "Async"):
            return self._enqueue(request, call, function)
        if call.version.task_id_header in request.headers:
            raise errors.invalid_argument(f"{call.version.task_id_header} is for asynchronous invocations")
        request_id = new_request_id()
        try:
            outcome = function.invoke(request.body, request_id)
        except Undeployed:
            raise errors.function_not_found(call.function, call.service) from None
        return as_answer(outcome, request_id, with_log)

    def _enqueue(self, request: Request, call: FcCall, function: HostedFunction) -> Response:
        task_id = request.headers.get(call.version.task_id_header)
        request_id = new_request_id()
        try:
            self.queue.submit(function, request.body, request_id, task_id)
        except TaskExists:
            raise errors.task_exists(call.version.task_exists, str(task_id)) from None
        return Response(202, b"", {"X-Fc-Request-Id": request_id})

    def _look_up(self, request: Request, call: FcCall) -> Response:
        task = self.queue.find(self._find(call), call.task_id)
        if task is None:
            raise errors.task_not_found(call.version.task_not_found, call.task_id)
        return as_json(200, call.version.show(task), new_request_id())

    def _telling(self, tell: Callable[[HostedFunction], dict[str, Any]]) -> Callable[[Request, FcCall], Response]:
        return lambda request, call: as_json(200, tell(self._find(call)), new_request_id())

    def _restrict(self, request: Request, call: FcCall) -> Response:
        """A repeat is no error, as far as the pages go."""
        function, is_disabled = self._find(call), call.action == "DisableFunctionInvocation"
        function.restriction = read_restriction(request.body, self._clock.now()) if is_disabled else None
        return as_json(200, {"success": True}, new_request_id())

    def _keep_pumping(self, every_seconds: float) -> None:
        while not self._stopping.wait(every_seconds):
            self.pump()


def _key_id(request: Request) -> str:
    return request.headers["authorization"].partition("Credential=")[2].partition(",")[0]
