"""The small services that `snapimage doctor` asks, each by its version: STS, RAM, EventBridge and CloudMonitor."""

import json
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from localcloud.acs_signature import SignatureRefused
from localcloud.ram import find_refused
from localcloud.rpc import event_rules, identity, metrics, roles
from localcloud.rpc.calls import RpcCall, RpcError, parameters_of
from localcloud.rpc.event_rules import EventRules
from localcloud.rpc.identity import Identity
from localcloud.rpc.metrics import Metrics
from localcloud.rpc.roles import Roles
from localcloud.signatures import Signatures
from localcloud.wire import Request, Response

VERSIONS = frozenset({identity.VERSION, roles.VERSION, event_rules.VERSION, metrics.VERSION})


@dataclass(frozen=True)
class RpcOperation:
    """`right` is the RAM action, None where everybody may ask."""

    answer: Callable[[RpcCall], dict[str, Any]]
    right: str | None
    resource: Callable[[RpcCall], str] = lambda call: "*"


class RpcServices:
    def __init__(
        self, identity_: Identity, roles_: Roles, rules: EventRules, metrics_: Metrics, keys: Mapping[str, str]
    ) -> None:
        self._keys = keys
        self._signatures = Signatures(keys)
        self._operations = {
            (identity.VERSION, "GetCallerIdentity"): RpcOperation(identity_.get_caller_identity, None),
            (roles.VERSION, "GetRole"): RpcOperation(roles_.get_role, "ram:GetRole", roles_.resource),
            (roles.VERSION, "ListPoliciesForRole"): RpcOperation(
                roles_.list_policies_for_role, "ram:ListPoliciesForRole", roles_.resource
            ),
            (roles.VERSION, "GetPolicy"): RpcOperation(roles_.get_policy, "ram:GetPolicy", roles_.resource),
            (event_rules.VERSION, "GetRule"): RpcOperation(rules.get_rule, "eventbridge:GetRule", rules.resource),
            (metrics.VERSION, "DescribeMetricLast"): RpcOperation(
                metrics_.describe_metric_last, "cms:QueryMetricLast", metrics_.resource
            ),
        }

    def action_of(self, request: Request) -> str:
        return request.headers.get("x-acs-action", "")

    def handle(self, request: Request) -> Response:
        try:
            return _json(200, self._answer(request))
        except (RpcError, SignatureRefused) as refused:
            return self.error(refused.status, refused.code, refused.message)

    def error(self, status: int, code: str, message: str) -> Response:
        return _json(status, {"HostId": "127.0.0.1", "Code": code, "Message": message})

    def _answer(self, request: Request) -> dict[str, Any]:
        action, version = self.action_of(request), request.headers["x-acs-version"]
        operation = self._operations.get((version, action))
        if operation is None:
            raise RpcError(404, "InvalidAction.NotFound", f"The local cloud plays no {action} of {version}.")
        if request.body:
            raise RpcError(400, "InvalidParameter", f"{action}: the local cloud reads parameters in the query only.")
        key_id = self._signatures.verify(request, now=time.time())
        call = RpcCall(action, key_id, parameters_of(request.query))
        self._check_right(operation, call)
        return operation.answer(call)

    def _check_right(self, operation: RpcOperation, call: RpcCall) -> None:
        """RAM API reference: NoPermission. The wording of the other services is assumed to be alike."""
        if operation.right is None:
            return
        resource = operation.resource(call)
        if find_refused(self._keys, call.key_id, operation.right, [resource]) is not None:
            text = f"You are not authorized to do this action. Resource: {resource} Action: {operation.right}"
            raise RpcError(403, "NoPermission", text)


def _json(status: int, body: Mapping[str, Any]) -> Response:
    told = {"RequestId": str(uuid.uuid4()).upper(), **body}
    return Response(status, json.dumps(told).encode(), {"Content-Type": "application/json;charset=utf-8"})
