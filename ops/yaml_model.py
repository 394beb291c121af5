"""Reads a YAML file into a model; every problem is named with file, line and key."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

Model = TypeVar("Model", bound=BaseModel)


class FileError(Exception):
    """A file that cannot be used; the message is for people and quotes keys, never values."""


def read_model(path: Path, model: type[Model]) -> Model:
    text = _read(path)
    try:
        tree = yaml.compose(text, Loader=yaml.SafeLoader)
        content = yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise FileError(f"{path}:{line}: {error.problem}") from None
    except (yaml.YAMLError, ValueError, KeyError, AttributeError, RecursionError) as error:
        raise FileError(f"{path}: cannot be read as YAML ({type(error).__name__})") from None
    refuse_repeated_keys(path, tree)
    try:
        return model.model_validate(content)
    except ValidationError as error:
        problems = [_describe(path, tree, part) for part in error.errors(include_url=False, include_input=False)]
        raise FileError("\n".join(dict.fromkeys(problems))) from None


def refuse_repeated_keys(path: Path, node: yaml.Node | None) -> None:
    """YAML lets the last one win without a word."""
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if str(key.value) in seen:
                raise FileError(f"{path}:{key.start_mark.line + 1}: {key.value}: given twice")
            seen.add(str(key.value))
            refuse_repeated_keys(path, value)
    elif isinstance(node, yaml.SequenceNode):
        for each in node.value:
            refuse_repeated_keys(path, each)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise FileError(f"{path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise FileError(f"{path}: not UTF-8 text") from None


def _describe(path: Path, tree: yaml.Node | None, problem: Any) -> str:
    """`plans.yaml:12: plans.0.image.nmae: unknown key`"""
    line, known = _locate(tree, problem["loc"])
    what = "unknown key" if problem["type"] == "extra_forbidden" else problem["msg"].removeprefix("Value error, ")
    return f"{path}:{line}: {'.'.join(known) or 'the file'}: {what}"


def _locate(node: yaml.Node | None, loc: Sequence[str | int]) -> tuple[int, list[str]]:
    """The line of the innermost part of `loc` that is in the file, and its path; parts that pydantic adds are left out."""
    line, known = (node.start_mark.line + 1 if node else 1), []
    for number, step in enumerate(loc):
        found = _step(node, step)
        if found is None:
            if number == len(loc) - 1 and isinstance(node, yaml.MappingNode):
                known.append(str(step))  # a key that is missing
            continue
        line, node = found
        known.append(str(step))
    return line, known


def _step(node: yaml.Node | None, step: str | int) -> tuple[int, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == str(step):
                return key.start_mark.line + 1, value
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        return node.value[step].start_mark.line + 1, node.value[step]
    return None
