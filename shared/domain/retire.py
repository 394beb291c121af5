"""What the operator wants of old images: the `retire` block of a plan."""

import re
from collections.abc import Iterable
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, field_validator
from pydantic_core import PydanticCustomError

from .plan_values import Frozen, Span

SHARE = re.compile(r"(100|[1-9]?[0-9])\s*%")
ZONE = r"^[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+){0,2}$"
"""The name goes into a path of the zone files. Whether there is such a zone is looked at where it is needed: a function
that makes images needs none."""
MOST_COUNT = 1_000
SHORTEST_GRACE = timedelta(days=1)
"""A deprecated image is what an undo brings back: somebody must have had a working day to see it."""


def _read_mode(value: object) -> object:
    """YAML reads `off` as false."""
    return "off" if value is False else value


def _read_share(value: object) -> object:
    is_count = isinstance(value, int) and not isinstance(value, bool) and value >= 0
    if not is_count and not (isinstance(value, str) and SHARE.fullmatch(value.strip())):
        raise PydanticCustomError("share", "write a share as 10% or a number of images")
    return value.strip() if isinstance(value, str) else value


Mode = Annotated[Literal["off", "report", "deprecate", "delete"], BeforeValidator(_read_mode)]
Share = Annotated[int | str, BeforeValidator(_read_share)]
Count = Annotated[int, Field(ge=0, le=MOST_COUNT, strict=True)]


class KeepRules(Frozen):
    """What one of these keeps survives."""

    last: Count = 0
    daily: Count = 0
    weekly: Count = 0
    monthly: Count = 0
    within: Span = timedelta(0)

    @property
    def is_empty(self) -> bool:
        return self == KeepRules()


class Retire(Frozen):
    mode: Mode = "report"
    keep: KeepRules
    time_zone: str = Field(default="UTC", pattern=ZONE)
    """Whose days, weeks and months count."""
    grace: Span = timedelta(days=7)
    """How long an image is deprecated before it is deleted."""
    gone: Span = timedelta(days=90)
    """How long the images of a system disk that does not exist any more are kept as if it did."""
    at_most: Share = "10%"
    """Of a plan's images, or so many of them: the most that are deprecated, and that are deleted, in one run."""
    snapshots: Literal["leave", "release"] = "leave"

    @field_validator("keep")
    @classmethod
    def _keeps_something(cls, keep: KeepRules) -> KeepRules:
        if keep.is_empty:
            raise PydanticCustomError(
                "empty_keep", "keeps nothing; give at least one of last, daily, weekly, monthly, within"
            )
        return keep

    @field_validator("grace")
    @classmethod
    def _is_seen(cls, grace: timedelta) -> timedelta:
        if grace < SHORTEST_GRACE:
            raise PydanticCustomError(
                "grace", "at least 1d: whoever wants an image back must have had time to see it go"
            )
        return grace

    @property
    def is_on(self) -> bool:
        return self.mode != "off"

    def most_of(self, images: int) -> int:
        """At least one of a few, or a share would keep a small plan from ever beginning; 0 stays 0."""
        if isinstance(self.at_most, int):
            return self.at_most
        percent = int(self.at_most.rstrip("% "))
        return -(-images * percent // 100)


def strongest_mode(wanted: Iterable[Retire | None]) -> str:
    """What the role of the function must be allowed to do: to report where no plan says more."""
    modes = {each.mode for each in wanted if each}
    return next((mode for mode in ("delete", "deprecate") if mode in modes), "report")
