"""The rules for tags, for actions that set them and for queries that filter by them."""

import re

from localcloud.ecs import errors
from localcloud.ecs.errors import EcsError
from localcloud.ecs.params import Params

MOST_TAGS = 20
"""API reference CreateImage and TagResources: 20 tags per resource and per request."""


def checked_tags(params: Params) -> dict[str, str]:
    """The Tag.N of a call that sets tags. API reference CreateImage: Tag.N.Key, Tag.N.Value."""
    tags: dict[str, str] = {}
    for item in params.items("Tag"):
        key, value = item.get("Key", ""), item.get("Value", "")
        _check_key(key)
        _check_value(value)
        if key in tags:
            raise EcsError(errors.REPEATED_TAG_KEY, value=key)
        tags[key] = value
    return tags


def _check_key(key: str) -> None:
    if not 1 <= len(key) <= 128 or re.match(r"aliyun|acs:", key) or _holds_link(key):
        raise EcsError(errors.BAD_TAG_KEY, value=key)


def _check_value(value: str) -> None:
    if len(value) > 128 or value.startswith("acs:") or _holds_link(value):
        raise EcsError(errors.BAD_TAG_VALUE, value=value)


def _holds_link(text: str) -> bool:
    return "http://" in text or "https://" in text


def tag_filter(params: Params) -> list[tuple[str, str | None]]:
    """The Tag.N of a query; without a value any value of the key matches. API reference DescribeSnapshots."""
    wanted = [(item.get("Key", ""), item.get("Value")) for item in params.items("Tag")]
    if len(wanted) > MOST_TAGS:
        raise EcsError(errors.BAD_TAG_COUNT, count=len(wanted))
    return wanted


def tag_list(tags: dict[str, str]) -> dict[str, list[dict[str, str]]]:
    return {"Tag": [{"TagKey": key, "TagValue": value} for key, value in tags.items()]}
