"""The MNS stand-in over HTTP, by the unmodified Python SDK where it can ask, by hand where it would not.

The SDK is aliyun-mns-sdk; aliyun-mns 1.1.5, which FC preinstalls under the same import name, must pass too.
"""

import base64
import hashlib
import hmac
import http.client
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from email.utils import formatdate
from typing import Any, NamedTuple

import mns.mns_client
import pytest
from mns.account import Account
from mns.mns_exception import MNSExceptionBase, MNSServerException
from mns.queue import Message, Queue, QueueMeta
from mns.topic import TopicMeta

from localcloud.wire import Request

# Reading attributes with aliyun-mns-sdk 1.3.0 warns that its three message counts are to go.
pytestmark = pytest.mark.filterwarnings("ignore:.*messages即将下线:DeprecationWarning")

# aliyun-mns 1.1.5 prints the secret on every call; a global of the module hides the builtin from it.
mns.mns_client.print = lambda *_, **__: None

STATUS = "snapimage-status"
MESSAGES = f"/queues/{STATUS}/messages"
XMLNS = 'xmlns="http://mns.aliyuncs.com/doc/v1/"'


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: str


@pytest.fixture
def connect(cloud: Any) -> Iterator[Callable[..., Account]]:
    with ExitStack() as connections:

        def open_account(**changes: str) -> Account:
            keys = {"access_id": cloud.access_key_id, "access_key": cloud.access_key_secret} | changes
            account = Account(cloud.endpoint, **keys)
            connections.callback(account.get_client().close_connection)
            return account

        yield open_account


@pytest.fixture
def account(connect: Callable[..., Account]) -> Account:
    return connect()


@pytest.fixture
def queue(account: Account) -> Queue:
    return account.get_queue(STATUS)


def text(message: Any) -> str:
    """1.1.5 gives str here and bytes there, 1.3.0 bytes everywhere."""
    body = message.message_body
    return body.decode() if isinstance(body, bytes) else body


def texts(messages: Any) -> list[str]:
    return [text(message) for message in messages]


def raw(cloud: Any, method: str, target: str, body: str = "", **changes: str | None) -> Answer:
    """A request signed here and not by the stand-in's own code. Header names take '_' for '-'; None leaves one out."""
    asked = {"date": formatdate(usegmt=True), "x_mns_version": "2015-06-06"} | changes
    headers = {name.replace("_", "-"): value for name, value in asked.items() if value is not None}
    x_mns = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers) if name.startswith("x-mns-"))
    signed = (method, headers.get("content-md5", ""), headers.get("content-type", ""), headers.get("date", ""))
    digest = hmac.new(cloud.access_key_secret.encode(), "\n".join((*signed, x_mns + target)).encode(), hashlib.sha1)
    signature = base64.b64encode(digest.digest()).decode()
    headers.setdefault("Authorization", f"MNS {cloud.access_key_id}:{signature}")
    return exchange(cloud, method, target, body, headers)


def exchange(cloud: Any, method: str, target: str, body: str, headers: dict[str, str]) -> Answer:
    connection = http.client.HTTPConnection(cloud.endpoint.removeprefix("http://"), timeout=10)
    try:
        connection.request(method, target, body.encode() or None, headers)
        response = connection.getresponse()
        names = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, names, response.read().decode())
    finally:
        connection.close()


def assert_refused(answer: Answer, status: int, code: str, *words: str) -> None:
    assert (answer.status, f"<Code>{code}</Code>" in answer.body) == (status, True), answer
    assert [word for word in words if word not in answer.body] == []


def code_of(call: Any, *arguments: Any) -> str:
    with pytest.raises(MNSServerException) as refusal:
        call(*arguments)
    return str(refusal.value.type)


# Queues and the account


def test_a_new_queue_is_made_with_its_attributes(cloud: Any, account: Account) -> None:
    orders = account.get_queue("orders")

    url = orders.create(QueueMeta(60, 2048, 3600, 5, 10))

    assert url == f"{cloud.endpoint}/queues/orders"
    meta = orders.get_attributes()
    assert (meta.queue_name, meta.visibility_timeout, meta.maximum_message_size) == ("orders", 60, 2048)
    assert (meta.message_retention_period, meta.delay_seconds, meta.polling_wait_seconds) == (3600, 5, 10)
    assert meta.logging_enabled is False


