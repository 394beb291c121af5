"""What goes wrong, as data: the next calls of an action fail, lose their reply, or make a broken image."""

import threading
from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Reply = Literal["dropped", "refused", "not_json"]
ImageFault = Literal["CreateFailed", "UnAvailable", "lose_disk", "wrong_size"]


class FaultError(BaseModel):
    """The error that the service answers with instead of applying the call."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    status: Annotated[int, Field(ge=400, le=599)]
    code: Annotated[str, Field(min_length=1)]
    message: Annotated[str, Field(min_length=1)]
    retry_after_ms: Annotated[int, Field(gt=0)] | None = None


class PlantedFault(BaseModel):
    """Of the calls of `action` from now on, the first `after` are spared and the next `times` are hit."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    action: Annotated[str, Field(pattern=r"^[A-Z][A-Za-z]+$")]
    times: Annotated[int, Field(ge=1)] = 1
    after: Annotated[int, Field(ge=0)] = 0
    error: FaultError | None = None
    reply: Reply | None = None
    """`refused`: closed before anything is applied. `dropped`: applied, then closed. `not_json`: applied, then HTML."""
    image: ImageFault | None = None

    @model_validator(mode="after")
    def _exactly_one_kind(self) -> "PlantedFault":
        kinds = [name for name in ("error", "reply", "image") if getattr(self, name) is not None]
        if len(kinds) != 1:
            raise ValueError(f"a fault of {self.action} needs exactly one of error, reply, image; it has {kinds}")
        if self.image is not None and self.action != "CreateImage":
            raise ValueError(f"image: {self.image} is a fault of CreateImage, not of {self.action}")
        return self


class _Planted:
    def __init__(self, fault: PlantedFault) -> None:
        self.fault = fault
        self.spare = fault.after
        self.left = fault.times

    def hits(self) -> bool:
        """Count one call; true when this fault is due for it."""
        if self.spare:
            self.spare -= 1
            return False
        return self.left > 0


class Faults:
    """The faults still to come. A call counts against every fault of its action and is hit by the first that is due."""

    def __init__(self, faults: Iterable[PlantedFault] = ()) -> None:
        self._lock = threading.Lock()
        self._planted: list[_Planted] = []
        self.plant(faults)

    def plant(self, faults: Iterable[PlantedFault]) -> None:
        with self._lock:
            self._planted += [_Planted(fault) for fault in faults]

    def clear(self) -> None:
        with self._lock:
            self._planted = []

    def pending(self) -> list[PlantedFault]:
        """What is still to come, so that a fault whose action is never called does not go unnoticed."""
        with self._lock:
            return [
                planted.fault.model_copy(update={"after": planted.spare, "times": planted.left})
                for planted in self._planted
            ]

    def take(self, action: str) -> PlantedFault | None:
        with self._lock:
            due = [planted for planted in self._planted if planted.fault.action == action and planted.hits()]
            if not due:
                return None
            due[0].left -= 1
            self._planted = [planted for planted in self._planted if planted.left]
            return due[0].fault
