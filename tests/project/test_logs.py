"""The dashboard and the alarms that ship: their queries, run on lines that the functions wrote.

Simple Log Service speaks the SQL of Presto. The queries are read as such by sqlglot and run by DuckDB.
"""

import re
from datetime import datetime, timedelta
from typing import Any

import duckdb
import pytest
import sqlglot
import yaml
from fakes.builders import notice, rules, system_disk, system_snapshot
from fakes.invocations import event, sweep
from fakes.world import World, world

from deploy.serverless import function_names
from files import places
from shared.domain.errors import Curable, Throttled
from shared.flows.track_images import track_images

TEMPLATE = yaml.safe_load((places.ROOT / "deploy" / "logs" / "template.yaml").read_text())
RESOURCES = TEMPLATE["Resources"]
CHARTS = {chart["title"]: chart for chart in RESOURCES["Dashboard"]["Properties"]["Charts"]}
ALERTS = {
    name: resource["Properties"]["Detail"]["Configuration"]
    for name, resource in RESOURCES.items()
    if resource["Type"] == "ALIYUN::SLS::Alert"
}
QUERIES = {name: chart["search"]["query"] for name, chart in CHARTS.items()} | {
    name: alert["QueryList"][0]["Query"] for name, alert in ALERTS.items()
}
QUOTA = Curable("QuotaExceed.Image", "full", 400)
Row = tuple[float, str, str, str | None]


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> list[Row]:
    """As Function Compute stores them: a moment, the function, the message with its prefix, and of an invocation its error."""
    caplog.set_level("INFO", "snapimage")
    rows: list[Row] = []
    return rows


def record(rows: list[Row], caplog: pytest.LogCaptureFixture, at: datetime) -> None:
    for text in caplog.messages:
        name = re.search(r'"function": "(\w+)"', text)
        assert name
        function = "snapimage-" + name[1].replace("_", "-")
        rows.append((at.timestamp(), function, f"{at:%Y-%m-%dT%H:%M:%S}.000Z 1-65362416 [INFO] {text}", None))
    caplog.clear()


def night(rows: list[Row], caplog: pytest.LogCaptureFixture) -> World:
    """One image is made and usable; another is refused, and its event comes twice; a third is throttled."""
    there = world(system_snapshot(), system_snapshot("s-other"), system_snapshot("s-third"), system_disk())
    event(there)
    record(rows, caplog, there.moment)
    there.refuses["CreateImage"] = QUOTA
    event(there, notices=[notice("event-2", snapshotId="s-other")])
    event(there, notices=[notice("event-2", snapshotId="s-other")])
    record(rows, caplog, there.moment)
    there.refuses["CreateImage"] = Throttled("Throttling.User", "slowly", 400)
    event(there, notices=[notice("event-3", snapshotId="s-third")])
    record(rows, caplog, there.moment)
    there.moment += timedelta(minutes=30)
    there.change(status="Available")
    track_images(rules(), there.cloud)
    record(rows, caplog, there.moment)
    there.refuses.clear()
    sweep(there)
    record(rows, caplog, there.moment)
    return there


def run(query: str, rows: list[Row]) -> list[dict[str, Any]]:
    """What the service would answer: the search before the bar, the SQL behind it."""
    search, sql = query.split("|", 1)
    found = set(re.findall(r'functionName: "([\w-]+)"', search))
    database = duckdb.connect()
    database.execute("set timezone = 'UTC'")
    database.execute(
        "create table log (__time__ double, functionName varchar, message varchar, hasFunctionError varchar)"
    )
    for row in rows:
        if row[1] in found:
            database.execute("insert into log values (?, ?, ?, ?)", row)
    answer = database.execute(sqlglot.transpile(sql, read="presto", write="duckdb")[0])
    names = [column[0] for column in answer.description or ()]
    return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]


def test_a_night_is_counted_by_state(lines: list[Row], caplog: pytest.LogCaptureFixture) -> None:
    night(lines, caplog)

    counts = {row["state"]: row["answers"] for row in run(QUERIES["answers"], lines)}
    assert counts == {"creating": 2, "failed": 2, "postponed": 1, "available": 1}


