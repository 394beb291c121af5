"""EventBridge 2020-04-01: the rules of the default event bus (API reference GetRule).

A rule that is not there is told with HTTP 200 and a code in the body (terraform-provider-alicloud, which reads both codes
there: EventBusNotExist, EventRuleNotExisted).
"""

import json
from typing import Any

from localcloud.fc.events import Triggers
from localcloud.rpc.calls import RpcCall

VERSION = "2020-04-01"
BUS = "default"


class EventRules:
    """Function Compute makes the rules; here they are told of."""

    def __init__(self, triggers: Triggers, account_id: str, region: str) -> None:
        self._triggers = triggers
        self._owner = f"{region}:{account_id}"

    def resource(self, call: RpcCall) -> str:
        """API reference GetRule, "RAM authorization"."""
        bus, rule = call.required("EventBusName"), call.required("RuleName")
        return f"acs:eventbridge:{self._owner}:eventbus/{bus}/rule/{rule}"

    def get_rule(self, call: RpcCall) -> dict[str, Any]:
        call.check_names("EventBusName", "RuleName")
        if call.required("EventBusName") != BUS:
            return {"Success": False, "Code": "EventBusNotExist", "Message": "The event bus not existed!"}
        rule = self._triggers.rules.get(call.required("RuleName"))
        if rule is None:
            return {"Success": False, "Code": "EventRuleNotExisted", "Message": "The event rule not existed!"}
        target = {
            "Id": rule.function,
            "Type": "acs.fc.function",
            "Endpoint": f"acs:fc:{self._owner}:functions/{rule.function}",
        }
        told = {
            "RuleName": rule.name,
            "EventBusName": BUS,
            "RuleARN": f"acs:eventbridge:{self._owner}:eventbus/{BUS}/rule/{rule.name}",
            "Status": "ENABLE" if rule.enabled else "DISABLE",
            "FilterPattern": json.dumps(rule.pattern.as_filter()),
            "Targets": [target],
        }
        return {"Success": True, "Code": "Success", "Message": "", "Data": told}
