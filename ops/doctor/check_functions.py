"""Each function: that it is there as s.yaml declares it, runs the code of this checkout, and is called."""

from collections.abc import Iterator, Mapping
from typing import Any

from ops.doctor.declared import EVENT_FUNCTION, UNSET, Declared, same_json
from ops.doctor.facts import DeployedFunction, Deployment
from ops.doctor.finding import Finding, Unread, fine, judge, unknown, wrong

DEPLOY = "s deploy"
OF_THE_PACKAGE = frozenset({"SNAPIMAGE_PLANS"})
"""A path in the package, which a local cloud unpacks elsewhere."""
ENABLED = ("enable", "triggerEnable")
"""Of a timer; of an event trigger (FC 3.0 API, struct TimerTriggerConfig and EventBridgeTriggerConfig)."""


def check_functions(found: Deployment, declared: Declared, resume: str) -> Iterator[Finding]:
    for function, deployed in found.functions.items():
        yield _check_function(function, deployed, declared, resume)
        yield _check_version(function, deployed, declared)
        yield from _check_triggers(function, found, declared)
    yield _check_rule(found, declared)
    yield _check_destination(found, declared)
    yield _check_logs(found)


def _check_function(
    function: str, deployed: DeployedFunction | Unread | None, declared: Declared, resume: str
) -> Finding:
    check = f"function {declared.name(function)}"
    if isinstance(deployed, Unread):
        return unknown(check, deployed)
    if deployed is None:
        return wrong(check, "is not deployed", DEPLOY)
    if deployed.stopped_because is not None:
        return wrong(check, f"is stopped ({deployed.stopped_because or 'no reason given'})", resume)
    if deployed.state not in ("", "Active") or deployed.last_update == "Failed":
        return wrong(check, f"state {deployed.state}, last update {deployed.last_update}", DEPLOY)
    problems = [(text, DEPLOY) for text in _find_differences(function, deployed, declared)]
    return judge(check, problems, "is deployed as s.yaml declares it")


def _find_differences(function: str, deployed: DeployedFunction, declared: Declared) -> Iterator[str]:
    """Serverless Devs writes roles in lower case (devsapp/fc3)."""
    props = declared.props[function]
    if deployed.role.lower() != str(props["role"]).lower():
        yield f"role is {deployed.role or 'none'}, not {props['role']}"
    for name, value in deployed.properties.items():
        if value != props[name]:
            yield f"{name} is {value}, not {props[name]}"
    for name, value in props["environmentVariables"].items():
        if value != UNSET and name not in OF_THE_PACKAGE and deployed.environment.get(name) != value:
            yield f"{name} is {deployed.environment.get(name, 'not set')}, not {value}"


def _check_version(function: str, deployed: DeployedFunction | Unread | None, declared: Declared) -> Finding:
    check = f"version of {declared.name(function)}"
    if isinstance(deployed, Unread):
        return unknown(check, deployed)
    if deployed is None:
        return unknown(check, "is not deployed")
    built = declared.checksum(function)
    if built is None:
        return unknown(check, f"no package in {declared.packages} to compare with", "snapimage build --deploy")
    if not deployed.checksum:
        return unknown(check, "Function Compute told no checksum")
    if declared.is_built_of_this is None:
        return unknown(check, "the plans cannot be read")
    if not declared.is_built_of_this:
        return wrong(check, "the checkout or the plans changed since the packages were built", DEPLOY)
    if deployed.checksum != built:
        return wrong(check, f"other code than that of this checkout (CRC-64 {deployed.checksum}, not {built})", DEPLOY)
    return fine(check, f"the code of this checkout and its plans (CRC-64 {built})")


def _check_triggers(function: str, found: Deployment, declared: Declared) -> Iterator[Finding]:
    there = found.triggers[function]
    for name, config in declared.triggers(function).items():
        check = f"trigger {name} of {declared.name(function)}"
        if isinstance(there, Unread):
            known = found.functions[function] is None
            yield unknown(check, "the function is not deployed") if known else unknown(check, there)
        elif name not in there:
            yield wrong(check, "does not exist", DEPLOY)
        else:
            yield judge(check, [(text, DEPLOY) for text in _find_changes(config, there[name])], "is enabled")


def _find_changes(wanted: Mapping[str, Any], there: Mapping[str, Any]) -> Iterator[str]:
    for key in ("cronExpression", "payload", "eventRuleFilterPattern", *ENABLED):
        if key not in wanted or same_json(wanted[key], there.get(key)):
            continue
        yield "is disabled" if key in ENABLED else f"{key} is {there.get(key)}, not {wanted[key]}"


def _check_rule(found: Deployment, declared: Declared) -> Finding:
    name, rule = declared.rule(), found.rule
    check = f"event rule {name}"
    if isinstance(rule, Unread):
        return unknown(check, rule)
    if rule is None:
        return wrong(check, "does not exist on the default bus", DEPLOY)
    problems = []
    wanted = declared.pattern()
    if not rule.enabled:
        mend = f"aliyun eventbridge EnableRule --EventBusName default --RuleName {name} --region {declared.region}"
        problems.append(("is disabled", mend))
    if not same_json(wanted, rule.pattern):
        problems.append((f"its pattern is {rule.pattern}", DEPLOY))
    if not any(declared.name(EVENT_FUNCTION) in target for target in rule.targets):
        problems.append((f"it does not lead to {declared.name(EVENT_FUNCTION)}", DEPLOY))
    return judge(check, problems, "is enabled")


def _check_destination(found: Deployment, declared: Declared) -> Finding:
    check = f"failure destination of {declared.name(EVENT_FUNCTION)}"
    if found.functions[EVENT_FUNCTION] is None:
        return unknown(check, "the function is not deployed")
    if isinstance(found.destination, Unread):
        return unknown(check, found.destination)
    wanted = declared.destination()
    problems = [] if found.destination == wanted else [(f"is {found.destination or 'none'}, not {wanted}", DEPLOY)]
    return judge(check, problems, "is the queue of dead letters")


def _check_logs(found: Deployment) -> Finding:
    """Whether Simple Log Service takes them is not asked: its API has another kind of signature."""
    known = [each for each in found.functions.values() if isinstance(each, DeployedFunction)]
    if len(known) < len(found.functions):
        return unknown("logs", "not every function could be read")
    silent = sum(not each.log_store for each in known)
    problems = [(f"{silent} functions write no log", DEPLOY)] if silent else []
    return judge("logs", problems, f"go to {', '.join(sorted({each.log_store for each in known}))}")