def test_a_failure_is_shown_with_its_plan_its_cause_and_a_snapshot(
    lines: list[Row], caplog: pytest.LogCaptureFixture
) -> None:
    night(lines, caplog)

    (row,) = run(QUERIES["failures"], lines)
    assert (row["plan"], row["code"], row["snapshots"], row["newest"]) == ("web", "QuotaExceed.Image", 1, "s-other")


def test_the_time_from_snapshot_to_image_is_told_in_minutes(lines: list[Row], caplog: pytest.LogCaptureFixture) -> None:
    night(lines, caplog)

    (row,) = run(QUERIES["speed"], lines)
    assert row == {"plan": "web", "images": 1, "half_within": 36, "slowest": 36}


def test_what_was_left_to_the_sweep_is_shown_with_its_cause(lines: list[Row], caplog: pytest.LogCaptureFixture) -> None:
    night(lines, caplog)

    assert run(QUERIES["left"], lines) == [
        {"function_name": "create_image", "state": "postponed", "code": "Throttling.User", "times": 1}
    ]


def test_the_calls_of_ecs_are_added_up(lines: list[Row], caplog: pytest.LogCaptureFixture) -> None:
    there = world(system_snapshot(), system_disk())
    event(there)
    record(lines, caplog, there.moment)

    (row,) = run(QUERIES["calls"], lines)
    assert (row["function_name"], row["ecs_calls"]) == ("create_image", len(there.actions))


def test_the_alarm_of_failures_names_the_snapshot_and_is_silent_without_one(
    lines: list[Row], caplog: pytest.LogCaptureFixture
) -> None:
    night(lines, caplog)

    (row,) = run(QUERIES["GivenUp"], lines)
    assert (row["snapshot"], row["code"]) == ("s-other", "QuotaExceed.Image")
    assert run(QUERIES["GivenUp"], [each for each in lines if '"failed"' not in each[2]]) == []


def test_the_alarm_of_the_sweep_sees_whether_it_wrote_a_line(
    lines: list[Row], caplog: pytest.LogCaptureFixture
) -> None:
    night(lines, caplog)

    others = [row for row in lines if row[1] != "snapimage-reconcile-snapshots"]
    assert run(QUERIES["NoSweep"], lines)[0]["lines"] > 0
    assert run(QUERIES["NoSweep"], others) == [{"lines": 0}]


@pytest.mark.parametrize(("errors", "alarms"), [(4, 0), (5, 1)])
def test_the_alarm_of_errors_bears_with_a_few(errors: int, alarms: int) -> None:
    ended: Row = (0.0, "snapimage-create-image", "", "true")

    others: list[Row] = [(0.0, "snapimage-track-images", "", "false")] * 9

    assert len(run(QUERIES["Crashing"], [ended] * errors + others)) == alarms


@pytest.mark.parametrize("name", [name for name, chart in CHARTS.items() if "xAxis" in chart["display"]])
def test_a_drawing_has_axes_that_its_query_answers(
    name: str, lines: list[Row], caplog: pytest.LogCaptureFixture
) -> None:
    night(lines, caplog)

    display = CHARTS[name]["display"]
    assert {*display["xAxis"], *display["yAxis"]} <= set(run(QUERIES[name], lines)[0])


@pytest.mark.parametrize("name", ALERTS)
def test_an_alarm_speaks_of_what_its_query_answers(name: str) -> None:
    spoken = {field for each in ALERTS[name]["Annotations"] for field in re.findall(r"\$\{(\w+)\}", each["Value"])}
    selected = sqlglot.parse_one(QUERIES[name].split("|", 1)[1], read="presto").find(sqlglot.exp.Select)

    assert selected
    assert spoken <= set(selected.named_selects)


@pytest.mark.parametrize("name", QUERIES)
def test_a_query_searches_functions_that_are_deployed(name: str) -> None:
    searched = set(re.findall(r'functionName: "([\w-]+)"', QUERIES[name]))

    assert searched
    assert searched <= set(function_names().values())