def test_making_a_queue_again_alike_answers_with_its_url(cloud: Any, account: Account) -> None:
    orders = account.get_queue("orders")
    orders.create(QueueMeta(60, 2048, 3600, 5, 10))

    assert orders.create(QueueMeta(60, 2048, 3600, 5, 10)) == f"{cloud.endpoint}/queues/orders"


def test_making_a_queue_again_alike_is_204_without_a_body(cloud: Any) -> None:
    answer = raw(cloud, "PUT", f"/queues/{STATUS}", f"<Queue {XMLNS}/>")

    assert (answer.status, answer.body) == (204, "")


def test_making_a_queue_again_otherwise_is_refused(account: Account) -> None:
    orders = account.get_queue("orders")
    orders.create(QueueMeta(60, 2048, 3600, 5, 10))

    assert code_of(orders.create, QueueMeta(61, 2048, 3600, 5, 10)) == "QueueAlreadyExist"


def test_attributes_that_are_not_named_stay_as_they_were(cloud: Any, queue: Queue) -> None:
    raw(cloud, "PUT", f"/queues/{STATUS}?metaOverride=true", "<Queue><LoggingEnabled>True</LoggingEnabled></Queue>")

    answer = raw(cloud, "PUT", f"/queues/{STATUS}?metaoverride=true", "<Queue><DelaySeconds>9</DelaySeconds></Queue>")

    assert answer.status == 204
    meta = queue.get_attributes()
    assert (meta.delay_seconds, meta.visibility_timeout, meta.logging_enabled) == (9, 30, True)


def test_the_sdk_sets_attributes(queue: Queue) -> None:
    queue.set_attributes(QueueMeta(60, 2048, 3600, 5, 10))

    assert queue.get_attributes().visibility_timeout == 60


def test_an_attribute_out_of_range_is_refused_with_its_bounds(cloud: Any) -> None:
    answer = raw(cloud, "PUT", "/queues/orders", "<Queue><VisibilityTimeout>43201</VisibilityTimeout></Queue>")

    assert_refused(answer, 400, "InvalidArgument", "The value of VisibilityTimeout should between 1 and 43200 seconds.")


def test_a_deleted_queue_is_gone(queue: Queue) -> None:
    queue.delete()

    assert code_of(queue.get_attributes) == "QueueNotExist"


def test_queues_are_listed_page_by_page(cloud: Any, account: Account) -> None:
    first, marker = account.list_queue(ret_number=1)
    second, end = account.list_queue(ret_number=1, marker=marker)

    assert first + second == [f"{cloud.endpoint}/queues/snapimage-dead-letters", f"{cloud.endpoint}/queues/{STATUS}"]
    assert end == ""


def test_queues_are_listed_by_prefix(cloud: Any, account: Account) -> None:
    assert account.list_queue("snapimage-s") == ([f"{cloud.endpoint}/queues/{STATUS}"], "")


def test_queues_are_listed_with_their_attributes(cloud: Any) -> None:
    answer = raw(cloud, "GET", "/queues", x_mns_with_meta="true", x_mns_prefix=STATUS)

    assert f"<QueueURL>{cloud.endpoint}/queues/{STATUS}</QueueURL>" in answer.body
    assert "<VisibilityTimeout>30</VisibilityTimeout>" in answer.body


@pytest.mark.parametrize("size", ["0", "1001", "many"])
def test_a_page_size_out_of_range_is_refused(cloud: Any, size: str) -> None:
    assert_refused(raw(cloud, "GET", "/queues", x_mns_ret_number=size), 400, "InvalidArgument", "x-mns-ret-number")


def test_a_marker_that_was_never_given_out_is_refused(cloud: Any) -> None:
    assert_refused(raw(cloud, "GET", "/queues", x_mns_marker="%"), 400, "InvalidArgument", "x-mns-marker")


def test_the_account_keeps_its_logging_bucket(cloud: Any) -> None:
    put = raw(cloud, "PUT", "/?accountmeta=true", f"<Account {XMLNS}><LoggingBucket>logs</LoggingBucket></Account>")

    assert (put.status, put.body) == (204, "")
    assert "<LoggingBucket>logs</LoggingBucket>" in raw(cloud, "GET", "/?accountmeta=true").body


def test_counts_of_messages_are_given(cloud: Any, queue: Queue) -> None:
    queue.batch_send_message([Message("taken"), Message("waits"), Message("delayed", 60)])
    queue.receive_message()

    body = raw(cloud, "GET", f"/queues/{STATUS}").body

    counts = ("<ActiveMessages>1<", "<InactiveMessages>1<", "<DelayMessages>1<")
    assert [count in body for count in counts] == [True, True, True]


