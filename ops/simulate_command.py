"""Runs a night on a simulated clock, with the functions as s.yaml declares them."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from ops.deployment import read_serverless
from ops.simulate_view import tell_night
from simulation.night import Night, run_night
from simulation.night_world import ACCOUNT, REGION
from simulation.platform import Deployed

DEFAULT_RETRIES, DEFAULT_AGE = 3, 86_400
"""FC API reference, PutAsyncInvokeConfig."""


def simulate_night(
    count: int, quota: int, seed: int, concurrency: int | None, is_patient: bool, say: Callable[[str], None]
) -> bool:
    """Whether nothing was lost, made twice or left without an answer."""
    functions = read_functions()
    if concurrency is not None:
        functions["create_image"] = replace(functions["create_image"], concurrency=concurrency)
    outcome = run_night(Night(count, quota, functions, seed=seed, is_patient=is_patient))
    for line in tell_night(outcome):
        say(line)
    return not (outcome.lost or outcome.twice or outcome.unfinished or outcome.unanswered)


def read_functions() -> dict[str, Deployed]:
    """As s.yaml declares them; what is left out of it there has the platform's default."""
    filled = {"SNAPIMAGE_REGION": REGION, "SNAPIMAGE_MNS_ENDPOINT": "http://unused"}
    return {name: _deployed(name, props) for name, props in read_serverless(filled, ACCOUNT).items()}


def _deployed(name: str, props: Mapping[str, Any]) -> Deployed:
    calls = props["asyncInvokeConfig"]
    return Deployed(
        name,
        concurrency=props["concurrencyConfig"]["reservedConcurrency"],
        timeout=props["timeout"],
        retries=calls.get("maxAsyncRetryAttempts", DEFAULT_RETRIES),
        max_age=calls.get("maxAsyncEventAgeInSeconds", DEFAULT_AGE),
        memory_gib=props["memorySize"] / 1024,
        vcpu=props["cpu"],
    )
