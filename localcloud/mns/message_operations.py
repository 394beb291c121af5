"""The operations on messages: sending, receiving and deleting one, looking at several."""

from localcloud.mns.calls import NO_CONTENT, MnsCall, MnsReply
from localcloud.mns.errors import schema_violation
from localcloud.mns.messages import StoredMessage
from localcloud.mns.xml import Node, fields, node, nodes_of, parse


def send_message(call: MnsCall) -> MnsReply:
    """help.aliyun.com 35134. A delay, a priority and properties of its own are not played, and refused by name."""
    sent = fields(parse(call.request.body, "Message"), {"MessageBody"})
    if "MessageBody" not in sent:
        raise schema_violation("MessageBody Element: it is missing")
    message = call.store.send(call.queue, sent["MessageBody"])
    told = {"MessageId": message.message_id, "MessageBodyMD5": message.body_md5}
    return MnsReply(201, node("Message", *nodes_of(told)))


def receive_message(call: MnsCall) -> MnsReply:
    """help.aliyun.com 35136."""
    [message] = call.store.receive(call.queue, wait_seconds=call.number("waitseconds"))
    return MnsReply(200, _received(message))


def batch_peek_message(call: MnsCall) -> MnsReply:
    """help.aliyun.com 35141."""
    messages = call.store.peek(call.queue, call.required_number("numOfMessages"))
    return MnsReply(200, node("Messages", *map(_peeked, messages)))


def delete_message(call: MnsCall) -> MnsReply:
    """help.aliyun.com 35138."""
    call.store.delete_message(call.queue, call.receipt_handle())
    return NO_CONTENT


def _received(message: StoredMessage) -> Node:
    hold = {"ReceiptHandle": message.receipt_handle, "NextVisibleTime": message.visible_at}
    return node("Message", *nodes_of({**_seen(message), **hold}))


def _peeked(message: StoredMessage) -> Node:
    return node("Message", *nodes_of(_seen(message)))


def _seen(message: StoredMessage) -> dict[str, object]:
    return {
        "MessageId": message.message_id,
        "MessageBody": message.body,
        "MessageBodyMD5": message.body_md5,
        "EnqueueTime": message.enqueued_at,
        # help.aliyun.com 35140: the same as EnqueueTime while nobody has received it.
        "FirstDequeueTime": message.first_dequeued_at or message.enqueued_at,
        "DequeueCount": message.dequeue_count,
        "Priority": 8,  # help.aliyun.com 35134: where none is given
    }
