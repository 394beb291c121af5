"""Replies that are not what MNS documents: every one costs a retry with a clear word. Runs on both distributions."""

import json
import re
import traceback
from datetime import datetime, timezone
from typing import Any

import pytest
from hostile_server import Misbehave, chunked, endless, hostile, raw, reply

from shared.adapters.mns_queue import LARGEST_REPLY, MnsQueue, QueueAccess
from shared.domain.errors import Transient
from shared.domain.message import StatusMessage, envelope
from shared.domain.message_fields import Reason, State
from shared.domain.rules import Subject
from shared.settings import Settings

KEY, SECRET, TOKEN = "sentinel-key-id", "sentinel-secret/+=", "sentinel-token/+="
SENT = b"<Message><MessageId>1</MessageId><MessageBodyMD5>2</MessageBodyMD5></Message>"
REFUSED = (
    "<Error><Code>{code}</Code><Message>{message}</Message><RequestId>{request}</RequestId><HostId>h</HostId></Error>"
)
ENTITIES = b"".join(b'<!ENTITY b%d "%s">' % (n + 1, b"&b%d;" % n * 20) for n in range(9))
LAUGHS = b'<!DOCTYPE a [<!ENTITY b0 "haha">' + ENTITIES + b"]><Message><MessageId>&b9;</MessageId></Message>"

NO_ANSWER: dict[str, Misbehave] = {
    "nothing": raw(),
    "not HTTP": raw(b"\x00\x01\x02 hello\r\n\r\n"),
    "half a head": raw(b"HTTP/1.1 201 Created\r\ncontent-le"),
    "empty": reply(b"", 201),
    "no content": reply(b"", 204),
    "a failure without a body": reply(b"", 500),
    "malformed": reply(b"<Message><MessageId>1</Mess", 201),
    "not UTF-8": reply(b"<Message>\xff\xfe</Message>", 201),
    "HTML": reply(b"<html><body>It works!</body></html>", 201),
    "HTML of a gateway": reply(b"<html><br>Bad gateway</html>", 502),
    "JSON": reply(b'{"MessageId": "1"}', 201),
    "a redirect": reply(b"", 302, location="http://127.0.0.1:9/"),
    "another root": reply(b"<Messages/>", 201),
    "no fields": reply(b"<Message/>", 201),
    "one field": reply(b"<Message><MessageId>1</MessageId></Message>", 201),
    "an element for a text": reply(SENT.replace(b">1<", b"><a><b/></a><"), 201),
    "a comment for a field": reply(SENT.replace(b"<MessageId>", b"<!-- a --><MessageId>"), 201),
    "an instruction for a field": reply(SENT.replace(b"<MessageId>", b"<?a b?><MessageId>"), 201),
    "a refusal with an element for its code": reply(b"<Error><Code><a/></Code></Error>", 403),
    "a refusal without a code": reply(b"<Error><Message>no</Message></Error>", 403),
    "entities of entities": reply(LAUGHS, 201),
    "entities in a refusal": reply(LAUGHS.replace(b"Message>", b"Error>"), 400),
    "entities in UTF-16": reply(LAUGHS.decode().encode("utf-16"), 201),
    "a document type alone": reply(b"<!DOCTYPE Message>" + SENT, 201),
    "deep": reply(b"<a>" * 20_000, 201),
    "deep and whole": reply(b"<a>" * 9_000 + SENT + b"</a>" * 9_000, 201),
    "deep refusal": reply(b"<a>" * 9_000 + b"</a>" * 9_000, 403),
    "huge": reply(b"<Message>" + b" " * 20_000_000 + b"</Message>", 201),
    "without end": endless(b" " * 65_536, 201),
    "chunks without end": chunked(b" " * 65_536, 201),
    "shorter than it says": reply(SENT, 201, length=1_000_000),
    "longer than it says": reply(SENT, 201, length=30),
    "another status": reply(SENT, 101),
    "a status beyond": reply(SENT, 700),
}


@pytest.fixture
def message() -> StatusMessage:
    subject = Subject(account_id="1234567890123456", region_id="cn-hangzhou", snapshot_id="s-1")
    status = subject.answer(State.SKIPPED, Reason.NO_PLAN, "no plan names disk d-1")
    return envelope(status, "create_image", datetime(2026, 3, 1, tzinfo=timezone.utc))


def settings(endpoint: str, token: str = TOKEN) -> Settings:
    known: dict[str, Any] = {
        "account_id": "1", "region_id": "cn-hangzhou", "access_key_id": KEY, "access_key_secret": SECRET,
        "security_token": token, "mns_endpoint": endpoint, "status_queue": "status", "plans_file": "none",
    }  # fmt: skip
    return Settings(**known)


