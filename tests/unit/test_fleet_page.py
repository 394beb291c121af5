"""The page of a fleet: what stands in it, whatever people have named their machines."""

import json
import re
from base64 import b64encode
from datetime import date, timedelta
from hashlib import sha256
from html.parser import HTMLParser
from typing import Any

import pytest

from ops.docs.made_up_fleet import NOW, make_fleet
from ops.fleet_view.page import render_page
from ops.fleet_view.page_nights import cells_of, nights_of, totals_of
from ops.moments import write_moment

HOSTILE = [
    "</script><img src=x onerror=alert(1)>",
    "<!--<script>",
    "'\"><svg onload=alert(1)>",
    "{{ 7 * 7 }}{% raw %}",
    "a&lt;b&#60;script>",
    "\u202egnp.exe\x00\n\ud800",
]


class Tags(HTMLParser):
    """Every tag with its attributes' names, and the page's policy."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, tuple[str, ...]]] = []
        self.policy = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, tuple(name for name, _ in attrs)))
        self.policy += (dict(attrs).get("content") or "") if ("http-equiv", "Content-Security-Policy") in attrs else ""


def point(state: str, ago: timedelta, **changes: Any) -> dict[str, Any]:
    usual = {"snapshot_id": "s-1", "began": write_moment(NOW - ago), "state": state, "reason": None, "code": ""}
    return {**usual, "image_id": None, "created": None, "gib": 0, **changes}


def fleet_of(*history: dict[str, Any], nights: int = 3) -> dict[str, Any]:
    fleet = make_fleet(1, nights)
    fleet["machines"][0]["history"] = list(history)
    return fleet


def words(*history: dict[str, Any]) -> list[str]:
    fleet = fleet_of(*history)
    return cells_of(fleet["machines"][0], nights_of(fleet))


def rename(fleet: dict[str, Any], name: str) -> dict[str, Any]:
    """Everything that other people may have written."""
    machine, plan = fleet["machines"][0], fleet["plans"][0]
    machine |= {"name": name, "why": name, "warnings": [name], "policies": [name], "status": name, "plan": name}
    machine["image"] = {"image_id": name, "left_out": [name]}
    plan |= {"name": name, "missing": [{"id": name, "why": name}]}
    return fleet | {"region_id": name, "account_id": name}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_becomes_no_markup(name: str) -> None:
    plain, hostile = Tags(render_page(rename(make_fleet(2), "web"))), Tags(render_page(rename(make_fleet(2), name)))

    assert hostile.tags == plain.tags


@pytest.mark.parametrize("name", HOSTILE[:-1])
def test_the_script_gets_a_name_as_it_is(name: str) -> None:
    page = render_page(rename(make_fleet(2), name))

    data = re.search(r'<script type="application/json" id="coverage">(.*?)</script>', page, re.S)
    assert data
    assert json.loads(data[1])["machines"][0]["name"] == name


def test_what_turns_or_breaks_a_line_is_replaced() -> None:
    page = render_page(rename(make_fleet(1), HOSTILE[-1]))

    assert [letter for letter in ("\u202e", "\\u202e", "\x00", "\\u0000", "\ud800") if letter in page] == []


def test_the_policy_allows_the_two_texts_of_the_page_and_nothing_else() -> None:
    page = render_page(make_fleet(2))

    own = [re.search(rf"<{tag}>(.*?)</{tag}>", page, re.S) for tag in ("script", "style")]
    script, style = (b64encode(sha256(each[1].encode()).digest()).decode() for each in own if each)
    assert Tags(page).policy == (
        f"default-src 'none'; script-src 'sha256-{script}'; style-src 'sha256-{style}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def test_the_page_leads_nowhere() -> None:
    page = render_page(make_fleet(20))

    assert re.findall(r"https?:|//[a-z0-9]|@import|url\(", re.sub(r"^\s*// .*$", "", page, flags=re.M)) == []
    assert re.findall(r'(?:src|href)="([^"]*)"', page) == ["data:,", "#machines"]


def test_a_thousand_machines_by_thirty_nights_are_under_2_mb() -> None:
    assert len(render_page(make_fleet(1000)).encode()) < 2_000_000


def test_the_same_fleet_makes_the_same_page() -> None:
    assert render_page(make_fleet(20)) == render_page(json.loads(json.dumps(make_fleet(20), sort_keys=True)))


def test_a_fleet_without_machines_and_plans_has_a_page() -> None:
    page = render_page(make_fleet(0) | {"plans": []})

    assert "All 0 planned machines are within their plan&#39;s rpo" in page


def test_a_night_is_a_day_that_was_listed_whole() -> None:
    assert nights_of(make_fleet(1, nights=2)) == [date(2026, 11, 19), date(2026, 11, 20)]


def test_no_more_than_thirty_nights_are_shown() -> None:
    assert nights_of(make_fleet(1, nights=90))[0] == date(2026, 10, 22)


@pytest.mark.parametrize(
    ("states", "word"),
    [
        ([], "none"),
        (["failing"], "failing"),
        (["failing", "available"], "available"),
        (["waiting", "partial"], "partial"),
        (["failing", "waiting"], "waiting"),
        (["deleted", "failing"], "failing"),
        (["deleted", "unanswered"], "unanswered"),
    ],
)
def test_a_night_shows_the_best_of_its_snapshots(states: list[str], word: str) -> None:
    assert words(*(point(state, timedelta(hours=4)) for state in states)) == ["none", "none", word]


def test_a_snapshot_that_is_not_listed_counts_by_its_image() -> None:
    made = write_moment(NOW - timedelta(days=2))

    assert words(point("available", timedelta(), began=None, created=made)) == ["available", "none", "none"]


def test_what_has_no_time_is_of_no_night() -> None:
    assert words(point("available", timedelta(), began=None)) == ["none", "none", "none"]


def test_only_images_that_are_there_are_counted_and_pin() -> None:
    hours = timedelta(hours=4)
    fleet = fleet_of(
        point("available", hours, image_id="m-1", gib=140), point("deleted", hours), point("failing", hours)
    )

    total = totals_of(fleet, nights_of(fleet))[-1]

    assert (total.images, total.gib, total.cells["available"]) == (1, 140, 1)


def test_images_from_before_the_first_night_are_counted_as_older() -> None:
    page = render_page(fleet_of(point("available", timedelta(days=9), image_id="m-1", gib=140)))

    assert "now, by the night of their snapshot; 140 GiB are older" in page
