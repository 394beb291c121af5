"""Writes the JSON Schema of a message from its model: what is always sent is required, what may come later is allowed."""

import json
from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import core_schema

from files.places import ROOT
from shared.domain.message import SCHEMA_ID, TYPE_PREFIX, StatusMessage
from shared.domain.message_fields import State
from shared.domain.report_envelope import REPORT_SCHEMA_ID, ReportMessage

SCHEMA = ROOT / "schema" / "status-message.json"
REPORT_SCHEMA = ROOT / "schema" / "night-report.json"
EVOLUTION = """\
Rule of evolution. A 1.x of this schema keeps every field with its name, type, unit and meaning, and always sends it. \
A later 1.x may add fields at every level, extension attributes, states, reasons and values of texts of ECS, and may raise a limit. \
So a reader accepts what it does not know: it ignores unknown fields and attributes, takes an unknown state by `terminal` \
and `explanation`, and an unknown reason by its state. `dataschema` names the schema of a message: check a message with \
the schema that it names, and read one that names a later 1.x without a check. Anything else is 2.0, with another `dataschema`."""
REPORT_EVOLUTION = """\
Rule of evolution. A 1.x of this schema keeps every field with its name, type, unit and meaning, and always sends it. \
A later 1.x may add fields at every level, extension attributes and reasons, and may raise a limit; the verdicts stay three. \
So a reader ignores what it does not know. `dataschema` names the schema of a message. Anything else is 2.0, with another `dataschema`."""
OF_EVERY_EVENT = {
    # CloudEvents 1.0, "Attribute Naming Convention" and "Type System": extensions are flat and named like this.
    "propertyNames": {"pattern": "^[a-z0-9]+$"},
    "unevaluatedProperties": {"type": ["string", "boolean", "integer", "null"]},
}
ALWAYS = {State.SKIPPED: True, State.INVALID: True, State.AVAILABLE: True} | dict.fromkeys(
    (State.WAITING, State.CREATING, State.CHECKED, State.OVERDUE), False
)
"""`terminal`, where the state alone says it."""


class _Plain(GenerateJsonSchema):
    """Without titles, of which generators of types make one type for each field, and without defaults: all is sent."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> dict[str, Any]:
        return self.generate_inner(schema["schema"])


def write_schema() -> str:
    by_state = {"allOf": [_of_state(state) for state in State]}
    return _write(StatusMessage, SCHEMA_ID, EVOLUTION, ["subject"], by_state)


def write_report_schema() -> str:
    return _write(ReportMessage, REPORT_SCHEMA_ID, REPORT_EVOLUTION, [], {})


def _write(kind: type, schema_id: str, evolution: str, optional: list[str], more: dict[str, Any]) -> str:
    """What is `optional` is known or left out, never null."""
    model = TypeAdapter(kind).json_schema(mode="serialization", schema_generator=_Plain)
    kinds, fields = model.pop("$defs"), model["properties"]
    for name in optional:
        fields[name] |= fields[name].pop("anyOf")[0]
    fields["source"]["format"] = "uri-reference"
    head = {"$schema": _Plain.schema_dialect, "$id": schema_id, "$comment": evolution}
    body = {"required": [name for name in fields if name not in optional], **OF_EVERY_EVENT, **more}
    return json.dumps({**head, **model, **body, "$defs": kinds}, indent=2) + "\n"


def _of_state(state: State) -> dict[str, Any]:
    """What else is settled by a state."""
    settled: dict[str, Any] = {"type": {"const": TYPE_PREFIX + state.value}}
    if state in ALWAYS:
        settled["data"] = {"properties": {"terminal": {"const": ALWAYS[state]}}}
    named = {"properties": {"state": {"const": state.value}}, "required": ["state"]}
    condition = {"properties": {"data": named}, "required": ["data"]}
    return {"if": condition, "then": {"properties": settled}}