def refusal(message: StatusMessage, answer: Misbehave, token: str = TOKEN) -> Transient:
    with hostile(answer) as server:
        queue = MnsQueue(settings(server.endpoint, token))
        with pytest.raises(Transient) as trouble:
            queue.publish(message)
    return trouble.value


def shown(error: BaseException) -> str:
    """What a platform that prints tracebacks would print."""
    return "".join(traceback.format_exception(error))


@pytest.mark.parametrize("name", NO_ANSWER)
def test_what_is_no_answer_costs_a_retry(name: str, message: StatusMessage) -> None:
    error = refusal(message, NO_ANSWER[name])

    assert re.fullmatch(r"MNS\.[A-Za-z]+", error.code)
    assert error.message.startswith("message not published: ")
    assert error.message.isprintable()
    assert len(shown(error)) < 4_096


@pytest.mark.parametrize("name", ["no fields", "an element for a text"])
def test_an_answer_of_another_shape_says_so(name: str, message: StatusMessage) -> None:
    error = refusal(message, NO_ANSWER[name])

    assert (error.code, error.request_id) == ("MNS.RespDataDamaged", None)


def test_a_refusal_is_told_in_the_words_of_mns(message: StatusMessage) -> None:
    error = refusal(message, reply(REFUSED.format(code="No", message="not you", request="r" * 65).encode(), 403))

    assert (error.code, error.message, error.request_id) == ("MNS.No", "message not published: not you", "r" * 64)


def test_a_plain_answer_is_a_success(message: StatusMessage) -> None:
    with hostile(reply(SENT, 201)) as server:
        MnsQueue(settings(server.endpoint)).publish(message)

    assert len(server.conversations) == 1


def test_a_long_answer_is_read_up_to_its_bound(message: StatusMessage) -> None:
    padded = SENT.replace(b"</Message>", b" " * (LARGEST_REPLY - len(SENT)) + b"</Message>")
    with hostile(reply(padded, 201)) as server:
        MnsQueue(settings(server.endpoint)).publish(message)

    assert refusal(message, reply(padded + b" ", 201)).code == "MNS.NetWorkException"
    assert len(padded) == 65_536


def test_no_credential_is_in_a_representation_of_the_access() -> None:
    assert "sentinel" not in repr(QueueAccess("http://queue", KEY, SECRET, TOKEN, "status"))


def test_an_answer_without_end_is_left_after_its_bound(message: StatusMessage) -> None:
    with hostile(endless(b" " * 65_536, 201)) as server, pytest.raises(Transient):
        MnsQueue(settings(server.endpoint)).publish(message)
    conversation = server.conversations[0]

    assert conversation.sent < LARGEST_REPLY + 32 * 1024 * 1024  # what the sockets in between hold


def test_a_redirect_is_not_followed_and_the_token_goes_nowhere_else(message: StatusMessage) -> None:
    with hostile(reply(SENT, 201)) as elsewhere:
        refusal(message, reply(b"", 302, location=elsewhere.endpoint))

    assert elsewhere.conversations == []


@pytest.mark.parametrize("part", ["code", "message", "request"])
def test_a_refusal_of_any_length_is_told_in_bounded_length(part: str, message: StatusMessage) -> None:
    said = {"code": "No", "message": "no", "request": "1"} | {part: "much\nmore " * 5_000}

    error = refusal(message, reply(REFUSED.format(**said).encode(), 403))
    assert len(shown(error)) < 4_096
    assert len(json.dumps([error.code, error.message, error.request_id])) < 600
    assert f"{error.code}{error.message}{error.request_id}".isprintable()


@pytest.mark.parametrize("part", ["code", "message", "request"])
@pytest.mark.parametrize("credential", [KEY, SECRET, TOKEN])
def test_a_credential_that_mns_repeats_is_not_repeated_by_us(
    credential: str, part: str, message: StatusMessage
) -> None:
    said = {"code": "No", "message": "no", "request": "1"} | {part: f"it was {credential}"}

    error = refusal(message, reply(REFUSED.format(**said).encode(), 403))
    assert "sentinel" not in shown(error) + error.code + error.message + str(error.request_id)


def test_a_token_that_is_no_header_is_not_quoted(message: StatusMessage) -> None:
    error = refusal(message, reply(SENT, 201), TOKEN + "\n")

    assert "header" in error.message
    assert "sentinel" not in shown(error)
