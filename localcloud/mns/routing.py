"""Which operation a method, a path and a query ask for; anything else is refused by its name."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from localcloud.mns.errors import MnsError
from localcloud.mns.state import check_name
from localcloud.wire import Request

# The query names of each operation, from its own page (help.aliyun.com 35129 to 35142). In lower case, because the SDKs write them in several ways, and of the pages 27487 has metaOverride
# and 35130 metaoverride.
_QUERY: dict[str, frozenset[str]] = {
    "CreateQueue": frozenset(),
    "SetQueueAttributes": frozenset({"metaoverride"}),
    "GetQueueAttributes": frozenset(),
    "DeleteQueue": frozenset(),
    "SendMessage": frozenset(),
    "ReceiveMessage": frozenset({"waitseconds"}),
    "BatchPeekMessage": frozenset({"peekonly", "numofmessages"}),
    "DeleteMessage": frozenset({"receipthandle"}),
}
# Switches that choose an operation; their pages know no value but true.
_SWITCHES = ("metaoverride", "peekonly")


@dataclass(frozen=True)
class Operation:
    action: str
    queue: str
    query: Mapping[str, str]
    """Names in lower case, values decoded."""


def route(request: Request) -> Operation:
    kind, queue = _resource(request)
    query = _parse_query(request.query)
    action = _action(request, kind, query)
    for name in query:
        if name not in _QUERY[action]:
            raise MnsError("InvalidQueryString", _as_sent(name, request.query))
    for name in _SWITCHES:
        if query.get(name, "true").lower() != "true":
            raise MnsError("InvalidQueryString", f"{name}={query[name]}")
    return Operation(action, queue, query)


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


def _action(request: Request, kind: str, query: Mapping[str, str]) -> str:
    match request.method, kind:
        case "PUT", "queue":
            return "SetQueueAttributes" if "metaoverride" in query else "CreateQueue"
        case "GET", "queue":
            return "GetQueueAttributes"
        case "DELETE", "queue":
            return "DeleteQueue"
        case method, "messages":
            return _message_action(request, method, query)
        case _:
            raise _unknown(request)


def _message_action(request: Request, method: str, query: Mapping[str, str]) -> str:
    match method:
        case "POST":
            return "SendMessage"
        case "GET" if "peekonly" in query and "numofmessages" in query:
            return "BatchPeekMessage"
        case "GET" if "peekonly" not in query and "numofmessages" not in query:
            return "ReceiveMessage"
        case "DELETE":
            return "DeleteMessage"
        case _:
            raise _unknown(request)


def _as_sent(name: str, query: str) -> str:
    """The refused name as its sender wrote it."""
    sent = (item.partition("=")[0] for item in query.split("&"))
    return next(candidate for candidate in sent if candidate.lower() == name)


def _unknown(request: Request, reason: str = "Not an operation that is served here: ") -> MnsError:
    return MnsError("InvalidRequestURL", f"{reason}{request.method} {request.path}")
