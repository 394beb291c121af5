"""The page of a fleet as a person meets it: in a headless Chromium, by mouse and by keyboard, on a desk and on a phone."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from ops.docs.made_up_fleet import make_fleet
from ops.docs.page_picture import find_chromium
from ops.fleet_view.page import render_page

NODE, CHROMIUM = shutil.which("node"), find_chromium()
SCRIPT = Path(__file__).parent.parent / "node" / "look_at_page.js"
NAME = "</script><img src=x onerror=alert(1)>"
"""Of a machine."""

pytestmark = [
    pytest.mark.skipif(not (NODE and CHROMIUM), reason="no Chromium or no Node on this machine, and so no browser"),
    pytest.mark.xdist_group("browser"),
]


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What happened in one browser with a small fleet, in which somebody has chosen a hostile name, and with a large one."""
    folder = tmp_path_factory.mktemp("pages")
    small = make_fleet(14, seed=153)
    small["machines"][-1]["name"] = NAME
    for name, fleet in {"small": small, "large": make_fleet(1000)}.items():
        (folder / f"{name}.html").write_text(render_page(fleet), "utf-8")
    command = [str(NODE), str(SCRIPT), str(CHROMIUM), str(folder / "small.html"), str(folder / "large.html")]
    result = subprocess.run(command, capture_output=True, text=True, timeout=110)
    assert result.stderr == ""
    told: dict[str, Any] = json.loads(result.stdout)
    return told


def test_a_page_asks_for_nothing_and_complains_of_nothing(seen: dict[str, Any]) -> None:
    assert (seen["requests"], seen["console"]) == (["small.html", "large.html"], [])


@pytest.mark.parametrize("look", ["1280 light", "1280 dark", "390 light", "390 dark", "390 dark, a machine"])
def test_axe_finds_no_fault_and_nothing_stands_beside_the_screen(seen: dict[str, Any], look: str) -> None:
    assert seen["looks"][look] == {"faults": [], "overflow": 0}


def test_the_keyboard_leads_through_the_page(seen: dict[str, Any]) -> None:
    assert seen["used"]["walk"] == [
        ["Tab", "plan"],  # from the search
        ["Tab", "State"],
        ["Tab", "Machine"],
        ["Tab", "Plan"],
        ["Tab", "Age"],
        ["Tab", "office-2 | state"],
        ["ArrowDown", "web-11 | state"],
        ["End", "web-11 | why"],
        ["ArrowLeft", "web-11 | Fri 20 Nov 2026: failing"],
        ["ArrowUp", "office-2 | Fri 20 Nov 2026: failing"],
        ["Home", "office-2 | state"],
        ["PageDown", "db-7 | state"],
        ["ArrowRight", "db-7 | name"],
        ["Control+End", f"{NAME} | why"],
        ["Control+Home", "office-2 | state"],
    ]


def test_a_machine_is_opened_and_left_by_the_keyboard(seen: dict[str, Any]) -> None:
    used = seen["used"]

    assert (used["opened"], used["afterClosing"], used["slash"]) == ("office-2", "office-2 | state", "search")


def test_an_opened_machine_says_why_and_what_to_ask_next(seen: dict[str, Any]) -> None:
    machine = make_fleet(14, seed=153)["machines"][0]

    assert machine["why"] in seen["used"]["openedSays"]
    assert f"snapimage explain {machine['instance_id']}" in seen["used"]["openedSays"]


def test_a_search_finds_what_has_all_its_words(seen: dict[str, Any]) -> None:
    assert (seen["used"]["searched"], seen["used"]["status"]) == (["web-13"], "1 of 14")


def test_a_count_shows_the_machines_of_its_state(seen: dict[str, Any]) -> None:
    assert seen["used"]["failing"] == ["office-2", "web-11"]


def test_a_column_sorts_down_at_the_second_click(seen: dict[str, Any]) -> None:
    order = ["web-13", "web-12", "web-11", "web-10", "web-5", "office-6", "office-4", "office-2"]

    assert seen["used"]["byNameDown"] == [*order, "lab-9", "lab-1", "db-7", "db-3", "batch-14", NAME]
    assert seen["used"]["sorted"] == ["none", "descending", "none", "none"]


def test_a_thousand_machines_are_there_at_once_and_answer_at_once(seen: dict[str, Any]) -> None:
    large = seen["large"]

    assert large["rows"] == 1000
    assert [name for name in ("load", "sort", "search", "end") if large[name] > 5000] == []
