"""EventBridge 2020-04-01: the rules of the default event bus (API reference GetRule), which Function Compute makes.

A rule that is not there is told with HTTP 200 and a code in the body (terraform-provider-alicloud, which reads both codes
there: EventBusNotExist, EventRuleNotExisted).
"""

import json
from collections.abc import Mapping
from functools import partial
from typing import Any

from localcloud.ecs.action import ApiAction
from localcloud.ecs.params import Params
from localcloud.ecs.state import EcsStore
from localcloud.fc.events import Triggers

BUS = "default"


def rule_actions(triggers: Triggers) -> Mapping[str, ApiAction]:
    return {"GetRule": ApiAction(partial(get_rule, triggers), "EventBusName RuleName", _resource)}


def get_rule(triggers: Triggers, store: EcsStore, params: Params) -> dict[str, Any]:
    if params.required("EventBusName") != BUS:
        return {"Success": False, "Code": "EventBusNotExist", "Message": "The event bus not existed!"}
    rule = triggers.rules.get(params.required("RuleName"))
    if rule is None:
        return {"Success": False, "Code": "EventRuleNotExisted", "Message": "The event rule not existed!"}
    owner = f"{store.world.region}:{store.world.account_id}"
    target = {
        "Id": rule.function,
        "Type": "acs.fc.function",
        "Endpoint": f"acs:fc:{owner}:functions/{rule.function}",
    }
    told = {
        "RuleName": rule.name,
        "EventBusName": BUS,
        "RuleARN": f"acs:eventbridge:{owner}:eventbus/{BUS}/rule/{rule.name}",
        "Status": "ENABLE" if rule.enabled else "DISABLE",
        "FilterPattern": json.dumps(rule.pattern.as_filter()),
        "Targets": [target],
    }
    return {"Success": True, "Code": "Success", "Message": "", "Data": told}


def _resource(params: Params) -> list[str]:
    return [f"eventbus/{params.required('EventBusName')}/rule/{params.required('RuleName')}"]
