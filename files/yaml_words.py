"""What is wrong with a value or a key of a YAML file, in the words of the file and not of its checker."""

import difflib
import types
from collections.abc import Iterable, Sequence
from typing import Any, get_args

from pydantic import BaseModel

from shared.domain import plan_values, retire

LOOKS_LIKE = {
    plan_values.DISK_ID: "a disk's id looks like d-bp1...",
    plan_values.INSTANCE_ID: "an instance's id looks like i-bp1...",
    plan_values.SNAPSHOT_ID: "a snapshot's id looks like s-bp1...",
    plan_values.GROUP_ID: "a resource group's id looks like rg-acfm...",
    plan_values.PLAN_NAME: "up to 40 letters, digits, `-` and `_`, first a letter",
    plan_values.REGION: "a region's id looks like cn-hangzhou",
    retire.ZONE: "a time zone looks like Asia/Shanghai or UTC",
    plan_values.TEXT: "one line, without control characters",
}
LIST = "write a list, as in [a, b]"
KEYS = "write keys and their values below it"
WORDS = {
    "missing": "is missing",
    "bool_type": "write true or false",
    "bool_parsing": "write true or false",
    "int_type": "write a whole number",
    "int_parsing": "write a whole number",
    "int_from_float": "write a whole number",
    "string_type": "write text, in quotes where YAML would read a number, a date or yes and no",
    "literal_error": "write {expected}",
    "string_too_short": "at least {min_length} characters",
    "string_too_long": "at most {max_length} characters",
    "too_short": "at least {min_length} of them",
    "too_long": "at most {max_length} of them",
    "greater_than_equal": "at least {ge}",
    "less_than_equal": "at most {le}",
    "timezone_aware": plan_values.WRITE_MOMENT,
    "datetime_from_date_parsing": plan_values.WRITE_MOMENT,
    "datetime_parsing": plan_values.WRITE_MOMENT,
    "datetime_type": plan_values.WRITE_MOMENT,
    **dict.fromkeys(("list_type", "tuple_type", "set_type", "frozen_set_type"), LIST),
    **dict.fromkeys(("dict_type", "model_type", "model_attributes_type"), KEYS),
}
QUOTED = frozenset({"span", "moment", "share"})
"""What is wrong with these is seen best beside what was written; other values may hold a secret."""


def put_in_words(problem: Any, model: type[BaseModel]) -> str:
    """`problem` is one of pydantic's."""
    kind, context = problem["type"], problem.get("ctx", {})
    if kind == "extra_forbidden":
        return "unknown key" + did_you_mean(str(problem["loc"][-1]), keys_at(model, problem["loc"][:-1]))
    if kind == "string_pattern_mismatch":
        return LOOKS_LIKE.get(context["pattern"], f"not of the form {context['pattern']}")
    if kind in WORDS:
        return WORDS[kind].format(**context)
    return str(problem["msg"]).removeprefix("Value error, ")


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """The end of a sentence, or nothing."""
    near = difflib.get_close_matches(word, list(known), n=1)
    return f"; did you mean `{near[0]}`?" if near else ""


def keys_at(model: type[BaseModel], loc: Sequence[str | int]) -> list[str]:
    """The keys that may stand at a place of the file."""
    for step in loc:
        fields = {field.alias or name: field for name, field in model.model_fields.items()}
        inner = _model_in(fields[step].annotation) if isinstance(step, str) and step in fields else None
        model = inner or model
    return [field.alias or name for name, field in model.model_fields.items()]


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """The model inside a list of models, or one that may be left out."""
    if isinstance(annotation, type) and not isinstance(annotation, types.GenericAlias):
        return annotation if issubclass(annotation, BaseModel) else None
    return next((found for each in get_args(annotation) if (found := _model_in(each))), None)
