"""What the FC 3.0 API tells of a function, its triggers and its asynchronous invocations: what the local cloud knows of each.

API 2023-03-30, struct Function, Trigger, TimerTriggerConfig, EventBridgeTriggerConfig and AsyncConfig (SDK
alibabacloud-fc20230330 4.8.3). A trigger's configuration is JSON in a string.
"""

import json
from typing import Any

from localcloud.ecs.times import iso
from localcloud.fc.function import HostedFunction
from localcloud.fc.spec import EventPattern, Timer


def describe(function: HostedFunction) -> dict[str, Any]:
    spec, restriction = function.spec, function.restriction
    known = {
        "functionName": spec.name,
        "functionArn": function.arn,
        "runtime": spec.runtime,
        "handler": spec.handler,
        "timeout": spec.timeout,
        "memorySize": spec.memory_mb,
        "environmentVariables": spec.environment,
        "invocationRestriction": restriction.as_json() if restriction else {"disable": False},
        "state": "Active",
        "lastUpdateStatus": "Successful",
        "createdTime": iso(function.deployed),
        "lastModifiedTime": iso(function.deployed),
        "logConfig": {"project": "serverless-local", "logstore": "default-logs"},
        "role": spec.role,
        "codeChecksum": function.checksum,
    }
    return {name: value for name, value in known.items() if value not in (None, "")}


def describe_triggers(function: HostedFunction) -> dict[str, Any]:
    spec = function.spec
    timers = [_trigger(timer.name, "timer", _timer_config(timer)) for timer in spec.timers]
    events = [_trigger(each.trigger, "eventbridge", _event_config(each)) for each in spec.event_patterns]
    return {"triggers": timers + events}


def describe_async(function: HostedFunction) -> dict[str, Any]:
    config, (account_id, region) = function.spec.async_config, function.place
    failure = {}
    if config.on_failure_queue:
        failure = {"destination": f"acs:mns:{region}:{account_id}:/queues/{config.on_failure_queue}/messages"}
    return {
        "functionArn": function.arn,
        "qualifier": "LATEST",
        "maxAsyncRetryAttempts": config.max_retries,
        "maxAsyncEventAgeInSeconds": config.max_age_seconds,
        "destinationConfig": {"onFailure": failure} if failure else {},
    }


def _trigger(name: str, kind: str, config: dict[str, Any]) -> dict[str, Any]:
    return {"triggerName": name, "triggerType": kind, "qualifier": "LATEST", "triggerConfig": json.dumps(config)}


def _timer_config(timer: Timer) -> dict[str, Any]:
    return {"cronExpression": timer.cron, "enable": timer.enabled, "payload": timer.payload}


def _event_config(pattern: EventPattern) -> dict[str, Any]:
    return {
        "triggerEnable": pattern.enabled,
        "asyncInvocationType": True,
        "eventRuleFilterPattern": json.dumps(pattern.as_filter()),
        "eventSourceConfig": {"eventSourceType": "Default"},
    }