# Messages


def test_text_comes_back_as_it_was_sent(queue: Queue) -> None:
    sent = queue.send_message(Message("快照 <done> & \r\n“image”"))

    received = queue.receive_message()

    assert text(received) == "快照 <done> & \r\n“image”"
    assert (received.message_id, received.message_body_md5) == (sent.message_id, sent.message_body_md5)
    assert (received.dequeue_count, received.priority) == (1, 8)


def test_a_body_is_stored_and_returned_verbatim(cloud: Any) -> None:
    raw(cloud, "POST", MESSAGES, f"<Message {XMLNS}><MessageBody>a &lt;b&gt; &amp; c&#13;d</MessageBody></Message>")

    assert [message.body for message in cloud.mns.queues.peek_all(STATUS)] == ["a <b> & c\rd"]
    assert "<MessageBody>a &lt;b&gt; &amp; c&#13;d</MessageBody>" in raw(cloud, "GET", MESSAGES).body


def test_a_received_message_carries_every_element_with_text(cloud: Any) -> None:
    cloud.mns.queues.send(STATUS, "x")

    body = raw(cloud, "GET", MESSAGES).body

    names = "MessageId ReceiptHandle MessageBodyMD5 MessageBody EnqueueTime NextVisibleTime FirstDequeueTime"
    missing = [name for name in (*names.split(), "DequeueCount", "Priority") if f"<{name}>" not in body]
    assert (missing, "></" in body, "/>" in body) == ([], False, False)


def test_an_empty_queue_answers_message_not_exist(queue: Queue) -> None:
    assert code_of(queue.receive_message) == "MessageNotExist"


def test_an_empty_queue_has_nothing_to_peek_at(queue: Queue) -> None:
    assert code_of(queue.peek_message) == "MessageNotExist"


def test_a_queue_that_is_missing_is_told_from_an_empty_one(account: Account) -> None:
    assert code_of(account.get_queue("missing").receive_message) == "QueueNotExist"


def test_a_received_message_is_hidden_until_its_timeout(cloud: Any, queue: Queue) -> None:
    queue.send_message(Message("once"))
    queue.receive_message()

    assert code_of(queue.receive_message) == "MessageNotExist"
    cloud.clock.advance(31)
    assert queue.receive_message().dequeue_count == 2


def test_a_delayed_message_is_hidden_until_its_time(cloud: Any, queue: Queue) -> None:
    queue.send_message(Message("later", delay_seconds=60))

    assert code_of(queue.receive_message) == "MessageNotExist"
    cloud.clock.advance(60)
    assert text(queue.receive_message()) == "later"


def test_a_delayed_send_answers_with_a_handle(cloud: Any) -> None:
    body = "<Message><MessageBody>x</MessageBody><DelaySeconds>5</DelaySeconds></Message>"

    assert "<ReceiptHandle>" in raw(cloud, "POST", MESSAGES, body).body


def test_an_undelayed_send_answers_without_a_handle(cloud: Any) -> None:
    answer = raw(cloud, "POST", MESSAGES, "<Message><MessageBody>x</MessageBody></Message>")

    assert (answer.status, "<ReceiptHandle>" in answer.body) == (201, False)


def test_a_smaller_priority_is_received_first(queue: Queue) -> None:
    queue.batch_send_message([Message("last", priority=16), Message("middle"), Message("first", priority=1)])

    assert texts(queue.batch_receive_message(3)) == ["first", "middle", "last"]


def test_peeking_changes_nothing(queue: Queue) -> None:
    queue.send_message(Message("seen"))

    peeked = queue.peek_message()

    assert (text(peeked), peeked.dequeue_count, peeked.first_dequeue_time) == ("seen", 0, peeked.enqueue_time)
    assert queue.receive_message().dequeue_count == 1


def test_a_batch_is_peeked_at(queue: Queue) -> None:
    queue.batch_send_message([Message("one"), Message("two")])

    assert texts(queue.batch_peek_message(16)) == ["one", "two"]


def test_a_deleted_message_does_not_come_back(cloud: Any, queue: Queue) -> None:
    queue.send_message(Message("done"))

    queue.delete_message(queue.receive_message().receipt_handle)

    assert cloud.mns.queues.peek_all(STATUS) == []


