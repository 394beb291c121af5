"""What the operator wants: which system disks become images, with which data disks, under which names."""

from datetime import timedelta
from typing import Literal

from pydantic import Field, field_validator, model_validator

from .facts import MAX_DATA_DISKS
from .late_retire import LateRetire
from .plan_values import (
    GROUP_ID,
    IMAGE_NAME,
    NAME_FIELDS,
    PLAN_NAME,
    REGION,
    TEXT_FIELDS,
    DiskIds,
    Frozen,
    InstanceIds,
    Moment,
    NamePattern,
    Rpo,
    SnapshotId,
    SnapshotKinds,
    Span,
    TagKey,
    Tags,
    TagValue,
    Take,
    check_own_tags,
    check_template,
    misfit,
)

LONGEST_ID = "s-" + "x" * 22
"""ECS ids are 22 characters today, and may grow by two."""
LONGEST_ATTEMPT = "-9999"
"""What a later attempt adds to the name of its image."""
SHORTEST_DESCRIPTION = 2
"""ECS API reference, CreateImage, Description: 2 to 256 characters."""
OWN_TAGS = 5
"""ECS allows 20 tags on an image; SnapImage's memory of 17 disks takes up to 15."""


class Source(Frozen):
    """Which system disks: those that pass every filter. A filter is a list of alternatives; one that is absent lets all pass.

    `tags` are carried by the snapshot or by its disk, all keys of them; a pair of `except_tags` excludes by itself.
    """

    instances: InstanceIds = frozenset()
    instance_tags: Tags = {}
    disks: DiskIds = frozenset()
    tags: Tags = {}
    snapshot_types: SnapshotKinds = frozenset({"timer", "user"})
    except_disks: DiskIds = frozenset()
    except_tags: Tags = {}
    except_names: tuple[NamePattern, ...] = ()
    """Of snapshots."""

    @property
    def is_everything(self) -> bool:
        return not (self.instances or self.instance_tags or self.disks or self.tags)

    @property
    def needs_instance(self) -> bool:
        return bool(self.instances or self.instance_tags)


class EmptyDisk(Frozen):
    """A data disk without a snapshot. 5 GiB is what the vendor's console gives it; sizes are those of any cloud disk."""

    size_gib: int = Field(default=5, ge=5, le=32768)


class DataDisks(Frozen):
    take: Take = "none"
    except_: DiskIds = Field(default=frozenset(), alias="except")
    except_tags: Tags = {}
    except_names: tuple[NamePattern, ...] = ()
    """Of disks; what a container platform attaches has another id each time, but a name of one form."""
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
    name: str = "snapimage-{snapshot_id}"
    description: str = Field(
        default="{snapshot_id} of {disk_id}, taken {snapshot_time}", min_length=SHORTEST_DESCRIPTION, max_length=200
    )
    family: str | None = None
    tags: dict[TagKey, TagValue] = Field(default={}, max_length=OWN_TAGS)
    resource_group: str | None = Field(default=None, pattern=GROUP_ID)
    check_: bool = Field(default=True, alias="check")

    @field_validator("name")
    @classmethod
    def _identifies(cls, name: str) -> str:
        if "{snapshot_id}" not in name:
            raise ValueError("must contain {snapshot_id}: the name is what keeps an image from being made twice")
        check_template(name, NAME_FIELDS)
        return name

    @field_validator("description")
    @classmethod
    def _fillable(cls, description: str) -> str:
        check_template(description, TEXT_FIELDS)
        if description.startswith(("http://", "https://")):
            raise ValueError("must not start with http:// or https://")
        return description

    @field_validator("family")
    @classmethod
    def _nameable(cls, family: str | None) -> str | None:
        if family is not None and not IMAGE_NAME.fullmatch(family):
            raise ValueError("ECS refuses it: 2 to 128 letters, digits, `:`, `.`, `_`, `-`, first a letter")
        return family

    @field_validator("tags")
    @classmethod
    def _theirs(cls, tags: dict[str, str]) -> dict[str, str]:
        check_own_tags(tags)
        return tags


class Notify(Frozen):
    skipped: bool = True


class Plan(Frozen):
    name: str = Field(pattern=PLAN_NAME)
    enabled: bool = True
    since: Moment | None = None
    """Snapshots that began earlier are left to the operator; without it none are."""
    source: Source = Source()
    data_disks: DataDisks = DataDisks()
    image: ImageSettings = ImageSettings()
    overdue_after: Span = timedelta(hours=4)
    rpo: Rpo = timedelta(hours=26)
    """How old the snapshot of a machine's newest good image may be: a daily schedule, and some."""
    notify: Notify = Notify()
    retire: LateRetire = None

    @model_validator(mode="after")
    def _texts_fit(self) -> "Plan":
        sample = self.image.name.format(plan=self.name, snapshot_id=LONGEST_ID, disk_id=LONGEST_ID) + LONGEST_ATTEMPT
        if not IMAGE_NAME.fullmatch(sample):
            raise misfit("image.name", f"gives {sample!r}, which ECS refuses as an image name")
        shortest = dict.fromkeys(TEXT_FIELDS, "no") | {"plan": self.name}
        if len(self.image.description.format(**shortest)) < SHORTEST_DESCRIPTION:
            raise misfit("image.description", "gives one character, and ECS wants 2 to 256")
        return self

    @property
    def needs_instance(self) -> bool:
        """Whether the plan speaks of the instance, which costs one more ECS call."""
        return self.data_disks.take != "none" or "{instance_id}" in self.image.description


class Plans(Frozen):
    """The whole of `plans.yaml`. If more plans match a disk, the first counts that can be told from the snapshot alone."""

    region: str = Field(pattern=REGION)
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
    def asks_instance_tags(self) -> bool:
        """Whether the functions must be allowed to look at instances. A disabled plan counts: it may be enabled."""
        return any(plan.source.instance_tags for plan in self.plans)
