"""CloudMonitor 2019-01-01: how often a function was invoked, and how often it failed (API reference DescribeMetricLast).

Function Compute help, "Monitoring data": namespace acs_fc, metrics FunctionTotalInvocations and FunctionFunctionErrors,
dimensions region and functionName. A data point is of a minute.
"""

import json
from collections.abc import Callable, Iterable
from typing import Any

from localcloud.clock import MovableClock
from localcloud.fc.function import HostedFunction
from localcloud.rpc.calls import RpcCall, RpcError

VERSION = "2019-01-01"
NAMESPACE = "acs_fc"
WINDOW_SECONDS = 7200
"""DescribeMetricLast, EndTime: of minute-level data the last two hours are looked at."""


class Metrics:
    def __init__(self, functions: Callable[[], Iterable[HostedFunction]], region: str, clock: MovableClock) -> None:
        self._functions = functions
        self._region = region
        self._clock = clock

    def resource(self, call: RpcCall) -> str:
        """API reference DescribeMetricLast: no resource can be named, and the action is called QueryMetricLast."""
        return "*"

    def describe_metric_last(self, call: RpcCall) -> dict[str, Any]:
        call.check_names("Namespace", "MetricName", "Dimensions", "Period")
        if call.required("Namespace") != NAMESPACE or call.parameters.get("Period", "60") != "60":
            raise RpcError(400, "ParameterInvalid", f"The local cloud has the namespace {NAMESPACE} by minutes.")
        name = self._function_of(call)
        moments = [self._last(call.required("MetricName"), each) for each in self._functions() if each.spec.key == name]
        points = [
            {"timestamp": int(moment // 60) * 60_000, "functionName": name, "region": self._region, "Value": 1}
            for moment in moments
            if moment is not None and self._clock.now() - moment <= WINDOW_SECONDS
        ]
        return {"Success": True, "Code": "200", "Period": "60", "Datapoints": json.dumps(points)}

    def _function_of(self, call: RpcCall) -> str:
        try:
            asked = json.loads(call.required("Dimensions"))
        except ValueError:
            raise RpcError(400, "ParameterInvalid", "Dimensions is no JSON") from None
        wanted = asked[0] if isinstance(asked, list) and len(asked) == 1 else asked
        if not isinstance(wanted, dict) or wanted.keys() != {"region", "functionName"}:
            raise RpcError(400, "ParameterInvalid", "Dimensions has region and functionName")
        return str(wanted["functionName"]) if wanted["region"] == self._region else ""

    def _last(self, metric: str, function: HostedFunction) -> float | None:
        match metric:
            case "FunctionTotalInvocations":
                return function.last_invoked
            case "FunctionFunctionErrors":
                return function.last_failed
            case _:
                raise RpcError(400, "ParameterInvalid", f"The local cloud has no metric {metric}")
