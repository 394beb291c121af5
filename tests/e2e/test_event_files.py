"""Every payload in events/ gets the answer that stands beside it, on a fresh local cloud: replayed, rehearsed, and swept.

The staged function is asked in test_deployed.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from made_up import MADE_UP_PLANS, MADE_UP_WORLD

from files import places
from localcloud.server import LocalCloud
from ops.local.connection import connect_local
from ops.local.control import LocalControl
from ops.rehearsal import Silence
from ops.replay.here import RecordingQueue, ReplayOutcome, replay_file
from ops.session import Account
from shared.flows.reconcile_snapshots import reconcile_snapshots

INDEX = yaml.safe_load((places.EVENTS / "index.yaml").read_text())
CASES = sorted(INDEX)


@contextmanager
def open_local() -> Iterator[Account]:
    with LocalCloud(MADE_UP_WORLD) as cloud:
        yield connect_local(LocalControl(cloud.endpoint), MADE_UP_PLANS)


@pytest.fixture
def local() -> Iterator[Account]:
    with open_local() as opened:
        yield opened


@cache
def replayed(name: str) -> tuple[ReplayOutcome, ...]:
    """What became of a payload on a fresh cloud; several tests look at it."""
    with open_local() as local:
        return tuple(replay_file(places.EVENTS / name, local))


def summary(outcome: ReplayOutcome) -> dict[str, Any]:
    return {"state": outcome.state, "reason": outcome.reason} | details(outcome.messages)


def details(messages: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The disks, and of a failure whether its cause can go away."""
    told = messages[0]["data"] if messages else {"disks": [], "state": None}
    words = [f"{disk['type']} {disk['snapshot_id'] or 'empty'} {disk['size_gib']}" for disk in told["disks"]]
    is_curable = told["state"] == "failed" and not told["terminal"]
    return ({"disks": words} if words else {}) | ({"terminal": False} if is_curable else {})


def test_every_payload_has_its_expected_outcome_and_every_outcome_a_payload() -> None:
    payloads = {path.name for path in places.EVENTS.iterdir() if path.is_file()} - {
        "index.yaml",
        "world.yaml",
        "plans.yaml",
    }

    assert payloads == set(CASES)


@pytest.mark.parametrize("name", CASES)
def test_the_answers_are_the_expected_ones(name: str) -> None:
    assert [summary(outcome) for outcome in replayed(name)] == INDEX[name]["expect"]


@pytest.mark.parametrize("name", CASES)
def test_every_answer_is_published_exactly_once(name: str) -> None:
    outcomes = replayed(name)

    assert [len(outcome.messages) for outcome in outcomes] == [int(outcome.state != "left") for outcome in outcomes]


REFUSED = {name for name in CASES if "EcsRefused" in str(INDEX[name]["expect"])}
READING = {"DescribeSnapshots", "DescribeDisks", "DescribeImages", "DescribeSnapshotGroups"}


@pytest.mark.parametrize("name", sorted(set(CASES) - REFUSED))
def test_a_dry_run_foretells_the_answer_and_calls_nothing_that_changes_anything(name: str, local: Account) -> None:
    """Only ECS knows that it will refuse; and each event is rehearsed by itself, so that a duplicate finds no image."""
    outcomes = list(replay_file(Path(places.EVENTS / name), local, dry_run=True))

    expected = [(each["state"], each["reason"].replace("Adopted", "Requested")) for each in INDEX[name]["expect"]]
    assert {call["action"] for call in LocalControl(str(local.settings.ecs_endpoint)).calls()} <= READING
    assert [(outcome.state, outcome.reason) for outcome in outcomes] == expected


@pytest.fixture(scope="module")
def swept() -> dict[str, dict[str, Any]]:
    """What sweeps tell first of each snapshot of a cloud that no event has reached. They look back for two days.

    A sweep does not give up before a snapshot's wait is over, so one more comes two hours later.
    """
    with open_local() as local:
        queue = RecordingQueue(Silence())
        rules, cloud = replace(local.rules, lookback=timedelta(days=2)), replace(local.cloud, queue=queue)
        reconcile_snapshots(rules, cloud)
        LocalControl(str(local.settings.ecs_endpoint)).advance(2 * 3600)
        reconcile_snapshots(rules, cloud)
    return {str(told.subject): in_words(json.loads(told.to_json())) for told in reversed(queue.published)}


def in_words(message: dict[str, Any]) -> dict[str, Any]:
    told = message["data"]
    return {"state": told["state"], "reason": told["reason"]} | details([message])


def told_by(name: str) -> dict[str, dict[str, Any]]:
    """By snapshot: the first answer to it."""
    messages = [message for outcome in reversed(replayed(name)) for message in outcome.messages]
    return {message["data"]["snapshot_id"]: in_words(message) for message in messages}


SWEPT = {"creating", "waiting", "failed"}
ONLY_OF_EVENTS = {"SnapshotNotFound"}
"""A sweep starts from snapshots that there are."""


@pytest.mark.parametrize("name", CASES)
def test_a_sweep_tells_of_a_snapshot_what_its_event_would_have(name: str, swept: dict[str, dict[str, Any]]) -> None:
    told = {
        snapshot_id: answer
        for snapshot_id, answer in told_by(name).items()
        if answer["state"] in SWEPT and answer["reason"] not in ONLY_OF_EVENTS
    }

    assert {snapshot_id: swept.get(snapshot_id) for snapshot_id in told} == told


NOT_WANTED = {"NoPlan", "PlanDisabled", "NotSystemDisk"}


@pytest.mark.parametrize("name", CASES)
def test_a_sweep_is_silent_about_what_no_plan_wants(name: str, swept: dict[str, dict[str, Any]]) -> None:
    unwanted = {key for key, answer in told_by(name).items() if answer["reason"] in NOT_WANTED}

    assert unwanted & set(swept) == set()


UNTOLD = {"failed-data-disk.json", "partial-image.json"}


@pytest.mark.parametrize("name", CASES)
def test_no_event_costs_more_than_six_ecs_calls_one_for_an_untold_policy_and_two_for_a_group(name: str) -> None:
    """Of a snapshot by hand the groups of its instance are asked for, and the snapshots of the group that it is in. Of a data
    disk of which ECS names no policy, and near which no run's snapshot lies, yesterday's snapshots."""
    outcomes = replayed(name)

    allowed = [6 + (name in UNTOLD) + 2 * outcome.calls.count("DescribeSnapshotGroups") for outcome in outcomes]
    assert all(len(outcome.calls) <= most for outcome, most in zip(outcomes, allowed, strict=True))


CHOSEN = [
    ("user-snapshot.json", ["DescribeSnapshots", "CreateImage"]),
    ("cloudmonitor-native.json", ["DescribeSnapshots", "DescribeSnapshots", "CreateImage"]),
]


@pytest.mark.parametrize(("name", "calls"), CHOSEN)
def test_a_plan_that_the_snapshot_tells_costs_at_most_three_ecs_calls(
    name: str, calls: list[str], local: Account
) -> None:
    (outcome,) = replay_file(places.EVENTS / name, local)

    assert outcome.calls == calls


def test_a_repeat_of_a_settled_event_costs_one_ecs_call(local: Account) -> None:
    event = places.EVENTS / "data-disk-snapshot-missing.json"
    list(replay_file(event, local))

    (repeat,) = replay_file(event, local)
    assert (repeat.calls, repeat.messages) == (["DescribeSnapshots"], [])
