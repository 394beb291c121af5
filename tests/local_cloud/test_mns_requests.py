"""The local MNS over HTTP: who may ask, and what is refused because it cannot be understood."""

import time
from email.utils import formatdate

import pytest
from mns.mns_exception import MNSExceptionBase
from mns.topic import TopicMeta
from mns_calls import MESSAGES, STATUS, assert_refused, code_of, exchange, open_account, raw

from localcloud.server import LocalCloud
from localcloud.wire import Request

# Reading attributes with aliyun-mns-sdk 1.3.0 warns that its three message counts are to go.
pytestmark = pytest.mark.filterwarnings("ignore:.*messages即将下线:DeprecationWarning")


def test_a_wrong_secret_is_refused(cloud: LocalCloud) -> None:
    with open_account(cloud, access_key="wrong") as account:
        assert code_of(account.get_queue(STATUS).get_attributes) == "SignatureDoesNotMatch"


def test_an_unknown_key_is_refused(cloud: LocalCloud) -> None:
    with open_account(cloud, access_id="LTAInobody") as account:
        assert code_of(account.get_queue(STATUS).get_attributes) == "InvalidAccessKeyId"


def test_a_security_token_is_accepted(cloud: LocalCloud) -> None:
    with open_account(cloud, security_token="CAISsome") as account:
        assert account.get_queue(STATUS).get_attributes().queue_name == STATUS


def test_a_date_of_twenty_minutes_ago_is_expired(cloud: LocalCloud) -> None:
    answer = raw(cloud, "GET", f"/queues/{STATUS}", date=formatdate(time.time() - 1200, usegmt=True))

    assert_refused(answer, 408, "TimeExpired")


def test_the_date_is_held_against_real_time_and_not_the_movable_clock(cloud: LocalCloud) -> None:
    cloud.clock.advance(86400)

    assert raw(cloud, "GET", f"/queues/{STATUS}").status == 200


@pytest.mark.parametrize("date", ["yesterday", "Mon, 99 Jan 2026 00:00:00 GMT", "Mon, 02 Jan 2026 00:00:00 +0800"])
def test_a_malformed_date_is_refused(cloud: LocalCloud, date: str) -> None:
    assert_refused(raw(cloud, "GET", "/queues", date=date), 400, "InvalidDateHeader")


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("date", "MissingDateHeader"),
        ("x_mns_version", "MissingVersionHeader"),
    ],
)
def test_a_missing_header_is_refused_by_name(cloud: LocalCloud, header: str, code: str) -> None:
    without: dict[str, str | None] = {header: None}

    assert_refused(raw(cloud, "GET", "/queues", "", **without), 400, code)


def test_a_missing_authorization_is_refused(cloud: LocalCloud) -> None:
    answer = exchange(cloud, "GET", "/queues", "", {"x-mns-version": "2015-06-06"})

    assert_refused(answer, 400, "MissingAuthorizationHeader")


def test_another_kind_of_authorization_is_refused(cloud: LocalCloud) -> None:
    answer = raw(cloud, "GET", "/queues", Authorization="MNS4-HMAC-SHA256 Credential=a,Signature=b")

    assert_refused(answer, 400, "InvalidAuthorizationHeader")


def test_another_version_is_refused_by_name(cloud: LocalCloud) -> None:
    assert_refused(raw(cloud, "GET", "/queues", x_mns_version="2014-07-08"), 400, "InvalidVersionHeader", "2014-07-08")


@pytest.mark.parametrize("query", ["waitSecond=5", "numOfMessages=2", "peekonly=true"])
def test_a_query_parameter_that_asks_for_nothing_is_refused_by_name(cloud: LocalCloud, query: str) -> None:
    answer = raw(cloud, "GET", f"{MESSAGES}?{query}")

    assert_refused(answer, 400, "InvalidQueryString", query.partition("=")[0])


def test_a_query_parameter_of_another_operation_is_refused_by_name(cloud: LocalCloud) -> None:
    answer = raw(cloud, "GET", f"{MESSAGES}?peekonly=true&numOfMessages=1&waitseconds=5")

    assert_refused(answer, 400, "InvalidQueryString", "waitseconds")


def test_a_query_parameter_given_twice_is_refused_by_name(cloud: LocalCloud) -> None:
    answer = raw(cloud, "GET", f"{MESSAGES}?waitseconds=1&waitSeconds=2")

    assert_refused(answer, 400, "InvalidQueryString", "waitSeconds")


def test_a_switch_knows_no_value_but_true(cloud: LocalCloud) -> None:
    assert_refused(
        raw(cloud, "GET", f"{MESSAGES}?peekonly=false&numOfMessages=1"), 400, "InvalidQueryString", "peekonly=false"
    )


def test_a_flag_that_is_neither_true_nor_false_is_refused_by_name(cloud: LocalCloud) -> None:
    answer = raw(cloud, "PUT", "/queues/orders", "<Queue><LoggingEnabled>maybe</LoggingEnabled></Queue>")

    assert_refused(answer, 400, "InvalidArgument", "LoggingEnabled Element", "maybe")


