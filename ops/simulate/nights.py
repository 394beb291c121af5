"""Runs a night on a simulated clock, with the functions as s.yaml declares them."""

from collections.abc import Callable
from dataclasses import replace

from ops.simulate.view import tell_beside, tell_night
from simulation.memory.deployed import read_functions
from simulation.nights.night import Night, run_night
from simulation.nights.quota import Minutes


def simulate_night(
    count: int, quota: int, seed: int, concurrency: int | None, say: Callable[[str], None], is_alone: bool = False
) -> bool:
    """Whether nothing was lost, made twice, given up or left untold, and the night ended in time. Fixed minutes are
    judged; unless it `is_alone` the same night under other minutes is told beside it."""
    functions = dict(read_functions())
    if concurrency is not None:
        functions["create_image"] = replace(functions["create_image"], concurrency=concurrency)
    night = Night(count, quota, functions, seed=seed)
    outcome = run_night(night)
    for line in tell_night(outcome):
        say(line)
    for minutes in () if is_alone else (Minutes.SHIFTED, Minutes.SLIDING):
        say(tell_beside(minutes, run_night(replace(night, minutes=minutes))))
    return outcome.is_fine
