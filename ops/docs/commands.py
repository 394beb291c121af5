"""Writes the reference of the `snapimage` command from the command itself: every command, argument and option."""

from collections.abc import Iterator
from enum import Enum
from pathlib import Path

import typer.main
from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption

from files.places import ROOT
from ops.cli import app

WORDS: dict[object, str] = {int: "NUMBER", float: "NUMBER", Path: "PATH"}


def all_commands() -> dict[str, TyperCommand]:
    """By what is typed after `snapimage`."""
    return dict(_walk(typer.main.get_command(app), ()))


def reference() -> str:
    return "\n\n".join(_section(name, command) for name, command in all_commands().items())


def _walk(command: object, words: tuple[str, ...]) -> Iterator[tuple[str, TyperCommand]]:
    if isinstance(command, TyperGroup):
        for name, inner in sorted(command.commands.items()):
            yield from _walk(inner, (*words, name))
    elif isinstance(command, TyperCommand):
        yield " ".join(words), command


def _section(name: str, command: TyperCommand) -> str:
    arguments = [param for param in command.params if isinstance(param, TyperArgument)]
    options = [param for param in command.params if isinstance(param, TyperOption)]
    usage = " ".join(["snapimage", name, *(["[OPTIONS]"] if options else []), *map(_usage, arguments)])
    parts = [f"## snapimage {name}", (command.help or "").strip(), f"```\n{usage}\n```"]
    rows = [f"| `{_spelling(option)}` | {_meaning(option)} |" for option in options]
    if rows:
        parts.append("\n".join(["| option | |", "|---|---|", *rows]))
    return "\n\n".join(parts)


def _usage(argument: TyperArgument) -> str:
    word = (argument.metavar or argument.name or "").strip("{}[].").upper()
    return f"{word if argument.required else f'[{word}]'}{'...' if argument.nargs == -1 else ''}"


def _spelling(option: TyperOption) -> str:
    names = ", ".join(option.opts)
    return names if option.is_flag else f"{names} {option.metavar or _word(option.type_descriptor.annotation)}"


def _word(kind: object) -> str:
    """What stands for the value of an option."""
    if isinstance(kind, type) and issubclass(kind, Enum):
        return " or ".join(str(member.value) for member in kind)
    return WORDS.get(kind, "TEXT")


def _meaning(option: TyperOption) -> str:
    told = (option.help or "").strip().replace("|", "\\|")
    if option.is_flag or option.default in (None, "") or callable(option.default):
        return told
    return f"{told} Default: `{_plain(option.default)}`."


def _plain(default: object) -> str:
    """A path of ours as seen from the project's folder, so that it is the same on every machine."""
    if isinstance(default, Path) and default.is_relative_to(ROOT):
        return str(default.relative_to(ROOT))
    return str(default)
