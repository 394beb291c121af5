"""The functions as s.yaml declares them, for a simulated platform."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from deploy.serverless import read_serverless
from simulation.memory.cloud import ACCOUNT, REGION
from simulation.memory.function_compute import Deployed

DEFAULT_RETRIES, DEFAULT_AGE = 3, 86_400
"""FC API reference, PutAsyncInvokeConfig."""
NO_PART = frozenset({"report_night", "retire_images"})
"""They run once a day and ask for no image: they have no part in what is simulated here."""


@cache
def read_functions() -> Mapping[str, Deployed]:
    """What is left out of s.yaml has the platform's default."""
    filled = {"SNAPIMAGE_REGION": REGION, "SNAPIMAGE_MNS_ENDPOINT": "http://unused"}
    declared = read_serverless(filled, ACCOUNT).items()
    return {name: _deployed(name, props) for name, props in declared if name not in NO_PART}


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
        has_dead_letters="destinationConfig" in calls,
    )
