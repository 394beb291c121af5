"""`make live` as its users run it, with a local cloud in the place of the account."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from command import StartedCommand
from live.__main__ import main
from live.account import SNAPSHOT, open_live_account
from live.judge import judge
from live.observations import Observations
from live.own import remove_image, tagged
from live.questions import PAGE, read_questions
from support import CloudClock
from world_files import TWO_MACHINES

from files.places import ROOT
from localcloud.server import LocalCloud
from ops.local.control import LocalControl
from shared.domain.errors import CloudError, Curable

QUICK: dict[str, Any] = {"progress": {"by": "look", "looks": 2}}
LEFT = {
    "id": "m-left",
    "name": "snapimage-live-old1-first",
    "snapshot": "s-old1sys",
    "tags": {"snapimage-live": "old1"},
}
OTHERS: list[dict[str, Any]] = TWO_MACHINES["images"]
Serve = Callable[..., LocalCloud]


@pytest.fixture
def served(tmp_path: Path) -> Iterator[dict[str, Any]]:
    """What a local cloud in a process of its own says of itself."""
    world = tmp_path / "world.yaml"
    world.write_text(yaml.safe_dump(TWO_MACHINES | QUICK))
    process = StartedCommand("localcloud", "--world", str(world))
    yield json.loads(process.stdout.readline())
    process.send_signal(signal.SIGTERM)
    process.end()


def keys(ready: dict[str, Any]) -> dict[str, str]:
    return {
        "ALIBABA_CLOUD_ACCESS_KEY_ID": ready["access_key_id"],
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET": ready["access_key_secret"],
    }


def place(ready: dict[str, Any]) -> dict[str, str]:
    return {
        "ALIBABA_CLOUD_REGION_ID": ready["region"],
        "SNAPIMAGE_ECS_ENDPOINT": ready["endpoint"],
        "SNAPIMAGE_MNS_ENDPOINT": ready["endpoint"],
        SNAPSHOT: "s-web1sys",
    }


def run_live(home: Path, *options: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    theirs = {name: text for name, text in os.environ.items() if not name.startswith(("ALIBABA_CLOUD", "SNAPIMAGE"))}
    known = theirs | {"HOME": str(home), "ALIBABA_CLOUD_ECS_METADATA_DISABLED": "true", "LIVE": "1"}
    command = [sys.executable, "-m", "live", *options]
    return subprocess.run(
        command, capture_output=True, text=True, env=known | environment, cwd=ROOT / "tests", timeout=100
    )


def surround(monkeypatch: pytest.MonkeyPatch, cloud: LocalCloud, **changes: str) -> None:
    """The environment in which `python -m live` would be run."""
    for name, text in (keys(cloud.ready()) | place(cloud.ready()) | changes).items():
        monkeypatch.setenv(name, text)


def image_ids(cloud: LocalCloud) -> set[str]:
    return {image.id for image in cloud.ecs.store.images.values()}


def test_an_account_that_is_as_assumed_is_found_so_and_left_as_it_was(served: dict[str, Any], tmp_path: Path) -> None:
    answers, before = tmp_path / "answers.json", LocalControl(served["endpoint"]).images()

    result = run_live(tmp_path, "--json", str(answers), CONFIRM="yes", **keys(served), **place(served))

    assert result.returncode == 0, result.stdout + result.stderr
    told = json.loads(answers.read_text())
    assert (told["contract"], told["left"]) == ("held", [])
    assert [row["id"] for row in told["questions"] if row["agrees"]] == [
        "Q5", "Q6", "Q7", "Q8", "Q9", "Q13", "Q17", "Q19", "Q20", "Q31",
    ]  # fmt: skip
    assert LocalControl(served["endpoint"]).images() == before


def test_a_code_that_is_in_no_table_is_a_difference(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The seventh request for an image is the one that brings another request with a token."""
    unheard = {"action": "CreateImage", "after": 6, "error": {"status": 400, "code": "Unheard", "message": "no"}}
    cloud = serve(**QUICK, faults=[unheard])
    surround(monkeypatch, cloud, CONFIRM="yes")

    assert main(["--questions"]) == 1

    assert "differs from what the code assumes: Q13\n" in capsys.readouterr().out
    assert image_ids(cloud) == {image["id"] for image in OTHERS}


