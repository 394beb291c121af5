"""What a night of images costs on Function Compute, in its own units; prices are the reader's.

    seconds     = times x (processor seconds / cpu + calls x latency)
    GB-seconds  = seconds x memorySize / 1024
    vCPU-seconds = seconds x cpu

`cpu` and `memorySize` are those of s.yaml. Processor seconds are measured here, on another processor than the cloud's.
No network is in them: every call waits for an assumed latency besides, connection included. The command's 50 ms is a
guess for a call within a region, to be replaced by what your own logs say. Only system disks' events are counted.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bench.calls import CallCounts, FollowedImages
from bench.cold import ColdFigures
from bench.warm import WarmFigures
from bench.world import ACCOUNT, REGION
from deploy.serverless import read_serverless

HOURS = 8
LOOKS = 3
"""Sweeps that find the images still in the making."""


@dataclass(frozen=True)
class Invocations:
    """So many invocations of one kind. `calls` of ECS and MNS together, of one invocation."""

    what: str
    function: str
    times: int
    cpu_s: float
    calls: int
    seconds: float
    gb_seconds: float
    vcpu_seconds: float


@dataclass(frozen=True)
class NightCost:
    images: int
    latency_ms: float
    parts: tuple[Invocations, ...]
    gb_seconds: float
    vcpu_seconds: float
    calls: int


def count_night(cold: ColdFigures, warm: WarmFigures, followed: FollowedImages, latency_ms: float) -> NightCost:
    """All snapshots at one time of the night; as many cold starts as may run at once; sweeps by their timers."""
    images = followed.images
    props = read_serverless({"SNAPIMAGE_REGION": REGION, "SNAPIMAGE_MNS_ENDPOINT": "http://bench"}, ACCOUNT)
    starts = min(images, int(props["create_image"]["concurrencyConfig"]["reservedConcurrency"]))
    idle, again = HOURS * 60 - 1 - LOOKS, followed.reconcile
    kinds = [
        ("create_image, cold", "create_image", starts, cold.answer_cpu_s.median, len(cold.calls)),
        ("create_image, warm", "create_image", images - starts, warm.event_cpu_s.median, len(warm.calls)),
        ("track_images, in the making", "track_images", LOOKS, followed.look.cpu_s, _all(followed.look.calls)),
        ("track_images, all usable", "track_images", 1, followed.end.cpu_s, _all(followed.end.calls)),
        ("track_images, nothing to follow", "track_images", idle, followed.idle.cpu_s, _all(followed.idle.calls)),
        ("reconcile_snapshots, cold", "reconcile_snapshots", HOURS, again.cpu_s, _all(again.calls)),
    ]
    parts = tuple(_cost(*kind, props=props[kind[1]], latency_ms=latency_ms) for kind in kinds)
    return NightCost(
        images=images,
        latency_ms=latency_ms,
        parts=parts,
        gb_seconds=sum(part.gb_seconds for part in parts),
        vcpu_seconds=sum(part.vcpu_seconds for part in parts),
        calls=sum(part.times * part.calls for part in parts),
    )


def _all(calls: CallCounts) -> int:
    return calls.ecs_total + calls.messages


def _cost(
    what: str, function: str, times: int, cpu_s: float, calls: int, props: Mapping[str, Any], latency_ms: float
) -> Invocations:
    seconds = times * (cpu_s / float(props["cpu"]) + calls * latency_ms / 1000)
    gigabytes = float(props["memorySize"]) / 1024
    return Invocations(what, function, times, cpu_s, calls, seconds, seconds * gigabytes, seconds * float(props["cpu"]))