def test_a_handle_is_used_up_by_deleting(queue: Queue) -> None:
    queue.send_message(Message("done"))
    handle = queue.receive_message().receipt_handle
    queue.delete_message(handle)

    assert code_of(queue.delete_message, handle) == "MessageNotExist"


def test_a_handle_is_refused_after_the_message_was_received_again(cloud: Any, queue: Queue) -> None:
    queue.send_message(Message("twice"))
    old = queue.receive_message().receipt_handle
    cloud.clock.advance(31)
    new = queue.receive_message().receipt_handle

    assert code_of(queue.delete_message, old) == "MessageNotExist"
    queue.delete_message(new)


def test_a_handle_is_refused_after_a_visibility_change(queue: Queue) -> None:
    queue.send_message(Message("longer"))
    old = queue.receive_message().receipt_handle
    new = queue.change_message_visibility(old, 100).receipt_handle

    assert code_of(queue.delete_message, old) == "MessageNotExist"
    queue.delete_message(new)


def test_a_changed_visibility_counts_from_the_change(cloud: Any, queue: Queue) -> None:
    queue.send_message(Message("longer"))
    queue.change_message_visibility(queue.receive_message().receipt_handle, 100)

    cloud.clock.advance(99)
    assert code_of(queue.receive_message) == "MessageNotExist"
    cloud.clock.advance(2)
    assert text(queue.receive_message()) == "longer"


def test_a_visibility_of_nought_is_refused(cloud: Any) -> None:
    cloud.mns.queues.send(STATUS, "x")
    [message] = cloud.mns.queues.receive(STATUS)

    answer = raw(cloud, "PUT", f"{MESSAGES}?ReceiptHandle={message.receipt_handle}&VisibilityTimeout=0")

    assert_refused(answer, 400, "InvalidArgument", "VisibilityTimeout should between 1 and 43200 seconds.")


def test_a_handle_arrives_with_its_plus_slash_and_equals_raw(cloud: Any) -> None:
    cloud.mns.queues.send(STATUS, "x")
    [message] = cloud.mns.queues.receive(STATUS)

    assert set("+/=") <= set(message.receipt_handle)
    assert raw(cloud, "DELETE", f"{MESSAGES}?ReceiptHandle={message.receipt_handle}").status == 204


def test_query_names_are_read_in_any_case(cloud: Any) -> None:
    cloud.mns.queues.send(STATUS, "x")
    [message] = cloud.mns.queues.receive(STATUS)

    answer = raw(cloud, "PUT", f"{MESSAGES}?receiptHandle={message.receipt_handle}&visibilityTimeout=5")

    assert (answer.status, "<ChangeVisibility" in answer.body) == (200, True)


def test_a_malformed_handle_is_refused_as_such(queue: Queue) -> None:
    assert code_of(queue.delete_message, "nonsense") == "ReceiptHandleError"


def test_a_missing_handle_is_refused_as_such(cloud: Any) -> None:
    assert_refused(raw(cloud, "DELETE", MESSAGES), 400, "MissingReceiptHandle")


def test_an_empty_handle_in_a_batch_is_refused_as_missing(cloud: Any) -> None:
    answer = raw(cloud, "DELETE", MESSAGES, "<ReceiptHandles><ReceiptHandle/></ReceiptHandles>")

    assert_refused(answer, 400, "MissingReceiptHandle")


def test_a_missing_visibility_timeout_is_refused_as_such(cloud: Any) -> None:
    answer = raw(cloud, "PUT", f"{MESSAGES}?ReceiptHandle=1-AAAA")

    assert_refused(answer, 400, "MissingVisibilityTimeout")


def test_sixteen_messages_go_in_one_batch(queue: Queue) -> None:
    sent = queue.batch_send_message([Message(str(number)) for number in range(16)])

    assert len({message.message_id for message in sent}) == 16
    assert texts(queue.batch_receive_message(16)) == [str(number) for number in range(16)]


def test_a_batch_of_seventeen_is_refused_whole(cloud: Any, queue: Queue) -> None:
    batch = [Message(str(number)) for number in range(17)]

    assert code_of(queue.batch_send_message, batch) == "InvalidArgument"
    assert cloud.mns.queues.peek_all(STATUS) == []


def test_receiving_seventeen_at_once_is_refused(queue: Queue) -> None:
    assert code_of(queue.batch_receive_message, 17) == "InvalidArgument"


