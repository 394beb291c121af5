"""The operations on queues: creating and deleting one, reading and changing its attributes."""

from collections.abc import Callable

from localcloud.mns.attributes import ATTRIBUTE_LIMITS
from localcloud.mns.calls import NO_CONTENT, MnsCall, MnsReply
from localcloud.mns.state import QueueStatus
from localcloud.mns.xml import Node, boolean, fields, integer, node, nodes_of, parse

_FIELD_NAMES = {limit.name: attribute for attribute, limit in ATTRIBUTE_LIMITS.items()}


def create_queue(call: MnsCall) -> MnsReply:
    """help.aliyun.com 35129: 201 if new, 204 if alike. Location also on 204: the SDKs read it after either."""
    created = call.store.create(call.queue, **_attributes(call))
    return MnsReply(201 if created else 204, location=call.queue_url(call.queue))


def set_queue_attributes(call: MnsCall) -> MnsReply:
    """help.aliyun.com 35130."""
    call.store.set_attributes(call.queue, **_attributes(call))
    return NO_CONTENT


def get_queue_attributes(call: MnsCall) -> MnsReply:
    """help.aliyun.com 35131."""
    return MnsReply(200, node("Queue", *_describe(call.store.status(call.queue))))


def delete_queue(call: MnsCall) -> MnsReply:
    """help.aliyun.com 35132."""
    call.store.delete(call.queue)
    return NO_CONTENT


def _attributes(call: MnsCall) -> dict[str, int]:
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
