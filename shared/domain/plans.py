"""What the operator wants: which system disks become images, with which data disks, under which names."""

import re
from datetime import timedelta
from string import Formatter
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, field_validator, model_validator

from .facts import MAX_DATA_DISKS
from .rules import Outline, Rules

SPAN = re.compile(r"(\d{1,5})\s*([smhd])")
UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}

IMAGE_NAME = re.compile(r"(?!https?://|acs:|aliyun)[A-Za-z\u4e00-\u9fa5][\w:.\u4e00-\u9fa5-]{1,127}", re.ASCII)
"""ECS API reference, CreateImage, ImageName: 2 to 128 characters, first a letter or a Chinese character."""

LONGEST_ID = "s-" + "x" * 22
"""ECS ids are 22 characters today; two more are allowed for when a name's length is judged."""

NAME_FIELDS = frozenset({"plan", "snapshot_id", "disk_id"})
"""Only what the snapshot itself keeps for ever: an instance id is lost when the disk is detached, and the name with it."""

TEXT_FIELDS = NAME_FIELDS | {"instance_id", "snapshot_time", "snapshot_name", "region"}

OWN_TAGS = 6
"""ECS allows 20 tags on an image; SnapImage's memory of 17 disks takes up to 14."""


def _read_span(value: object) -> object:
    if isinstance(value, int | float):
        raise ValueError("give a number and its unit, as in 90s, 30m, 6h or 2d")
    match = SPAN.fullmatch(value.strip()) if isinstance(value, str) else None
    return timedelta(**{UNITS[match[2]]: int(match[1])}) if match else value


Span = Annotated[timedelta, BeforeValidator(_read_span), Field(ge=timedelta(0), le=timedelta(days=366))]
DiskId = Annotated[str, Field(pattern=r"^d-[A-Za-z0-9_-]{1,62}$")]
InstanceId = Annotated[str, Field(pattern=r"^i-[A-Za-z0-9_-]{1,62}$")]
SnapshotId = Annotated[str, Field(pattern=r"^s-[A-Za-z0-9_-]{1,62}$")]
TagKey = Annotated[str, Field(min_length=1, max_length=128, pattern=r"^[^\x00-\x1f]+$")]
TagValue = Annotated[str, Field(max_length=128, pattern=r"^[^\x00-\x1f]*$")]
SnapshotKind = Annotated[
    Literal["timer", "user", "copied", "imported"],
    BeforeValidator(lambda kind: "timer" if kind == "auto" else kind),  # ECS and its events differ in this one word
]


SORTED = PlainSerializer(sorted, return_type=list[str])
"""A set is written in order, so that the same plans are the same bytes."""


class Frozen(BaseModel):
    """A key that we do not know is a mistake. Errors never quote the input, which may hold a secret."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, populate_by_name=True)


class Source(Frozen):
    """Which system disks: any of `instances`, `disks` or `tags` (all pairs); every system disk when all are empty."""

    instances: Annotated[frozenset[InstanceId], SORTED] = frozenset()
    disks: Annotated[frozenset[DiskId], SORTED] = frozenset()
    tags: dict[TagKey, TagValue] = {}
    snapshot_types: Annotated[frozenset[SnapshotKind], SORTED] = frozenset({"timer", "user"})

    @property
    def is_everything(self) -> bool:
        return not (self.instances or self.disks or self.tags)


class EmptyDisk(Frozen):
    """A data disk without a snapshot. 5 GiB is what the vendor's console gives it; sizes are those of any cloud disk."""

    size_gib: int = Field(default=5, ge=5, le=32768)


class DataDisks(Frozen):
    take: Literal["none", "attached"] | tuple[DiskId, ...] = "none"
    except_: Annotated[frozenset[DiskId], SORTED] = Field(default=frozenset(), alias="except")
    snapshots: tuple[SnapshotId, ...] = ()
    empty: tuple[EmptyDisk, ...] = ()
    within: Span = timedelta(hours=6)
    wait_for: Span = timedelta(hours=2)
    on_missing: Literal["fail", "leave_out"] = "fail"

    @model_validator(mode="after")
    def _countable(self) -> "DataDisks":
        listed = self.take if isinstance(self.take, tuple) else ()
        if len(set(listed)) < len(listed) or len(set(self.snapshots)) < len(self.snapshots):
            raise ValueError("a disk or snapshot is named twice")
        if len(listed) + len(self.snapshots) + len(self.empty) > MAX_DATA_DISKS:
            raise ValueError(f"an image holds at most {MAX_DATA_DISKS} data disks")
        return self


