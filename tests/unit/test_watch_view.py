"""What `snapimage watch` shows on a terminal."""

import io
import json
from typing import Any

from rich.console import Console

from files.places import ROOT
from ops.queues.subscriber import Received
from ops.watch.view import Table


def shown(*events: dict[str, Any], width: int = 100) -> list[str]:
    """The lines below the head of the table."""
    terminal = io.StringIO()
    table = Table(Console(file=terminal, width=width))
    for event in events:
        table.show(Received(None, "1", event, None, json.dumps(event)))
    return [line.rstrip() for line in terminal.getvalue().splitlines()][2:]


def example(name: str) -> dict[str, Any]:
    event: dict[str, Any] = json.loads((ROOT / "schema" / "examples" / name).read_text())
    return event


def test_an_image_has_three_lines() -> None:
    assert shown(example("available.json")) == [
        "2026-11-20 02:13:00Z  available  ImageAvailable           web",
        "  i-bp1web01              s-bp1websys20           m-bp1new",
        "  m-bp1new is usable and has the intended disks",
    ]


def test_the_nights_report_shows_its_verdict_and_what_is_not_well() -> None:
    event = example("report-partial.json")
    event["data"] |= {
        "explanation": "3 machines: 1 failing, 2 fresh", "reasons": ["MachinesUncovered", "QuotaUnknown"],
        "images": 7, "quota": None, "pinned": {"snapshots": 2, "gib": 80},
    }  # fmt: skip

    assert shown(event | {"time": "2026-11-20T22:30:00Z"}) == [
        "2026-11-20 22:30:00Z  PARTIAL    MachinesUncovered        report of the night",
        "  3 machines: 1 failing, 2 fresh",
        "  why not OK: MachinesUncovered, QuotaUnknown",
        "  images 7; image quota not known; pinned past their own retention 2 snapshots of 80 GiB",
    ]


def test_a_report_of_a_later_version_that_lacks_everything_is_shown_all_the_same() -> None:
    event = {"type": "snapimage.report.night", "data": {}}

    assert shown(event)[0] == "-                     None       -                        report of the night"


def test_no_text_of_a_report_steers_the_terminal() -> None:
    event = example("report-ok.json")
    event["data"]["explanation"] = "all \x1b[31mwell"

    assert "\x1b" not in "".join(shown(event))
    assert "  all \N{REPLACEMENT CHARACTER}[31mwell" in shown(event)
