"""The text of a new plans.yaml, with a comment at each key."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import yaml

from ops.fleet_view.words import printable
from ops.init.choice import Choice
from ops.init.machines import ListedMachine
from ops.moments import write_moment

WIDTH = 44
"""Where the comments begin."""
MOST_NAMES = 3


def write_plans(region: str, choice: Choice, found: Sequence[ListedMachine], now: datetime) -> str:
    lines = [
        "# Which machines become images, written by `snapimage init`. Every key is explained in docs/plans.md.",
        "# After a change: `snapimage plans check`, then `s deploy`, because the functions carry a copy of this file.",
        "",
        _line(0, "region", region, "of the disks, the images and the functions"),
        "plans:",
        _line(2, "- name", choice.name, "in every message, and in the tags of the images"),
        _line(4, "enabled", True, "false: no more images of this plan"),
        _line(4, "since", now, "snapshots that began earlier are left alone; snapimage make makes images of them"),
        "    source:" + " " * (WIDTH - 11) + "# a disk must pass every filter in here",
        *_filters(choice, found),
        "    data_disks:",
        _line(6, "take", choice.data_disks, "attached: those on the machine go along; none: the system disk alone"),
        _line(6, "wait_for", "2h", "how long a data disk's snapshot that has not begun is waited for"),
        _line(6, "on_missing", "fail", "or leave_out: an image without a disk that has no snapshot in time"),
        "    image:",
        _line(6, "name", f"{choice.name}-{{snapshot_id}}", "must contain {snapshot_id}"),
        _line(6, "check", True, "ECS looks into each image once it is usable"),
        _line(4, "overdue_after", "4h", "an image that is still in the making then is told of"),
    ]
    return "\n".join(lines) + "\n"


def _filters(choice: Choice, found: Sequence[ListedMachine]) -> list[str]:
    lines = []
    if choice.instances:
        names = ", ".join(machine.name for machine in found[:MOST_NAMES] if machine.name)
        more = f" and {len(found) - MOST_NAMES} more" if len(found) > MOST_NAMES else ""
        comment = f"machines by id: {names}{more}" if names else "machines by id"
        lines.append(_line(6, "instances", list(choice.instances), comment))
    if choice.instance_tags:
        comment = f"machines that carry all of these tags: {len(found)} when this was written"
        lines.append(_line(6, "instance_tags", choice.instance_tags, comment))
    return lines


def _line(indent: int, key: str, value: Any, comment: str) -> str:
    """One key with its value as YAML spells it: a tag may look like a number, or hold a colon."""
    text = write_moment(value) if isinstance(value, datetime) else _spell(value)
    return f"{' ' * indent}{key}: {text}".ljust(WIDTH - 1) + f" # {printable(comment)}"


def _spell(value: Any) -> str:
    spelled = yaml.safe_dump(value, default_flow_style=True, allow_unicode=True, width=10**6, sort_keys=False)
    return spelled.removesuffix("\n").removesuffix("\n...")