class ImageSettings(Frozen):
    name: str = "{plan}-{snapshot_id}"
    description: str = Field(default="{snapshot_id} of {disk_id}, taken {snapshot_time}", min_length=2, max_length=200)
    family: str | None = Field(default=None, pattern=r"^[A-Za-z][A-Za-z0-9_:.-]{1,127}$")
    tags: dict[TagKey, TagValue] = Field(default={}, max_length=OWN_TAGS)
    resource_group: str | None = Field(default=None, pattern=r"^rg-[A-Za-z0-9]{1,62}$")
    check_: bool = Field(default=True, alias="check")

    @field_validator("name")
    @classmethod
    def _identifies(cls, name: str) -> str:
        if "{snapshot_id}" not in name:
            raise ValueError("must contain {snapshot_id}: the name is what keeps an image from being made twice")
        _only(name, NAME_FIELDS)
        return name

    @field_validator("description")
    @classmethod
    def _fillable(cls, description: str) -> str:
        _only(description, TEXT_FIELDS)
        if description.startswith(("http://", "https://")):
            raise ValueError("must not start with http:// or https://")
        return description

    @field_validator("tags")
    @classmethod
    def _theirs(cls, tags: dict[str, str]) -> dict[str, str]:
        for key, value in tags.items():
            if (
                key.startswith(("aliyun", "acs:", "snapimage:"))
                or "http://" in key + value
                or "https://" in key + value
            ):
                raise ValueError(f"tag {key!r}: ECS refuses aliyun, acs: and http(s)://, and snapimage: is ours")
        return tags


class Notify(Frozen):
    skipped: bool = True


class Plan(Frozen):
    name: str = Field(pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,39}$")
    enabled: bool = True
    source: Source = Source()
    data_disks: DataDisks = DataDisks()
    image: ImageSettings = ImageSettings()
    overdue_after: Span = timedelta(hours=4)
    notify: Notify = Notify()

    @model_validator(mode="after")
    def _name_fits(self) -> "Plan":
        sample = self.image.name.format(plan=self.name, snapshot_id=LONGEST_ID, disk_id=LONGEST_ID)
        if not IMAGE_NAME.fullmatch(sample):
            raise ValueError(f"image.name gives {sample!r}, which ECS refuses as an image name")
        return self

    @property
    def needs_instance(self) -> bool:
        """Whether the plan speaks of the instance, which costs one more ECS call."""
        return self.data_disks.take != "none" or "{instance_id}" in self.image.description


class Plans(Frozen):
    """The whole of `plans.yaml`. A disk should belong to one plan.

    If more match, the first counts that can be told from the snapshot alone, then the first that needs its disk.
    """

    region: str = Field(pattern=r"^[a-z0-9-]{2,64}$")
    plans: tuple[Plan, ...]

    @field_validator("plans")
    @classmethod
    def _distinct(cls, plans: tuple[Plan, ...]) -> tuple[Plan, ...]:
        if not plans:
            raise ValueError("no plan at all")
        names = [plan.name for plan in plans]
        if twice := {name for name in names if names.count(name) > 1}:
            raise ValueError(f"plan name used twice: {', '.join(sorted(twice))}")
        return plans

    @property
    def outline(self) -> Outline:
        kinds = frozenset(kind for plan in self.plans for kind in plan.source.snapshot_types)
        return Outline(kinds, any(plan.notify.skipped for plan in self.plans))


def rules_for(account_id: str, region_id: str, plans: Plans, lookback: timedelta = timedelta(days=1)) -> Rules:
    """The rules of somebody who has the plans at hand."""
    return Rules(account_id, region_id, plans.outline, lambda: plans, lookback)


def _only(template: str, allowed: frozenset[str]) -> None:
    parts = [part for part in Formatter().parse(template) if part[1] is not None]
    if any(spec or conversion for _, _, spec, conversion in parts):
        raise ValueError("a placeholder is filled in as it is: no `:` and no `!` in it")
    fields = {field for _, field, _, _ in parts}
    if unknown := {str(field) for field in fields} - allowed:
        raise ValueError(f"unknown placeholder {sorted(unknown)}; known are {sorted(allowed)}")
