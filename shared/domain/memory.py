"""What an image remembers about itself, in tags that CreateImage sets: there is no other memory.

| tag | holds |
|---|---|
| `snapimage:snapshot`, `snapimage:plan` | whose image it is; the look-up key |
| `snapimage:state` | the last state that was published |
| `snapimage:open` | `yes` while there is more to tell; what the sweep asks for |
| `snapimage:about` | disk, instance, when the snapshot ended, deadline, check, skew, group |
| `snapimage:disks`, `snapimage:disks.1` ... | the intended disk set, to compare with what ECS made |
| `snapimage:left-out` ... | disks that are missing on purpose |

ECS takes 20 tags of at most 128 characters a value (API reference CreateImage, Tag.N). 17 disks need 9 of them.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from .bounds import TAG_LIMIT
from .disk_set import DiskSet
from .facts import MappedDisk, Role

SNAPSHOT = "snapimage:snapshot"
PLAN = "snapimage:plan"
STATE = "snapimage:state"
OPEN = "snapimage:open"
ABOUT = "snapimage:about"
DISKS = "snapimage:disks"
LEFT_OUT = "snapimage:left-out"
MOST_DISKS = 17
MOST_LEFT_OUT = 64
"""As many as a message has room for. More were written by somebody else."""
ID = re.compile(r"[!-~]{1,64}")
NUMBER = re.compile(r"[0-9]{1,10}")
"""Seconds; more digits are beyond any time there is."""


@dataclass(frozen=True)
class OurTags:
    """The facts beside the disk set that later messages need. Times are seconds since the epoch."""

    snapshot_id: str
    plan: str
    disk_id: str | None
    instance_id: str | None
    overdue_after: int
    ended: int | None = None
    checked: bool = False
    """Whether ECS was asked to look into the image."""


def describe_image(about: OurTags, disk_set: DiskSet) -> dict[str, str]:
    """All of our tags for a new image."""
    fields = {
        "disk": about.disk_id or "",
        "on": about.instance_id or "",
        "end": str(about.ended) if about.ended and NUMBER.fullmatch(str(about.ended)) else "",
        "due": str(about.overdue_after),
        "check": "1" if about.checked else "",
        "skew": str(disk_set.skew_seconds),
        "group": disk_set.group_id or "",
    }
    return {
        SNAPSHOT: about.snapshot_id,
        PLAN: about.plan,
        STATE: "creating",
        OPEN: "yes",
        ABOUT: " ".join(f"{key}={value}" for key, value in fields.items() if value),
        **_spread(DISKS, [_spell(disk) for disk in disk_set.disks]),
        **_spread(LEFT_OUT, disk_set.left_out),
    }


def recall_about(tags: Mapping[str, str]) -> OurTags | None:
    """None when these are not the tags of an image of ours."""
    fields = _fields(tags.get(ABOUT, ""))
    if SNAPSHOT not in tags or PLAN not in tags or "due" not in fields:
        return None
    if not all(ID.fullmatch(text) for text in (tags[SNAPSHOT], fields.get("disk", "-"), fields.get("on", "-"))):
        return None
    if not all(NUMBER.fullmatch(fields.get(key, "0")) for key in ("due", "end")):
        return None
    return OurTags(
        snapshot_id=tags[SNAPSHOT],
        plan=tags[PLAN],
        disk_id=fields.get("disk"),
        instance_id=fields.get("on"),
        overdue_after=int(fields["due"]),
        ended=int(fields["end"]) if "end" in fields else None,
        checked="check" in fields,
    )


def recall_disks(tags: Mapping[str, str]) -> DiskSet | None:
    """The intended disk set; None when the tags were lost or altered by somebody."""
    words, left_out = list(_gather(DISKS, tags)), list(_gather(LEFT_OUT, tags))
    if len(words) > MOST_DISKS or len(left_out) > MOST_LEFT_OUT:
        return None
    disks = [_read(word, Role.DATA if number else Role.SYSTEM) for number, word in enumerate(words)]
    known = [disk for disk in disks if disk is not None]
    fields = _fields(tags.get(ABOUT, ""))
    group, skew = fields.get("group"), fields.get("skew", "0")
    if not all(ID.fullmatch(word) for word in (*left_out, group or "-")):
        return None
    if not known or len(known) < len(disks) or known[0].role is not Role.SYSTEM:
        return None
    return DiskSet(
        system=known[0],
        data=tuple(known[1:]),
        left_out=tuple(left_out),
        skew_seconds=int(skew) if NUMBER.fullmatch(skew) else 0,
        group_id=group or None,
    )


def _fields(text: str) -> dict[str, str]:
    return dict(word.split("=", 1) for word in text.split() if "=" in word)


def _spell(disk: MappedDisk) -> str:
    """`s-1/40/d-1` is a snapshot, its size in GiB and its disk; `+20` is an empty disk of 20 GiB."""
    return f"{disk.snapshot_id}/{disk.size_gib}/{disk.disk_id or ''}" if disk.snapshot_id else f"+{disk.size_gib}"


def _read(word: str, role: Role) -> MappedDisk | None:
    if word.startswith("+") and NUMBER.fullmatch(word[1:]):
        return MappedDisk(Role.DATA, None, int(word[1:]))
    parts = word.split("/")
    if (
        len(parts) != 3
        or not ID.fullmatch(parts[0])
        or not ID.fullmatch(parts[2] or "-")
        or not NUMBER.fullmatch(parts[1])
    ):
        return None
    return MappedDisk(role, parts[0], int(parts[1]), parts[2] or None)


def _spread(key: str, words: Sequence[str]) -> dict[str, str]:
    """As many tags as the words need, none longer than ECS allows."""
    lines: list[str] = []
    for word in words:
        if lines and len(lines[-1]) + 1 + len(word) <= TAG_LIMIT:
            lines[-1] += " " + word
        else:
            lines.append(word)
    return {f"{key}.{number}" if number else key: line for number, line in enumerate(lines)}


def _gather(key: str, tags: Mapping[str, str]) -> Iterator[str]:
    number = 0
    while (name := f"{key}.{number}" if number else key) in tags:
        yield from tags[name].split()
        number += 1
