"""The whole local cloud on one loopback port: routes each request to its service and applies the planted faults."""

import re
import secrets
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from types import TracebackType
from typing import Any, Protocol

from localcloud import ess, quotas
from localcloud.breakages import ways_to_break
from localcloud.clock import MovableClock
from localcloud.control import Control
from localcloud.ecs.first_state import store_of
from localcloud.ecs.service import ACTIONS
from localcloud.ecs.state import EcsRegion
from localcloud.faults import Faults, PlantedFault
from localcloud.fc.asynchronous import DestinationFailed
from localcloud.fc.calls import speaks_fc
from localcloud.fc.service import FcService
from localcloud.fc.spec import FunctionSpec
from localcloud.http import LoopbackServer
from localcloud.journal import Journal, code_of
from localcloud.mns.errors import MnsError
from localcloud.mns.service import MnsService
from localcloud.openapi import OpenApi
from localcloud.ram import AccessKeys
from localcloud.rpc import identity
from localcloud.rpc.event_rules import rule_actions
from localcloud.rpc.metrics import metric_actions
from localcloud.rpc.roles import Roles
from localcloud.rpc_signature import in_newer_terms, speaks_rpc
from localcloud.wire import ConnectionDropped, Request, Response
from localcloud.world import WorldFile

QUEUES = {"status": "snapimage-status", "dead_letters": "snapimage-dead-letters"}
_NOT_JSON = Response(200, b"<html><body>This is not the service.</body></html>", {"Content-Type": "text/html"})


class _Service(Protocol):
    def action_of(self, request: Request) -> str: ...


_Error = Callable[[int, str, str], Response]


class LocalCloud:
    """A cloud for one world. As a context manager it serves from entry to exit."""

    def __init__(
        self,
        world: WorldFile,
        port: int = 0,
        access_key_id: str | None = None,
        access_key_secret: str | None = None,
        idle_timeout: float | None = None,
        functions: Sequence[FunctionSpec] = (),
        keys: AccessKeys | None = None,
    ) -> None:
        """`keys` are further ones, with what each may do; the owner's own may do everything."""
        self._world = world
        self.access_key_id = access_key_id or "LTAI" + secrets.token_hex(8)
        self.access_key_secret = access_key_secret or secrets.token_hex(15)
        self.keys = keys = AccessKeys() if keys is None else keys
        keys.add(self.access_key_id, self.access_key_secret)
        self.clock = MovableClock(world.start_time().timestamp())
        self.faults = Faults(world.faults)
        self.journal = Journal(self.clock)
        self.ecs = EcsRegion(store_of(world, self.clock))
        self.mns = MnsService(self.clock, world.account_id, world.region, keys)
        for name in QUEUES.values():
            self.mns.queues.create(name)
        self.fc = FcService(self.clock, world.account_id, world.region, keys, self._dead_letter)
        self.fc.deploy(functions)
        self.roles = Roles()
        actions = {
            "ecs": ACTIONS,
            "ess": ess.ACTIONS,
            "quotas": quotas.ACTIONS,
            "sts": identity.ACTIONS,
            "ram": self.roles.actions(),
            "eventbridge": rule_actions(self.fc.triggers),
            "cms": metric_actions(self.fc.functions),
        }
        self._openapi = OpenApi(self.ecs, actions, keys)
        ways = ways_to_break(self.fc, self.roles, self.mns.queues)
        self._control = Control(self.clock, self.faults, self.journal, self.ecs, self.ready, self.begin, self.fc, ways)
        self._http = LoopbackServer(port, self._respond, self._refuse, idle_timeout)
        self.endpoint = self._http.endpoint

    def start(self) -> None:
        self._http.start()

    def stop(self) -> None:
        self.fc.close()
        self.mns.close()
        self._http.stop()

    def __enter__(self) -> "LocalCloud":
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    def begin(self, world: WorldFile) -> None:
        """Another world in the same cloud: keys, functions and their warm processes stay, all else begins anew."""
        if (world.account_id, world.region) != (self._world.account_id, self._world.region):
            raise ValueError(f"this cloud is of account {self._world.account_id} in {self._world.region}")
        self._world = world
        self.clock.start_at(world.start_time().timestamp())
        self.faults.clear()
        self.faults.plant(world.faults)
        self.ecs.store = store_of(world, self.clock)
        self.mns.queues.empty()
        self.fc.begin()

    def ready(self) -> dict[str, Any]:
        """What a client needs to know, credentials included: they are worth nothing beyond this process."""
        return {
            "endpoint": self.endpoint,
            "region": self._world.region,
            "account_id": self._world.account_id,
            "access_key_id": self.access_key_id,
            "access_key_secret": self.access_key_secret,
            "queues": QUEUES,
        }

    def _dead_letter(self, queue: str, text: str) -> None:
        try:
            self.mns.queues.send(queue, text)
        except MnsError as error:
            raise DestinationFailed(str(error)) from error

    def _respond(self, request: Request) -> Response:
        if request.path.startswith("/_local/"):
            return self._control.handle(request)
        if re.match(r"/(queues|topics)(/|$)", request.path):
            response = self._call("mns", self.mns, request, lambda fault: self.mns.handle(request), self.mns.error)
            return replace(response, headers={"Server": "AliyunMQS", **response.headers})
        if speaks_rpc(request):
            request = in_newer_terms(request)
        if request.path == "/" and "x-acs-version" in request.headers:
            openapi = self._openapi
            return self._call(
                openapi.name_of(request), openapi, request,
                lambda fault: openapi.handle(request, fault.image if fault else None),
                partial(openapi.error, request=request),
            )  # fmt: skip
        if speaks_fc(request.path):
            error = partial(self.fc.error, request=request)
            return self._call("fc", self.fc, request, lambda fault: self.fc.handle(request), error)
        message = f"the local cloud serves nothing at {request.path} (ECS calls carry the header x-acs-version)"
        return self._refuse(request, 404, message)

    def _refuse(self, request: Request, status: int, message: str) -> Response:
        """What HTTP itself refuses, before any service saw it."""
        if speaks_fc(request.path):
            return self.fc.refuse(request, status, message)
        return Response(status, message.encode(), {"Content-Type": "text/plain; charset=utf-8"})

    def _call(
        self,
        name: str,
        service: _Service,
        request: Request,
        apply: Callable[[PlantedFault | None], Response],
        error: _Error,
    ) -> Response:
        """One call of a service, as its fault bends it, and its line in the journal."""
        action = service.action_of(request)
        fault = self.faults.take(action)
        if fault is not None and fault.reply == "refused":
            self.journal.record(name, action, None, "refused")
            raise ConnectionDropped
        response = _error_of(fault, error) or apply(fault)
        if fault is not None and fault.reply == "dropped":
            self.journal.record(name, action, None, "dropped")
            raise ConnectionDropped
        if fault is not None and fault.reply == "not_json":
            response = _NOT_JSON
        self.journal.record(name, action, response.status, code_of(response))
        return response


def _error_of(fault: PlantedFault | None, error: _Error) -> Response | None:
    if fault is None or fault.error is None:
        return None
    response = error(fault.error.status, fault.error.code, fault.error.message)
    if fault.error.retry_after_ms is None:
        return response
    return replace(response, headers={**response.headers, "x-acs-retry-after": str(fault.error.retry_after_ms)})
