"""How the command behaves as a whole: its commands in the order of need, and one line when a disk or a pipe fails."""

import os
import shutil
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

import typer
from typer.core import TyperGroup

from files.errors import CommandError

TRY, DEPLOY, OPERATE, MEASURE = "Try it", "Deploy it", "Watch it", "Simulate and measure it"
ORDER = (
    "demo",
    "replay",
    "localcloud",
    "init",
    "plans",
    "build",
    "setup",
    "doctor",
    "coverage",
    "images",
    "explain",
    "preview",
    "report",
    "watch",
    "simulate",
    "bench",
)


class OrderedCommands(TyperGroup):
    def list_commands(self, ctx: Any) -> list[str]:
        names = super().list_commands(ctx)
        return [name for name in ORDER if name in names] + [name for name in names if name not in ORDER]

    def invoke(self, ctx: Any) -> Any:
        """A closed pipe is told here: the library beneath would end without a word."""
        try:
            try:
                return super().invoke(ctx)
            finally:
                sys.stdout.flush()
        except OSError as error:
            raise CommandError(describe(error)) from None


def prepare_streams() -> None:
    """Both are there, and take every letter: what cannot be encoded for this terminal is escaped."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # started with >&-
            setattr(sys, name, Path(os.devnull).open("w"))  # noqa: SIM115 - as long as the process
        getattr(sys, name).reconfigure(errors="backslashreplace")


def describe(error: OSError) -> str:
    if isinstance(error, BrokenPipeError):
        return "stopped: nobody reads the output any more"
    if isinstance(error, shutil.Error) and isinstance(error.args[0], list):
        *_, (_, target, why) = error.args[0]  # one for each file that was not copied
        return f"{target}: {why}"
    why = error.strerror or str(error)
    name = error.filename2 or error.filename  # of a copy, its target
    return f"{name}: {why}" if name else f"cannot write: {why}"


def end(text: str) -> NoReturn:
    """Exit code 2 with one line; what is still unwritten to a broken stdout is given up."""
    with suppress(OSError):
        typer.echo(f"snapimage: {text}", err=True)
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    sys.exit(2)
