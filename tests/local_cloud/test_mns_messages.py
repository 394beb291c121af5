"""The local MNS over HTTP: messages, their handles, and waiting for them."""

import base64
import threading
import time
from collections.abc import Iterator

import pytest
from mns.account import Account
from mns.queue import Message, Queue
from mns_calls import MESSAGES, STATUS, XMLNS, assert_refused, code_of, open_account, raw, text

from localcloud.server import LocalCloud


@pytest.fixture
def account(cloud: LocalCloud) -> Iterator[Account]:
    with open_account(cloud) as opened:
        yield opened


@pytest.fixture
def queue(account: Account) -> Queue:
    return account.get_queue(STATUS)


def test_text_comes_back_as_it_was_sent(queue: Queue) -> None:
    sent = queue.send_message(Message("快照 <done> & \r\n“image”"))

    received = queue.receive_message()

    assert text(received) == "快照 <done> & \r\n“image”"
    assert (received.message_id, received.message_body_md5) == (sent.message_id, sent.message_body_md5)
    assert (received.dequeue_count, received.priority) == (1, 8)


def test_a_body_is_stored_and_returned_verbatim(cloud: LocalCloud) -> None:
    raw(cloud, "POST", MESSAGES, f"<Message {XMLNS}><MessageBody>a &lt;b&gt; &amp; c&#13;d</MessageBody></Message>")

    assert [message.body for message in cloud.mns.queues.peek_all(STATUS)] == ["a <b> & c\rd"]
    assert "<MessageBody>a &lt;b&gt; &amp; c&#13;d</MessageBody>" in raw(cloud, "GET", MESSAGES).body


def test_a_received_message_carries_every_element_with_text(cloud: LocalCloud) -> None:
    cloud.mns.queues.send(STATUS, "x")

    body = raw(cloud, "GET", MESSAGES).body

    names = "MessageId ReceiptHandle MessageBodyMD5 MessageBody EnqueueTime NextVisibleTime FirstDequeueTime"
    missing = [name for name in (*names.split(), "DequeueCount", "Priority") if f"<{name}>" not in body]
    assert (missing, "></" in body, "/>" in body) == ([], False, False)


def test_an_empty_queue_answers_message_not_exist(queue: Queue) -> None:
    assert code_of(queue.receive_message) == "MessageNotExist"


def test_an_empty_queue_has_nothing_to_peek_at(queue: Queue) -> None:
    assert code_of(queue.batch_peek_message, 1) == "MessageNotExist"


def test_a_queue_that_is_missing_is_told_from_an_empty_one(account: Account) -> None:
    assert code_of(account.get_queue("missing").receive_message) == "QueueNotExist"


def test_a_received_message_is_hidden_until_its_timeout(cloud: LocalCloud, queue: Queue) -> None:
    queue.send_message(Message("once"))
    queue.receive_message()

    assert code_of(queue.receive_message) == "MessageNotExist"
    cloud.clock.advance(31)
    assert queue.receive_message().dequeue_count == 2


def test_a_send_answers_without_a_handle(cloud: LocalCloud) -> None:
    answer = raw(cloud, "POST", MESSAGES, "<Message><MessageBody>x</MessageBody></Message>")

    assert (answer.status, "<ReceiptHandle>" in answer.body) == (201, False)


def test_peeking_changes_nothing(queue: Queue) -> None:
    queue.send_message(Message("seen"))

    (peeked,) = queue.batch_peek_message(1)

    assert (text(peeked), peeked.dequeue_count, peeked.first_dequeue_time) == ("seen", 0, peeked.enqueue_time)
    assert queue.receive_message().dequeue_count == 1


def test_several_are_peeked_at(queue: Queue) -> None:
    queue.send_message(Message("one"))
    queue.send_message(Message("two"))

    assert [text(message) for message in queue.batch_peek_message(16)] == ["one", "two"]


def test_a_deleted_message_does_not_come_back(cloud: LocalCloud, queue: Queue) -> None:
    queue.send_message(Message("done"))

    queue.delete_message(queue.receive_message().receipt_handle)

    assert cloud.mns.queues.peek_all(STATUS) == []


def test_a_handle_is_used_up_by_deleting(queue: Queue) -> None:
    queue.send_message(Message("done"))
    handle = queue.receive_message().receipt_handle
    queue.delete_message(handle)

    assert code_of(queue.delete_message, handle) == "MessageNotExist"


def test_a_handle_is_refused_after_the_message_was_received_again(cloud: LocalCloud, queue: Queue) -> None:
    queue.send_message(Message("twice"))
    old = queue.receive_message().receipt_handle
    cloud.clock.advance(31)
    new = queue.receive_message().receipt_handle

    assert code_of(queue.delete_message, old) == "MessageNotExist"
    queue.delete_message(new)


def test_a_handle_arrives_with_its_plus_slash_and_equals_raw(cloud: LocalCloud) -> None:
    cloud.mns.queues.send(STATUS, "x")
    [message] = cloud.mns.queues.receive(STATUS)

    assert set("+/=") <= set(message.receipt_handle or "")
    assert raw(cloud, "DELETE", f"{MESSAGES}?ReceiptHandle={message.receipt_handle}").status == 204


def test_query_names_are_read_in_any_case(cloud: LocalCloud) -> None:
    cloud.mns.queues.send(STATUS, "x")
    [message] = cloud.mns.queues.receive(STATUS)

    answer = raw(cloud, "DELETE", f"{MESSAGES}?receiptHandle={message.receipt_handle}")

    assert answer.status == 204


def test_a_malformed_handle_is_refused_as_such(queue: Queue) -> None:
    assert code_of(queue.delete_message, "nonsense") == "ReceiptHandleError"


def test_a_missing_handle_is_refused_as_such(cloud: LocalCloud) -> None:
    assert_refused(raw(cloud, "DELETE", MESSAGES), 400, "MissingReceiptHandle")


def test_peeking_at_seventeen_at_once_is_refused(queue: Queue) -> None:
    assert code_of(queue.batch_peek_message, 17) == "InvalidArgument"


def test_an_oversize_body_is_refused(queue: Queue) -> None:
    assert code_of(queue.send_message, Message("x" * 60_000)) == "InvalidArgument"


def test_a_body_of_exactly_64_kilobytes_is_accepted(cloud: LocalCloud) -> None:
    answer = raw(cloud, "POST", MESSAGES, f"<Message><MessageBody>{'x' * 65536}</MessageBody></Message>")

    assert answer.status == 201


def test_a_long_poll_wakes_when_a_message_is_sent(cloud: LocalCloud, queue: Queue) -> None:
    threading.Timer(0.1, cloud.mns.queues.send, [STATUS, base64.b64encode(b"awake").decode()]).start()
    started = time.monotonic()

    received = queue.receive_message(wait_seconds=20)

    assert text(received) == "awake"
    assert time.monotonic() - started < 15


def test_a_long_poll_ends_empty_at_its_time(cloud: LocalCloud, queue: Queue) -> None:
    threading.Timer(0.1, cloud.clock.advance, [21]).start()

    assert code_of(queue.receive_message, 20) == "MessageNotExist"


def test_a_wait_over_thirty_seconds_is_refused(cloud: LocalCloud) -> None:
    assert_refused(raw(cloud, "GET", f"{MESSAGES}?waitseconds=31"), 400, "InvalidArgument", "waitseconds")
