"""What the command shows of a night, and how it ends."""

import pytest

from ops.simulate.nights import simulate_night
from ops.simulate.view import tell_night
from simulation.memory.deployed import read_functions
from simulation.nights.night import Night, run_night
from simulation.nights.result import NightResult

FUNCTIONS = read_functions()


@pytest.fixture(scope="module")
def night() -> NightResult:
    return run_night(Night(140, 8, FUNCTIONS))


def test_the_functions_are_those_of_s_yaml() -> None:
    create, track = FUNCTIONS["create_image"], FUNCTIONS["track_images"]

    assert sorted(FUNCTIONS) == ["create_image", "reconcile_snapshots", "track_images"]
    assert (create.concurrency, create.timeout, create.retries, create.max_age) == (20, 120, 3, 86_400)
    assert (create.memory_gib, create.vcpu, track.retries, track.max_age) == (0.5, 0.5, 1, 600)


def test_a_long_night_has_few_lines() -> None:
    long = run_night(Night(80, 3, FUNCTIONS))
    [_, _, _, *rest] = tell_night(long)

    assert long.last_image > 20 * 60
    assert rest.index("") <= 20


def test_every_image_is_in_the_plot(night: NightResult) -> None:
    [_, _, head, *rest] = tell_night(night)
    rows = [line.split() for line in rest[: rest.index("")]]

    assert head == "minute  images"
    assert sum(int(row[1]) for row in rows) == len(night.cloud.made_at) == 100
    assert max(len(row[2]) for row in rows if len(row) > 2) == 50


def test_the_calls_are_what_the_quota_has_counted(night: NightResult) -> None:
    quota = night.cloud.quota
    rows = {line.split()[0]: line.split()[1:] for line in tell_night(night) if line.startswith("Describe")}

    for action, (refused, *by_function) in rows.items():
        assert int(refused) == quota.total_refused()[action]
        assert sum(int(each) for each in by_function) == quota.total_made()[action]


def test_a_night_that_the_quota_does_not_bind_is_measured_by_its_snapshots(night: NightResult) -> None:
    quiet = run_night(Night(14, 1000, FUNCTIONS))

    assert night.least_seconds > night.last_ending
    assert quiet.least_seconds < quiet.last_ending
    assert quiet.ratio == quiet.last_image / quiet.last_ending


def test_the_command_says_whether_all_went_well_and_how_it_would_be_under_other_minutes() -> None:
    lines: list[str] = []

    is_fine = simulate_night(14, 200, seed=1, concurrency=5, say=lines.append)

    assert is_fine
    assert [line for line in lines if "lost 0, made twice 0, without an end told 0" in line]
    assert len([line for line in lines if line.startswith("if ECS counts")]) == 2


def test_a_night_that_ends_too_late_is_said_to_be_and_fails() -> None:
    """At three calls a minute a sweep hardly lists what there is."""
    lines: list[str] = []

    assert not simulate_night(80, 3, seed=1, concurrency=None, say=lines.append, is_alone=True)
    assert [line for line in lines if "TOO LATE" in line]
