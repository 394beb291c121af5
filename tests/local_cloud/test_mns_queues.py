"""The local MNS over HTTP: queues and their attributes."""

from collections.abc import Iterator

import pytest
from mns.account import Account
from mns.queue import Message, Queue, QueueMeta
from mns_calls import STATUS, XMLNS, assert_refused, code_of, open_account, raw

from localcloud.server import LocalCloud

# Reading attributes with aliyun-mns-sdk 1.3.0 warns that its three message counts are to go.
pytestmark = pytest.mark.filterwarnings("ignore:.*messages即将下线:DeprecationWarning")


@pytest.fixture
def account(cloud: LocalCloud) -> Iterator[Account]:
    with open_account(cloud) as opened:
        yield opened


@pytest.fixture
def queue(account: Account) -> Queue:
    return account.get_queue(STATUS)


def test_a_new_queue_is_made_with_its_attributes(cloud: LocalCloud, account: Account) -> None:
    orders = account.get_queue("orders")

    url = orders.create(QueueMeta(60, 2048, 3600, 5, 10))

    assert url == f"{cloud.endpoint}/queues/orders"
    meta = orders.get_attributes()
    assert (meta.queue_name, meta.visibility_timeout, meta.maximum_message_size) == ("orders", 60, 2048)
    assert (meta.message_retention_period, meta.delay_seconds, meta.polling_wait_seconds) == (3600, 5, 10)
    assert meta.logging_enabled is False


def test_making_a_queue_again_alike_answers_with_its_url(cloud: LocalCloud, account: Account) -> None:
    orders = account.get_queue("orders")
    orders.create(QueueMeta(60, 2048, 3600, 5, 10))

    assert orders.create(QueueMeta(60, 2048, 3600, 5, 10)) == f"{cloud.endpoint}/queues/orders"


def test_making_a_queue_again_alike_is_204_without_a_body(cloud: LocalCloud) -> None:
    answer = raw(cloud, "PUT", f"/queues/{STATUS}", f"<Queue {XMLNS}/>")

    assert (answer.status, answer.body) == (204, "")


def test_making_a_queue_again_otherwise_is_refused(account: Account) -> None:
    orders = account.get_queue("orders")
    orders.create(QueueMeta(60, 2048, 3600, 5, 10))

    assert code_of(orders.create, QueueMeta(61, 2048, 3600, 5, 10)) == "QueueAlreadyExist"


def test_attributes_that_are_not_named_stay_as_they_were(cloud: LocalCloud, queue: Queue) -> None:
    raw(cloud, "PUT", f"/queues/{STATUS}?metaOverride=true", "<Queue><LoggingEnabled>True</LoggingEnabled></Queue>")

    answer = raw(cloud, "PUT", f"/queues/{STATUS}?metaoverride=true", "<Queue><DelaySeconds>9</DelaySeconds></Queue>")

    assert answer.status == 204
    meta = queue.get_attributes()
    assert (meta.delay_seconds, meta.visibility_timeout, meta.logging_enabled) == (9, 30, True)


def test_the_sdk_sets_attributes(queue: Queue) -> None:
    queue.set_attributes(QueueMeta(60, 2048, 3600, 5, 10))

    assert queue.get_attributes().visibility_timeout == 60


def test_an_attribute_out_of_range_is_refused_with_its_bounds(cloud: LocalCloud) -> None:
    answer = raw(cloud, "PUT", "/queues/orders", "<Queue><VisibilityTimeout>43201</VisibilityTimeout></Queue>")

    assert_refused(answer, 400, "InvalidArgument", "The value of VisibilityTimeout should between 1 and 43200 seconds.")


def test_a_queue_that_was_deleted_is_gone(account: Account, queue: Queue) -> None:
    queue.delete()

    assert code_of(queue.get_attributes) == "QueueNotExist"


def test_counts_of_messages_are_given(cloud: LocalCloud, queue: Queue) -> None:
    queue.send_message(Message("taken"))
    queue.receive_message()
    queue.send_message(Message("waits"))
    cloud.mns.queues.set_attributes(STATUS, delay_seconds=60)
    queue.send_message(Message("delayed"))

    body = raw(cloud, "GET", f"/queues/{STATUS}").body

    counts = ("<ActiveMessages>1<", "<InactiveMessages>1<", "<DelayMessages>1<")
    assert [count in body for count in counts] == [True, True, True]
