"""Every payload in events/ gets the answer that stands beside it, from the function as a whole, on a fresh local cloud."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from ops import places
from ops.local import Bench, open_bench
from ops.replay import Outcome, replay_file

INDEX = yaml.safe_load((places.EVENTS / "index.yaml").read_text())
CASES = sorted(INDEX)


@pytest.fixture
def bench() -> Iterator[Bench]:
    with open_bench(None, places.WORLD, places.PLANS) as opened:
        yield opened


def summary(outcome: Outcome) -> dict[str, Any]:
    disks = outcome.messages[0]["data"]["disks"] if outcome.messages else []
    words = [f"{disk['type']} {disk['snapshot_id'] or 'empty'} {disk['size_gib']}" for disk in disks]
    return {"state": outcome.state, "reason": outcome.reason} | ({"disks": words} if words else {})


def test_every_payload_has_its_expected_outcome_and_every_outcome_a_payload() -> None:
    payloads = {path.name for path in places.EVENTS.iterdir()} - {"index.yaml", "world.yaml", "plans.yaml"}

    assert payloads == set(CASES)


@pytest.mark.parametrize("name", CASES)
def test_the_answers_are_the_expected_ones(name: str, bench: Bench) -> None:
    outcomes = list(replay_file(Path(places.EVENTS / name), bench))

    assert [summary(outcome) for outcome in outcomes] == INDEX[name]["expect"]


@pytest.mark.parametrize("name", CASES)
def test_every_answer_is_published_exactly_once(name: str, bench: Bench) -> None:
    outcomes = list(replay_file(Path(places.EVENTS / name), bench))

    assert [len(outcome.messages) for outcome in outcomes] == [int(outcome.is_answered) for outcome in outcomes]


REFUSED = {name for name in CASES if "EcsRefused" in str(INDEX[name]["expect"])}
READING = {"DescribeSnapshots", "DescribeDisks", "DescribeImages", "DescribeSnapshotGroups"}


@pytest.mark.parametrize("name", sorted(set(CASES) - REFUSED))
def test_a_dry_run_foretells_the_answer_and_calls_nothing_that_changes_anything(name: str, bench: Bench) -> None:
    outcomes = list(replay_file(Path(places.EVENTS / name), bench, dry_run=True))

    assert {call["action"] for call in bench.control.calls()} <= READING
    assert [outcome.state for outcome in outcomes] == [expected["state"] for expected in INDEX[name]["expect"]]


@pytest.mark.parametrize("name", CASES)
def test_no_event_costs_more_than_six_ecs_calls(name: str, bench: Bench) -> None:
    outcomes = list(replay_file(Path(places.EVENTS / name), bench))

    assert max(len(outcome.calls) for outcome in outcomes) <= 6


def test_a_plan_for_system_disks_alone_costs_three_ecs_calls(bench: Bench) -> None:
    (outcome,) = replay_file(places.EVENTS / "user-snapshot.json", bench)

    assert outcome.calls == ["DescribeSnapshots", "DescribeImages", "CreateImage"]
