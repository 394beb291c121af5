"""Reads a YAML file into a model; every problem is named with file, line and key."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from files.errors import CommandError
from files.yaml_words import QUOTED, put_in_words
from shared.domain.retire import Retire

Model = TypeVar("Model", bound=BaseModel)
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml's takes a seventh of the time; only a PyYAML that somebody built without libyaml has none."""


@dataclass(frozen=True)
class Document:
    """A YAML file with the places of everything in it."""

    path: Path
    tree: yaml.Node | None
    content: Any

    def problem(self, loc: Sequence[str | int], what: str) -> str:
        """`plans.yaml:12: plan web: image.nmae: unknown key`"""
        line, known, _ = self._locate(loc)
        name = _name(self.content, known)
        rest = ".".join(known if name is None else known[2:])
        place = ": ".join(filter(None, (name, rest)))
        return f"{self.path}:{line}: {place or 'the file'}: {what}"

    def written(self, loc: Sequence[str | int]) -> str | None:
        """What stands at a place, if that is a single value."""
        node = self._locate(loc)[2]
        return str(node.value) if isinstance(node, yaml.ScalarNode) else None

    def column(self, loc: Sequence[str | int]) -> int | None:
        """Where the keys of a mapping begin, if each has a line of its own."""
        node = self._locate(loc)[2]
        own_lines = isinstance(node, yaml.MappingNode) and not node.flow_style
        return node.start_mark.column if node and own_lines else None

    def _locate(self, loc: Sequence[str | int]) -> tuple[int, list[str], yaml.Node | None]:
        """The line of the innermost part of `loc` that is in the file, and its path; parts that pydantic adds are left out."""
        node = self.tree
        line, known = (node.start_mark.line + 1 if node else 1), []
        for number, step in enumerate(loc):
            found = _step(node, step)
            if found is None:
                if number == len(loc) - 1 and isinstance(node, yaml.MappingNode):
                    known.append(str(step))  # a key that is missing
                continue
            line, node = found
            known.append(str(step))
        return line, known, node


def read_model(path: Path, model: type[Model]) -> Model:
    return check_model(read_document(path), model)


def read_document(path: Path) -> Document:
    text = _read(path)
    try:
        tree, content = _parse(text)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise CommandError(f"{path}:{line}: {error.problem}") from None
    except (yaml.YAMLError, ValueError, KeyError, AttributeError, RecursionError) as error:
        raise CommandError(f"{path}: cannot be read as YAML ({type(error).__name__})") from None
    refuse_repeated_keys(path, tree)
    return Document(path, tree, content)


def check_model(document: Document, model: type[Model]) -> Model:
    """Raises CommandError with every problem."""
    try:
        return model.model_validate(document.content)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)
        problems = [line for part in found for line in _describe_all(document, model, part)]
        raise CommandError("\n".join(dict.fromkeys(problems))) from None


def refuse_repeated_keys(path: Path, node: yaml.Node | None) -> None:
    """YAML lets the last one win without a word."""
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if str(key.value) in seen:
                raise CommandError(f"{path}:{key.start_mark.line + 1}: {key.value}: given twice")
            seen.add(str(key.value))
            refuse_repeated_keys(path, value)
    elif isinstance(node, yaml.SequenceNode):
        for each in node.value:
            refuse_repeated_keys(path, each)


def _parse(text: str) -> tuple[yaml.Node | None, Any]:
    loader = LOADER(text)
    try:
        tree = loader.get_single_node()
        return tree, loader.construct_document(tree) if tree else None
    finally:
        loader.dispose()


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise CommandError(f"{path}: not UTF-8 text") from None


def _describe_all(document: Document, model: type[BaseModel], problem: Any) -> list[str]:
    """Of a block whose model is built late, everything that is wrong inside of it."""
    if problem["type"] != "retire":
        return [_describe(document, model, problem)]
    inside = [(part, {**part, "loc": (*problem["loc"], *part["loc"])}) for part in problem["ctx"]["inner"]]
    return [_describe(document, Retire, part, put_in_words(inner, Retire)) for inner, part in inside]


def _describe(document: Document, model: type[BaseModel], problem: Any, what: str | None = None) -> str:
    """A check of several keys names in `at` the one that is wrong."""
    at = problem.get("ctx", {}).get("at", "")
    loc = [*problem["loc"], *(at.split(".") if at else ())]
    what = what or put_in_words(problem, model)
    written = document.written(loc) if problem["type"] in QUOTED else None
    return document.problem(loc, f"`{loc[-1]}: {written}`: {what}" if written else what)


def _name(content: Any, known: Sequence[str]) -> str | None:
    """`plan web` for `plans.0`, where the entry has a name."""
    if len(known) < 2 or not known[1].isdigit():
        return None
    entry = content[known[0]][int(known[1])]
    name = entry.get("name") if isinstance(entry, dict) else None
    return f"{known[0].removesuffix('s')} {name}" if isinstance(name, str) and name else None


def _step(node: yaml.Node | None, step: str | int) -> tuple[int, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == str(step):
                return key.start_mark.line + 1, value
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        return node.value[step].start_mark.line + 1, node.value[step]
    return None
