"""Reads the deployment from an account or a local cloud, by the vendor's SDKs: nothing in here changes anything.

Each raises CannotRead; None is what does not exist.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timezone
from typing import Any

from files.errors import CommandError
from ops import rpc
from ops.doctor.facts import Caller, CannotRead, DeployedFunction, DeployedRole, DeployedRule, LastRuns
from ops.doctor.functions import FunctionApi
from ops.invoke import FunctionPlace, InvokeError
from ops.queues.attributes import Attributes, find_queue
from ops.queues.subscriber import peek
from ops.session import CloudSession
from shared.adapters.ecs_disks import EcsDisks
from shared.adapters.mns_queue import QueueAccess
from shared.adapters.replies import credentials, redact
from shared.domain.errors import CloudError

BUS = "default"
GONE = frozenset({"EntityNotExist.Role", "EventRuleNotExisted"})
"""RAM API reference, GetRole; EventBridge answers 200 with this code in the body (terraform-provider-alicloud)."""


class CloudReader:
    """`account_id` is known once `caller` was read; `functions_endpoint` where it is not the usual one."""

    def __init__(self, session: CloudSession, account_id: str, functions_endpoint: str | None = None) -> None:
        self._session = session
        region, keys = session.region, (session.access_key_id, session.access_key_secret, session.security_token)
        self._queues = session.endpoint(f"{account_id}.mns.{region}.aliyuncs.com")
        # FC help, "Endpoints".
        where = functions_endpoint or session.endpoint(f"{account_id}.{region}.fc.aliyuncs.com")
        self._functions = FunctionApi(FunctionPlace(where, region, *keys))

    def caller(self) -> Caller:
        told = self._ask(rpc.STS, "GetCallerIdentity")
        return Caller(str(told.get("AccountId", "")), str(told.get("Arn", "")))

    def disks(self) -> int:
        """Of the first page: whether there are any."""
        with self._told():
            return len(next(EcsDisks(self._session.ecs()).everywhere(), []))

    def queue(self, name: str) -> Attributes | None:
        with self._told():
            return find_queue(self._queue(name))

    def _queue(self, name: str) -> QueueAccess:
        session = self._session
        return QueueAccess(self._queues, session.access_key_id, session.access_key_secret, session.security_token, name)

    def letters(self, queue: str) -> int:
        """Of up to 16. A look, because the count among the attributes may always be 0 (help, "GetQueueAttributes")."""
        with self._told():
            return len(peek(self._queue(queue)))

    def role(self, name: str) -> DeployedRole | None:
        found = self._ask_or_none(rpc.RAM, "GetRole", RoleName=name)
        if found is None:
            return None
        attached = self._ask(rpc.RAM, "ListPoliciesForRole", RoleName=name)
        with self._told():
            trust = json.loads(found["Role"]["AssumeRolePolicyDocument"])
            policies = {each["PolicyName"]: self._document(each) for each in attached["Policies"]["Policy"]}
        return DeployedRole(trust, policies)

    def _document(self, policy: Mapping[str, Any]) -> dict[str, Any] | None:
        if policy["PolicyType"] != "Custom":
            return None
        told = self._ask(rpc.RAM, "GetPolicy", PolicyName=policy["PolicyName"], PolicyType="Custom")
        return dict(json.loads(told["DefaultPolicyVersion"]["PolicyDocument"]))

    def function(self, name: str) -> DeployedFunction | None:
        with self._told():
            return self._functions.describe(name)

    def triggers(self, function: str) -> Mapping[str, dict[str, Any]]:
        with self._told():
            return self._functions.triggers(function)

    def failure_destination(self, function: str) -> str:
        with self._told():
            return self._functions.failure_destination(function)

    def rule(self, name: str) -> DeployedRule | None:
        told = self._ask_or_none(rpc.EVENTBRIDGE, "GetRule", EventBusName=BUS, RuleName=name)
        if told is None:
            return None
        with self._told():
            rule = told["Data"]
            targets = tuple(str(each.get("Endpoint", "")) for each in rule["Targets"])
            return DeployedRule(rule["Status"] == "ENABLE", rule["FilterPattern"], targets)

    def last_runs(self, function: str) -> LastRuns:
        """Function Compute help, "Monitoring data": both are metrics of acs_fc, by minutes."""
        return LastRuns(
            self._last_point(function, "FunctionTotalInvocations"), self._last_point(function, "FunctionFunctionErrors")
        )

    def _last_point(self, function: str, metric: str) -> datetime | None:
        of = json.dumps([{"region": self._session.region, "functionName": function}])
        told = self._ask(
            rpc.CLOUDMONITOR, "DescribeMetricLast", Namespace="acs_fc", MetricName=metric, Dimensions=of, Period="60"
        )
        with self._told():
            points = [each for each in json.loads(told["Datapoints"] or "[]") if each.get("Value", each.get("Sum", 1))]
            moments = [int(each["timestamp"]) / 1000 for each in points]
            return datetime.fromtimestamp(max(moments), timezone.utc) if moments else None

    def _ask(self, service: rpc.RpcService, action: str, **query: str) -> dict[str, Any]:
        with self._told():
            body = rpc.read(self._session, service, action, **query)
        code = str(body.get("Code", "Success"))
        if code not in ("Success", "200"):
            words = redact(body.get("Message", ""), credentials(self._session), 300)
            raise CannotRead(code, f"{code}: {words}")
        return body

    def _ask_or_none(self, service: rpc.RpcService, action: str, **query: str) -> dict[str, Any] | None:
        try:
            return self._ask(service, action, **query)
        except CannotRead as failure:
            if failure.unread.code in GONE:
                return None
            raise

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Whatever an SDK says, in words that may be shown; a reply of another shape than documented is no answer."""
        try:
            yield
        except (CloudError, InvokeError) as error:
            code, words = error.code, redact(error, credentials(self._session), 300)
        except CommandError as error:
            code, words = "", redact(error, credentials(self._session), 300)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            code, words = "NoReply", f"a reply of another shape than documented ({type(error).__name__})"
        else:
            return
        raise CannotRead(code, words)
