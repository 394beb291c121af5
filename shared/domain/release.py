"""What is remembered on the snapshots of an image that is about to be deleted, and what becomes of them after it.

With the image its tags are gone, so what is still to be done stands on the snapshots, in one tag: whose image it was,
until that was told; then that the snapshot waits. A crash between any two steps leaves the tag, and the next run goes on.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from .moments import read_moment, write_minute
from .outcome import ID
from .retirement_facts import StoredSnapshot, Users

RELEASE = "snapimage:release"
TOLD = "told"
MARGIN = timedelta(days=1)
"""After its retention is over a snapshot is left to ECS for so long."""
LONGEST = timedelta(days=30)
"""A snapshot that ECS does not give up in this time after its image is left alone."""


@dataclass(frozen=True, slots=True)
class ReleaseNote:
    image_id: str
    """Empty once its deletion was told."""
    plan: str
    since: datetime

    def to_tag(self) -> str:
        return f"{self.image_id or TOLD} {self.plan} {write_minute(self.since)}"


@dataclass(frozen=True, slots=True)
class LetWait:
    """The tag stays: the next run looks again."""

    why: str


@dataclass(frozen=True, slots=True)
class GiveBack:
    """The tag is taken off: what becomes of the snapshot is ECS's or somebody else's business."""

    why: str


@dataclass(frozen=True, slots=True)
class DeleteSnapshot:
    """Its retention is over, and only the image that is gone has kept it."""


ReleaseStep = LetWait | GiveBack | DeleteSnapshot


def read_note(tags: Mapping[str, str]) -> ReleaseNote | None:
    """None when somebody altered it."""
    words = tags.get(RELEASE, "").split(" ")
    try:
        image_id, plan, since = words
        moment = read_moment(since)
    except ValueError:
        return None
    if not ID.fullmatch(image_id) or not ID.fullmatch(plan):
        return None
    return ReleaseNote("" if image_id == TOLD else image_id, plan, moment)


def judge_snapshot(
    snapshot: StoredSnapshot, note: ReleaseNote, in_images: Collection[str], users: Users, locked: Collection[str] | None,
    now: datetime,
) -> ReleaseStep:  # fmt: skip
    """`in_images` are the snapshots that images hold; `locked` is None when it cannot be read."""
    expires = snapshot.expires
    if snapshot.id in in_images:
        return GiveBack("an image needs it") if "image" in snapshot.usage else LetWait("its last image went just now")
    if expires is None:
        return GiveBack("ECS keeps it for ever")
    if expires > now:
        return GiveBack(f"ECS deletes it when its retention is over, {expires:%Y-%m-%d}")
    if "disk" in snapshot.usage:
        return GiveBack("a disk was made from it")
    if who := users.snapshots.get(snapshot.id):
        return GiveBack(f"named by {who}")
    if why := _blocked(snapshot, users, locked, now):
        is_over = now > max(note.since, expires) + LONGEST
        return GiveBack(f"{why}, for {LONGEST.days} days") if is_over else LetWait(why)
    return DeleteSnapshot()


def _blocked(snapshot: StoredSnapshot, users: Users, locked: Collection[str] | None, now: datetime) -> str | None:
    if snapshot.expires and snapshot.expires + MARGIN > now:
        return "its retention is over for less than a day"
    if snapshot.usage != "none":
        return "ECS still counts an image of it"
    if snapshot.status != "accomplished":
        return f"it is {snapshot.status}"
    if users.unread:
        return f"cannot be read: {', '.join(users.unread)}"
    if locked is None:
        return "cannot be read: whether it is locked"
    return "locked" if snapshot.id in locked else None
