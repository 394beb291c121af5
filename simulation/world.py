"""What ECS and the queue really hold in one history: it changes with the clock, and remembers what was done to it."""

import heapq
import itertools
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from shared.domain.facts import Disk, Image, ImageCheck, Risk, Role
from shared.domain.image_request import ImageRequest
from shared.domain.memory import SNAPSHOT
from shared.domain.message import StatusMessage
from simulation.first_state import foreign_images, groups_of, snapshot_of
from simulation.fleet import plans_by_name
from simulation.history import Fate, History, Move, TakenSnapshot
from simulation.memory_cloud import MemoryClock, memory_cloud

RISK = Risk("GUESTOS.Fstab", "High", "FstabNotAllowed")
TICK = timedelta(seconds=1)
GRACE = timedelta(minutes=10)
"""For so long an `UnAvailable` image counts as one in the making. A number of its own: it is part of what is promised."""


@dataclass(frozen=True)
class Told:
    """A message when it was put on the queue; `began` is when its invocation began to look around."""

    message: StatusMessage
    at: datetime
    began: datetime


class World:
    def __init__(self, history: History) -> None:
        self.moves = history.moves
        self.taken = {taken.id: taken for taken in history.snapshots}
        disks = [disk for machine in history.machines for disk in machine.disks]
        self.cloud = memory_cloud(disks=disks, images=foreign_images(history), groups=groups_of(history))
        self.foreign = dict(self.cloud.images.images)
        self.seen: Counter[str] = Counter()
        """What happened, by kind: so that a run can show what it covered."""
        self.told: list[Told] = []
        self.attempts: list[ImageRequest] = []
        """Every CreateImage as it was sent, whatever came of it."""
        self.made: dict[str, ImageRequest] = {}
        self.finished: dict[str, datetime] = {}
        """When an image came to its end, by its id."""
        self.spoilt: set[str] = set()
        """Images with other disks than were asked for."""
        self.lies: list[str] = []
        """What messages said that was not true."""
        self.hidden: set[str] = set()
        self.shown_late: set[str] = set()
        """Images that were not listed at first, so that nobody could know better."""
        self.touched: list[tuple[str, frozenset[str]]] = []
        """Ids that were written to, with the tags that were set (none: its family)."""
        self.given_up: dict[str, tuple[str, datetime]] = {}
        """Snapshots on which a final refusal stands, with its reason and since when."""
        self.taken_up: list[str] = []
        """What was done about such a snapshot by an invocation that could have known."""
        self.promoted: list[tuple[Image, datetime]] = []
        """Images as they were when they became the newest of their family."""
        self.refusals: set[str] = set()
        """Every code with which ECS said no."""
        self.lasting: set[str] = set()
        """Those that were about the request itself, and not about the moment."""
        self.quiet = max((each.shown for each in history.snapshots), default=self.now)
        """From here on nothing changes by itself, as far as is known."""
        self.note: Callable[[str], None] = lambda text: None
        self.on_change: Callable[[datetime], None] = lambda moment: None
        self._acts: list[tuple[datetime, int, Callable[[], None]]] = []
        self._order = itertools.count()
        for move in history.moves:
            self._at(move.at, _mover(self, move))
        for taken in history.snapshots:
            self._at(taken.created, _shower(self, taken, "progressing"))
            self._at(taken.shown, _shower(self, taken, "failed" if taken.fails else "accomplished"))

    @property
    def clock(self) -> MemoryClock:
        return self.cloud.clock

    @property
    def now(self) -> datetime:
        return self.cloud.clock.now()

    @property
    def images(self) -> dict[str, Image]:
        return self.cloud.images.images

    def catch_up(self) -> None:
        """Everything that the clock has made due."""
        while self._acts and self._acts[0][0] <= self.now:
            heapq.heappop(self._acts)[2]()

    def begin_image(self, image_id: str, request: ImageRequest, began: datetime) -> None:
        """A new image takes the way that the history has for it. One that a known token brought back is on its way."""
        if image_id in self.made:
            self.seen["token known"] += 1
            return
        self.made[image_id] = request
        reason, since = self.given_up.get(request.tags[SNAPSHOT], ("", began))
        if since < began:
            self.taken_up.append(f"{request.tags[SNAPSHOT]} was given up for {reason} and has an image, {image_id}")
        fate = self.taken[request.tags[SNAPSHOT]].fate
        ready = self.now + timedelta(seconds=fate.ready_after)
        if fate.hidden_for:
            self.hidden.add(image_id)
            self.shown_late.add(image_id)
            self._at(self.now + timedelta(seconds=fate.hidden_for), lambda: self.hidden.discard(image_id))
        self._at(ready, lambda: self._end(image_id, fate))
        if fate.retired_after is not None and fate.ending not in {"CreateFailed", "UnAvailable"}:
            retired = ready + timedelta(seconds=fate.retired_after)
            self._at(retired, lambda: self.cloud.images.change(image_id, status="Deprecated"))
        if request.check and fate.checked_after is not None and fate.ending in {"Available", "lost disk", "wrong size"}:
            risks = (RISK,) if fate.has_risks else ()
            checked = ready + timedelta(seconds=fate.checked_after)
            self._at(checked, lambda: self.cloud.images.change(image_id, check=ImageCheck(True, risks)))
        self._expect(self.now + GRACE + TICK)
        self._expect(self.now + plans_by_name()[request.tags["snapimage:plan"]].overdue_after + TICK)

    def give_up(self, snapshot_id: str, reason: str, began: datetime) -> None:
        """`began` is when the invocation did that now writes down why; two at once may come to different ends."""
        known, since = self.given_up.setdefault(snapshot_id, (reason, self.now))
        if known != reason and since < began:
            self.taken_up.append(f"{snapshot_id} was given up for {known}, and again for {reason}")

    def images_of(self, snapshot_id: str) -> list[Image]:
        """Ours."""
        return [image for image in self.images.values() if image.tags.get(SNAPSHOT) == snapshot_id]

    def _end(self, image_id: str, fate: Fate) -> None:
        disks = self.images[image_id].disks
        status = fate.ending if fate.ending in {"CreateFailed", "UnAvailable"} else "Available"
        if fate.ending == "lost disk":
            disks = disks[:-1]
        if fate.ending == "wrong size":
            disks = (*disks[:-1], replace(disks[-1], size_gib=disks[-1].size_gib + 1))
        if disks != self.images[image_id].disks:
            self.spoilt.add(image_id)
        check = ImageCheck(False) if self.made[image_id].check and status == "Available" else None
        self.cloud.images.change(image_id, status=status, disks=disks, check=check)
        self.finished[image_id] = self.now
        self.note(f"{image_id} is {fate.ending}")

    def _at(self, moment: datetime, act: Callable[[], None]) -> None:
        heapq.heappush(self._acts, (moment, next(self._order), act))
        self._expect(moment)

    def _expect(self, moment: datetime) -> None:
        self.quiet = max(self.quiet, moment)
        self.on_change(moment)


def _mover(world: World, move: Move) -> Callable[[], None]:
    def carry_out() -> None:
        system = move.machine.disks[0]
        disk = replace(system, instance_id=None)
        if move.what == "data disk attached":
            disk = Disk(move.machine.late_disk, Role.DATA, 70, move.machine.id, attached=move.at)
        world.cloud.snapshots.put_disk(disk)
        world.note(f"{move.machine.id}: {move.what}")

    return carry_out


def _shower(world: World, taken: TakenSnapshot, status: str) -> Callable[[], None]:
    shown = snapshot_of(taken, status)

    def show() -> None:
        known = world.cloud.snapshots.known(taken.id)
        world.cloud.snapshots.put(replace(shown, tags=known.tags) if known else shown)

    return show
