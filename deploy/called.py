"""Which actions of ECS the adapters call, and what of the SDK they need for it: a method, and the models of its modules."""

import ast
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from files.errors import CommandError
from files.places import ROOT

MODELS = Path("alibabacloud_ecs20140526", "models")
CLIENT = Path("alibabacloud_ecs20140526", "client.py")
REQUESTS = {"request", "tmp_req"}
"""What the methods of actions call their argument, and no others."""
WITH_OPTIONS = "_with_options"
"""Behind the name of the method that the method of an action calls: `describe_images_with_options`."""


@cache
def called_actions() -> frozenset[str]:
    """As the SDK names their methods: `describe_images`."""
    sources = [path.read_text() for path in sorted((ROOT / "shared" / "adapters").glob("*.py"))]
    names = {name for source in sources for node in ast.walk(ast.parse(source)) for name in _models_in(node)}
    actions = {name.removesuffix("Request") for name in names if name.endswith("Request")}
    return frozenset(re.sub(r"(?<!^)(?=[A-Z])", "_", action).lower() for action in actions)


def called_models() -> frozenset[str]:
    """The model modules of the actions that the adapters call; the others ship without bytecode."""
    return frozenset(
        f"_{action}_{part}" for action in called_actions() for part in ("request", "response", "response_body")
    )


def find_homes(source: str) -> dict[str, str]:
    """Which module each model is of, from the text of the SDK's `models/__init__.py`. Raises CommandError if it is not a list of imports."""
    homes: dict[str, str] = {}
    for node in ast.parse(source).body:
        match node:
            case ast.ImportFrom(module=str(module), names=names, level=1):
                homes |= {each.asname or each.name: module for each in names}
            case ast.ImportFrom(module="__future__") | ast.Assign(targets=[ast.Name(id="__all__")]):
                continue
            case _:
                raise CommandError(
                    f"deploy/called.py: {MODELS}/__init__.py line {node.lineno}: the SDK's layout has changed"
                )
    if not homes:
        raise CommandError(f"deploy/called.py: {MODELS}/__init__.py: no model found; the SDK's layout has changed")
    return homes


def check_called(called: frozenset[str], homes: Mapping[str, str]) -> None:
    """Raises CommandError for a call of ours whose models the SDK does not have, or when no call was found."""
    if gone := sorted(called - set(homes.values())) or (["not one call"] if not called else []):
        raise CommandError(f"deploy/called.py: models of our calls are not found in the SDK: {', '.join(gone)}")


def keep_called_methods(source: str, called: frozenset[str]) -> str:
    """The SDK's client without the methods of other actions, and without what is asynchronous.

    They are 42,000 lines, which cost every first call 4 MiB and some ten milliseconds. Raises CommandError for a call
    of ours that the client does not have.
    """
    methods = {
        node.name: node
        for kind in ast.parse(source).body
        if isinstance(kind, ast.ClassDef)
        for node in kind.body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    if gone := sorted(called - methods.keys()):
        raise CommandError(f"deploy/called.py: {CLIENT}: no method {', '.join(gone)} any more")
    lines = source.splitlines(keepends=True)
    for node in methods.values():
        is_of_action = any(argument.arg in REQUESTS for argument in node.args.args)
        if is_of_action and (
            isinstance(node, ast.AsyncFunctionDef) or node.name.removesuffix(WITH_OPTIONS) not in called
        ):
            last = node.end_lineno or node.lineno
            lines[node.lineno - 1 : last] = [""] * (last - node.lineno + 1)
    return "".join(lines)


def _models_in(node: ast.AST) -> list[str]:
    """The names of models of the ECS SDK that are used here, imported one by one or with their module."""
    match node:
        case ast.ImportFrom(module="alibabacloud_ecs20140526.models", names=names):
            return [each.name for each in names]
        case ast.Attribute(value=ast.Name(id="models"), attr=name):
            return [name]
        case _:
            return []
