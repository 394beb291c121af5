"""What the account's quotas pay: the calls of one image by kind of plan, and of a sweep over many images.

Counted by the local cloud, of the staged functions.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bench.cold import check_state
from bench.process import ContenderProcess
from bench.stage import Stage
from bench.trees import Trees
from bench.world import KINDS, Machines, followed_world, utc_now
from files.errors import CommandError

TICK = b'{"triggerName": "bench"}'
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
class FollowedImages:
    """The calls of track_images and reconcile_snapshots over `images` images.

    `look` finds all of them in the making, `end` finds all of them usable and tells it, `idle` has nothing to follow, and
    `reconcile` finds nothing to do. The first look of track_images, which tags what it sees, is not among them.
    """

    images: int
    look: CallCounts
    end: CallCounts
    idle: CallCounts
    reconcile: CallCounts

    def sweeps(self) -> dict[str, CallCounts]:
        """By what a sweep finds."""
        return {
            f"{self.images} images in the making": self.look,
            f"the end of {self.images} images": self.end,
            "nothing to follow": self.idle,
            f"{self.images} snapshots that have images": self.reconcile,
        }


def count_per_image(trees: Trees, machines: Machines, stage: Stage) -> dict[str, CallCounts]:
    counted, ours = {}, trees.ours()
    with ContenderProcess(ours, stage.environment) as process:
        process.read_start()
        for kind in KINDS:
            mark = len(stage.control.calls())
            check_state(ours, process.ask(machines.event(kind)), "creating")
            counted[kind] = count(stage.control.calls(mark))
    return counted


def follow(trees: Trees, images: int, stage: Stage) -> FollowedImages:
    """In a world of its own: what the other measurements make would be followed as well."""
    stage.control.begin(followed_world(utc_now(), images))
    with ContenderProcess(trees.ours("track_images"), stage.environment) as process:
        process.read_start()
        _sweep(process, stage)
        look = _sweep(process, stage)
        stage.control.advance(UNTIL_USABLE)
        end, idle = _sweep(process, stage), _sweep(process, stage)
    if (look.messages, end.messages, idle.messages) != (0, images, 0):
        raise CommandError(f"bench: track_images did not tell the end of {images} images once")
    with ContenderProcess(trees.ours("reconcile_snapshots"), stage.environment) as process:
        process.read_start()
        reconcile = _sweep(process, stage)
    return FollowedImages(images, look, end, idle, reconcile)


def _sweep(process: ContenderProcess, stage: Stage) -> CallCounts:
    mark = len(stage.control.calls())
    process.ask(TICK)
    return count(stage.control.calls(mark))


def count(calls: Sequence[dict[str, Any]]) -> CallCounts:
    ecs = Counter(call["action"] for call in calls if call["service"] == "ecs")
    return CallCounts(dict(ecs), sum(call["action"] == "SendMessage" for call in calls))
