"""What the command shows of a night, and how it ends."""

import pytest

from ops.simulate_command import read_functions, simulate_night
from ops.simulate_view import tell_night
from simulation.night import Night, run_night
from simulation.outcome import Outcome

FUNCTIONS = read_functions()


@pytest.fixture(scope="module")
def night() -> Outcome:
    return run_night(Night(140, 20, FUNCTIONS))


def test_the_functions_are_those_of_s_yaml() -> None:
    create, track = FUNCTIONS["create_image"], FUNCTIONS["track_images"]

    assert sorted(FUNCTIONS) == ["create_image", "reconcile_snapshots", "track_images"]
    assert (create.concurrency, create.timeout, create.retries, create.max_age) == (20, 120, 3, 86_400)
    assert (create.memory_gib, create.vcpu, track.retries, track.max_age) == (0.5, 0.5, 1, 600)


def test_a_long_night_has_few_lines() -> None:
    long = run_night(Night(60, 3, FUNCTIONS))
    [_, _, _, *rest] = tell_night(long)

    assert long.last_image > 20 * 60
    assert rest.index("") <= 20


def test_every_image_is_in_the_plot(night: Outcome) -> None:
    [_, _, head, *rest] = tell_night(night)
    rows = [line.split() for line in rest[: rest.index("")]]

    assert head == "minute  images"
    assert sum(int(row[1]) for row in rows) == len(night.cloud.images.images) == 100
    assert max(len(row[2]) for row in rows if len(row) > 2) == 50


def test_the_calls_are_what_the_quota_has_counted(night: Outcome) -> None:
    quota = night.cloud.quota
    lines = [line.split() for line in tell_night(night)]

    assert ["CreateImage", str(quota.total_made()["CreateImage"]), "0"] in lines
    assert [
        "DescribeSnapshots",
        str(quota.total_made()["DescribeSnapshots"]),
        str(quota.total_refused()["DescribeSnapshots"]),
    ] in lines


def test_larger_nights_are_told_by_the_calls_of_events_alone(night: Outcome) -> None:
    [*_, last] = tell_night(night)
    hours = night.calls_of_events["DescribeSnapshots"] / 140 * 100_000 / 20 / 60

    assert f"100,000 snapshots  DescribeSnapshots {hours:.1f} h" in last
    assert sum(night.calls_of_events.values()) < sum(night.cloud.quota.total_made().values())


def test_a_night_that_the_quota_does_not_bind_is_measured_by_its_snapshots(night: Outcome) -> None:
    quiet = run_night(Night(14, 1000, FUNCTIONS))

    assert night.least_seconds > night.last_ending
    assert quiet.least_seconds < quiet.last_ending
    assert quiet.ratio == quiet.last_image / quiet.last_ending


def test_the_command_says_whether_all_went_well() -> None:
    lines: list[str] = []

    is_fine = simulate_night(14, 200, seed=1, concurrency=5, is_patient=True, say=lines.append)

    assert is_fine
    assert [line for line in lines if "lost 0, made twice 0" in line]
    assert [line for line in lines if line.startswith("instances  5 of create_image")]


def test_what_the_sweep_cannot_find_any_more_is_lost_and_the_command_says_so() -> None:
    """At one call a minute the sweeps do not come to an end within the day that they look back."""
    lines: list[str] = []

    assert not simulate_night(1000, 1, seed=1, concurrency=None, is_patient=True, say=lines.append)
    assert not [line for line in lines if "lost 0" in line]
