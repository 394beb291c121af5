"""How the notes on snapshots are gone through, also when there are more of them than ECS shows at once."""

import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest
from fakes.builders import NOW, rules, system_snapshot
from fakes.world import World, world

from shared.domain.account_images import AccountImages
from shared.domain.errors import CloudError, Curable, Throttled
from shared.domain.release import RELEASE, ReleaseNote
from shared.domain.retire import KeepRules, Retire
from shared.domain.retirement_facts import StoredSnapshot, Users
from shared.flows.release_snapshots import release_snapshots
from shared.flows.retirement_run import RetirementRun
from shared.flows.retirement_view import RetirementView

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


DAY = timedelta(days=1)
TOLD, UNTOLD = (ReleaseNote(image_id, "web", NOW - DAY).to_tag() for image_id in ("", "m-1"))
RELEASING = Retire(mode="delete", keep=KeepRules(last=1), snapshots="release")
FORBIDDEN = Curable("Forbidden.RAM", "no")


def expired(note: str = TOLD, number: int = 1, **changes: Any) -> StoredSnapshot:
    """Its retention is over, and nothing needs it."""
    found = StoredSnapshot(f"s-{number}", "d-1", NOW - 30 * DAY, 7, "none", "accomplished", {RELEASE: note})
    return replace(found, **changes)


@dataclass
class Expired(ManyNotes):
    """Nothing is locked or named, and the images are gone."""

    refuses: dict[str, CloudError] = field(default_factory=dict)

    def ask(self, action: str) -> None:
        if action in self.refuses:
            raise self.refuses[action]

    def images_of_disk(self, disk_id: str) -> list[Any]:
        self.ask("DescribeImages")
        return []

    def snapshots(self, snapshot_ids: Sequence[str]) -> list[StoredSnapshot]:
        return [each for each in self.noted if each.id in snapshot_ids]

    def locked_snapshots(self, snapshot_ids: Sequence[str]) -> frozenset[str]:
        self.ask("DescribeLockedSnapshots")
        return frozenset()

    def delete_snapshot(self, snapshot_id: str) -> None:
        self.ask("DeleteSnapshot")
        self.noted = [each for each in self.noted if each.id != snapshot_id]

    def read(self) -> Users:
        return Users()


def run_of(estate: Expired, there: World | None = None, wanted: dict[str, Retire] | None = None) -> RetirementRun:
    ports: Any = estate
    view = RetirementView(wanted or {"web": RELEASING}, AccountImages(), Users(), ports, {}, frozenset())
    cloud = (there or world(system_snapshot("s-1"))).cloud
    return RetirementRun(rules(), cloud, ports, view)


def test_more_than_ecs_shows_are_deleted_in_one_run() -> None:
    estate = Expired([expired(number=number) for number in range(SHOWN + 1)])
    run = run_of(estate)

    release_snapshots(run)
    assert (estate.noted, run.counts) == ([], {"snapshots_deleted": SHOWN + 1})


@pytest.mark.parametrize("action", ["DescribeLockedSnapshots", "DeleteSnapshot"])
def test_a_snapshot_that_is_not_deleted_waits_and_is_in_the_log(action: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "snapimage")
    estate = Expired([expired()], refuses={action: FORBIDDEN})
    run = run_of(estate)

    release_snapshots(run)
    (line,) = [json.loads(message) for message in caplog.messages]
    assert (estate.noted, run.counts) == ([expired()], {"snapshots_waiting": 1, "troubles": 1})
    assert {"s-1", "Forbidden.RAM"} <= set(line.values())


@pytest.mark.parametrize(
    "wanted",
    [
        {"other": RELEASING},
        {"web": RELEASING.model_copy(update={"mode": "deprecate"})},
        {"web": RELEASING.model_copy(update={"snapshots": "leave"})},
    ],
    ids=["no such plan", "deletes nothing", "leaves snapshots"],
)
def test_a_plan_that_releases_nothing_more_gives_its_snapshots_back(wanted: dict[str, Retire]) -> None:
    estate = Expired([expired()])
    run = run_of(estate, wanted=wanted)

    release_snapshots(run)
    assert (estate.noted, estate.in_one_call, run.counts) == ([], {1}, {})


def test_a_snapshot_that_one_image_holds_is_given_back() -> None:
    estate = Expired([expired(usage="image")])
    run = run_of(estate)
    run.view.inventory.held["s-1"] = 1

    release_snapshots(run)
    assert (estate.noted, estate.in_one_call, run.counts) == ([], {1}, {})


@pytest.mark.parametrize(("disk_id", "told"), [("d-1", "d-1"), ("", None)])
def test_of_an_image_that_is_gone_its_end_is_told_once(disk_id: str, told: str | None) -> None:
    there = world(system_snapshot("s-1"))
    estate = Expired([expired(UNTOLD, disk_id=disk_id, status="progressing")])

    release_snapshots(run_of(estate, there))
    (message,) = there.messages
    assert (message.data.image_id, message.data.snapshot_id, message.data.disk_id) == ("m-1", "s-1", told)
    assert there.snapshots["s-1"].tags == {RELEASE: TOLD}


def test_a_note_that_stays_the_same_is_not_written_again() -> None:
    there = world(system_snapshot("s-1"))

    release_snapshots(run_of(Expired([expired(status="progressing")]), there))
    assert "TagResources" not in there.actions


@pytest.mark.parametrize(
    ("uncertain", "refuses"), [({"s-1"}, {}), (set(), {"DescribeImages": FORBIDDEN})], ids=["no answer", "refused"]
)
def test_while_nobody_can_tell_whether_an_image_is_gone_its_end_is_not_told(
    uncertain: set[str], refuses: dict[str, CloudError]
) -> None:
    there = world(system_snapshot("s-1"))
    estate = Expired([expired(UNTOLD)], refuses=refuses)
    run = run_of(estate, there)
    run.uncertain = uncertain

    release_snapshots(run)
    assert (estate.noted, there.messages, run.counts) == ([expired(UNTOLD)], [], {"snapshots_waiting": 1})
