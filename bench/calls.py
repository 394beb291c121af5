"""What the account's quotas pay: the calls of one image by kind of plan, and of a sweep over many images.

Counted by the local cloud, of the staged functions.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bench.cold import check_state
from bench.process import ContenderProcess, MeasuredAnswer
from bench.stage import Stage, open_stage
from bench.trees import Trees
from bench.world import KINDS, Machines, followed_world, utc_now
from files.errors import CommandError

TICK = b'{"triggerName": "bench"}'
REPEATED = 5
UNTIL_USABLE = 240
"""Seconds after which every image of the local cloud is usable."""


@dataclass(frozen=True)
class CallCounts:
    """Of one invocation: ECS calls by action, and messages."""

    ecs: dict[str, int]
    messages: int

    @property
    def ecs_total(self) -> int:
        return sum(self.ecs.values())


@dataclass(frozen=True)
class Sweep:
    """One invocation of a timer's function; `cpu_s` of a cold one begins with the process."""

    calls: CallCounts
    seconds: float
    cpu_s: float


@dataclass(frozen=True)
class FollowedImages:
    """track_images and reconcile_snapshots over `images` images.

    `cold_look` is a first invocation that finds all of them in the making, `look` a later one, `end` the one that finds
    all of them usable and tells it, `idle` one with nothing to follow; `reconcile` is cold and finds nothing to do.
    """

    images: int
    cold_look: Sweep
    look: Sweep
    end: Sweep
    idle: Sweep
    reconcile: Sweep


def count_per_image(trees: Trees, machines: Machines, stage: Stage) -> dict[str, CallCounts]:
    counted, ours = {}, trees.ours(True)
    with ContenderProcess(ours, stage.environment) as process:
        process.read_start()
        for kind in KINDS:
            mark = len(stage.control.calls())
            check_state(ours, process.ask(machines.event(kind)), "creating")
            counted[kind] = count(stage.control.calls(mark))
    return counted


def follow(trees: Trees, images: int) -> FollowedImages:
    """In a world of its own: what the other measurements make would be followed as well."""
    with open_stage(followed_world(utc_now(), images)) as stage:
        with ContenderProcess(trees.ours(True, "track_images"), stage.environment) as process:
            cold_look = _sweep(process, stage, is_cold=True)
            look = _usual_sweep(process, stage)
            stage.control.advance(UNTIL_USABLE)
            end = _sweep(process, stage)
            idle = _usual_sweep(process, stage)
        if (cold_look.calls.messages, end.calls.messages, idle.calls.messages) != (0, images, 0):
            raise CommandError(f"bench: track_images did not tell the end of {images} images once")
        with ContenderProcess(trees.ours(True, "reconcile_snapshots"), stage.environment) as process:
            reconcile = _sweep(process, stage, is_cold=True)
    return FollowedImages(images, cold_look, look, end, idle, reconcile)


def _usual_sweep(process: ContenderProcess, stage: Stage) -> Sweep:
    """The one in the middle: a single sweep may meet the interpreter's own housekeeping."""
    return sorted((_sweep(process, stage) for _ in range(REPEATED)), key=lambda sweep: sweep.cpu_s)[REPEATED // 2]


def _sweep(process: ContenderProcess, stage: Stage, is_cold: bool = False) -> Sweep:
    mark = len(stage.control.calls())
    if is_cold:
        process.give(TICK)
        process.read_start()
        answer: MeasuredAnswer = process.read_answer()
        seconds, cpu_seconds = answer.since_start, answer.cpu_since_start
    else:
        answer = process.ask(TICK)
        seconds, cpu_seconds = answer.seconds, answer.cpu_seconds
    return Sweep(count(stage.control.calls(mark)), seconds, cpu_seconds)


def count(calls: Sequence[dict[str, Any]]) -> CallCounts:
    ecs = Counter(call["action"] for call in calls if call["service"] == "ecs")
    return CallCounts(dict(ecs), sum(call["action"] == "SendMessage" for call in calls))
