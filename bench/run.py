"""One run of the bench: everything measured on one machine within some minutes, because only that can be compared."""

import json
import os
import platform
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bench.calls import CallCounts, FollowedImages, count_per_image, follow
from bench.cold import Cold, cases, measure_cold
from bench.cold import events_needed as events_cold
from bench.ratios import Ratio, compare
from bench.stage import open_stage
from bench.trees import make_trees, read_all_files
from bench.warm import WarmFigures, measure_warm
from bench.warm import events_needed as events_warm
from bench.world import BY_SNAPSHOT, ORDINARY, WITH_DATA, Machines, utc_now
from files.errors import CommandError


@dataclass(frozen=True)
class BenchOptions:
    """`rounds` of cold starts, and ten times as many warm events; `images` for the sweeps to follow."""

    rounds: int
    images: int


@dataclass(frozen=True)
class Figures:
    """All that a run has found."""

    options: BenchOptions
    load: float
    """Of the machine before the run (one-minute average): beside others, a long start loses more than a short one."""
    cold: Cold
    warm: dict[str, WarmFigures]
    calls_per_image: dict[str, CallCounts]
    followed: FollowedImages
    ratios: list[Ratio]

    def as_json(self) -> dict[str, Any]:
        """Medians of seconds and MiB."""
        return {
            "conditions": {**asdict(self.options), "load": self.load, **conditions()},
            "ratios": [{**asdict(ratio), "met": ratio.is_met} for ratio in self.ratios],
            "cold": [{"contender": name, "job": job, **asdict(figures)} for (name, job), figures in self.cold.items()],
            "warm": {name: asdict(figures) for name, figures in self.warm.items()},
            "calls_per_image": {kind: _calls(calls) for kind, calls in self.calls_per_image.items()},
            "followed": {name: _calls(each) for name, each in self.followed.sweeps().items()},
        }


def run_bench(options: BenchOptions, say: Callable[[str], None]) -> Figures:
    """Raises CommandError when a contender does not do its job, or the machine cannot tell how much memory it took."""
    if not Path("/proc/self/status").exists():
        raise CommandError("bench: peak memory is read from /proc, which only Linux has")
    load = os.getloadavg()[0]
    trees = make_trees(say)
    read_all_files(trees)
    amounts = {ORDINARY: events_cold(options.rounds) + events_warm(options.rounds) + 1, BY_SNAPSHOT: 1, WITH_DATA: 1}
    machines = Machines(utc_now(), amounts)
    with open_stage(machines.world()) as stage:
        calls = count_per_image(trees, machines, stage)
        cold = measure_cold(cases(trees), machines, stage, options.rounds, say)
        warm = measure_warm(trees, machines, stage, options.rounds, say)
        say(f"following {options.images} images")
        followed = follow(trees, options.images, stage)
    return Figures(options, load, cold, warm, calls, followed, compare(cold, warm, trees))


def conditions() -> dict[str, Any]:
    """What the figures depend on, beside the code."""
    return {"python": sys.version.split()[0], "machine": platform.machine(), "cpus": os.cpu_count()}


def write_json(figures: Figures, target: Path) -> str:
    """The text that was written."""
    text = json.dumps(figures.as_json(), indent=2)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text + "\n")
    return text


def _calls(calls: CallCounts) -> dict[str, Any]:
    return {**asdict(calls), "ecs_total": calls.ecs_total}
