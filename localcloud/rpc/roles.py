"""Resource Access Management 2015-05-01: roles, and the policies that are attached to them.

API reference GetRole, ListPoliciesForRole and GetPolicy, with their lists of error codes.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from localcloud.rpc.calls import RpcCall, RpcError

VERSION = "2015-05-01"
_MADE = "2026-01-01T00:00:00Z"


@dataclass
class StoredRole:
    """`policies`: documents of custom policies by their names."""

    name: str
    trust: dict[str, Any]
    policies: dict[str, dict[str, Any]] = field(default_factory=dict)


class Roles:
    """By name. Nothing on the wire makes them; whoever deploys functions here puts them in."""

    def __init__(self, account_id: str) -> None:
        self._account_id = account_id
        self.stored: dict[str, StoredRole] = {}

    def put(self, name: str, trust: dict[str, Any], policies: Mapping[str, dict[str, Any]]) -> None:
        self.stored[name] = StoredRole(name, trust, dict(policies))

    def resource(self, call: RpcCall) -> str:
        """API reference, "RAM authorization" of each."""
        kind, name = ("policy", "PolicyName") if call.action == "GetPolicy" else ("role", "RoleName")
        return f"acs:ram:*:{self._account_id}:{kind}/{call.required(name)}"

    def get_role(self, call: RpcCall) -> dict[str, Any]:
        call.check_names("RoleName")
        role = self._find(call)
        return {
            "Role": {
                "RoleName": role.name,
                "Arn": f"acs:ram::{self._account_id}:role/{role.name}",
                "AssumeRolePolicyDocument": json.dumps(role.trust),
                "CreateDate": _MADE,
                "MaxSessionDuration": 3600,
            }
        }

    def list_policies_for_role(self, call: RpcCall) -> dict[str, Any]:
        call.check_names("RoleName")
        names = [
            {"PolicyName": name, "PolicyType": "Custom", "DefaultVersion": "v1"} for name in self._find(call).policies
        ]
        return {"Policies": {"Policy": names}}

    def get_policy(self, call: RpcCall) -> dict[str, Any]:
        call.check_names("PolicyName", "PolicyType")
        name = call.required("PolicyName")
        if call.required("PolicyType") != "Custom":
            raise RpcError(400, "InvalidParameter.PolicyType", "The local cloud has custom policies only.")
        document = next((role.policies[name] for role in self.stored.values() if name in role.policies), None)
        if document is None:
            raise RpcError(404, "EntityNotExist.Policy", f"The policy does not exist: {name}.")
        version = {"VersionId": "v1", "IsDefaultVersion": True, "CreateDate": _MADE}
        return {
            "Policy": {"PolicyName": name, "PolicyType": "Custom", "DefaultVersion": "v1"},
            "DefaultPolicyVersion": version | {"PolicyDocument": json.dumps(document)},
        }

    def _find(self, call: RpcCall) -> StoredRole:
        name = call.required("RoleName")
        if name not in self.stored:
            raise RpcError(404, "EntityNotExist.Role", f"The role not exists: {name}.")
        return self.stored[name]
