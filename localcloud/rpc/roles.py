"""Resource Access Management 2015-05-01: roles, and the policies that are attached to them.

API reference GetRole, ListPoliciesForRole and GetPolicy, with their lists of error codes.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from localcloud.ecs.action import ApiAction
from localcloud.ecs.errors import EcsError, EcsRefusal
from localcloud.ecs.params import Params
from localcloud.ecs.state import EcsStore

_MADE = "2026-01-01T00:00:00Z"
NO_ROLE = EcsRefusal(404, "EntityNotExist.Role", "The role not exists: {name}.")
NO_POLICY = EcsRefusal(404, "EntityNotExist.Policy", "The {type} policy does not exist: {name}.")


@dataclass
class StoredRole:
    """`policies`: documents of custom policies by their names."""

    name: str
    trust: dict[str, Any]
    policies: dict[str, dict[str, Any]] = field(default_factory=dict)


class Roles:
    """By name. Nothing on the wire makes them; whoever deploys functions here puts them in."""

    def __init__(self) -> None:
        self.stored: dict[str, StoredRole] = {}

    def put(self, name: str, trust: dict[str, Any], policies: Mapping[str, dict[str, Any]]) -> None:
        self.stored[name] = StoredRole(name, trust, dict(policies))

    def actions(self) -> Mapping[str, ApiAction]:
        return {
            "GetRole": ApiAction(self._get_role, "RoleName", _of_role),
            "ListPoliciesForRole": ApiAction(self._list_policies, "RoleName", _of_role),
            "GetPolicy": ApiAction(
                self._get_policy, "PolicyName PolicyType", lambda params: [f"policy/{params.required('PolicyName')}"]
            ),
        }

    def _get_role(self, store: EcsStore, params: Params) -> dict[str, Any]:
        role = self._find(params)
        return {
            "Role": {
                "RoleName": role.name,
                "Arn": f"acs:ram::{store.world.account_id}:role/{role.name}",
                "AssumeRolePolicyDocument": json.dumps(role.trust),
                "CreateDate": _MADE,
                "MaxSessionDuration": 3600,
            }
        }

    def _list_policies(self, store: EcsStore, params: Params) -> dict[str, Any]:
        named = [
            {"PolicyName": name, "PolicyType": "Custom", "DefaultVersion": "v1"} for name in self._find(params).policies
        ]
        return {"Policies": {"Policy": named}}

    def _get_policy(self, store: EcsStore, params: Params) -> dict[str, Any]:
        """There are custom policies only."""
        name, kind = params.required("PolicyName"), params.required("PolicyType")
        document = next((role.policies[name] for role in self.stored.values() if name in role.policies), None)
        if document is None or kind != "Custom":
            raise EcsError(NO_POLICY, type=kind, name=name)
        version = {"VersionId": "v1", "IsDefaultVersion": True, "CreateDate": _MADE}
        return {
            "Policy": {"PolicyName": name, "PolicyType": "Custom", "DefaultVersion": "v1"},
            "DefaultPolicyVersion": version | {"PolicyDocument": json.dumps(document)},
        }

    def _find(self, params: Params) -> StoredRole:
        name = params.required("RoleName")
        if name not in self.stored:
            raise EcsError(NO_ROLE, name=name)
        return self.stored[name]


def _of_role(params: Params) -> list[str]:
    return [f"role/{params.required('RoleName')}"]