def test_a_batch_over_64_kilobytes_is_refused_whole(cloud: Any, queue: Queue) -> None:
    batch = [Message("x" * 4000) for _ in range(16)]

    assert code_of(queue.batch_send_message, batch) == "InvalidArgument"
    assert cloud.mns.queues.peek_all(STATUS) == []


def test_a_batch_that_half_fails_says_which_half(cloud: Any, queue: Queue) -> None:
    with pytest.raises(MNSServerException) as refusal:
        queue.batch_send_message([Message("good"), Message("bad", priority=17)])

    good, bad = refusal.value.sub_errors
    assert (sorted(good), bad["ErrorCode"]) == (["MessageBodyMD5", "MessageId"], "InvalidArgument")
    assert len(cloud.mns.queues.peek_all(STATUS)) == 1


def test_a_batch_is_deleted(cloud: Any, queue: Queue) -> None:
    queue.batch_send_message([Message("one"), Message("two")])

    queue.batch_delete_message([message.receipt_handle for message in queue.batch_receive_message(16)])

    assert cloud.mns.queues.peek_all(STATUS) == []


def test_a_batch_that_is_deleted_in_part_says_what_was_not(cloud: Any, queue: Queue) -> None:
    queue.send_message(Message("one"))
    handle = queue.receive_message().receipt_handle

    with pytest.raises(MNSServerException) as refusal:
        queue.batch_delete_message([handle, "1-AAAA"])

    error = {"ErrorCode": "MessageNotExist", "ErrorMessage": "Message not exist.", "ReceiptHandle": "1-AAAA"}
    assert refusal.value.sub_errors == [error]
    assert cloud.mns.queues.peek_all(STATUS) == []


def test_an_oversize_body_is_refused(queue: Queue) -> None:
    assert code_of(queue.send_message, Message("x" * 60_000)) == "InvalidArgument"


def test_a_body_of_exactly_64_kilobytes_is_accepted(cloud: Any) -> None:
    answer = raw(cloud, "POST", MESSAGES, f"<Message><MessageBody>{'x' * 65536}</MessageBody></Message>")

    assert answer.status == 201


def test_a_long_poll_wakes_when_a_message_is_sent(cloud: Any, queue: Queue) -> None:
    threading.Timer(0.1, cloud.mns.queues.send, [STATUS, base64.b64encode(b"awake").decode()]).start()
    started = time.monotonic()

    received = queue.receive_message(wait_seconds=20)

    assert text(received) == "awake"
    assert time.monotonic() - started < 5


def test_a_long_poll_ends_empty_at_its_time(cloud: Any, queue: Queue) -> None:
    threading.Timer(0.1, cloud.clock.advance, [21]).start()

    assert code_of(queue.batch_receive_message, 16, 20) == "MessageNotExist"


def test_a_wait_over_thirty_seconds_is_refused(cloud: Any) -> None:
    assert_refused(raw(cloud, "GET", f"{MESSAGES}?waitseconds=31"), 400, "InvalidArgument", "waitseconds")


# Who may ask


def test_a_wrong_secret_is_refused(connect: Callable[..., Account]) -> None:
    refused = connect(access_key="wrong").get_queue(STATUS)

    assert code_of(refused.get_attributes) == "SignatureDoesNotMatch"


def test_an_unknown_key_is_refused(connect: Callable[..., Account]) -> None:
    refused = connect(access_id="LTAInobody").get_queue(STATUS)

    assert code_of(refused.get_attributes) == "InvalidAccessKeyId"


def test_a_security_token_is_accepted(connect: Callable[..., Account]) -> None:
    holder = connect(security_token="CAISsome").get_queue(STATUS)

    assert holder.get_attributes().queue_name == STATUS


def test_a_date_of_twenty_minutes_ago_is_expired(cloud: Any) -> None:
    answer = raw(cloud, "GET", f"/queues/{STATUS}", date=formatdate(time.time() - 1200, usegmt=True))

    assert_refused(answer, 408, "TimeExpired")


def test_the_date_is_held_against_real_time_and_not_the_movable_clock(cloud: Any) -> None:
    cloud.clock.advance(86400)

    assert raw(cloud, "GET", f"/queues/{STATUS}").status == 200


