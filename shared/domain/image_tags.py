"""What an image remembers about itself, in tags that CreateImage sets: there is no other memory of it.

| tag | holds |
|---|---|
| `snapimage:snapshot`, `snapimage:disk`, `snapimage:plan` | whose image it is; the system disk is the look-up key |
| `snapimage:state` | the last state that was published; `owed` and an outcome while its snapshot could not remember that end |
| `snapimage:open` | whether there is more to tell, and of what kind |
| `snapimage:about` | machine, when the snapshot ended, deadline, check, skew, group, attempt |
| `snapimage:disks`, `snapimage:disks.1` ... | the intended disk set, to compare with what ECS made |
| `snapimage:left-out` ... | disks that are not in it, on purpose or (with a `-`) by nature |

ECS takes 20 tags of at most 128 characters a value (API reference CreateImage, Tag.N). 17 disks need 9 of them.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from .disk_set import DiskSet
from .facts import Image, MappedDisk, Role, Snapshot
from .outcome import MOST_TAGS, OUTCOME, Outcome, pack, read_attempt, read_outcome

SNAPSHOT = "snapimage:snapshot"
DISK = "snapimage:disk"
PLAN = "snapimage:plan"
STATE = "snapimage:state"
OPEN = "snapimage:open"
OPEN_YES, OPEN_LATE, OPEN_CHECK, OPEN_NO = "yes", "late", "check", "no"
"""Being made; being made for long; usable and not looked into yet; nothing more to tell. Apart, because ECS shows at most
1,000 resources with one tag."""
OWED = "owed"
ABOUT = "snapimage:about"
DISKS = "snapimage:disks"
LEFT_OUT = "snapimage:left-out"
NEVER_OVERDUE = 10**9
"""Seconds. Of an image whose plan's deadline nobody knows any more."""
MOST_DISKS = 17
MOST_LEFT_OUT = 64
"""As many as a message has room for. More were written by somebody else."""
ID = re.compile(r"[!-~]{1,64}")
NUMBER = re.compile(r"[0-9]{1,10}")
"""Seconds; more digits are beyond any time there is."""
DEVICE = re.compile(r"x?vd[a-z]{1,2}")
"""As ECS names the devices of a disk; others are not worth the room."""
PINNED = "!"
LAST_ATTEMPT = 10**10
"""Of an image whose tags do not tell: it may be of any."""


@dataclass(frozen=True)
class OurTags:
    """The facts beside the disk set that later messages need. Times are seconds since the epoch."""

    snapshot_id: str
    plan: str
    disk_id: str | None = None
    instance_id: str | None = None
    overdue_after: int = NEVER_OVERDUE
    ended: int | None = None
    checked: bool = False
    """Whether ECS was asked to look into the image."""
    of_machine: bool = False
    """Whether the set is what was attached to the machine: then it is evidence for the next one."""
    attempt: int = 1


def describe_image(about: OurTags, disk_set: DiskSet, room: int = MOST_TAGS) -> dict[str, str]:
    """All of our tags for a new image, at most `room`: names of disks that are not in it are left off first."""
    fields = {
        "on": about.instance_id or "",
        "end": about.ended if about.ended and NUMBER.fullmatch(str(about.ended)) else "",
        "due": about.overdue_after,
        "check": "1" if about.checked else "",
        "at": "1" if about.of_machine else "",
        "try": about.attempt if about.attempt > 1 else "",
        "skew": disk_set.skew_seconds,
        "group": disk_set.group_id or "",
    }
    tags = {
        SNAPSHOT: about.snapshot_id,
        **({DISK: about.disk_id} if about.disk_id else {}),
        PLAN: about.plan,
        STATE: "creating",
        OPEN: OPEN_YES,
        ABOUT: " ".join(f"{key}={value}" for key, value in fields.items() if value != ""),
        **_number(DISKS, pack([_spell(disk) for disk in disk_set.disks])),
    }
    others = list(pack([*disk_set.left_out, *(f"-{disk_id}" for disk_id in disk_set.without_snapshots)]))
    return tags | _number(LEFT_OUT, others[: max(0, room - len(tags))])


def recall_about(tags: Mapping[str, str]) -> OurTags | None:
    """None when these are not the tags of an image of ours."""
    fields = _fields(tags.get(ABOUT, ""))
    if SNAPSHOT not in tags or PLAN not in tags or "due" not in fields:
        return None
    if not all(ID.fullmatch(text) for text in (tags[SNAPSHOT], tags.get(DISK, "-"), fields.get("on", "-"))):
        return None
    if not all(NUMBER.fullmatch(fields.get(key, "0")) for key in ("due", "end", "try")):
        return None
    whose = (tags[SNAPSHOT], tags[PLAN], tags.get(DISK), fields.get("on"))
    return OurTags(
        *whose,
        overdue_after=int(fields["due"]),
        ended=int(fields["end"]) if "end" in fields else None,
        checked="check" in fields,
        of_machine="at" in fields,
        attempt=int(fields.get("try", "1")),
    )


