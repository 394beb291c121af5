"""The single values of a plan: spans, moments, ids, tags, patterns and the texts of an image, and what ECS takes of them."""

import re
from datetime import date, datetime, timedelta, timezone
from string import Formatter
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, PlainSerializer, Tag
from pydantic_core import PydanticCustomError

from .moments import UNITS, write_span

SPAN = re.compile(r"(\d{1,5})\s*([smhd])")
TAKES = ("none", "attached")
WRITE_SPAN = "write a span as 90s, 30m, 6h or 2d"
WRITE_MOMENT = "write a moment with its zone, as in 2026-11-20T00:00:00Z"

DISK_ID = r"^d-[A-Za-z0-9_-]{1,62}$"
INSTANCE_ID = r"^i-[A-Za-z0-9_-]{1,62}$"
SNAPSHOT_ID = r"^s-[A-Za-z0-9_-]{1,62}$"
GROUP_ID = r"^rg-[A-Za-z0-9]{1,62}$"
PLAN_NAME = r"^[A-Za-z][A-Za-z0-9_-]{0,39}$"
REGION = r"^[a-z0-9-]{2,64}$"
TEXT = r"^[^\x00-\x1f]*$"

IMAGE_NAME = re.compile(r"(?!https?://|acs:|aliyun)[A-Za-z\u4e00-\u9fa5][\w:.\u4e00-\u9fa5-]{1,127}", re.ASCII)
"""ECS API reference, CreateImage, ImageName: 2 to 128 characters, first a letter or a Chinese character.

Also of ImageFamily."""

NAME_FIELDS = frozenset({"plan", "snapshot_id", "disk_id"})
"""Only what the snapshot itself keeps for ever: an instance id is lost when the disk is detached, and the name with it."""

TEXT_FIELDS = NAME_FIELDS | {"instance_id", "snapshot_time", "snapshot_name", "region"}


class Frozen(BaseModel):
    """A key that we do not know is a mistake. Errors never quote the input, which may hold a secret."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, populate_by_name=True)


def read_span(value: object) -> timedelta:
    if isinstance(value, timedelta):
        return value
    match = SPAN.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        raise PydanticCustomError("span", WRITE_SPAN)
    return int(match[1]) * UNITS[match[2]]


def _read_moment(value: object) -> object:
    if (isinstance(value, datetime) and value.tzinfo is None) or type(value) in {date, int, float, bool}:
        raise PydanticCustomError("moment", WRITE_MOMENT)
    return value.astimezone(timezone.utc) if isinstance(value, datetime) else value


def _read_take(value: object) -> object:
    if isinstance(value, str) and value not in TAKES:
        raise PydanticCustomError("take", "write none, attached or a list of disk ids")
    return value


def _several(value: object) -> object:
    """One alternative needs no list."""
    if not isinstance(value, str | list | tuple):
        raise PydanticCustomError(
            "tag", "write a value or a list of them, in quotes where YAML reads numbers or yes and no"
        )
    return (value,) if isinstance(value, str) else value


SORTED = PlainSerializer(sorted, return_type=list[str])
"""A set is written in order, so that the same plans are the same bytes."""

Span = Annotated[
    timedelta,
    BeforeValidator(read_span),
    Field(ge=timedelta(0), le=timedelta(days=366)),
    PlainSerializer(write_span, return_type=str, when_used="json"),
]
Rpo = Annotated[Span, Field(gt=timedelta(0))]
"""Recovery point objective."""
Moment = Annotated[AwareDatetime, BeforeValidator(_read_moment)]
DiskId = Annotated[str, Field(pattern=DISK_ID)]
DiskIds = Annotated[frozenset[DiskId], SORTED]
InstanceId = Annotated[str, Field(pattern=INSTANCE_ID)]
InstanceIds = Annotated[frozenset[InstanceId], SORTED]
SnapshotId = Annotated[str, Field(pattern=SNAPSHOT_ID)]
TagKey = Annotated[str, Field(min_length=1, max_length=128, pattern=TEXT)]
TagValue = Annotated[str, Field(max_length=128, pattern=TEXT)]
Tags = dict[TagKey, Annotated[tuple[TagValue, ...], BeforeValidator(_several), Field(min_length=1)]]
"""Of each key the values that will do."""
NamePattern = Annotated[str, Field(min_length=1, max_length=128, pattern=TEXT)]
"""As a shell has them: `*`, `?` and `[...]`."""
SnapshotKind = Annotated[
    Literal["timer", "user", "copied", "imported"],
    BeforeValidator(lambda kind: "timer" if kind == "auto" else kind),  # ECS and its events differ in this one word
]
Take = Annotated[
    Annotated[Literal["none", "attached"], Tag("word")] | Annotated[tuple[DiskId, ...], Tag("list")],
    Discriminator(lambda take: "word" if isinstance(take, str) else "list"),
    BeforeValidator(_read_take),
]
SnapshotKinds = Annotated[frozenset[SnapshotKind], SORTED]


def check_template(template: str, allowed: frozenset[str]) -> None:
    parts = list(Formatter().parse(template))
    if any(spec or conversion for _, _, spec, conversion in parts):
        raise ValueError("a placeholder is filled in as it is: no `:` and no `!` in it")
    if unknown := {field for _, field, _, _ in parts if field is not None} - allowed:
        raise ValueError(f"unknown placeholder {sorted(unknown)}; known are {sorted(allowed)}")


def check_own_tags(tags: dict[str, str]) -> None:
    """ECS API reference, TagResources: no `aliyun` or `acs:` in front of a key, no `acs:` in front of a value,
    no address in either."""
    for key, value in tags.items():
        starts = key.startswith(("aliyun", "acs:", "snapimage:")) or value.startswith("acs:")
        if starts or "http://" in key + value or "https://" in key + value:
            raise ValueError(f"tag {key!r}: ECS refuses aliyun, acs: and http(s)://, and snapimage: is ours")


def misfit(at: str, what: str) -> PydanticCustomError:
    """What several keys together make wrong; `at` is the one to change."""
    return PydanticCustomError("misfit", "{what}", {"what": what, "at": at})