@pytest.mark.parametrize("date", ["yesterday", "Mon, 99 Jan 2026 00:00:00 GMT", "Mon, 02 Jan 2026 00:00:00 +0800"])
def test_a_malformed_date_is_refused(cloud: Any, date: str) -> None:
    assert_refused(raw(cloud, "GET", "/queues", date=date), 400, "InvalidDateHeader")


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("date", "MissingDateHeader"),
        ("x_mns_version", "MissingVersionHeader"),
    ],
)
def test_a_missing_header_is_refused_by_name(cloud: Any, header: str, code: str) -> None:
    without: dict[str, str | None] = {header: None}

    assert_refused(raw(cloud, "GET", "/queues", "", **without), 400, code)


def test_a_missing_authorization_is_refused(cloud: Any) -> None:
    answer = exchange(cloud, "GET", "/queues", "", {"x-mns-version": "2015-06-06"})

    assert_refused(answer, 400, "MissingAuthorizationHeader")


def test_another_kind_of_authorization_is_refused(cloud: Any) -> None:
    answer = raw(cloud, "GET", "/queues", Authorization="MNS4-HMAC-SHA256 Credential=a,Signature=b")

    assert_refused(answer, 400, "InvalidAuthorizationHeader")


# What is not understood


def test_another_version_is_refused_by_name(cloud: Any) -> None:
    assert_refused(raw(cloud, "GET", "/queues", x_mns_version="2014-07-08"), 400, "InvalidVersionHeader", "2014-07-08")


def test_an_unknown_query_parameter_is_refused_by_name(cloud: Any) -> None:
    assert_refused(raw(cloud, "GET", f"{MESSAGES}?waitSecond=5"), 400, "InvalidQueryString", "waitSecond")


def test_a_query_parameter_of_another_operation_is_refused_by_name(cloud: Any) -> None:
    answer = raw(cloud, "GET", f"{MESSAGES}?peekonly=true&waitseconds=5")

    assert_refused(answer, 400, "InvalidQueryString", "waitseconds")


def test_a_query_parameter_given_twice_is_refused_by_name(cloud: Any) -> None:
    answer = raw(cloud, "GET", f"{MESSAGES}?waitseconds=1&waitSeconds=2")

    assert_refused(answer, 400, "InvalidQueryString", "waitSeconds")


def test_a_switch_knows_no_value_but_true(cloud: Any) -> None:
    assert_refused(raw(cloud, "GET", f"{MESSAGES}?peekonly=false"), 400, "InvalidQueryString", "peekonly=false")


def test_a_flag_that_is_neither_true_nor_false_is_refused_by_name(cloud: Any) -> None:
    answer = raw(cloud, "PUT", "/queues/orders", "<Queue><LoggingEnabled>maybe</LoggingEnabled></Queue>")

    assert_refused(answer, 400, "InvalidArgument", "LoggingEnabled Element", "maybe")


def test_an_unknown_mns_header_is_refused_by_name(cloud: Any) -> None:
    assert_refused(raw(cloud, "GET", "/queues", x_mns_colour="red"), 400, "InvalidArgument", "x-mns-colour")


@pytest.mark.parametrize(
    ("method", "target"),
    [
        ("GET", "/queues/"),
        ("POST", f"/queues/{STATUS}"),
        ("PATCH", MESSAGES),
        ("DELETE", "/queues"),
        ("GET", f"{MESSAGES}/1"),
    ],
)
def test_an_unknown_operation_is_refused_by_name(cloud: Any, method: str, target: str) -> None:
    assert_refused(raw(cloud, method, target), 400, "InvalidRequestURL", f"{method} {target}")


def test_topics_are_refused_as_not_served(account: Account) -> None:
    with pytest.raises(MNSExceptionBase, match="serves queues and no topics"):
        account.get_topic("news").create(TopicMeta())


@pytest.mark.parametrize(
    ("body", "code", "word"),
    [
        ("", "MalformedXML", "no element found"),
        ("<Message>", "MalformedXML", "no element found"),
        ("<Queue/>", "InvalidArgument", "Queue Element"),
        ("<Message/>", "InvalidArgument", "MessageBody Element"),
        ("<Message><MessageBody/></Message>", "InvalidArgument", "MessageBody should between 1"),
        ("<Message><MessageBody>x</MessageBody><Colour/></Message>", "InvalidArgument", "Colour Element"),
        (
            "<Message><MessageBody>x</MessageBody><Priority>p</Priority></Message>",
            "InvalidArgument",
            "Priority Element",
        ),
        ("<Messages><Massage/></Messages>", "InvalidArgument", "Massage Element"),
        ("<Messages/>", "InvalidArgument", "number of items"),
        ('<Message xmlns="urn:other"/>', "InvalidArgument", "urn:other"),
        ('<!DOCTYPE Message [<!ENTITY a "b">]><Message/>', "MalformedXML", "DOCTYPE"),
        ("<Message><MessageBody>&nbsp;</MessageBody></Message>", "MalformedXML", "undefined entity"),
        (f"<Message><MessageBody>{'x' * 1_000_001}</MessageBody></Message>", "InvalidArgument", "request body"),
    ],
)
def test_a_body_that_cannot_be_understood_is_refused_by_name(cloud: Any, body: str, code: str, word: str) -> None:
    assert_refused(raw(cloud, "POST", MESSAGES, body), 400, code, word)