def attempt_of(tags: Mapping[str, str]) -> int:
    """Which attempt an image is of. None takes what an earlier one made for its own."""
    about = recall_about(tags)
    return about.attempt if about else LAST_ATTEMPT


def recall_disks(tags: Mapping[str, str]) -> DiskSet | None:
    """The intended disk set; None when the tags were lost or altered by somebody."""
    words, others = list(_gather(DISKS, tags)), list(_gather(LEFT_OUT, tags))
    if len(words) > MOST_DISKS or len(others) > MOST_LEFT_OUT:
        return None
    disks = [_read(word, Role.DATA if number else Role.SYSTEM) for number, word in enumerate(words)]
    known = [disk for disk in disks if disk is not None]
    fields = _fields(tags.get(ABOUT, ""))
    group, skew = fields.get("group"), fields.get("skew", "0")
    if not all(ID.fullmatch(word) for word in (*others, group or "-")):
        return None
    if not known or len(known) < len(disks) or known[0].role is not Role.SYSTEM:
        return None
    left_out = tuple(word for word in others if not word.startswith("-"))
    by_nature = tuple(word[1:] for word in others if word.startswith("-") and len(word) > 1)
    skew_seconds = int(skew) if NUMBER.fullmatch(skew) else 0
    return DiskSet(known[0], tuple(known[1:]), left_out, by_nature, skew_seconds, group or None)


def recall_owed(tags: Mapping[str, str]) -> Outcome | None:
    """The end that was told and that the snapshot could not remember yet."""
    word, _, text = tags.get(STATE, "").partition(" ")
    return read_outcome({OUTCOME: text}) if word == OWED else None


def is_image_of(image: Image, snapshot_id: str) -> bool:
    """Whether we made it of this snapshot. A copy carries our tags, too, but is made of other snapshots."""
    if image.is_copy or image.tags.get(SNAPSHOT) != snapshot_id:
        return False
    return image.system_snapshot_id in {None, snapshot_id}


def made_of(images: Iterable[Image], snapshot: Snapshot, name: str | None = None) -> list[Image]:
    """Those that this attempt made of the snapshot, by their tags or, should these have been taken off, by their name."""
    ours = [each for each in images if is_image_of(each, snapshot.id) or each.name == name]
    return [each for each in ours if attempt_of(each.tags) >= read_attempt(snapshot.tags)]


def made_surely_of(images: Sequence[Image], snapshot: Snapshot) -> list[Image]:
    """Of a snapshot that knows of its image: without our tags that is the one with the snapshot's id in its name. Somebody
    else's image of the same snapshot is none of ours."""
    named = [each for each in images if snapshot.id in each.name and not each.is_copy]
    return made_of(images, snapshot) or [each for each in named if attempt_of(each.tags) >= read_attempt(snapshot.tags)]


@lru_cache(maxsize=1024)
def _fields(text: str) -> Mapping[str, str]:
    """What an image says is read several times in a run, and by every run."""
    return dict(word.split("=", 1) for word in text.split() if "=" in word)


def _spell(disk: MappedDisk) -> str:
    """`s-1/40/d-1/xvdb` is a snapshot, its size in GiB, its disk and that one's device; `+20` is an empty disk of 20 GiB."""
    if not disk.snapshot_id:
        return f"+{disk.size_gib}"
    device = (disk.device or "").removeprefix("/dev/")
    mark = PINNED if disk.is_pinned else device if DEVICE.fullmatch(device) else ""
    return f"{disk.snapshot_id}/{disk.size_gib}/{disk.disk_id or ''}/{mark}"


@lru_cache(maxsize=1024)
def _read(word: str, role: Role) -> MappedDisk | None:
    if word.startswith("+") and NUMBER.fullmatch(word[1:]):
        return MappedDisk(Role.DATA, None, int(word[1:]))
    if word.count("/") != 3:
        return None
    snapshot_id, size, disk_id, mark = word.split("/")
    if not (ID.fullmatch(snapshot_id) and NUMBER.fullmatch(size) and ID.fullmatch(disk_id or "-")):
        return None
    device = f"/dev/{mark}" if DEVICE.fullmatch(mark) else None
    return MappedDisk(role, snapshot_id, int(size), disk_id or None, device, is_pinned=mark == PINNED)


def _number(key: str, lines: Iterator[str] | Sequence[str]) -> dict[str, str]:
    return {f"{key}.{number}" if number else key: line for number, line in enumerate(lines)}


def _gather(key: str, tags: Mapping[str, str]) -> Iterator[str]:
    number = 0
    while (name := f"{key}.{number}" if number else key) in tags:
        yield from tags[name].split()
        number += 1
