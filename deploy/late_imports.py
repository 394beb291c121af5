"""Moves an import of a staged SDK from the top of its module into the functions that use it.

The SDKs import for every process what a call of ours does not reach: the queue's SDK a log file that rotates, the ECS SDK
an event loop. A function that is refused at the door would load them all. What is moved still works, and is loaded when it
is used.
"""

import ast
from dataclasses import dataclass
from pathlib import Path

from files.errors import CommandError


@dataclass(frozen=True)
class LateImport:
    """`statement` is at the top of `module`, and `name` is what its functions say for what it imports."""

    module: Path
    statement: str
    name: str


LATE_IMPORTS = (
    LateImport(Path("mns/mns_tool.py"), "import logging.handlers", "logging.handlers"),
    LateImport(Path("mns/mns_xml_handler.py"), "from xml.etree import ElementTree", "ElementTree"),
    LateImport(Path("Tea/core.py"), "import asyncio", "asyncio"),
    LateImport(Path("darabonba/core.py"), "import asyncio", "asyncio"),
    LateImport(Path("darabonba/utils/xml.py"), "from xml.etree import ElementTree", "ElementTree"),
)
"""Each was measured: what it loads is at least a hundredth of a refusal, or of the memory of an image."""


def import_late(folder: Path) -> None:
    """In a staged folder. Raises CommandError when an SDK is not written as it was."""
    for late in LATE_IMPORTS:
        file = folder / late.module
        file.write_text(move_import(file.read_text(), late))


def move_import(source: str, late: LateImport) -> str:
    """The same module, with the statement in each function that uses the name, and nowhere else."""
    tree = ast.parse(source)
    at_top = [node for node in tree.body if ast.unparse(node) == late.statement]
    users = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    users = [node for node in users if any(_names(late.name, part) for part in node.body)]
    in_bodies = sum(_names(late.name, part) for node in users for part in node.body)
    if len(at_top) != 1 or not users or in_bodies != _names(late.name, tree):
        raise CommandError(
            f"deploy/late_imports.py: {late.module}: `{late.statement}` is not at its top and used in functions alone"
        )
    lines = source.splitlines(keepends=True)
    for node in users:
        first = node.body[1 if ast.get_docstring(node) else 0]
        lines[first.lineno - 1] = f"{' ' * first.col_offset}{late.statement}\n{lines[first.lineno - 1]}"
    lines[at_top[0].lineno - 1] = "\n"
    return "".join(lines)


def _names(name: str, tree: ast.AST) -> int:
    """How often a name is said in it; the import itself says it otherwise."""
    return sum(isinstance(node, ast.Name | ast.Attribute) and ast.unparse(node) == name for node in ast.walk(tree))
