"""One door to the ECS SDK: builds its client late, waits out throttling, translates its errors."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, lru_cache, partial
from typing import TYPE_CHECKING, Any

from shared.adapters.replies import credentials, listed, not_understood, understand, words
from shared.adapters.throttling import CallRecord, Throttling
from shared.domain.errors import CloudError
from shared.settings import Settings

if TYPE_CHECKING:
    from alibabacloud_ecs20140526.client import Client

TAGGED_AT_ONCE = 50
"""Resources in one TagResources call (API reference TagResources)."""


class EcsCalls(CallRecord):
    """Calls ECS with the given settings. Nothing of the SDK is imported before the first call: it costs a second."""

    def __init__(self, settings: Settings, throttling: Throttling) -> None:
        super().__init__(throttling)
        self._settings = settings

    @property
    def region_id(self) -> str:
        return self._settings.region_id

    def call(self, action: str, request: Any) -> Any:
        """The body of the SDK's reply to one action, of which no field is certain; raises Transient or Refused."""
        return self.send(action, lambda: self.ask(action, request))

    def ask(self, action: str, request: Any) -> Any:
        """Once, and unrecorded: `send` and `send_all` record what they send."""
        client = _open_ecs(self._settings)
        from shared.adapters.aliyun_errors import SDK_ERRORS, translate

        try:
            body = getattr(client, _method(action))(request).body
        except SDK_ERRORS as error:
            trouble = translate(error, action, credentials(self._settings))
        else:
            if body is not None:
                return body
            trouble = not_understood(action, "its JSON has another shape than documented")  # the SDK swallows why
        # Raised out here, so that no traceback shows the SDK's exception: it quotes whole replies and headers.
        raise trouble


@lru_cache(maxsize=1)
def _open_ecs(settings: Settings) -> "Client":
    """The same one as long as the settings are the same; FC changes the keys under a warm instance."""
    from alibabacloud_ecs20140526.client import Client

    from shared.adapters.sdk_client import open_client

    return open_client(Client, settings, settings.ecs_endpoint)


def tag_resources(calls: EcsCalls, kind: str, resource_ids: Sequence[str], tags: Mapping[str, str]) -> None:
    """Sets the same tags on images or snapshots, some calls at a time; one that is missing fails its whole call."""
    from alibabacloud_ecs20140526.models import TagResourcesRequest, TagResourcesRequestTag

    pairs = [TagResourcesRequestTag(key=key, value=value) for key, value in tags.items()]
    requests = [
        TagResourcesRequest(region_id=calls.region_id, resource_type=kind, resource_id=some, tag=pairs)
        for some in in_pieces(resource_ids, TAGGED_AT_ONCE)
    ]
    for result in calls.send_all("TagResources", [partial(calls.ask, "TagResources", each) for each in requests]):
        if isinstance(result, CloudError):
            raise result


def untag_resources(calls: EcsCalls, kind: str, resource_ids: Sequence[str], keys: Sequence[str]) -> None:
    """A key that a resource does not carry is no error (API reference UntagResources)."""
    from alibabacloud_ecs20140526.models import UntagResourcesRequest

    for some in in_pieces(resource_ids, TAGGED_AT_ONCE):
        request = UntagResourcesRequest(region_id=calls.region_id, resource_type=kind, resource_id=some, tag_key=keys)
        calls.call("UntagResources", request)


def in_hundreds(ids: Sequence[str]) -> list[Sequence[str]]:
    """As many ids as one call takes (API reference DescribeSnapshots, DescribeDisks, DescribeInstances)."""
    return in_pieces(ids, 100)


def in_pieces(ids: Sequence[str], most: int) -> list[Sequence[str]]:
    return [ids[start : start + most] for start in range(0, len(ids), most)]


def token_pages(
    calls: EcsCalls, action: str, request: Callable[..., Any], entries_of: Callable[[Any], Any], **query: Any
) -> Iterator[list[Any]]:
    """Every page of a listing, one at a time, or an error: a part of a listing decides nothing. `request` is a model
    of the SDK, and `query` everything of it but the region and the page."""
    tokens: set[str] = set()
    token: str | None = None
    while True:
        reply = calls.call(action, request(region_id=calls.region_id, next_token=token, **query))
        yield listed(action, lambda: entries_of(reply))  # noqa: B023 - called at once
        token = understand(action, lambda: words(reply.next_token, 4096))  # noqa: B023 - called at once
        if not token:
            return
        if token in tokens:
            raise not_understood(action, f"it has no end after {len(tokens) + 1} pages")
        tokens.add(token)


@cache
def _method(action: str) -> str:
    """The SDK's name for an action: `DescribeImages` is `describe_images`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", action).lower()
