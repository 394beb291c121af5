"""The queue stand-in's state, without XML or HTTP."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import chain

import pytest

from localcloud.clock import MovableClock
from localcloud.mns.attributes import QueueAttributes
from localcloud.mns.errors import MnsError
from localcloud.mns.messages import Counts
from localcloud.mns.state import QueueStore

QUEUE = "snapimage-status"


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock(1_700_000_000)


@pytest.fixture
def store(clock: MovableClock) -> Iterator[QueueStore]:
    store = QueueStore(clock)
    store.create(QUEUE)
    yield store
    store.close()


def bodies(store: QueueStore, count: int = 16) -> list[str]:
    return [message.body for message in store.receive(QUEUE, count)]


def handle_of_next(store: QueueStore) -> str:
    [message] = store.receive(QUEUE)
    assert message.receipt_handle is not None
    return message.receipt_handle


def test_a_new_queue_has_the_documented_defaults(store: QueueStore) -> None:
    assert store.status(QUEUE).attributes == QueueAttributes(30, 65536, 345600, 0, 0, False)


def test_peek_all_shows_hidden_and_visible_messages_in_the_order_of_sending(store: QueueStore) -> None:
    store.send(QUEUE, "first")
    store.send(QUEUE, "second")
    store.receive(QUEUE)
    store.set_attributes(QUEUE, delay_seconds=60)
    store.send(QUEUE, "third")

    assert [message.body for message in store.peek_all(QUEUE)] == ["first", "second", "third"]


def test_a_body_sum_is_upper_case_hex_of_the_stored_text(store: QueueStore) -> None:
    assert store.send(QUEUE, "hello mns").body_md5.startswith("0C91FF67AF5B07A61C82F0DD")


def test_messages_come_in_the_order_of_sending(store: QueueStore) -> None:
    for body in ("first", "second", "later"):
        store.send(QUEUE, body)

    assert bodies(store) == ["first", "second", "later"]


def test_a_message_is_gone_after_the_retention_period(store: QueueStore, clock: MovableClock) -> None:
    store.set_attributes(QUEUE, message_retention_period=60)
    store.send(QUEUE, "old")

    clock.advance(61)

    assert store.peek_all(QUEUE) == []


def test_receiving_does_not_prolong_retention(store: QueueStore, clock: MovableClock) -> None:
    store.set_attributes(QUEUE, message_retention_period=60, visibility_timeout=100)
    store.send(QUEUE, "old")
    handle = handle_of_next(store)

    clock.advance(61)

    with pytest.raises(MnsError, match="Message not exist"):
        store.delete_message(QUEUE, handle)


def test_counts_tell_active_inactive_and_delayed_apart(store: QueueStore) -> None:
    store.send(QUEUE, "taken")
    store.receive(QUEUE)
    store.send(QUEUE, "waiting")
    store.send(QUEUE, "waiting too")
    store.set_attributes(QUEUE, delay_seconds=5)
    store.send(QUEUE, "delayed")

    assert store.status(QUEUE).counts == Counts(active=2, inactive=1, delayed=1)


def test_a_message_waits_for_the_delay_of_its_queue(store: QueueStore, clock: MovableClock) -> None:
    store.send(QUEUE, "before")
    store.set_attributes(QUEUE, delay_seconds=10)
    store.send(QUEUE, "delayed")

    assert bodies(store) == ["before"]
    clock.advance(10)
    assert bodies(store) == ["delayed"]


def test_the_first_dequeue_time_stays_when_a_message_is_received_again(store: QueueStore, clock: MovableClock) -> None:
    store.send(QUEUE, "twice")
    [first] = store.receive(QUEUE)
    clock.advance(31)

    [second] = store.receive(QUEUE)

    assert second.first_dequeued_at == first.first_dequeued_at
    assert second.dequeue_count == 2


def test_a_handle_ends_with_its_visibility_timeout(store: QueueStore, clock: MovableClock) -> None:
    store.send(QUEUE, "slow")
    handle = handle_of_next(store)

    clock.advance(30)

    with pytest.raises(MnsError, match="Message not exist"):
        store.delete_message(QUEUE, handle)


def test_every_handle_holds_the_characters_that_urls_mangle(store: QueueStore) -> None:
    store.send(QUEUE, "any")

    assert set("+/=") <= set(handle_of_next(store))


@pytest.mark.parametrize("handle", ["", "nonsense", "1-", "1-abc", "x-AAAA", "1-AA AA"])
def test_a_malformed_handle_is_told_from_an_unknown_one(store: QueueStore, handle: str) -> None:
    with pytest.raises(MnsError) as refusal:
        store.delete_message(QUEUE, handle)

    assert refusal.value.code == "ReceiptHandleError"


@pytest.mark.parametrize(
    ("attribute", "value"),
    [
        ("visibility_timeout", 0),
        ("visibility_timeout", 43201),
        ("maximum_message_size", 1023),
        ("maximum_message_size", 65537),
        ("message_retention_period", 59),
        ("message_retention_period", 604801),
        ("delay_seconds", -1),
        ("delay_seconds", 604801),
        ("polling_wait_seconds", 31),
    ],
)
def test_an_attribute_outside_its_range_is_refused(store: QueueStore, attribute: str, value: int) -> None:
    with pytest.raises(MnsError, match="should between"):
        store.create("other", **{attribute: value})


def test_an_attribute_that_does_not_exist_is_refused_by_name(store: QueueStore) -> None:
    with pytest.raises(TypeError, match="colour"):
        store.create("other", colour=1)


@pytest.mark.parametrize("name", ["a", "0-a", "A" * 120])
def test_a_name_of_letters_digits_and_hyphens_is_accepted(store: QueueStore, name: str) -> None:
    assert store.create(name)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("", "InvalidQueueName"),
        ("-a", "InvalidQueueName"),
        ("a_b", "InvalidQueueName"),
        ("schlüssel", "InvalidQueueName"),
        ("a" * 121, "QueueNameLengthError"),
    ],
)
def test_a_name_outside_the_rule_is_refused(store: QueueStore, name: str, code: str) -> None:
    with pytest.raises(MnsError) as refusal:
        store.create(name)

    assert refusal.value.code == code


def test_a_body_is_measured_in_bytes(store: QueueStore) -> None:
    store.set_attributes(QUEUE, maximum_message_size=1024)
    store.send(QUEUE, "é" * 512)

    with pytest.raises(MnsError, match="MessageBody should between 1 and 1024 bytes"):
        store.send(QUEUE, "é" * 512 + "x")


def test_a_long_poll_ends_when_the_clock_is_moved(store: QueueStore, clock: MovableClock) -> None:
    polling = threading.Timer(0.05, clock.advance, [31])
    polling.start()
    started = time.monotonic()

    with pytest.raises(MnsError, match="Message not exist"):
        store.receive(QUEUE, wait_seconds=30)

    assert time.monotonic() - started < 20


def test_a_long_poll_gets_a_delayed_message_when_the_clock_is_moved(store: QueueStore, clock: MovableClock) -> None:
    store.set_attributes(QUEUE, delay_seconds=10)
    store.send(QUEUE, "in ten seconds")
    threading.Timer(0.05, clock.advance, [10]).start()

    assert [message.body for message in store.receive(QUEUE, wait_seconds=30)] == ["in ten seconds"]


def test_closing_ends_a_long_poll_at_once(store: QueueStore) -> None:
    threading.Timer(0.05, store.close).start()
    started = time.monotonic()

    with pytest.raises(MnsError, match="Message not exist"):
        store.receive(QUEUE, wait_seconds=30)

    assert time.monotonic() - started < 20


def test_deleting_the_queue_ends_a_long_poll(store: QueueStore) -> None:
    threading.Timer(0.05, store.delete, [QUEUE]).start()

    with pytest.raises(MnsError, match="queue name you provided is not exist"):
        store.receive(QUEUE, wait_seconds=30)


def test_a_long_poll_does_not_hold_up_other_threads(store: QueueStore) -> None:
    store.create("other")
    poll = threading.Thread(target=pytest.raises, args=(MnsError, store.receive, QUEUE, 1, 30))
    poll.start()

    store.send("other", "meanwhile")

    assert poll.is_alive()
    store.close()
    poll.join()


def test_no_message_is_given_to_two_receivers_at_once(store: QueueStore) -> None:
    sent = [store.send(QUEUE, str(number)).body for number in range(64)]
    with ThreadPoolExecutor(4) as receivers:
        shares = list(receivers.map(lambda _: bodies(store), range(4)))

    assert sorted(chain(*shares)) == sorted(sent)
