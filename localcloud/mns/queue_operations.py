"""The operations on queues and on the account: attributes, listing, creating and deleting."""

import base64
from collections.abc import Callable
from itertools import islice

from localcloud.mns.attributes import ATTRIBUTE_LIMITS, Limit
from localcloud.mns.calls import NO_CONTENT, Call, Reply
from localcloud.mns.errors import MnsError
from localcloud.mns.state import QueueStatus
from localcloud.mns.xml import Node, boolean, fields, integer, node, nodes_of, parse

_FIELD_NAMES = {limit.name: attribute for attribute, limit in ATTRIBUTE_LIMITS.items()}
_PAGE = Limit("x-mns-ret-number", 1, 1000, "queues")  # help.aliyun.com 35133


def create_queue(call: Call) -> Reply:
    """help.aliyun.com 35129: 201 if new, 204 if alike. Location also on 204: the SDKs read it after either."""
    created = call.store.create(call.queue, **_attributes(call))
    return Reply(201 if created else 204, location=call.queue_url(call.queue))


def set_queue_attributes(call: Call) -> Reply:
    """help.aliyun.com 35130."""
    call.store.set_attributes(call.queue, **_attributes(call))
    return NO_CONTENT


def get_queue_attributes(call: Call) -> Reply:
    """help.aliyun.com 35131."""
    return Reply(200, node("Queue", *_describe(call.store.status(call.queue))))


def delete_queue(call: Call) -> Reply:
    """help.aliyun.com 35132."""
    call.store.delete(call.queue)
    return NO_CONTENT


def list_queues(call: Call) -> Reply:
    """help.aliyun.com 35133. NextMarker is left out on the last page, because an empty one breaks the SDKs."""
    headers = call.request.headers
    size = _PAGE.check(integer(_PAGE.name, headers.get(_PAGE.name) or "1000"))
    marker = _decode_marker(headers.get("x-mns-marker", ""))
    with_meta = boolean("x-mns-with-meta", headers.get("x-mns-with-meta") or "false")
    names = (name for name in call.store.names(headers.get("x-mns-prefix", "")) if name > marker)
    page = list(islice(names, size))
    following = [Node("NextMarker", _encode_marker(page[-1]))] if next(names, None) else []
    return Reply(200, node("Queues", *(_listed(call, name, with_meta) for name in page), *following))


def get_account_attributes(call: Call) -> Reply:
    """The Python SDK's mns_client.py: the element must be there even where no bucket was ever set."""
    return Reply(200, node("Account", Node("LoggingBucket", call.store.logging_bucket)))


def set_account_attributes(call: Call) -> Reply:
    sent = fields(parse(call.request.body, "Account"), {"LoggingBucket"})
    call.store.logging_bucket = sent.get("LoggingBucket", call.store.logging_bucket)
    return NO_CONTENT


def _attributes(call: Call) -> dict[str, int]:
    sent = fields(parse(call.request.body, "Queue"), _FIELD_NAMES)
    return {_FIELD_NAMES[name]: _reader(name)(name, text) for name, text in sent.items()}


def _reader(name: str) -> Callable[[str, str], int]:
    return boolean if name == "LoggingEnabled" else integer


def _describe(status: QueueStatus) -> tuple[Node, ...]:
    attributes = {name: getattr(status.attributes, field) for name, field in _FIELD_NAMES.items()}
    return nodes_of(
        {
            "QueueName": status.name,
            # help.aliyun.com 35131: the English page says milliseconds, the older one seconds; both show 1250700999.
            "CreateTime": status.created_at // 1000,
            "LastModifyTime": status.modified_at // 1000,
            **attributes,
            # api-mns-open-2022-01-19-getqueueattributes announces that these three will be 0 one day. They are true
            # here, so that tests can count; a program should not build on them.
            "ActiveMessages": status.counts.active,
            "InactiveMessages": status.counts.inactive,
            "DelayMessages": status.counts.delayed,
        }
    )


def _listed(call: Call, name: str, with_meta: bool) -> Node:
    """x-mns-with-meta is on no page; the SDKs send it and read the attributes beside the URL."""
    described = _describe(call.store.status(name)) if with_meta else ()
    return node("Queue", Node("QueueURL", call.queue_url(name)), *described)


def _encode_marker(name: str) -> str:
    """help.aliyun.com 35133: base64, and opaque to the client."""
    return base64.b64encode(name.encode()).decode()


def _decode_marker(marker: str) -> str:
    try:
        return base64.b64decode(marker, validate=True).decode()
    except ValueError as error:
        raise MnsError("InvalidArgument", f"x-mns-marker “{marker}” is not one that was given out.") from error