def test_a_wrong_content_md5_is_refused(cloud: Any) -> None:
    answer = raw(cloud, "POST", MESSAGES, "<Message><MessageBody>x</MessageBody></Message>", content_md5="AAAA")

    assert_refused(answer, 400, "InvalidDegist")


def test_a_content_type_other_than_xml_is_refused_by_name(cloud: Any) -> None:
    answer = raw(cloud, "POST", MESSAGES, "{}", content_type="application/json")

    assert_refused(answer, 400, "InvalidContentType", "application/json")


def test_an_error_has_its_four_elements_and_the_id_of_the_header(cloud: Any) -> None:
    answer = raw(cloud, "GET", "/queues/missing")

    request_id = answer.headers["x-mns-request-id"]
    assert [f"<{name}>" in answer.body for name in ("Code", "Message", "RequestId", "HostId")] == [True] * 4
    assert f"<RequestId>{request_id}</RequestId>" in answer.body


@pytest.mark.parametrize("target", ["/queues", "/queues/missing"])
def test_every_response_carries_the_mns_headers(cloud: Any, target: str) -> None:
    headers = raw(cloud, "GET", target).headers

    assert headers["x-mns-version"] == "2015-06-06"
    assert headers["content-type"] == "text/xml;charset=utf-8"
    assert (len(headers["x-mns-request-id"]), headers["x-mns-request-id"].isupper()) == (24, True)


def test_an_error_can_be_made_for_a_fault_rule(cloud: Any) -> None:
    response = cloud.mns.error(429, "TooManyRequests", "too many")

    assert (response.status, b"<Code>TooManyRequests</Code>" in response.body) == (429, True)


@pytest.mark.parametrize(
    ("method", "target", "body", "action"),
    [
        ("GET", "/?accountmeta=true", "", "GetAccountAttributes"),
        ("PUT", "/?accountmeta=true", "", "SetAccountAttributes"),
        ("GET", "/queues", "", "ListQueue"),
        ("PUT", "/queues/a", "", "CreateQueue"),
        ("PUT", "/queues/a?metaOverride=true", "", "SetQueueAttributes"),
        ("GET", "/queues/a", "", "GetQueueAttributes"),
        ("DELETE", "/queues/a", "", "DeleteQueue"),
        ("POST", "/queues/a/messages", "<Message/>", "SendMessage"),
        ("POST", "/queues/a/messages", "<Messages/>", "BatchSendMessage"),
        ("GET", "/queues/a/messages?waitseconds=1", "", "ReceiveMessage"),
        ("GET", "/queues/a/messages?numOfMessages=1", "", "BatchReceiveMessage"),
        ("GET", "/queues/a/messages?peekonly=true", "", "PeekMessage"),
        ("GET", "/queues/a/messages?peekonly=true&numOfMessages=1", "", "BatchPeekMessage"),
        ("DELETE", "/queues/a/messages?ReceiptHandle=1-AAAA", "", "DeleteMessage"),
        ("DELETE", "/queues/a/messages", "<ReceiptHandles/>", "BatchDeleteMessage"),
        ("PUT", "/queues/a/messages?ReceiptHandle=1-AAAA&VisibilityTimeout=1", "", "ChangeMessageVisibility"),
        ("GET", "/", "", "Unknown"),
        ("GET", "/nowhere", "", "Unknown"),
        ("PUT", "/topics/news", "", "Unknown"),
        ("GET", "/queues?colour=red", "", "Unknown"),
    ],
)
def test_an_action_is_named_before_it_is_done(cloud: Any, method: str, target: str, body: str, action: str) -> None:
    assert cloud.mns.action_of(Request(method, target, {}, body.encode())) == action
