"""How ECS spells times and tags, whatever they belong to."""

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timezone
from typing import Any, TypeVar

from shared.adapters.ecs_client import EcsCalls

T = TypeVar("T")
LOGGER = logging.getLogger("snapimage")

TAGGED_AT_ONCE = 50
"""Resources in one TagResources call (API reference TagResources)."""


def read_all(entries: Sequence[Any], read: Callable[[Any], T]) -> list[T]:
    """What can be read of a listing. One entry that makes no sense, whoever's it is, must not end a sweep for all others."""
    found: list[T] = []
    for entry in entries:
        try:
            found.append(read(entry))
        except (ValueError, TypeError, OverflowError) as error:
            LOGGER.warning("an entry of ECS could not be read: %s", repr(str(error)[:200]))
    return found


def parse_time(text: str | None) -> datetime:
    """ECS writes seconds, in some older replies only minutes; fractions and offsets are taken as well."""
    for form in ("%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M%z", "%Y-%m-%dT%H:%M:%S.%f%z"):
        try:
            return datetime.strptime(text or "", form).astimezone(timezone.utc)
        except ValueError:
            continue
    raise ValueError(f"no time: {text!r}")


def whole(number: object) -> int:
    """Sizes come as text or as numbers."""
    return int(float(str(number or 0)))


def whole_minutes(moment: datetime) -> str:
    """What a Filter on creation times takes: UTC without seconds."""
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%MZ")


def tag_map(tags: Any) -> dict[str, str]:
    entries = (tags.tag if tags else None) or []
    return {entry.tag_key: entry.tag_value or "" for entry in entries if entry.tag_key}


def tag_resources(calls: EcsCalls, kind: str, resource_ids: Sequence[str], tags: Mapping[str, str]) -> None:
    """Sets the same tags on images or snapshots; one that is missing fails its whole call."""
    from alibabacloud_ecs20140526.models import TagResourcesRequest, TagResourcesRequestTag

    pairs = [TagResourcesRequestTag(key=key, value=value) for key, value in tags.items()]
    for start in range(0, len(resource_ids), TAGGED_AT_ONCE):
        some = list(resource_ids[start : start + TAGGED_AT_ONCE])
        request = TagResourcesRequest(region_id=calls.region_id, resource_type=kind, resource_id=some, tag=pairs)
        calls.call("TagResources", request)