def test_without_keys_one_line_says_what_is_missing(cloud: LocalCloud, tmp_path: Path) -> None:
    result = run_live(tmp_path, CONFIRM="yes", SNAPIMAGE_ECS_ENDPOINT=cloud.endpoint)

    assert (result.returncode, result.stdout) == (2, "")
    (line,) = result.stderr.splitlines()
    assert [name in line for name in ("ALIBABA_CLOUD_ACCESS_KEY_ID", "ALIBABA_CLOUD_REGION_ID", SNAPSHOT)] == [True] * 3


def test_without_a_yes_nothing_is_made_and_the_cost_is_said(
    cloud: LocalCloud, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    surround(monkeypatch, cloud)

    assert main([]) == 2

    assert "Costs: " in capsys.readouterr().out
    assert cloud.journal.actions() == ["DescribeSnapshots"]


def test_what_a_broken_run_left_is_removed_by_its_tag_and_nothing_else(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud = serve(images=[*OTHERS, LEFT])
    surround(monkeypatch, cloud, CONFIRM="yes")

    assert main(["--clean"]) == 0

    assert image_ids(cloud) == {image["id"] for image in OTHERS}


def test_a_run_that_left_only_queues_is_named(cloud: LocalCloud, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("snapimage-live-old1", "snapimage-live-old1c", "snapimage-live-old2"):
        cloud.mns.queues.create(name)
    surround(monkeypatch, cloud, CONFIRM="yes", RUN="old1")

    assert main(["--clean"]) == 0

    assert cloud.mns.queues.names("snapimage-live") == ["snapimage-live-old2"]


def test_where_no_run_is_known_there_is_nothing_to_remove(
    cloud: LocalCloud, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    surround(monkeypatch, cloud)

    assert main(["--clean"]) == 2

    told = capsys.readouterr()
    assert told.out == "images: 0; queues, where they are there: none, as no run is known: RUN=... names one\n"
    assert told.err == "make live: nothing was removed; to do it, say so: CONFIRM=yes\n"


@pytest.mark.parametrize(("known", "run"), [({"m-left"}, "new1"), (set[str](), "old1")])
def test_an_image_is_removed_only_by_its_id_and_its_tag(
    known: set[str], run: str, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The time for which it would wait passes in the cloud."""
    cloud = serve(images=[*OTHERS, LEFT])
    surround(monkeypatch, cloud)
    account = replace(open_live_account(os.environ, run), clock=CloudClock(cloud))
    account.own.images.update(known)

    with pytest.raises(CloudError, match="NotOurs"):
        remove_image(account, "m-left")
    assert "m-left" in image_ids(cloud)


def test_what_is_made_has_the_tag_of_the_run_and_none_of_the_products(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud = serve(**QUICK)
    surround(monkeypatch, cloud)
    account = open_live_account(os.environ, "new1")

    account.create(account.request(account.source(), "first"))

    assert [image.tags for image in tagged(account)] == [{"snapimage-live": "new1"}]


def test_every_question_of_the_page_has_an_answer_or_says_what_it_takes() -> None:
    refused = Curable("Forbidden.RAM", "no", 403)

    answered = judge(Observations(refused, {}, refused, "no queue"))

    assert {each.id for each in read_questions() if each.is_answered} == set(answered)


def test_every_question_of_the_page_has_a_number_of_its_own() -> None:
    _, _, tables = PAGE.read_text(encoding="utf-8").partition("\n## The event\n")
    asked = [line for line in tables.splitlines() if line.startswith("| ") and not line.startswith("| | question")]

    assert len({each.id for each in read_questions()}) == len(asked) >= 30
