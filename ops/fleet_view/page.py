"""Writes what `coverage --json` tells as one HTML page that needs nothing else: no network, no other file.

What people have named may hold anything. Jinja escapes what becomes markup, the script puts the rest in as text, and the
page's own policy runs no script and no style but the two that are hashed in it.
"""

import json
from base64 import b64encode
from collections.abc import Iterator
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from ops.fleet_view.page_charts import draw_charts, write_day
from ops.fleet_view.page_facts import CELLS, STATES, facts_of
from ops.fleet_view.page_nights import NightTotal, held, nights_of, taken, totals_of
from ops.fleet_view.show_coverage import Plain
from ops.fleet_view.words import printable, write_age
from shared.domain.moments import read_moment

HERE = Path(__file__).parent
DATA = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})
"""So no text inside the data can end it; JSON reads the same."""


def render_page(covered: Plain) -> str:
    covered = _clean(covered)
    nights = nights_of(covered)
    totals = totals_of(covered, nights)
    older = [each["gib"] for each in held(covered) if (when := taken(each)) and when.date() < nights[0]]
    plans = [_plan(each) for each in covered["plans"]]
    facts = json.dumps(facts_of(covered, nights), ensure_ascii=False, separators=(",", ":")).translate(DATA)
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    return environment.from_string(
        _read("page.html")
    ).render(
        **_head(covered),
        **_own("script", _read("page.js")),
        **_own("style", f":root {{ --nights: {len(nights)} }}\n" + _read("page.css")),
        facts=Markup(facts),  # noqa: S704 - holds no < any more
        states=[_tile(word, *about, covered["counts"][word]) for word, about in STATES.items()],
        cells=[
            {"word": word, "letter": word[0], "sign": sign, "meaning": says} for word, (sign, says) in CELLS.items()
        ],
        charts=draw_charts(totals, len(covered["machines"]), (len(older), sum(older))),
        totals=[_total(each) for each in reversed(totals)],
        nights=list(_columns(totals)),
        plans=plans,
        odd_plans=[f"{plan['name']} {line}" for plan in plans for line in plan["odd"]][:3],
    )


def _read(name: str) -> str:
    return (HERE / name).read_text("utf-8")


def _own(kind: str, text: str) -> Plain:
    digest = b64encode(sha256(text.encode()).digest()).decode()
    return {kind: Markup(text), f"{kind}_hash": f"sha256-{digest}"}  # noqa: S704 - ours


def _clean(plain: Any) -> Any:
    """What a name may not do: end a line, turn the direction of the text, be half a letter."""
    if isinstance(plain, str):
        return printable(plain)
    if isinstance(plain, dict):
        return {key: _clean(value) for key, value in plain.items()}
    return [_clean(each) for each in plain] if isinstance(plain, list) else plain


def _head(covered: Plain) -> Plain:
    late = sum(each["late"] for each in covered["machines"])
    planned = sum(each["plan"] is not None for each in covered["machines"])
    return {
        "region": covered["region_id"],
        "account": covered["account_id"],
        "moment": covered["time"],
        "moment_short": _write_moment(read_moment(covered["time"])),
        "since": covered["listed_since"],
        "since_short": _write_moment(read_moment(covered["listed_since"])),
        "late": covered["late"],
        "verdict": f"{late:,} of {planned:,} planned machines {'is' if late == 1 else 'are'} staler than the plan's rpo"
        if covered["late"]
        else f"All {planned:,} planned machines are within their plan's rpo",
    }


def _write_moment(when: datetime) -> str:
    return f"{when.day} {when:%b %Y %H:%M}"


def _tile(word: str, sign: str, meaning: str, count: int) -> Plain:
    return {"word": word, "sign": sign, "meaning": meaning, "count": count, "count_text": f"{count:,}"}


def _total(total: NightTotal) -> Plain:
    numbers = [*(total.cells[word] for word in CELLS), total.images, total.gib]
    return {"label": f"{write_day(total.day)} {total.day:%Y}", "numbers": [f"{each:,}" for each in numbers]}


def _columns(totals: list[NightTotal]) -> Iterator[Plain]:
    for index, total in enumerate(totals):
        day = total.day
        yield {
            "number": day.day,
            "label": f"{write_day(day)} {day:%Y}",
            "month": f"{day:%b}" if day.day == 1 or index == 0 else "",
            "is_monday": day.weekday() == 0,
            "is_weekend": day.weekday() >= 5,
        }


def _plan(plan: Plain) -> Plain:
    odd = ["matches no machine"] if plan["matches_nothing"] else []
    return {
        "name": plan["name"],
        "enabled": plan["enabled"],
        "rpo": write_age(timedelta(seconds=plan["rpo_seconds"])),
        "machines": f"{plan['machines']:,}",
        "numbers": [f"{plan['counts'][word]:,}" for word in STATES],
        "odd": odd + [f"{gap['id']} {gap['why']}" for gap in plan["missing"]],
    }
