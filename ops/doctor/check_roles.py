"""The role of each function: that Function Compute may take it, and that it may do what this checkout asks for."""

from collections.abc import Iterator

from ops.doctor.declared import Declared
from ops.doctor.facts import DeployedRole, Deployment
from ops.doctor.finding import Finding, Unread, fine, unknown, wrong

SERVICE = "fc.aliyuncs.com"
ROTATE = "--RotateStrategy DeleteOldestNonDefaultVersionWhenLimitExceeded"
"""A policy has five versions at most (RAM API reference, CreatePolicyVersion)."""


def check_roles(found: Deployment, declared: Declared, setup: str) -> Iterator[Finding]:
    for function, role in found.roles.items():
        yield _check_role(function, role, declared, setup)


def _check_role(function: str, role: DeployedRole | Unread | None, declared: Declared, setup: str) -> Finding:
    name, policy = declared.role(function), declared.policy_name(function)
    check, file = f"role {name}", f'"$(cat policies/{name}.json)"'
    if isinstance(role, Unread):
        return unknown(check, role)
    make_policy = f"aliyun ram CreatePolicy --PolicyName {policy} --PolicyDocument {file}"
    attach = f"aliyun ram AttachPolicyToRole --RoleName {name} --PolicyName {policy} --PolicyType Custom"
    trust = '"$(cat policies/trust.json)"'
    if role is None:
        make = f"aliyun ram CreateRole --RoleName {name} --AssumeRolePolicyDocument {trust}"
        return wrong(check, "does not exist", f"{setup} && {make} && {make_policy} && {attach}")
    if not _is_trusted(role):
        mend = f"aliyun ram UpdateRole --RoleName {name} --NewAssumeRolePolicyDocument {trust}"
        return wrong(check, "Function Compute may not take it", f"{setup} && {mend}")
    if not role.policies:
        return wrong(check, "has no policy", f"{setup} && {make_policy} && {attach}")
    if policy not in role.policies:
        return unknown(check, f"has other policies ({', '.join(sorted(role.policies))}), which were not looked into")
    if role.policies[policy] != declared.policy(function):
        mend = (
            f"aliyun ram CreatePolicyVersion --PolicyName {policy} --PolicyDocument {file} --SetAsDefault true {ROTATE}"
        )
        return wrong(check, f"its policy {policy} is not the one of this checkout", f"{setup} && {mend}")
    return fine(check, f"has {policy}")


def _is_trusted(role: DeployedRole) -> bool:
    """RAM help, "Elements of a policy": one or several of each."""
    for statement in _listed(role.trust.get("Statement")):
        services = _listed(statement.get("Principal", {}).get("Service"))
        is_allowed = statement.get("Effect") == "Allow" and "sts:AssumeRole" in _listed(statement.get("Action"))
        if is_allowed and SERVICE in services:
            return True
    return False


def _listed(value: object) -> list:  # type: ignore[type-arg] # of whatever the document holds
    return value if isinstance(value, list) else [value] if value else []
