"""The published schema takes what is sent and what may come later, refuses the rest, and serves tools of other languages."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from files.places import ROOT
from ops.docs.message_examples import EXAMPLES, examples
from ops.docs.message_schema import REPORT_SCHEMA, SCHEMA, write_report_schema, write_schema
from ops.docs.report_examples import report_examples
from shared.domain.message_fields import State

TEXT = SCHEMA.read_text()
VALIDATOR = Draft202012Validator(json.loads(TEXT), format_checker=Draft202012Validator.FORMAT_CHECKER)
REPORTS = Draft202012Validator(
    json.loads(REPORT_SCHEMA.read_text()), format_checker=Draft202012Validator.FORMAT_CHECKER
)
REPORT_NAMES = sorted(path.name for path in EXAMPLES.glob("report-*"))
NAMES = sorted(path.name for path in EXAMPLES.iterdir() if path.name not in REPORT_NAMES)
NODE, MODULES = shutil.which("node"), ROOT / "tests" / "node" / "node_modules"
needs_node = pytest.mark.skipif(NODE is None or not MODULES.exists(), reason="no Node on this machine, or no npm")


def message(name: str = "creating.json", **changes: Any) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((EXAMPLES / name).read_text())
    return {**read, **changes}


def with_data(**changes: Any) -> dict[str, Any]:
    sent = message()
    return {**sent, "data": {**sent["data"], **changes}}


def node(*arguments: str | Path) -> str:
    command = [str(NODE), *map(str, arguments)]
    result = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=100)
    assert result.returncode == 0, result.stderr
    return result.stdout


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(VALIDATOR.schema)

    assert VALIDATOR.schema["$schema"] == Draft202012Validator.META_SCHEMA["$id"]


@pytest.mark.parametrize("name", NAMES)
def test_every_example_is_like_the_schema(name: str) -> None:
    VALIDATOR.validate(message(name))


def test_every_state_has_an_example() -> None:
    assert {message(name)["data"]["state"] for name in NAMES} == {state.value for state in State}


def test_a_message_names_its_schema() -> None:
    assert message()["dataschema"] == VALIDATOR.schema["$id"]


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(message(traceparent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"), id="traceparent"),
        pytest.param(message(sampledrate=10, dryrun=False), id="number and boolean"),
        pytest.param(with_data(cost_estimate={"cents": 4}), id="field of data"),
        pytest.param(with_data(disks=[{**message()["data"]["disks"][0], "category": "cloud"}]), id="field of a disk"),
    ],
)
def test_what_may_come_later_is_taken(sent: dict[str, Any]) -> None:
    VALIDATOR.validate(sent)


BARE = {
    "id": message()["id"],
    "source": "/snapimage",
    "type": "snapimage.image.creating",
    "time": "2026-11-20T02:13:00Z",
    "data": {
        "state": "creating",
        "reason": "ImageRequested",
        "terminal": False,
        "explanation": "",
        "account_id": "1",
        "region_id": "cn-hangzhou",
    },
}


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(BARE, id="hardly anything"),
        pytest.param(message(source=""), id="no source"),
        pytest.param(message(source="/a|b"), id="source that is no reference"),
        pytest.param(message(time="yesterday"), id="no time"),
        pytest.param(message(time="2026-11-20"), id="date without a time"),
        pytest.param(message(type="snapimage.image.failed"), id="type of another state"),
        pytest.param(message(dataschema="urn:other"), id="another schema"),
        pytest.param(message(subject=None), id="subject that is null"),
        pytest.param(message(Trace_Parent="1"), id="name that no attribute can have"),
        pytest.param(message(extension={"deep": 1}), id="attribute with parts"),
        pytest.param(with_data(state="done"), id="no state"),
        pytest.param(with_data(terminal=True), id="terminal before the end"),
    ],
)
def test_nonsense_is_refused(sent: dict[str, Any]) -> None:
    assert not VALIDATOR.is_valid(sent)


@pytest.mark.parametrize("field", sorted(set(message()) - {"subject"}))
def test_what_an_envelope_always_has_is_required(field: str) -> None:
    sent = message()
    del sent[field]

    assert f"'{field}' is a required property" in {error.message for error in VALIDATOR.iter_errors(sent)}


@pytest.mark.parametrize("field", sorted(message()["data"]))
def test_what_an_answer_always_has_is_required(field: str) -> None:
    sent = message()
    del sent["data"][field]

    assert [error.message for error in VALIDATOR.iter_errors(sent)] == [f"'{field}' is a required property"]


def test_every_field_is_described() -> None:
    kinds = [VALIDATOR.schema, *VALIDATOR.schema["$defs"].values()]
    described = [
        (name, field)
        for kind in kinds
        for name, field in kind.get("properties", {}).items()
        if not (field.get("description") or "$ref" in field)
    ]

    assert described == []


@needs_node
def test_the_cloudevents_package_for_node_reads_every_example() -> None:
    read = json.loads(node("tests/node/read_events.js", EXAMPLES))

    expected = [(name, message(name)) for name in sorted([*NAMES, *REPORT_NAMES])]
    assert read == [[name, sent["id"], sent["type"], sent["data"].get("state")] for name, sent in expected]


@needs_node
def test_generated_types_have_no_optional_member_but_the_subject() -> None:
    types = node(MODULES / "json-schema-to-typescript/dist/src/cli.js", "--input", SCHEMA)

    assert re.findall(r"^ *(\w+)\?:", types, re.MULTILINE) == ["subject"]
    assert re.findall(r"^ *(?:schema_version|event_id|risks|device): *", types, re.MULTILINE) != []


def test_the_schema_is_that_of_the_model() -> None:
    assert REPORT_SCHEMA.read_text() == write_report_schema(), (
        "run `make docs`; a changed schema may need a new version"
    )
    assert SCHEMA.read_text() == write_schema(), "run `make docs`; a changed schema may need a new version"


def test_the_examples_are_those_of_the_model() -> None:
    assert {path.name: path.read_text() for path in EXAMPLES.iterdir()} == examples() | report_examples(), (
        "run `make docs`"
    )


def report(name: str = "report-partial.json", **changes: Any) -> dict[str, Any]:
    sent = message(name)
    return {**sent, "data": {**sent["data"], **changes}}


@pytest.mark.parametrize("name", REPORT_NAMES)
def test_every_report_is_like_its_own_schema_and_not_like_the_other(name: str) -> None:
    REPORTS.validate(message(name))

    assert not VALIDATOR.is_valid(message(name))


def test_every_verdict_has_an_example() -> None:
    assert sorted(message(name)["data"]["verdict"] for name in REPORT_NAMES) == ["FAILED", "OK", "PARTIAL"]


def test_a_report_names_its_schema() -> None:
    Draft202012Validator.check_schema(REPORTS.schema)

    assert message("report-ok.json")["dataschema"] == REPORTS.schema["$id"]


@pytest.mark.parametrize("field", sorted(report()["data"]))
def test_what_a_report_always_has_is_required(field: str) -> None:
    sent = report()
    del sent["data"][field]

    assert f"'{field}' is a required property" in {error.message for error in REPORTS.iter_errors(sent)}


def test_a_report_takes_what_may_come_later_and_no_other_verdict() -> None:
    assert REPORTS.is_valid(report(retirement={"retired": 3}))
    assert not REPORTS.is_valid(report(verdict="FINE"))
