"""Checks a value against a JSON Schema, as far as our schema goes; a keyword that is not known here is a KeyError."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

Check = Callable[[Any], str]
"""What is wrong with a value; empty when nothing is."""
TYPES: dict[str, type | tuple[type, ...]] = {
    "string": str, "integer": int, "boolean": bool, "object": dict, "array": list, "null": type(None),
}  # fmt: skip
SILENT = {"title", "description", "default", "$defs"}


def compile_schema(schema: dict[str, Any]) -> Check:
    named: dict[str, Check] = {}
    for name, part in schema.get("$defs", {}).items():
        named[f"#/$defs/{name}"] = _compile(part, named)
    return _compile(schema, named)


def _compile(schema: dict[str, Any], named: dict[str, Check]) -> Check:
    # The type first: the other keywords rely on it.
    keys = sorted(schema.keys() - SILENT, key=lambda key: (key != "type", key))
    checks = [_keyword(key, schema, named) for key in keys]
    return lambda value: next((problem for check in checks if (problem := check(value))), "")


def _keyword(key: str, schema: dict[str, Any], named: dict[str, Check]) -> Check:
    return KEYWORDS[key](schema[key], schema, named)


def _type(name: str, schema: dict[str, Any], named: dict[str, Check]) -> Check:
    """A boolean is no integer, though Python thinks so."""
    kind, others = TYPES[name], bool if name == "integer" else ()
    return lambda value: (
        "" if isinstance(value, kind) and not isinstance(value, others) else f"{value!a:.80} is no {name}"
    )


def _properties(parts: dict[str, Any], schema: dict[str, Any], named: dict[str, Check]) -> Check:
    checks = {name: _compile(part, named) for name, part in parts.items()}
    good: set[tuple[str, type, Any]] = set()  # most values come again and again

    def check(value: Any) -> str:
        for name, inner in value.items():
            key = (name, type(inner), inner if isinstance(inner, str | int) else None)
            if name not in checks or key in good:
                continue
            if problem := checks[name](inner):
                return f"{name}: {problem}"
            if not isinstance(inner, dict | list):
                good.add(key)
        return ""

    return check


def _closed(is_open: bool, schema: dict[str, Any], named: dict[str, Check]) -> Check:
    known = set(schema["properties"])
    return lambda value: "" if value.keys() <= known else f"unknown: {sorted(value.keys() - known)}"


def _required(names: list[str], schema: dict[str, Any], named: dict[str, Check]) -> Check:
    needed = set(names)
    return lambda value: "" if needed <= value.keys() else f"missing: {sorted(needed - value.keys())}"


def _any_of(parts: list[dict[str, Any]], schema: dict[str, Any], named: dict[str, Check]) -> Check:
    checks = [_compile(part, named) for part in parts]
    return lambda value: "" if any(not check(value) for check in checks) else " and ".join(c(value) for c in checks)


def _items(part: dict[str, Any], schema: dict[str, Any], named: dict[str, Check]) -> Check:
    check = _compile(part, named)
    return lambda value: next((problem for item in value if (problem := check(item))), "")


def _pattern(pattern: str, schema: dict[str, Any], named: dict[str, Check]) -> Check:
    """`$` is the very end in JSON Schema's regular expressions, and the end before a newline in Python's."""
    found = re.compile(pattern.replace("$", r"\Z"))
    return lambda value: "" if found.search(value) else f"{value!a:.80} is not like {pattern}"


def _moment(name: str, schema: dict[str, Any], named: dict[str, Check]) -> Check:
    def check(value: Any) -> str:
        try:
            return "" if datetime.fromisoformat(value.replace("Z", "+00:00")).tzinfo else "no zone"
        except ValueError:
            return f"{value!a:.80} is no {name}"

    return check


KEYWORDS: dict[str, Callable[[Any, dict[str, Any], dict[str, Check]], Check]] = {
    "type": _type,
    "properties": _properties,
    "additionalProperties": _closed,
    "required": _required,
    "anyOf": _any_of,
    "items": _items,
    "pattern": _pattern,
    "format": _moment,
    "$ref": lambda name, schema, named: lambda value: named[name](value),
    "enum": lambda values, schema, named: lambda value: "" if value in values else f"{value!a:.80} is none of {values}",
    "const": lambda only, schema, named: lambda value: "" if value == only else f"{value!a:.80} is not {only}",
    "maxLength": lambda most, schema, named: lambda value: "" if len(value) <= most else f"longer than {most}",
    "minLength": lambda least, schema, named: lambda value: "" if len(value) >= least else f"shorter than {least}",
    "maxItems": lambda most, schema, named: lambda value: "" if len(value) <= most else f"more than {most}",
}
