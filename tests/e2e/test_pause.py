"""`snapimage pause` and `resume` on a local cloud that drops what comes meanwhile: every snapshot is answered afterwards."""

from collections import Counter
from subprocess import CompletedProcess
from typing import Any

import pytest
from command import run_command
from support import published

from deploy.serverless import function_names
from files import places
from files.errors import CommandError
from localcloud.faults import PlantedFault
from ops.account import open_account
from ops.local.product import LocalProduct
from ops.moments import write_moment
from ops.operate.pause import REASON, pause_functions, paused_at, resume_functions
from ops.operate.switch import PauseMark, Switch, find_functions

REPORT = "snapimage-report-night"
pytestmark = [pytest.mark.xdist_group("build"), pytest.mark.timeout(300)]

EVENTS = (
    "timer-with-data-disk",
    "attached-data-disks",
    "consistent-group",
    "user-snapshot",
    "data-disk-snapshot-missing",
)
WANTED = {
    "s-bp1websys20": "ImageRequested",
    "s-bp1weblone": "DataDiskSnapshotMissing",
    "s-bp1dbsys20": "ImageRequested",
    "s-bp1dbsys19b": "ImageRequested",
    "s-bp1fleet1sys": "ImageRequested",
    "s-bp1fleet2sys": "ImageRequested",
    "s-bp1goldsys": "ImageRequested",
    "s-bp1buildsys": "ImageRequested",
    "s-bp1buildcrypt": "ImageRequested",
    "s-bp1buildbad": "SnapshotFailed",
    "s-bp1buildarch": "EcsRefused",
    "s-bp1buildshared": "EcsRefused",
}
"""What the plans of the made-up world want of the last day, and what becomes of it an hour later. One is too young to be given up."""


def run(product: LocalProduct, *arguments: str) -> "CompletedProcess[str]":
    return run_command(*arguments, "--endpoint", product.cloud.endpoint, timeout=200)


def pause(product: LocalProduct, dry_run: bool = False) -> list[str]:
    """As the command, without a process of its own."""
    said: list[str] = []
    account = open_account(product.cloud.endpoint, None, tells=False)
    pause_functions(find_functions(account, product.cloud.endpoint), account, dry_run, said.append)
    return said


def resume(product: LocalProduct, dry_run: bool = False) -> tuple[bool, list[str]]:
    said: list[str] = []
    account = open_account(product.cloud.endpoint, None, tells=False)
    where = find_functions(account, product.cloud.endpoint)
    return resume_functions(where, account, None, dry_run, said.append), said


def deliver_all(product: LocalProduct) -> None:
    for name in EVENTS:
        product.deliver((places.EVENTS / f"{name}.json").read_bytes())


def told(product: LocalProduct) -> dict[str, str]:
    return {message["data"]["snapshot_id"]: message["data"]["reason"] for message in published(product.cloud)}


def images(product: LocalProduct) -> Counter[str]:
    return Counter(image["tags"]["snapimage:snapshot"] for image in product.control.images())


def restricted(product: LocalProduct) -> set[bool]:
    """Of all functions but the one that only reports."""
    others = [each for each in product.cloud.fc.functions() if each.spec.name != REPORT]
    return {function.restriction is not None for function in others}


def test_events_of_a_pause_are_lost_and_every_snapshot_is_answered_after_it(product: LocalProduct) -> None:
    paused = run(product, "pause")
    deliver_all(product)
    product.pass_time(61)
    silent = told(product)

    resumed = run(product, "resume")

    assert (paused.returncode, silent, resumed.returncode) == (0, {}, 0), paused.stderr + resumed.stderr
    assert WANTED.items() <= told(product).items()
    assert restricted(product) == {False}
    assert set(images(product).values()) == {1}


def test_an_event_that_the_queue_kept_finds_its_snapshot_answered(product: LocalProduct) -> None:
    product.control.publish((places.EVENTS / "user-snapshot.json").read_bytes())
    pause(product)
    resume(product)

    product.control.pump()

    assert set(images(product).values()) == {1}
    assert len({message["id"] for message in published(product.cloud)}) == len(published(product.cloud))


def test_what_waits_is_shown_at_the_pause_and_before_the_start(product: LocalProduct) -> None:
    at_pause = pause(product)
    _, shown = resume(product, dry_run=True)

    assert "13 snapshots wait for an answer:" in at_pause
    assert "  s-bp1websys20  an image: web-s-bp1websys20" in shown
    assert (restricted(product), told(product)) == ({True}, {})


def test_a_second_pause_leaves_the_first_ones_time(product: LocalProduct) -> None:
    pause(product)
    before = [function.restriction for function in product.cloud.fc.functions()]
    product.control.advance(3600)

    again = pause(product)

    assert [function.restriction for function in product.cloud.fc.functions()] == before
    assert sum("stopped already, since" in line for line in again) == 4


def test_a_dry_run_of_pause_stops_nothing(product: LocalProduct) -> None:
    pause(product, dry_run=True)

    assert restricted(product) == {False}


def test_a_sweep_that_fails_is_to_be_repeated_from_the_same_moment(product: LocalProduct) -> None:
    pause(product)
    down: dict[str, Any] = {"status": 503, "code": "ServiceUnavailable", "message": "down"}
    product.cloud.faults.plant(
        [PlantedFault.model_validate({"action": "DescribeSnapshots", "error": down, "times": 1})]
    )

    complete, said = resume(product)

    assert (complete, restricted(product)) == (False, {False})
    assert "once more with: snapimage resume --since " in said[-1]


def test_resume_of_what_was_never_paused_does_nothing(product: LocalProduct) -> None:
    assert resume(product) == (True, ["no function is stopped"])
    assert told(product) == {}


def test_a_pause_that_the_account_may_not_make_is_one_line(product: LocalProduct) -> None:
    denied = {"status": 403, "code": "AccessDenied", "message": "this operation is in private preview"}
    product.cloud.faults.plant([PlantedFault.model_validate({"action": "DisableFunctionInvocation", "error": denied})])

    result = run(product, "pause")

    assert (result.returncode, result.stderr.count("\n")) == (2, 1)
    assert "AccessDenied: this operation is in private preview" in result.stderr


def test_a_function_that_somebody_else_stopped_is_started_from_then_on(product: LocalProduct) -> None:
    account = open_account(product.cloud.endpoint, None, tells=False)
    name = function_names()["create_image"]
    Switch(find_functions(account, product.cloud.endpoint), name).disable("an audit")

    complete, _ = resume(product)

    assert (complete, restricted(product)) == (True, {False})
    assert WANTED.keys() <= told(product).keys()


def test_the_report_that_somebody_else_stopped_is_started_without_a_sweep(product: LocalProduct) -> None:
    account = open_account(product.cloud.endpoint, None, tells=False)
    Switch(find_functions(account, product.cloud.endpoint), REPORT).disable("an audit")

    assert resume(product) == (True, [f"{REPORT}: started"])
    assert [each.spec.name for each in product.cloud.fc.functions() if each.restriction] == []


def test_the_time_of_a_pause_is_read_from_its_reason_first() -> None:
    known = PauseMark(REASON + "2026-11-20T02:00:00Z", "2026-11-21T02:00:00Z")

    assert write_moment(paused_at(known)) == "2026-11-20T02:00:00Z"


def test_a_stop_without_any_time_asks_for_one() -> None:
    with pytest.raises(CommandError, match="--since TIME"):
        paused_at(PauseMark("an audit", ""))
