"""`snapimage bench`: runs it, writes the JSON, prints a table or the JSON."""

import sys
from collections.abc import Callable
from pathlib import Path

from ops.bench.run import Wishes, run_bench, write_json
from ops.bench.table import show


def bench(rounds: int, images: int, latency_ms: float, as_json: bool, out: Path, say: Callable[[str], None]) -> None:
    """What it is doing goes to stderr: stdout is for the figures."""
    figures = run_bench(Wishes(rounds, images, latency_ms), _to_stderr)
    text = write_json(figures, out)
    if as_json:
        say(text)
    else:
        show(figures)


def _to_stderr(text: str) -> None:
    sys.stderr.write(text + "\n")
