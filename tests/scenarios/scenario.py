"""What a scenario file may say: a world, plans, what happens, and what must be made and said."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from localcloud.faults import PlantedFault
from localcloud.world import WorldFile
from shared.domain.plan_values import read_span
from shared.domain.plans import Plans

Span = Annotated[timedelta, BeforeValidator(read_span)]
Facts = dict[str, Any]
"""Fields of a message's `data` and what they must hold. `explanation` holds it when the text is somewhere in it."""


class Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Event(Part):
    """The event of a snapshot of the world, changed."""

    of: str
    form: Literal["bus", "content", "cloudmonitor", "queue"] = "bus"
    """As the default bus brings it; with its fields in `data.content`; CloudMonitor's own; as a queue's message."""
    change: Facts = {}
    data: Facts = {}
    """Changes one level deeper, where the snapshot is described."""


class Expect(Part):
    images: dict[str, list[str]] | None = None
    """By system snapshot the data disks' snapshots in the order of devices, `empty 20` for an empty one; {} for no image."""
    says: list[Facts] = []
    """Each is told at least once."""
    once: list[Facts] = []
    never: list[Facts] = []
    ends: dict[str, str] = {}
    """By snapshot the state of its terminal messages, which all agree; `none` when there is no such message."""
    dead_letters: int = 0
    faults_left: int = 0
    """Planted faults that nothing ran into; in the middle of a scenario some may be."""


class Step(Part):
    """One of these things happens; then everything runs that is due."""

    event: str | Event | list[str | Event] | Facts | None = None
    """A snapshot's id, its changed event, an array of them in one invocation, or a whole event in its sender's words."""
    advance: Span | None = None
    stride: Span = timedelta(hours=1)
    """How far the clock goes between two looks at the timers."""
    fault: PlantedFault | None = None
    ecs: str | None = None
    """An operator's call with the official SDK. `$image` stands for the newest image."""
    params: Annotated[Facts, Field(alias="with")] = {}
    plans: list[Facts] | None = None
    """The operator deploys these instead."""
    expect: Expect | None = None
    """What has been made and said so far."""

    @model_validator(mode="after")
    def _is_one_thing(self) -> "Step":
        things = [getattr(self, name) for name in ("event", "advance", "fault", "ecs", "plans", "expect")]
        if sum(thing is not None for thing in things) != 1:
            raise ValueError("a step is one of event, advance, fault, ecs, plans, expect")
        return self


class Scenario(Part):
    why: str
    world: WorldFile
    plans: list[Facts]
    """As under `plans` in a plans.yaml; the region is the world's."""
    steps: Annotated[list[Step], Field(min_length=1)]
    expect: Expect

    def all_plans(self) -> Iterator[Plans]:
        """The first, then every one that is deployed later."""
        for plans in (self.plans, *(step.plans for step in self.steps if step.plans)):
            yield self.read(plans)

    def read(self, plans: list[Facts]) -> Plans:
        return Plans.model_validate({"region": self.world.region, "plans": plans})
