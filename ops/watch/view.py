"""Messages on a terminal, as a table that grows, or in a pipe, as one JSON object a line."""

import json
import sys
from collections.abc import Callable, Mapping
from datetime import timezone
from typing import Any

from rich.cells import set_cell_size
from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from ops.fleet_view.show_report import first_reasons, in_short
from ops.fleet_view.words import printable
from ops.queues.subscriber import Received
from shared.domain.moments import read_moment
from shared.domain.report_envelope import REPORT_TYPE

COLOURS = {"available": "green", "checked": "green", "failed": "red", "invalid": "red", "overdue": "yellow"}
VERDICTS = {"OK": "green", "PARTIAL": "yellow", "FAILED": "red"}
FIRST_LINE = (20, 9, 23)
"""Cells of date with time and zone, state, reason; the plan has the rest of 80."""
SECOND_LINE = (22, 22)
"""Instance, snapshot; then the image. An id of ECS has 22 letters (i-, s- or m- and 20 more)."""
INDENT = 2


def show_line(received: Received) -> None:
    """`{"poison": ...}` for what is not one of ours; everything else is the CloudEvent as it came."""
    poison = {"poison": received.poison, "message_id": received.message_id, "body": received.body}
    sys.stdout.write(json.dumps(received.event or poison, ensure_ascii=False) + "\n")
    sys.stdout.flush()


class Table:
    """Text of a message is printed as text: a terminal obeys no control character in it."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._print_line(FIRST_LINE, ["date, time, zone", "state", "reason", "plan"], "bold")
        self._print_line(SECOND_LINE, ["instance", "snapshot", "image"], "bold", INDENT)

    def show(self, received: Received) -> None:
        if received.event and received.event.get("type") == REPORT_TYPE:
            self._show_report(received.event)
            return
        fact: Mapping[str, Any] = received.event["data"] if received.event else {"state": "poison"}
        reason = str(fact.get("reason") or received.poison or "-")
        time = _time(received.event["time"] if received.event and "time" in received.event else None)
        state = str(fact.get("state"))
        self._print_line(FIRST_LINE, [time, state, reason, str(fact.get("plan") or "-")], COLOURS.get(state, ""))
        ids = [str(fact.get(name) or "-") for name in ("instance_id", "snapshot_id", "image_id")]
        if received.event:
            self._print_line(SECOND_LINE, ids, "", INDENT)
        text = Text(printable(str(fact.get("explanation") or received.body)), style="dim")
        self._console.print(Padding(text, (0, 0, 0, INDENT)))

    def _show_report(self, event: Mapping[str, Any]) -> None:
        told = event["data"]
        verdict, reasons = str(told.get("verdict")), first_reasons(told) or ["-"]
        cells = [_time(event.get("time")), verdict, reasons[0], "report of the night"]
        self._print_line(FIRST_LINE, cells, VERDICTS.get(verdict, ""))
        for line in in_short(told):
            self._console.print(Padding(Text(printable(line), style="dim"), (0, 0, 0, INDENT)))

    def _print_line(self, widths: tuple[int, ...], cells: list[str], style: str, indent: int = 0) -> None:
        """Counted in cells of the terminal: a Chinese letter takes two."""
        *first, last = (printable(cell) for cell in cells)
        padded = [set_cell_size(cell, width) for cell, width in zip(first, widths, strict=True)]
        line = " " * indent + "  ".join([*padded, last])
        self._console.print(Text(line, style=style), no_wrap=True, overflow="ellipsis", crop=True)


def _time(written: object) -> str:
    """As the message has it, to the second: `2026-11-20 02:13:00Z`."""
    try:
        moment = read_moment(str(written))
    except ValueError:
        return "-"
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%d %H:%M:%SZ")


def choose_view(as_json: bool) -> Callable[[Received], None]:
    return show_line if as_json or not sys.stdout.isatty() else Table(Console()).show
