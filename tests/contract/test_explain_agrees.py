"""What `snapimage explain` says of every snapshot of the made-up world is what the functions then decide."""

from collections.abc import Iterator
from typing import Any

import pytest
from made_up import MADE_UP_PLANS, MADE_UP_WORLD
from support import CloudClock, settings_for

from localcloud.server import LocalCloud
from ops.fleet_view.reading import read_only
from ops.rehearsal import rehearse
from ops.session import Account
from shared.domain.answers import Answer
from shared.domain.decision import Make, Matter
from shared.domain.events import SnapshotCompleted
from shared.domain.facts import Role, Snapshot
from shared.domain.message import ImageStatus
from shared.flows.answer import answer_all
from shared.flows.create_image import answer_events
from shared.flows.explain import Explanation, explain_snapshot
from shared.flows.make import Gate
from shared.flows.region import Region
from shared.wiring import open_cloud


@pytest.fixture
def account() -> Iterator[Account]:
    with LocalCloud(MADE_UP_WORLD) as cloud:
        settings = settings_for(cloud)
        yield Account(settings, MADE_UP_PLANS, open_cloud(settings, CloudClock(cloud)))


def decided(answer: Answer) -> tuple[Any, ...]:
    """What matters to whoever reads it. Of an image that is asked for, what ECS says to that is another matter."""
    decision = answer.known.decision
    if isinstance(decision, Make):
        return "make", decision.request.client_token, decision.request.disk_set
    status, trouble = answer.status, answer.trouble
    said = (status.state, status.reason, status.explanation, status.missing, status.waiting_for) if status else ()
    return type(decision).__name__, said, trouble.code if trouble else None


def explained(account: Account, snapshots: list[Snapshot]) -> dict[str, Explanation]:
    reading = read_only(account)
    return {each.id: explain_snapshot(each, reading.rules, reading.cloud) for each in snapshots}


def swept(account: Account, snapshots: list[Snapshot]) -> dict[str, tuple[Any, ...]]:
    matters = [Matter(snapshot=each) for each in snapshots]
    answers = answer_all(matters, account.rules, account.cloud, "tested", Gate(is_sweep=True), Region())
    return {each.matter.snapshot_id or "": decided(each) for each in answers}


def everything(account: Account) -> list[Snapshot]:
    return sorted(account.cloud.snapshots.find(IDS), key=lambda each: each.id)


IDS = [each.id for each in MADE_UP_WORLD.snapshots]


def test_of_every_snapshot_that_a_sweep_looks_at(account: Account) -> None:
    systems = [each for each in everything(account) if each.role is Role.SYSTEM]
    said = {name: decided(each.answer) for name, each in explained(account, systems).items()}

    assert len({text[0] for text in said.values()}) >= 4
    assert swept(account, systems) == said


@pytest.mark.parametrize("snapshot_id", IDS)
def test_of_every_event(account: Account, snapshot_id: str) -> None:
    """As `snapimage replay --dry-run` has it."""
    (snapshot,) = account.cloud.snapshots.find([snapshot_id])
    said = explained(account, [snapshot])[snapshot_id].by_event
    quiet, requests = rehearse(account.cloud)
    event = SnapshotCompleted(event_id="explained", snapshot_id=snapshot_id, kind=snapshot.kind)

    (told,) = answer_events([event], account.rules, quiet)

    decision = said.known.decision
    assert requests == ([decision.request] if isinstance(decision, Make) else [])
    assert requests or (told.reason if isinstance(told, ImageStatus) else told.code) == _reason(said)


def _reason(said: Answer) -> str | None:
    return said.status.reason if said.status else said.trouble.code if said.trouble else None
