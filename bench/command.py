"""The options of `snapimage bench`."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from files import places


def bench(
    rounds: Annotated[
        int, typer.Option(min=1, help="Cold starts of each kind; warm events are ten times as many.")
    ] = 11,
    images: Annotated[int, typer.Option(min=1, max=5000, help="Images that the sweeps follow.")] = 1000,
    as_json: Annotated[bool, typer.Option("--json", help="The figures as JSON.")] = False,
    out: Annotated[Path, typer.Option(help="File for the JSON.")] = places.CACHE / "bench.json",
) -> None:
    """Measure cold start, memory, warm time, calls and sizes beside a plain handler and a bare interpreter."""
    from bench.run import BenchOptions, run_bench, write_json
    from bench.table import show

    figures = run_bench(BenchOptions(rounds, images), _to_stderr)
    text = write_json(figures, out)
    if as_json:
        typer.echo(text)
    else:
        show(figures)


def _to_stderr(text: str) -> None:
    """What it is doing; stdout is for the figures."""
    sys.stderr.write(text + "\n")
