"""How ECS spells times, tags and pages, whatever they belong to."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timezone
from functools import partial
from typing import Any

from shared.adapters.ecs_client import EcsCalls
from shared.adapters.ecs_replies import listed, not_understood, understand, words
from shared.domain.errors import CloudError
from shared.domain.facts import Role

TAGGED_AT_ONCE = 50
"""Resources in one TagResources call (API reference TagResources)."""


def parse_time(text: object) -> datetime:
    """ECS writes seconds, in some older replies only minutes; fractions and offsets are taken as well."""
    spelled = words(text)
    for form in ("%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M%z", "%Y-%m-%dT%H:%M:%S.%f%z"):
        try:
            return datetime.strptime(spelled, form).astimezone(timezone.utc)
        except ValueError:
            continue
    raise ValueError(f"no time: {spelled!a}")


def whole_minutes(moment: datetime) -> str:
    """What a Filter on creation times takes: UTC without seconds."""
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%MZ")


def tag_map(tags: Any) -> dict[str, str]:
    entries = (tags.tag if tags else None) or []
    return {words(entry.tag_key): words(entry.tag_value) for entry in entries if entry.tag_key}


def tag_resources(calls: EcsCalls, kind: str, resource_ids: Sequence[str], tags: Mapping[str, str]) -> None:
    """Sets the same tags on images or snapshots, some calls at a time; one that is missing fails its whole call."""
    from alibabacloud_ecs20140526.models import TagResourcesRequest, TagResourcesRequestTag

    pairs = [TagResourcesRequestTag(key=key, value=value) for key, value in tags.items()]
    requests = [
        TagResourcesRequest(region_id=calls.region_id, resource_type=kind, resource_id=some, tag=pairs)
        for some in in_pieces(resource_ids, TAGGED_AT_ONCE)
    ]
    if len(requests) == 1:
        calls.call("TagResources", requests[0])
        return
    for result in calls.send_all("TagResources", [partial(calls.ask, "TagResources", each) for each in requests]):
        if isinstance(result, CloudError):
            raise result


def role(text: object) -> Role:
    """Letter case differs between the documents. What is not plainly a system disk must not pass as one."""
    return Role.SYSTEM if words(text).lower() == "system" else Role.DATA


def in_hundreds(ids: Sequence[str]) -> list[list[str]]:
    """As many ids as one call takes (API reference DescribeSnapshots, DescribeDisks, DescribeInstances)."""
    return in_pieces(ids, 100)


def in_pieces(ids: Sequence[str], most: int) -> list[list[str]]:
    return [list(ids[start : start + most]) for start in range(0, len(ids), most)]


def token_pages(
    calls: EcsCalls, action: str, request: Callable[[str | None], Any], entries_of: Callable[[Any], Any]
) -> Iterator[list[Any]]:
    """Every page of a listing, one at a time, or an error: a part of a listing decides nothing."""
    tokens: set[str] = set()
    token: str | None = None
    while True:
        reply = calls.call(action, request(token))
        yield listed(action, lambda: entries_of(reply))  # noqa: B023 - called at once
        token = understand(action, lambda: words(reply.next_token, 4096))  # noqa: B023 - called at once
        if not token:
            return
        if token in tokens:
            raise not_understood(action, f"it has no end after {len(tokens) + 1} pages")
        tokens.add(token)
