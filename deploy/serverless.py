"""Reads s.yaml as Serverless Devs does, as far as our own file goes, for running it on a local cloud."""

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from files.errors import CommandError
from files.places import ROOT
from files.yaml_model import LOADER

EXPRESSION = re.compile(
    r"\$\{(?:env\('(?P<env>\w+)'(?:,\s*'(?P<default>[^']*)')?\)|vars\.(?P<var>\w+)|config\('AccountID'\)(?:\s*/\*.*?\*/)?)\}"
)
EVERY = re.compile(r"@every (\d+)m")
DAILY = re.compile(r"0 \d+ \d+ \* \* \*")
"""FC help, "Time trigger": second, minute and hour in UTC. Locally it comes a day after the start."""


def read_serverless(environment: Mapping[str, str], account_id: str) -> dict[str, dict[str, Any]]:
    """The properties of every function by its folder's name, templates merged and expressions filled in."""
    raw = _declared()
    variables: dict[str, str] = {}
    for name, text in raw["vars"].items():
        variables[name] = _fill(text, environment, variables, account_id)
    functions = {}
    for name, resource in raw["resources"].items():
        merged = _merge(raw["template"][resource["extend"]["name"]], resource["props"])
        functions[name] = _fill(merged, environment, variables, account_id)
    return functions


def declared_timeout(function: str) -> int:
    """Seconds that s.yaml gives to a function."""
    return int(_declared()["resources"][function]["props"]["timeout"])


def function_names() -> dict[str, str]:
    """The name of each deployed function, by its folder's."""
    return {name: str(each["props"]["functionName"]) for name, each in _declared()["resources"].items()}


def declared_python() -> str:
    """The minor version that s.yaml's runtime names; packages for another do not load there."""
    runtime = str(_declared()["template"]["function"]["runtime"])
    return runtime.removeprefix("python")


def missing_variables(environment: Mapping[str, str] = os.environ) -> list[str]:
    """What a person has to set before `s deploy`, by name."""
    text = (ROOT / "s.yaml").read_text()
    wanted = {match["env"] for match in EXPRESSION.finditer(text) if match["env"] and match["default"] is None}
    return sorted(name for name in wanted if not environment.get(name))


def function_specs(built: Path, environment: Mapping[str, str], account_id: str) -> list[dict[str, Any]]:
    """What the local cloud needs to run each function from its staged package, as s.yaml declares it."""
    declared = read_serverless(environment, account_id)
    return [_spec(name, props, built) for name, props in declared.items()]


def _declared() -> dict[str, Any]:
    return dict(yaml.load((ROOT / "s.yaml").read_text(), LOADER))  # noqa: S506 - it is a safe one


def _spec(name: str, props: Mapping[str, Any], built: Path) -> dict[str, Any]:
    folder = built / name
    archive = folder.with_suffix(".zip")
    variables = {key: value.replace("/code/", f"{folder}/") for key, value in props["environmentVariables"].items()}
    return {
        "name": props["functionName"],
        "folder": folder,
        "archive": archive if archive.exists() else None,
        "role": props["role"],
        "handler": props["handler"],
        "runtime": props["runtime"],
        "timeout": props["timeout"],
        "memory_mb": props["memorySize"],
        "environment": variables,
        "async_config": _async_config(props.get("asyncInvokeConfig", {})),
        "event_patterns": [_pattern(trigger) for trigger in _triggers(props, "eventbridge")],
        "timers": [_timer(trigger) for trigger in _triggers(props, "timer")],
        "reserved_concurrency": props.get("concurrencyConfig", {}).get("reservedConcurrency"),
    }


def _triggers(props: Mapping[str, Any], kind: str) -> list[Mapping[str, Any]]:
    return [trigger for trigger in props["triggers"] if trigger["triggerType"] == kind]


def _async_config(config: Mapping[str, Any]) -> dict[str, Any]:
    destination = config.get("destinationConfig", {}).get("onFailure", {}).get("destination", "")
    queue = re.search(r":/queues/([^/]+)/messages$", destination)
    return {
        "max_retries": config.get("maxAsyncRetryAttempts", 3),
        "max_age_seconds": config.get("maxAsyncEventAgeInSeconds", 86400),
        "on_failure_queue": queue[1] if queue else None,
    }


def _pattern(trigger: Mapping[str, Any]) -> dict[str, Any]:
    config = trigger["triggerConfig"]
    told = {"trigger": trigger["triggerName"], "enabled": config["triggerEnable"]}
    return {**json.loads(config["eventRuleFilterPattern"]), **told}


def _timer(trigger: Mapping[str, Any]) -> dict[str, Any]:
    config = trigger["triggerConfig"]
    match = EVERY.fullmatch(config["cronExpression"])
    if match is None and not DAILY.fullmatch(config["cronExpression"]):
        raise CommandError(f"s.yaml: {trigger['triggerName']}: only '@every Nm' and a time of day are run locally")
    seconds = 60 * int(match[1]) if match else 86_400
    return {
        "name": trigger["triggerName"],
        "every_seconds": seconds,
        "payload": config["payload"],
        "cron": config["cronExpression"],
        "enabled": config["enable"],
    }


def _merge(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in over.items():
        known = merged.get(key)
        merged[key] = _merge(known, value) if isinstance(known, dict) and isinstance(value, dict) else value
    return merged


def _fill(value: Any, environment: Mapping[str, str], variables: Mapping[str, str], account_id: str) -> Any:
    if isinstance(value, dict):
        return {key: _fill(each, environment, variables, account_id) for key, each in value.items()}
    if isinstance(value, list):
        return [_fill(each, environment, variables, account_id) for each in value]
    if not isinstance(value, str):
        return value

    def one(match: re.Match[str]) -> str:
        if match["var"]:
            return variables[match["var"]]
        if not match["env"]:
            return account_id
        found = environment.get(match["env"]) or match["default"]
        if found is None:
            raise CommandError(f"environment variable not set: {match['env']}")
        return found

    return EXPRESSION.sub(one, value)
