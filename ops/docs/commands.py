"""The reference of the `snapimage` command, as typer writes it from the command itself."""

from collections.abc import Iterator

import typer.main
from typer.cli import get_docs_for_click
from typer.core import TyperCommand, TyperGroup

from files.places import ROOT
from ops.cli import app


def all_commands() -> dict[str, TyperCommand]:
    """By what is typed after `snapimage`."""
    return dict(_walk(typer.main.get_command(app), ()))


def reference() -> str:
    """A path of ours is seen from the project's folder, so that it is the same on every machine."""
    return "\n\n".join(_section(name, command).strip() for name, command in all_commands().items())


def _walk(command: object, words: tuple[str, ...]) -> Iterator[tuple[str, TyperCommand]]:
    if isinstance(command, TyperGroup):
        for name, inner in sorted(command.commands.items()):
            yield from _walk(inner, (*words, name))
    elif isinstance(command, TyperCommand):
        yield " ".join(words), command


def _section(name: str, command: TyperCommand) -> str:
    context = typer.Context(command, info_name=f"snapimage {name}")
    text = get_docs_for_click(obj=command, ctx=context, indent=1, name=name, call_prefix="snapimage")
    return text.replace(f"{ROOT}/", "")
