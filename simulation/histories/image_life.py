"""What becomes of an image after CreateImage took it: it is listed, ready, checked, and meanwhile operators act on it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from shared.domain.facts import ImageCheck, Risk
from shared.domain.image_request import ImageRequest
from simulation.histories.history import ImageScript
from simulation.histories.machines import plans_by_name
from simulation.histories.records import MadeImage
from simulation.histories.world import SimulatedWorld

RISK = Risk("GUESTOS.Fstab", "High", "FstabNotAllowed")
TICK = timedelta(seconds=1)
GRACE = timedelta(minutes=10)
"""For so long an `UnAvailable` image counts as one in the making. A number of its own: it is part of what is promised."""
FLICKER = timedelta(minutes=5)
BAD_ENDINGS = frozenset({"CreateFailed", "UnAvailable"})


def begin_image(world: SimulatedWorld, image_id: str, request: ImageRequest) -> MadeImage | None:
    """A new image takes the way that the history has for it. None for one that a known token brought back."""
    if image_id in world.made:
        world.seen["token known"] += 1
        return None
    taken = world.taken[request.disk_set.system.snapshot_id or ""]
    made = MadeImage(image_id, request, taken, world.now)
    world.made[image_id] = made
    script, life = taken.script, _Life(world, made, taken.script)
    life.after(script.hidden_for, life.show)
    life.after(script.usage_lag, life.use_snapshot)
    made.used = world.now + timedelta(seconds=script.usage_lag)
    if script.hidden_for:
        world.hidden.add(image_id)
        made.shown = world.now + timedelta(seconds=script.hidden_for)
    life.after(script.ready_after, life.end)
    life.after(script.deleted_after, life.delete)
    life.after(script.untagged_after, life.untag)
    life.after(script.altered_after, life.alter)
    life.after(script.token_life, lambda: world.cloud.images.forget_token(image_id))
    world.expect(world.now + GRACE + TICK)
    world.expect(world.now + plans_by_name()[request.tags["snapimage:plan"]].overdue_after + TICK)
    return made


class _Life:
    """The acts of one image, each at its time. What was deleted has no more of them."""

    def __init__(self, world: SimulatedWorld, made: MadeImage, script: ImageScript) -> None:
        self.world, self.made, self.script = world, made, script

    def after(self, seconds: int | None, act: Callable[[], None]) -> None:
        if seconds is None:
            return

        def live() -> None:
            if self.made.deleted is None:
                act()

        self.world.at(self.world.now + timedelta(seconds=seconds), live)

    def show(self) -> None:
        self.world.hidden.discard(self.made.id)

    def use_snapshot(self) -> None:
        known = self.world.cloud.snapshots.known(self.made.taken.id)
        if known:
            self.world.cloud.snapshots.put(replace(known, usage="image"))

    def end(self) -> None:
        script, world, image = self.script, self.world, self.world.images[self.made.id]
        disks = image.disks
        if script.ending == "lost disk" and len(disks) > 1:
            disks = disks[:-1]
        if script.ending == "wrong size":
            disks = (*disks[:-1], replace(disks[-1], size_gib=disks[-1].size_gib + 1))
        self.made.is_spoilt = disks != image.disks
        self.made.finished = world.now
        is_good = script.ending not in BAD_ENDINGS
        check = ImageCheck(False) if self.made.request.check and is_good else None
        self._change(status="Available" if is_good else script.ending, disks=disks, check=check)
        world.note(f"{self.made.id} is {script.ending}")
        if is_good:
            self._go_on()

    def _go_on(self) -> None:
        script = self.script
        self.after(script.retired_after, lambda: self._change(status="Deprecated"))
        self.after(script.flickers_after, self.flicker)
        self.after(script.copied_after, self.copy)
        if self.made.request.check and script.checked_after is not None:
            self.after(script.checked_after, self.end_check)

    def end_check(self) -> None:
        self.made.checked = self.world.now
        self._change(check=ImageCheck(True, (RISK,) if self.script.has_risks else ()))

    def flicker(self) -> None:
        status, self.made.flickered = self.world.images[self.made.id].status, self.world.now
        self._act("flickers", status="UnAvailable")
        self.after(int(FLICKER.total_seconds()), lambda: self._change(status=status))

    def copy(self) -> None:
        """By an operator who copies tags, too."""
        image = self.world.images[self.made.id]
        copy = replace(image, id=f"{image.id}-copy", name=f"{image.name}-copy", is_copy=True, created=self.world.now)
        self.world.images[copy.id] = copy
        self.world.foreign[copy.id] = copy
        self.world.seen["image copied"] += 1

    def delete(self) -> None:
        image = self.world.images[self.made.id]
        self.made.deleted, self.made.last = self.world.now, image
        self.world.cloud.images.delete(image.id)
        self.world.seen[f"deleted while {image.status}"] += 1
        self.world.note(f"{image.id} is deleted by an operator while {image.status}")

    def untag(self) -> None:
        self.made.is_meddled = True
        self._act("untagged", tags={"kept": "by them"})

    def alter(self) -> None:
        self.made.is_meddled = True
        tags = dict(self.world.images[self.made.id].tags)
        keys = sorted(key for key in tags if key.startswith("snapimage:") and key != "snapimage:snapshot")
        key = keys[int(self.made.at.timestamp()) % len(keys)]
        self._act(f"{key} altered", tags={**tags, key: "something else"})
        self.world.seen["altered"] += 1

    def _act(self, what: str, **changes: object) -> None:
        self.world.seen[what] += 1
        self.world.note(f"{self.made.id} {what}")
        self._change(**changes)

    def _change(self, **changes: object) -> None:
        self.world.cloud.images.change(self.made.id, **changes)