def test_an_unknown_mns_header_is_refused_by_name(cloud: LocalCloud) -> None:
    assert_refused(raw(cloud, "GET", "/queues", x_mns_colour="red"), 400, "InvalidArgument", "x-mns-colour")


@pytest.mark.parametrize(
    ("method", "target"),
    [
        ("GET", "/queues/"),
        ("POST", f"/queues/{STATUS}"),
        ("PATCH", MESSAGES),
        ("GET", "/queues"),
        ("PUT", f"{MESSAGES}?ReceiptHandle=1-AAAA&VisibilityTimeout=1"),
        ("GET", f"{MESSAGES}/1"),
    ],
)
def test_an_unknown_operation_is_refused_by_name(cloud: LocalCloud, method: str, target: str) -> None:
    assert_refused(raw(cloud, method, target), 400, "InvalidRequestURL", f"{method} {target.partition('?')[0]}")


def test_topics_are_refused_as_not_served(cloud: LocalCloud) -> None:
    with open_account(cloud) as account, pytest.raises(MNSExceptionBase, match="serves queues and no topics"):
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
        ("<Message><MessageBody>x</MessageBody><Priority>1</Priority></Message>", "InvalidArgument", "Priority"),
        ("<Messages/>", "InvalidArgument", "Messages Element"),
        ('<Message xmlns="urn:other"/>', "InvalidArgument", "urn:other"),
        ('<!DOCTYPE Message [<!ENTITY a "b">]><Message/>', "MalformedXML", "DOCTYPE"),
        ("<Message><MessageBody>&nbsp;</MessageBody></Message>", "MalformedXML", "undefined entity"),
        (f"<Message><MessageBody>{'x' * 1_000_001}</MessageBody></Message>", "InvalidArgument", "request body"),
    ],
)
def test_a_body_that_cannot_be_understood_is_refused_by_name(
    cloud: LocalCloud, body: str, code: str, word: str
) -> None:
    assert_refused(raw(cloud, "POST", MESSAGES, body), 400, code, word)


def test_a_wrong_content_md5_is_refused(cloud: LocalCloud) -> None:
    answer = raw(cloud, "POST", MESSAGES, "<Message><MessageBody>x</MessageBody></Message>", content_md5="AAAA")

    assert_refused(answer, 400, "InvalidDegist")


def test_a_content_type_other_than_xml_is_refused_by_name(cloud: LocalCloud) -> None:
    answer = raw(cloud, "POST", MESSAGES, "{}", content_type="application/json")

    assert_refused(answer, 400, "InvalidContentType", "application/json")


def test_an_error_has_its_four_elements_and_the_id_of_the_header(cloud: LocalCloud) -> None:
    answer = raw(cloud, "GET", "/queues/missing")

    request_id = answer.headers["x-mns-request-id"]
    assert [f"<{name}>" in answer.body for name in ("Code", "Message", "RequestId", "HostId")] == [True] * 4
    assert f"<RequestId>{request_id}</RequestId>" in answer.body


@pytest.mark.parametrize("target", [f"/queues/{STATUS}", "/queues/missing"])
def test_every_response_carries_the_mns_headers(cloud: LocalCloud, target: str) -> None:
    headers = raw(cloud, "GET", target).headers

    assert headers["x-mns-version"] == "2015-06-06"
    assert headers["content-type"] == "text/xml;charset=utf-8"
    assert (len(headers["x-mns-request-id"]), headers["x-mns-request-id"].isupper()) == (24, True)


def test_an_error_can_be_made_for_a_fault_rule(cloud: LocalCloud) -> None:
    response = cloud.mns.error(429, "TooManyRequests", "too many")

    assert (response.status, b"<Code>TooManyRequests</Code>" in response.body) == (429, True)


@pytest.mark.parametrize(
    ("method", "target", "body", "action"),
    [
        ("PUT", "/queues/a", "", "CreateQueue"),
        ("PUT", "/queues/a?metaOverride=true", "", "SetQueueAttributes"),
        ("GET", "/queues/a", "", "GetQueueAttributes"),
        ("DELETE", "/queues/a", "", "DeleteQueue"),
        ("POST", "/queues/a/messages", "<Message/>", "SendMessage"),
        ("GET", "/queues/a/messages?waitseconds=1", "", "ReceiveMessage"),
        ("GET", "/queues/a/messages?peekonly=true&numOfMessages=1", "", "BatchPeekMessage"),
        ("DELETE", "/queues/a/messages?ReceiptHandle=1-AAAA", "", "DeleteMessage"),
        ("GET", "/", "", "Unknown"),
        ("GET", "/nowhere", "", "Unknown"),
        ("PUT", "/topics/news", "", "Unknown"),
        ("GET", "/queues/a?colour=red", "", "Unknown"),
    ],
)
def test_an_action_is_named_before_it_is_done(
    cloud: LocalCloud, method: str, target: str, body: str, action: str
) -> None:
    assert cloud.mns.action_of(Request(method, target, {}, body.encode())) == action
