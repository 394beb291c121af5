"""What ECS and the queue really hold in one history: it changes with the clock, and remembers what was done to it."""

import heapq
import itertools
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import datetime, timedelta

from shared.domain.facts import Image
from shared.domain.image_request import ImageRequest
from simulation.histories.attachments import AttachmentLog
from simulation.histories.first_state import foreign_images, snapshot_of
from simulation.histories.history import Happening, History, Move, TakenSnapshot
from simulation.histories.records import Invocation, MadeImage, Told
from simulation.histories.trace import TraceStep
from simulation.memory.cloud import MemoryClock, MemoryCloud
from simulation.memory.image_index import ImageIndex


class PassingClock(MemoryClock):
    """While one invocation sleeps, the others go on."""

    def __init__(self, world: "SimulatedWorld") -> None:
        super().__init__()
        self._world = world

    def sleep(self, span: timedelta) -> None:
        self._world.note(f"waits for {span.total_seconds():.0f} s")
        self._world.seen["waited"] += 1
        self._world.pass_time(span)


class SimulatedWorld:
    cloud: MemoryCloud
    """Put here when it is opened: its ports record what they do in this world."""

    def __init__(self, history: History, traced: bool = False) -> None:
        self.history = history
        self.attachments = AttachmentLog(history.machines, history.happenings)
        self.taken = {taken.id: taken for taken in history.snapshots}
        self.foreign = {image.id: image for image in foreign_images(history)}
        self.clock = PassingClock(self)
        self.pass_time: Callable[[timedelta], None] = self.clock.advance
        """How time goes by while a call hangs; the platform puts its own in, which lets others run meanwhile."""
        self.running: list[Invocation] = []
        self.trace: list[TraceStep] = []
        self._is_traced = traced
        self.seen: Counter[str] = Counter()
        """What happened, by kind: so that a run can show what it covered."""
        self.told: list[Told] = []
        self.told_of: dict[str, list[Told]] = defaultdict(list)
        """The same by snapshot."""
        self.attempts: list[ImageRequest] = []
        """Every CreateImage as it was sent, whatever came of it."""
        self.made: dict[str, MadeImage] = {}
        self.lies: list[tuple[str, str]] = []
        """What is wrong with a message or an image, under the name of the promise that it breaks."""
        self.hidden: set[str] = set()
        self.touched: list[tuple[str, frozenset[str]]] = []
        """Ids that were written to, with the tags that were set (none: its family)."""
        self.marked: dict[str, list[tuple[datetime, str]]] = {}
        """When something was remembered on a snapshot, and the word of its outcome, if it was that."""
        self.ended: dict[str, datetime] = {}
        """When an end was remembered on a snapshot."""
        self.overwritten: set[str] = set()
        """Snapshots whose end was written over by an invocation that had begun before it."""
        self.looks: dict[str, tuple[datetime, frozenset[str]]] = {}
        """When a snapshot's machine was looked at first, and the disks that it remembers of that once and for all."""
        self.promoted: list[tuple[Image, datetime, datetime]] = []
        """Images as they were when they became the newest of their family, when that was, and when the invocation began."""
        self.refusals: set[str] = set()
        """Every code with which ECS said no."""
        self.quiet = max((each.shown for each in history.snapshots), default=self.now)
        """From here on nothing changes by itself, as far as is known."""
        self.changes = 0
        """How often it has changed by itself."""
        self.on_change: Callable[[datetime], None] = lambda moment: None
        self._acts: list[tuple[datetime, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self._set_up(history)
        self.seen.update(f"plans {edit.variant}" for edit in history.edits)
        self.seen["somebody else's image"] += len(history.foreign)
        self.seen[f"{history.other_groups} groups"] += 1

    def _set_up(self, history: History) -> None:
        for happening in history.happenings:
            for move in happening.moves:
                self.at(move.at, _mover(self, happening, move))
        for taken in history.snapshots:
            self.at(taken.created, _shower(self, taken, "progressing"))
            self.at(taken.shown, _shower(self, taken, "failed" if taken.fails else "accomplished"))

    @property
    def now(self) -> datetime:
        return self.clock.now()

    @property
    def images(self) -> ImageIndex:
        return self.cloud.images.images

    @property
    def caller(self) -> Invocation:
        """Who calls now."""
        return self.running[-1]

    def note(self, text: str) -> None:
        if self._is_traced:
            self.trace.append(TraceStep(self.now, len(self.running), text))

    def catch_up(self) -> None:
        """Everything that the clock has made due."""
        now = self.clock.now()
        while self._acts and self._acts[0][0] <= now:
            self.changes += 1
            heapq.heappop(self._acts)[2]()

    def images_of(self, snapshot_id: str) -> list[MadeImage]:
        """Ours, whether they are still there or not."""
        return [made for made in self.made.values() if made.taken.id == snapshot_id]

    def at(self, moment: datetime, act: Callable[[], None]) -> None:
        """Lets something happen then, or as soon as somebody looks."""
        heapq.heappush(self._acts, (moment, next(self._order), act))
        self.expect(moment)

    def expect(self, moment: datetime) -> None:
        """Something may have to be told then."""
        self.quiet = max(self.quiet, moment)
        self.on_change(moment)


def _mover(world: SimulatedWorld, happening: Happening, move: Move) -> Callable[[], None]:
    def carry_out() -> None:
        disks = world.cloud.disks
        if move.what == "put on":
            disks.attach(move.disk_id, move.instance_id, move.role, move.device, move.at)
        elif move.what == "taken off":
            disks.detach(move.disk_id, move.at)
        elif move.what == "released":
            disks.release(move.disk_id)
        else:
            disks.release_machine(move.disk_id)
        world.seen[happening.name] += move is happening.moves[-1]
        world.note(f"{move.disk_id} {move.what}{f' {move.instance_id}' if move.instance_id else ''}")

    return carry_out


def _shower(world: SimulatedWorld, taken: TakenSnapshot, status: str) -> Callable[[], None]:
    def show() -> None:
        known = world.cloud.snapshots.known(taken.id)
        world.cloud.snapshots.put(snapshot_of(taken, status, known.tags if known else None))

    return show
