"""Writes what the documents show: command output, the schema, messages. Nothing there is typed by hand.

`make docs` writes, `tests/project/test_docs.py` compares.
"""

import subprocess
import sys
from functools import cache
from pathlib import Path

from files.places import EVENTS, ROOT
from ops.docs.message_examples import EXAMPLES, examples
from ops.docs.message_schema import REPORT_SCHEMA, SCHEMA, write_report_schema, write_schema
from ops.docs.night_plot import draw_night
from ops.docs.report_examples import report_examples
from ops.local.connection import open_local

COMMAND = Path(sys.executable).with_name("snapimage")
DRAWING = ROOT / "docs" / "night.svg"


def write_files() -> None:
    """What is a file of its own. Folders are written anew: an example that is gone leaves no file."""
    SCHEMA.write_text(write_schema())
    REPORT_SCHEMA.write_text(write_report_schema())
    for old in EXAMPLES.glob("*.json"):
        old.unlink()
    DRAWING.parent.mkdir(exist_ok=True)
    DRAWING.write_text(draw_night())
    for name, text in (examples() | report_examples()).items():
        (EXAMPLES / name).write_text(text)


@cache
def console(*arguments: str, shown: str | None = None, codes: tuple[int, ...] = (0,)) -> str:
    """A command of ours and what it prints, as a fenced block; two pages show the demo."""
    result = subprocess.run([COMMAND, *arguments], capture_output=True, text=True, cwd=ROOT, timeout=60)  # noqa: S603 - ours
    if result.returncode not in codes:
        raise RuntimeError(f"{arguments}: {result.stderr}")
    return f"```console\n$ {shown or 'snapimage ' + ' '.join(arguments)}\n{result.stdout.rstrip()}\n```"


def console_on_fleet(*arguments: str) -> str:
    """The same of a command that looks at a fleet: at the one in `events/fleet`, on a local cloud."""
    folder = EVENTS / "fleet"
    plans = folder / "plans.yaml"
    with open_local(None, folder / "world.yaml", plans) as there:
        where = ("--endpoint", str(there.settings.ecs_endpoint), "--plans", str(plans))
        return console(*arguments, *where, shown="snapimage " + " ".join(arguments), codes=(0, 1))


def count_events(up: str = "") -> str:
    count = sum(path.suffix in {".json", ".txt"} for path in EVENTS.iterdir())
    return f"[`events/`]({up}events) holds {count} payloads, one for each situation."


def example(name: str) -> str:
    """The file of this name in `schema/examples`, as a fenced block."""
    return f"```json\n{(examples() | report_examples())[name]}```"
