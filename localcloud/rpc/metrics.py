"""CloudMonitor 2019-01-01: how often a function was invoked, and how often it failed (API reference DescribeMetricLast).

Function Compute help, "Monitoring data": namespace acs_fc, metrics FunctionTotalInvocations and FunctionFunctionErrors,
dimensions region and functionName. A data point is of a minute.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from localcloud.ecs import errors
from localcloud.ecs.action import ApiAction
from localcloud.ecs.errors import EcsError
from localcloud.ecs.params import Params
from localcloud.ecs.state import EcsStore
from localcloud.fc.function import HostedFunction

WINDOW_SECONDS = 7200
"""DescribeMetricLast, EndTime: of minute-level data the last two hours are looked at."""
Functions = Callable[[], Iterable[HostedFunction]]


def metric_actions(functions: Functions) -> Mapping[str, ApiAction]:
    """API reference DescribeMetricLast: no resource can be named."""
    names = "Namespace MetricName Dimensions Period"
    return {"DescribeMetricLast": ApiAction(partial(describe_metric_last, functions), names, lambda params: ["*"])}


def describe_metric_last(functions: Functions, store: EcsStore, params: Params) -> dict[str, Any]:
    params.choice("Namespace", ("acs_fc",), errors.BAD_PARAMETER)
    params.choice("Period", ("60",), errors.BAD_PARAMETER)
    metrics = ("FunctionTotalInvocations", "FunctionFunctionErrors")
    metric = params.choice("MetricName", metrics, errors.BAD_PARAMETER)
    name, now = _function_of(params, store.world.region), store.clock.now()
    found = [each for each in functions() if each.spec.key == name]
    moments = [each.last_invoked if metric == metrics[0] else each.last_failed for each in found]
    points = [
        {"timestamp": int(moment // 60) * 60_000, "functionName": name, "region": store.world.region, "Value": 1}
        for moment in moments
        if moment is not None and now - moment <= WINDOW_SECONDS
    ]
    return {"Success": True, "Code": "200", "Period": "60", "Datapoints": json.dumps(points)}


def _function_of(params: Params, region: str) -> str:
    """Of another region there is none."""
    text = params.required("Dimensions")
    try:
        (wanted,) = json.loads(text)
        return str(wanted["functionName"]) if wanted["region"] == region else ""
    except (ValueError, TypeError, KeyError) as error:
        why = "it is no JSON array of one region and functionName"
        raise EcsError(errors.BAD_PARAMETER, name="Dimensions", value=text, why=why) from error
