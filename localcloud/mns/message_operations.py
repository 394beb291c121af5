"""The operations on messages: sending, receiving, peeking, deleting and postponing, one by one or in batches."""

from collections.abc import Iterable
from typing import NamedTuple
from xml.etree import ElementTree

from localcloud.mns.attributes import BATCH_BYTES, BATCH_ITEMS, DEFAULT_PRIORITY
from localcloud.mns.calls import NO_CONTENT, Call, Reply
from localcloud.mns.errors import MnsError, schema_violation
from localcloud.mns.messages import Message
from localcloud.mns.xml import Node, children, fields, integer, node, nodes_of, parse


class _Sent(NamedTuple):
    body: str
    delay_seconds: int | None
    priority: int


def send_message(call: Call) -> Reply:
    """help.aliyun.com 35134. A delayed message's handle is on record for the real service, not on that page."""
    message = call.store.send(call.queue, *_read_message(parse(call.request.body, "Message", "Messages")))
    handle = [Node("ReceiptHandle", message.receipt_handle)] if message.receipt_handle else []
    return Reply(201, node("Message", *_sent(message), *handle))


def batch_send_message(call: Call) -> Reply:
    """help.aliyun.com 35135: up to 16 messages and 64 KB. The page says that what is over "is discarded"; here the
    batch is refused, so that nobody loses a message unawares.

    The status of a half-failed batch is on no page. The Python SDK can read such a reply only from 400 upwards, and
    only with these very elements, so delayed messages of a batch carry no handle.
    """
    messages = [_read_message(item) for item in children(parse(call.request.body, "Messages"), "Message")]
    BATCH_ITEMS.check(len(messages))
    BATCH_BYTES.check(sum(len(message.body.encode()) for message in messages))
    call.store.status(call.queue)
    status, items = 201, list[Node]()
    for message in messages:
        try:
            items.append(node("Message", *_sent(call.store.send(call.queue, *message))))
        except MnsError as error:
            status = max(status, error.status)
            items.append(node("Message", *_failure(error)))
    return Reply(status, node("Messages", *items))


def receive_message(call: Call) -> Reply:
    """help.aliyun.com 35136."""
    [message] = call.store.receive(call.queue, wait_seconds=call.number("waitseconds"))
    return Reply(200, _received(message))


def batch_receive_message(call: Call) -> Reply:
    """help.aliyun.com 35137. The service may return fewer than there are; here they are all there."""
    count = call.required_number("numOfMessages")
    messages = call.store.receive(call.queue, count, call.number("waitseconds"))
    return Reply(200, node("Messages", *map(_received, messages)))


def peek_message(call: Call) -> Reply:
    """help.aliyun.com 35140."""
    [message] = call.store.peek(call.queue)
    return Reply(200, _peeked(message))


def batch_peek_message(call: Call) -> Reply:
    """help.aliyun.com 35141."""
    messages = call.store.peek(call.queue, call.required_number("numOfMessages"))
    return Reply(200, node("Messages", *map(_peeked, messages)))


def delete_message(call: Call) -> Reply:
    """help.aliyun.com 35138."""
    call.store.delete_message(call.queue, call.receipt_handle())
    return NO_CONTENT


def batch_delete_message(call: Call) -> Reply:
    """help.aliyun.com 35139: 204 only if every one is deleted; otherwise 404 and the ones that were not."""
    handles = [_handle(item) for item in children(parse(call.request.body, "ReceiptHandles"), "ReceiptHandle")]
    BATCH_ITEMS.check(len(handles))
    call.store.status(call.queue)
    failures = list(_delete_each(call, handles))
    return Reply(404, node("Errors", *failures)) if failures else NO_CONTENT


def change_message_visibility(call: Call) -> Reply:
    """help.aliyun.com 35142. NextVisibleTime is in milliseconds, as its text says; its example shows microseconds."""
    handle = call.receipt_handle()
    message = call.store.change_visibility(call.queue, handle, call.required_number("VisibilityTimeout"))
    changed = {"ReceiptHandle": message.receipt_handle, "NextVisibleTime": message.visible_at}
    return Reply(200, node("ChangeVisibility", *nodes_of(changed)))


def _read_message(element: ElementTree.Element) -> _Sent:
    """Message properties and MessageGroupId are newer than this stand-in, and refused by name."""
    sent = fields(element, {"MessageBody", "DelaySeconds", "Priority"})
    if "MessageBody" not in sent:
        raise schema_violation("MessageBody Element: it is missing")
    return _Sent(
        sent["MessageBody"],
        integer("DelaySeconds", sent["DelaySeconds"]) if "DelaySeconds" in sent else None,
        integer("Priority", sent["Priority"]) if "Priority" in sent else DEFAULT_PRIORITY,
    )


def _handle(element: ElementTree.Element) -> str:
    if not element.text:
        raise MnsError("MissingReceiptHandle")
    return element.text


def _delete_each(call: Call, handles: Iterable[str]) -> Iterable[Node]:
    for handle in handles:
        try:
            call.store.delete_message(call.queue, handle)
        except MnsError as error:
            yield node("Error", *_failure(error), Node("ReceiptHandle", handle))


def _failure(error: MnsError) -> tuple[Node, ...]:
    return nodes_of({"ErrorCode": error.code, "ErrorMessage": error.message})


def _sent(message: Message) -> tuple[Node, ...]:
    return nodes_of({"MessageId": message.message_id, "MessageBodyMD5": message.body_md5})


def _received(message: Message) -> Node:
    hold = {"ReceiptHandle": message.receipt_handle, "NextVisibleTime": message.visible_at}
    return node("Message", *nodes_of({**_seen(message), **hold}))


def _peeked(message: Message) -> Node:
    return node("Message", *nodes_of(_seen(message)))


def _seen(message: Message) -> dict[str, object]:
    return {
        "MessageId": message.message_id,
        "MessageBody": message.body,
        "MessageBodyMD5": message.body_md5,
        "EnqueueTime": message.enqueued_at,
        # help.aliyun.com 35140: the same as EnqueueTime while nobody has received it.
        "FirstDequeueTime": message.first_dequeued_at or message.enqueued_at,
        "DequeueCount": message.dequeue_count,
        "Priority": message.priority,
    }
