"""How the notes on snapshots are gone through when there are more of them than ECS shows at once."""

import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from fakes.builders import NOW, rules
from fakes.world import world

from shared.domain.errors import CloudError, Curable, Throttled
from shared.domain.release import RELEASE
from shared.domain.retirement_facts import StoredSnapshot
from shared.flows.release_snapshots import release_snapshots
from shared.flows.retirement_run import RetirementRun

SHOWN = 1_000
"""Resources with a tag (alibabacloud-ecs20140526 7.11.8, DescribeSnapshotsRequest.tag)."""


def altered(number: int) -> StoredSnapshot:
    """Its note is to be taken off, whatever else there is."""
    return StoredSnapshot(f"s-{number}", "d-1", NOW, None, "none", "accomplished", {RELEASE: "my own words"})


@dataclass
class ManyNotes:
    noted: list[StoredSnapshot]
    refusal: CloudError | None = None
    looks: int = 0
    in_one_call: set[int] = field(default_factory=set)

    def tagged_snapshots(self, key: str) -> list[StoredSnapshot]:
        self.looks += 1
        return self.noted[:SHOWN] if self.looks < 5 else []

    def untag_snapshots(self, snapshot_ids: Sequence[str], key: str) -> None:
        self.in_one_call.add(len(snapshot_ids))
        if self.refusal:
            raise self.refusal
        self.noted = [each for each in self.noted if each.id not in snapshot_ids]


def release(estate: ManyNotes) -> RetirementRun:
    ports: Any = estate
    nothing: Any = None
    run = RetirementRun(rules(), world().cloud, ports, nothing)
    release_snapshots(run)
    return run


def test_those_that_ecs_does_not_show_at_first_have_their_turn_in_the_same_run() -> None:
    estate = ManyNotes([altered(number) for number in range(SHOWN + 1)])

    release(estate)
    assert (estate.noted, estate.looks, estate.in_one_call) == ([], 2, {50, 1})


@pytest.mark.parametrize(
    ("refusal", "troubles"), [(Throttled("Throttling", "no"), SHOWN // 50), (Curable("Forbidden.RAM", "no"), SHOWN)]
)
def test_notes_that_stay_on_are_not_looked_at_for_ever(refusal: CloudError, troubles: int) -> None:
    estate = ManyNotes([altered(number) for number in range(SHOWN)], refusal)

    run = release(estate)
    assert (estate.looks, run.counts["troubles"]) == (1, troubles)


def test_one_that_is_gone_keeps_no_other_from_being_given_back() -> None:
    class OneGone(ManyNotes):
        def untag_snapshots(self, snapshot_ids: Sequence[str], key: str) -> None:
            if "s-1" in snapshot_ids:
                raise Curable("InvalidSnapshotId.NotFound", "no", 404)
            super().untag_snapshots(snapshot_ids, key)

    estate = OneGone([altered(number) for number in range(3)])

    release(estate)
    assert [each.id for each in estate.noted] == ["s-1"]


def test_a_note_that_stays_on_is_in_the_log_with_its_snapshot(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "snapimage")

    release(ManyNotes([altered(1)], Curable("Forbidden.RAM", "no")))
    (line,) = [json.loads(message) for message in caplog.messages]
    assert "s-1" in line.values()
    assert "Forbidden.RAM" in line.values()
