"""The part of `coverage --json` that the page's script shows, packed: a thousand machines by thirty nights in little over 1 MB."""

from datetime import date, datetime
from typing import Any

from ops.fleet_view.page_nights import cells_of, taken
from ops.fleet_view.show_coverage import Plain
from shared.domain.moments import read_moment

STATES = {
    "failing": ("\N{MULTIPLICATION SIGN}", "the last try failed"),
    "never": ("!", "no good image at all"),
    "stale": ("◷", "older than the rpo"),
    "waiting": ("…", "one is on its way"),
    "unplanned": ("\N{EN DASH}", "no plan wants it"),
    "fresh": ("✓", "a good image within the rpo"),
}
"""The sign and what it means, the worst first."""
CELLS = {
    "available": ("✓", "an image"),
    "partial": ("◐", "lacks disks"),
    "waiting": ("…", "on its way"),
    "failing": ("\N{MULTIPLICATION SIGN}", "no good image"),
    "unanswered": ("?", "no sweep looks any more"),
    "deleted": ("◦", "had an image"),
    "none": ("·", "no snapshot known"),
}
"""The same of a night, the best first. No two begin with one letter: that stands for the word."""


def facts_of(covered: Plain, nights: list[date]) -> Plain:
    kinds: dict[tuple[str, str | None, str], int] = {}
    machines = [_machine(each, nights, kinds, read_moment(covered["time"])) for each in covered["machines"]]
    return {
        "time": covered["time"],
        "nights": [night.isoformat() for night in nights],
        "states": list(STATES),
        "signs": [sign for sign, _ in STATES.values()],
        "cells": {word[0]: {"word": word, "sign": sign} for word, (sign, _) in CELLS.items()},
        "kinds": list(kinds),
        "machines": machines,
    }


def _machine(machine: Plain, nights: list[date], kinds: dict[tuple[str, str | None, str], int], now: datetime) -> Plain:
    image = machine["image"] or {"image_id": None, "left_out": []}
    return {
        "id": machine["instance_id"],
        "name": machine["name"],
        "stopped": "" if machine["status"] in {"", "Running"} else machine["status"].lower(),
        "disk": machine["system_disk_id"] or "",
        "state": list(STATES).index(machine["state"]),
        "late": machine["late"],
        "plan": machine["plan"],
        "rpo": machine["rpo_seconds"],
        "age": machine["age_seconds"],
        "why": machine["why"],
        "warnings": [each for each in machine["warnings"] if each != machine["why"]],
        "policies": machine["policies"],
        "image": image["image_id"],
        "leftOut": image["left_out"],
        "cells": "".join(word[0] for word in cells_of(machine, nights)),
        "points": [_point(each, kinds, now) for each in machine["history"]],
    }


def _point(point: Plain, kinds: dict[tuple[str, str | None, str], int], now: datetime) -> list[Any]:
    """The id that `snapimage explain` takes, minutes ago, which of `kinds`, GiB."""
    when = taken(point)
    kind = kinds.setdefault((point["state"], point["reason"], point["code"]), len(kinds))
    ago = round((now - when).total_seconds() / 60) if when else None
    return [point["image_id"] or point["snapshot_id"], ago, kind, point["gib"]]
