"""Which machine a system snapshot was taken of: known, or nobody can tell."""

from datetime import timedelta
from typing import Any

import pytest
from fakes.builders import BEGUN, LONG_AGO, data_disk, system_disk, system_snapshot
from fakes.world import world

from shared.domain.facts import Disk, Role
from shared.domain.outcome import Look
from shared.domain.selection import Origin

SECOND = timedelta(seconds=1)


def machine(*disks: Disk, **changes: Any) -> str | None:
    snapshot = system_snapshot(**changes)
    found: Any = world(snapshot, *disks).view(lambda view: Origin(snapshot, view).instance_id)
    return found  # type: ignore[no-any-return]


def why(*disks: Disk) -> str:
    found: Any = world(*disks).view(lambda view: Origin(system_snapshot(), view).why_unknown())
    return str(found)


@pytest.mark.parametrize(
    "disk",
    [
        pytest.param(system_disk(attached=LONG_AGO), id="since long before"),
        pytest.param(system_disk(attached=BEGUN), id="since that very second"),
        pytest.param(system_disk(attached=None), id="since when ECS does not say"),
    ],
)
def test_the_machine_is_the_one_on_which_the_disk_hangs_as_its_system_disk(disk: Disk) -> None:
    assert machine(disk) == "i-web"


@pytest.mark.parametrize(
    ("disk", "reason"),
    [
        pytest.param(
            system_disk(role=Role.DATA, instance_id="i-rescue", attached=BEGUN + SECOND),
            "d-sys hangs on i-rescue as a data disk",
            id="on a rescue machine",
        ),
        pytest.param(
            system_disk(role=Role.DATA), "d-sys hangs on i-web as a data disk", id="as a data disk since before"
        ),
        pytest.param(
            system_disk(attached=BEGUN + SECOND), "d-sys was attached to i-web after s-sys began", id="attached since"
        ),
        pytest.param(system_disk(instance_id=None), "d-sys is attached to no instance any more", id="taken off"),
    ],
)
def test_a_disk_that_hangs_elsewhere_or_otherwise_tells_no_machine(disk: Disk, reason: str) -> None:
    assert (machine(disk), why(disk)) == (None, reason)


def test_a_disk_that_is_gone_tells_no_machine() -> None:
    assert (machine(data_disk()), why(data_disk())) == (None, "d-sys is gone")


def test_a_snapshot_of_no_disk_has_no_machine() -> None:
    assert machine(system_disk(), disk_id="") is None


@pytest.mark.parametrize(
    "disks",
    [
        pytest.param([], id="the disk is gone"),
        pytest.param([system_disk(instance_id=None)], id="the disk was taken off"),
        pytest.param([system_disk(instance_id="i-rescue", role=Role.DATA)], id="the disk hangs on a rescue machine"),
    ],
)
def test_the_machine_that_was_seen_first_stands_whatever_has_happened_since(disks: list[Disk]) -> None:
    assert machine(*disks, tags=Look("i-first", ("d-data",)).to_tags()) == "i-first"


def test_a_remembered_look_spares_the_question_for_the_disk() -> None:
    snapshot = system_snapshot(tags=Look("i-first").to_tags())
    asked = world(snapshot, system_disk())

    asked.view(lambda view: Origin(snapshot, view).instance_id)
    assert asked.actions == []


@pytest.mark.parametrize("tag", ["", "d-data d-logs", "i-web d-ü", "web d-data"])
def test_a_look_that_somebody_altered_is_no_look(tag: str) -> None:
    assert machine(system_disk(), tags={"snapimage:disks.1": tag}) == "i-web"
