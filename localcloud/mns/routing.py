"""Which operation a method, a path and a query ask for; anything else is refused by its name."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import unquote

from localcloud.mns.errors import MnsError
from localcloud.mns.state import check_name
from localcloud.wire import Request


class _Route(NamedTuple):
    """`switches` are query names that choose it, `names` those that it may have besides."""

    method: str
    kind: str
    action: str
    switches: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()


# The query names of each operation, from its own page (help.aliyun.com 35129 to 35142). In lower case, because the SDKs
# write them in several ways, and of the pages 27487 has metaOverride and 35130 metaoverride.
_ROUTES = (
    _Route("PUT", "queue", "SetQueueAttributes", switches=frozenset({"metaoverride"})),
    _Route("PUT", "queue", "CreateQueue"),
    _Route("GET", "queue", "GetQueueAttributes"),
    _Route("DELETE", "queue", "DeleteQueue"),
    _Route("POST", "messages", "SendMessage"),
    _Route("GET", "messages", "BatchPeekMessage", switches=frozenset({"peekonly", "numofmessages"})),
    _Route("GET", "messages", "ReceiveMessage", names=frozenset({"waitseconds"})),
    _Route("DELETE", "messages", "DeleteMessage", names=frozenset({"receipthandle"})),
)
_ONLY_TRUE = ("metaoverride", "peekonly")
"""Their pages know no value but true."""


@dataclass(frozen=True)
class Operation:
    action: str
    queue: str
    query: Mapping[str, str]
    """Names in lower case, values decoded."""


def route(request: Request) -> Operation:
    kind, queue = _resource(request)
    query = _parse_query(request.query)
    meant = [each for each in _ROUTES if (each.method, each.kind) == (request.method, kind)]
    found = next((each for each in meant if each.switches <= query.keys()), None)
    if found is None:
        raise _unknown(request)
    for name in query:
        if name not in found.switches | found.names:
            raise MnsError("InvalidQueryString", _as_sent(name, request.query))
    for name in _ONLY_TRUE:
        if query.get(name, "true").lower() != "true":
            raise MnsError("InvalidQueryString", f"{name}={query[name]}")
    return Operation(found.action, queue, query)


def _resource(request: Request) -> tuple[str, str]:
    match request.path.split("/")[1:]:
        case ["queues", queue] if queue:
            return "queue", _queue_name(queue)
        case ["queues", queue, "messages"] if queue:
            return "messages", _queue_name(queue)
        case ["topics", *_]:
            raise _unknown(request, "This stand-in serves queues and no topics: ")
        case _:
            raise _unknown(request)


def _queue_name(segment: str) -> str:
    name = unquote(segment)
    check_name(name)
    return name


def _parse_query(text: str) -> dict[str, str]:
    """Percent escapes are decoded, '+' is not: receipt handles arrive with it raw.

    Whether the service decodes a handle is documented nowhere. No handle contains a '%', so decoding harms none.
    """
    query = dict[str, str]()
    for item in filter(None, text.split("&")):
        name, _, value = item.partition("=")
        if name.lower() in query:
            raise MnsError("InvalidQueryString", name)
        query[name.lower()] = unquote(value)
    return query


def _as_sent(name: str, query: str) -> str:
    """The refused name as its sender wrote it."""
    sent = (item.partition("=")[0] for item in query.split("&"))
    return next(candidate for candidate in sent if candidate.lower() == name)


def _unknown(request: Request, reason: str = "Not an operation that is served here: ") -> MnsError:
    return MnsError("InvalidRequestURL", f"{reason}{request.method} {request.path}")
