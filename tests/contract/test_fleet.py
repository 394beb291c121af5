"""The commands that look at a fleet, on a local cloud over the wire: what they say, what they cost, and that they only ask."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from fakes.builders import NOW
from fakes.fleet import DAY, HOUR, NIGHT, PLANS, MemoryFleet, image_of, machine, small_fleet, snapshot, system, world_of
from support import CloudClock, published, settings_for
from typer.testing import CliRunner

from files.errors import CommandError
from localcloud.faults import PlantedFault
from localcloud.server import LocalCloud
from ops.cli import app
from ops.fleet_view.reading import ChangeRefused, read_only
from ops.session import Account
from shared.domain.plans import Plans
from shared.wiring import open_cloud

NAMES = ("s-fresh5", "s-waiting1", "i-rescued", "i-fresh", "d-rescued", "d-fresh", "m-stale72")
Run = Callable[..., tuple[int, Any]]


@pytest.fixture
def cloud() -> Iterator[LocalCloud]:
    with LocalCloud(world_of(small_fleet())) as started:
        yield started


@pytest.fixture
def plans(tmp_path: Path) -> Path:
    file = tmp_path / "plans.yaml"
    file.write_text(yaml.safe_dump(PLANS))
    return file


@pytest.fixture
def run(cloud: LocalCloud, plans: Path) -> Run:
    return lambda *words: run_on(cloud, plans, *words)


def run_on(cloud: LocalCloud, plans: Path, *words: str) -> tuple[int, Any]:
    """A command with --json: its exit code and what it printed."""
    where = ["--endpoint", cloud.endpoint, "--plans", str(plans), "--json"]
    result = CliRunner().invoke(app, [*words, *where], catch_exceptions=False)
    return result.exit_code, json.loads(result.stdout)


def test_coverage_names_every_machine_rightly(run: Run) -> None:
    code, told = run("coverage")

    assert code == 1
    assert {each["instance_id"][2:]: each["state"] for each in told["machines"]} == {
        "fresh": "fresh", "stopped": "fresh", "rescued": "fresh", "stale": "stale", "failing": "failing",
        "waiting": "waiting", "never": "never", "bare": "never", "rescue": "unplanned",
    }  # fmt: skip


def test_images_are_listed_newest_first(run: Run) -> None:
    code, told = run("images")

    assert (code, [each["image_id"] for each in told["images"]]) == (
        0, ["m-fresh5", "m-stopped6", "m-rescued7", "m-failing30", "m-stale72"],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--machine", "i-stale"], ["m-stale72"]),
        (["--machine", "d-rescued"], ["m-rescued7"]),
        (["--older-than", "1d"], ["m-failing30", "m-stale72"]),
        (["--state", "failing"], []),
        (["--plan", "ghost"], []),
    ],
)
def test_images_are_found_by_plan_machine_age_and_state(run: Run, words: list[str], expected: list[str]) -> None:
    assert [each["image_id"] for each in run("images", *words)[1]["images"]] == expected


@pytest.mark.parametrize(
    ("name", "state", "reason"),
    [
        ("s-waiting1", "make", None),
        ("s-failing5", "make", None),
        ("s-fresh5", "available", "ImageAvailable"),
        ("s-stale72", "skipped", "WindowOver"),
        ("i-rescued", "available", "ImageAvailable"),
        ("d-fresh", "available", "ImageAvailable"),
        ("m-rescued7", "available", "ImageAvailable"),
    ],
)
def test_explain_says_what_would_be_told(run: Run, name: str, state: str, reason: str | None) -> None:
    code, told = run("explain", name)

    decision = told["snapshot"]["decision"]
    assert (code, decision["state"], decision["reason"]) == (0, state, reason)


def test_explain_says_of_a_machine_what_coverage_says(run: Run) -> None:
    rows = {each["instance_id"]: _lasting(each) for each in run("coverage")[1]["machines"]}

    assert {name: _lasting(run("explain", name)[1]["machine"]) for name in rows} == rows


def test_a_young_image_of_an_old_snapshot_is_old_wherever_one_looks(plans: Path) -> None:
    old = snapshot("stale", 20 * DAY, usage="image")
    made = image_of(old, "stale", created=NOW - timedelta(hours=1))
    with LocalCloud(world_of(MemoryFleet((machine("stale"),), (system("stale"),), (old,), (made,)))) as cloud:
        (row,) = run_on(cloud, plans, "coverage")[1]["machines"]
        told = run_on(cloud, plans, "explain", "i-stale")[1]["machine"]

    assert (row["state"], told["state"]) == ("stale", "stale")


def _lasting(row: dict[str, Any]) -> dict[str, Any]:
    """Without what a second changes, and what depends on how far back one looks."""
    return {key: value for key, value in row.items() if key not in {"age_seconds", "history"}}


def test_explain_names_the_facts_and_every_plan(run: Run) -> None:
    told = run("explain", "s-waiting1")[1]["snapshot"]

    assert [(each["name"], each["says"].split(" disk")[0]) for each in told["plans"]] == [
        ("nightly", "wants it"),
        ("ghost", "does not want"),
        ("old", "does not want"),
    ]
    assert told["rule"] == "A plan wants it and its disk set is complete: an image is asked for."
    assert "machine i-waiting: tags backup=nightly" in told["facts"]


def test_explain_says_why_a_data_disks_snapshot_makes_no_image(cloud: LocalCloud, run: Run) -> None:
    cloud.ecs.store.snapshots["s-fresh5"].source_disk_type = "data"

    assert run("explain", "s-fresh5")[1]["snapshot"]["decision"]["reason"] == "NotSystemDisk"


@pytest.mark.parametrize("name", ["s-nowhere", "i-nowhere", "d-nowhere", "m-nowhere", "web"])
def test_explain_says_that_there_is_no_such_thing(cloud: LocalCloud, plans: Path, name: str) -> None:
    with pytest.raises(CommandError, match=name):
        CliRunner().invoke(
            app, ["explain", name, "--endpoint", cloud.endpoint, "--plans", str(plans)], catch_exceptions=False
        )


def test_preview_foresees_every_machine(run: Run) -> None:
    code, told = run("preview")

    images = {each["instance_id"]: each["image"] for each in told["machines"]}
    assert code == 0
    assert images == {
        "i-fresh": True, "i-stopped": True, "i-stale": True, "i-failing": True, "i-never": True, "i-waiting": True,
        "i-bare": False, "i-rescue": False, "i-rescued": False,
    }  # fmt: skip


def test_preview_shows_the_request_that_explain_and_the_functions_make(run: Run) -> None:
    newest = run("preview")[1]["newest"]

    assert newest["snapshot_id"] == "s-waiting1"
    assert newest["request"] == run("explain", "s-waiting1")[1]["snapshot"]["request"]


@pytest.mark.parametrize(
    ("words", "says"), [(["i-fresj"], "no machine i-fresj; did you mean `i-fresh`"), (["--plan", "nix"], "no plan nix")]
)
def test_preview_of_what_is_not_there_is_no_empty_night(
    cloud: LocalCloud, plans: Path, words: list[str], says: str
) -> None:
    with pytest.raises(CommandError, match=says):
        run_on(cloud, plans, "preview", *words)


def test_report_tells_what_coverage_finds_and_that_it_is_not_well(run: Run) -> None:
    counts = run("coverage")[1]["counts"]

    code, told = run("report")

    assert (code, told["verdict"], told["counts"]) == (1, "PARTIAL", counts)
    assert told["reasons"] == ["MachinesUncovered", "PlanMatchesNothing"]
    assert [each["instance_id"] for each in told["failing"]["listed"]] == ["i-failing"]


def test_report_of_a_fleet_that_is_well_ends_with_0(plans: Path) -> None:
    plans.write_text(yaml.safe_dump({"region": "cn-hangzhou", "plans": PLANS["plans"][:1]}))
    new = snapshot("fresh", 5 * HOUR, usage="image")
    well = MemoryFleet((machine("fresh"),), (system("fresh"),), (new,), (image_of(new, "fresh"),), (NIGHT,))
    with LocalCloud(world_of(well)) as cloud:
        code, told = run_on(cloud, plans, "report")

    assert (code, told["verdict"], told["reasons"]) == (0, "OK", [])


def test_report_tells_nobody(cloud: LocalCloud, run: Run) -> None:
    run("report")

    assert published(cloud) == []


@pytest.mark.parametrize("words", [["coverage"], ["images"], ["preview"], *(["explain", each] for each in NAMES)])
def test_a_command_that_looks_only_asks(cloud: LocalCloud, run: Run, words: list[str]) -> None:
    """With keys that may do everything."""
    run(*words)

    actions = {call.action for call in cloud.journal.calls(0)}
    assert actions
    assert {each for each in actions if not each.startswith("Describe")} == set()


def test_what_a_looking_command_gets_refuses_changes_before_they_travel(cloud: LocalCloud) -> None:
    account = Account(
        settings_for(cloud), Plans.model_validate(PLANS), open_cloud(settings_for(cloud), CloudClock(cloud))
    )
    reading = read_only(account)

    with pytest.raises(ChangeRefused):
        reading.cloud.snapshots.tag(["s-fresh5"], {"a": "b"})
    with pytest.raises(ChangeRefused):
        reading.cloud.calls.call("TagResources", None)  # type: ignore[attr-defined]
    assert cloud.journal.calls(0) == []


@pytest.mark.parametrize(
    "action",
    ["DescribeInstances", "DescribeDisks", "DescribeSnapshots", "DescribeImages", "DescribeAutoSnapshotPolicyEx"],
)
def test_a_listing_that_is_refused_is_told_and_never_taken_for_an_empty_one(
    cloud: LocalCloud, plans: Path, action: str
) -> None:
    refusal = {"status": 403, "code": "Forbidden.RAM", "message": "no"}
    cloud.faults.plant([PlantedFault.model_validate({"action": action, "error": refusal})])

    with pytest.raises(CommandError, match=r"Forbidden\.RAM"):
        CliRunner().invoke(
            app, ["coverage", "--endpoint", cloud.endpoint, "--plans", str(plans)], catch_exceptions=False
        )
