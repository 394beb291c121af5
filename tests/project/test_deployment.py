"""s.yaml, the functions, the settings and the documents say the same."""

import json
import re
from typing import Any

import pytest
import yaml
from fc3_model import FunctionProps
from pydantic import ValidationError

from deploy.serverless import read_serverless
from files.places import ROOT
from shared.settings import OPTIONAL, VARIABLES

SERVERLESS = yaml.safe_load((ROOT / "s.yaml").read_text())
README = (ROOT / "README.md").read_text()
OPERATING = (ROOT / "docs" / "operating.md").read_text()
FUNCTIONS = sorted(path.parent.name for path in (ROOT / "functions").glob("*/handler.py"))
SET_BY_FC = {name for name in VARIABLES.values() if name.startswith(("FC_", "ALIBABA_CLOUD_"))}
TRIGGER_KEYS = {"triggerEnable", "asyncInvocationType", "eventRuleFilterPattern", "eventSourceConfig"} | {
    "eventSinkConfig",
    "runOptions",
}


DECLARED = read_serverless(
    {"SNAPIMAGE_REGION": "cn-hangzhou", "SNAPIMAGE_MNS_ENDPOINT": "http://q"}, "1234567890123456"
)


@pytest.mark.parametrize("function", sorted(DECLARED))
def test_every_function_says_only_what_the_platform_knows(function: str) -> None:
    FunctionProps.model_validate(DECLARED[function])


TYPOS = [
    ("triggerEnable", "triggerEnabled"),
    ("eventRuleFilterPattern", "eventRuleFilterPatterns"),
    ("deliveryOption", "deliveryOptions"),
    ("asyncInvokeConfig", "asyncInvocationConfig"),
    ("maxAsyncRetryAttempts", "maxAsyncRetryAttempt"),
    ("reservedConcurrency", "reservedConcurency"),
    ("memorySize", "memory"),
]


@pytest.mark.parametrize(("key", "typo"), TYPOS)
def test_a_misspelled_key_does_not_pass(key: str, typo: str) -> None:
    text = json.dumps(DECLARED["create_image"]).replace(f'"{key}"', f'"{typo}"')

    with pytest.raises(ValidationError):
        FunctionProps.model_validate_json(text)


@pytest.mark.parametrize("function", sorted(DECLARED))
def test_every_function_has_a_role_of_its_own_with_a_policy_beside_it(function: str) -> None:
    assert DECLARED[function]["role"].endswith(f":role/{DECLARED[function]['functionName']}")
    assert list((ROOT / "deploy" / "ram").glob(f"{function}*.json"))


def triggers() -> list[Any]:
    return [
        trigger
        for resource in SERVERLESS["resources"].values()
        for trigger in resource["props"]["triggers"]
        if trigger["triggerType"] == "eventbridge"
    ]


def test_every_function_is_deployed_and_nothing_else() -> None:
    assert sorted(SERVERLESS["resources"]) == FUNCTIONS


@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_function_is_in_the_readme(function: str) -> None:
    assert f"`{function}`" in README


def test_the_functions_get_every_variable_that_is_read_and_no_other() -> None:
    given = set(SERVERLESS["template"]["function"]["environmentVariables"])
    read = set(VARIABLES.values()) - SET_BY_FC

    assert given == read - {VARIABLES[field] for field in OPTIONAL}


@pytest.mark.parametrize("variable", sorted(set(VARIABLES.values()) - SET_BY_FC))
def test_every_variable_is_in_the_documents(variable: str) -> None:
    assert f"`{variable}`" in OPERATING


def test_the_event_trigger_has_every_part_that_fc_asks_for_and_no_unknown_one() -> None:
    """FC's own tool lets a misspelled key of this trigger pass without a word."""
    assert [set(trigger["triggerConfig"]) for trigger in triggers()] == [TRIGGER_KEYS]


def test_the_event_trigger_lets_through_what_the_function_reads() -> None:
    patterns = [json.loads(trigger["triggerConfig"]["eventRuleFilterPattern"]) for trigger in triggers()]

    assert patterns == [{"source": ["acs.ecs"], "type": ["ecs:Snapshot:CreateSnapshotCompleted"]}]


def test_every_value_that_differs_between_accounts_comes_from_the_environment() -> None:
    text = (ROOT / "s.yaml").read_text()

    assert not re.search(r"\b\d{12,}\b", text)
    assert set(re.findall(r"env\('(\w+)'", text)) == {
        "SNAPIMAGE_REGION",
        "SNAPIMAGE_MNS_ENDPOINT",
    }


def test_the_access_is_written_out() -> None:
    """The tool looks it up before it fills in `${...}`: with an expression it finds none, and no account."""
    assert SERVERLESS["access"] == "default"
