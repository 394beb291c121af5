"""Replies that are not what ECS documents: every one is a clear error in our words, soon, and of bounded length."""

import gzip
import json
import traceback
from contextlib import nullcontext
from dataclasses import replace
from typing import Any

import pytest
from hostile_calls import (
    CALLS,
    IMAGE,
    KEY,
    SECRET,
    SNAPSHOT,
    TOKEN,
    ecs_calls,
    outcome,
    settings,
)
from hostile_server import Misbehave, chunked, endless, hostile, raw, reply

from shared.adapters.ecs_disks import EcsSnapshots
from shared.adapters.ecs_images import EcsImages
from shared.adapters.sdk_client import LARGEST_REPLY, BoundedSession, UnboundedReply
from shared.domain.errors import AlreadyExists, CloudError, OutcomeUnknown, Refused, Transient

DEEP = b"[" * 100_000


BOMB = gzip.compress(bytes(64 * 1024 * 1024), compresslevel=1)


LAUGHS = (
    b'<!DOCTYPE a [<!ENTITY b0 "' + b"ha" * 50 + b'">'
    + b"".join(b'<!ENTITY b%d "%s">' % (n + 1, b"&b%d;" % n * 20) for n in range(9)) + b"]><Error>&b9;</Error>"
)  # fmt: skip


NO_REPLY_AT_ALL: dict[str, Misbehave] = {
    "nothing": raw(),
    "not HTTP": raw(b"\x00\x01\x02 hello\r\n\r\n"),
    "half a head": raw(b"HTTP/1.1 200 OK\r\ncontent-le"),
    "empty": reply(b""),
    "no content": reply(b"", 204),
    "malformed": reply(b'{"Images": {"Image": ['),
    "not UTF-8": reply(b'{"RequestId": "\xff\xfe\xfa"}'),
    "HTML": reply(b"<html><body>It works!</body></html>", content_type="text/html"),
    "HTML that refuses": reply(b"<html>" + b"no " * 10_000 + b"</html>", 403, content_type="text/html"),
    "HTML of a gateway": reply(b"<html>Bad gateway</html>", 502, content_type="text/html"),
    "XML of 20 to the 9th entities": reply(LAUGHS, 400, content_type="text/xml;charset=utf-8"),
    "XML that is none": reply(b"<Error", 400, content_type="text/xml;charset=utf-8"),
    "deep": reply(DEEP),
    "deep and whole": reply(DEEP + b"]" * len(DEEP)),
    "deep refusal": reply(DEEP, 400),
    "shorter than it says": reply(b'{"RequestId": "1"}', length=1_000_000),
    "longer than it says": reply(b'{"RequestId": "1"}', length=3),
    "a length that is no number": reply(b"", length="many"),
    "without end": endless(b" " * 65_536),
    "chunks without end": chunked(b" " * 65_536),
    "a refusal without end": endless(b" " * 65_536, 500),
    "a chunk that is none": raw(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n{}\r\n"),
    "a gzip bomb": reply(BOMB, content_encoding="gzip"),
    "no gzip": reply(b"{}", content_encoding="gzip"),
    "a list": reply(b'["x"]'),
    "a text": reply(b'"x"'),
    "a number": reply(b"17"),
    "null": reply(b"null"),
    "a refusal that is a list": reply(b"[]", 400),
    "a refusal that is null": reply(b"null", 500),
    "a refusal without a code": reply(b'{"Message": "no"}', 400),
    "a refusal whose code is an object": reply(b'{"Code": {"a": 1}, "Message": "no"}', 400),
    "a refusal whose code has lines": reply(b'{"Code": "a\\nFAKE LINE", "Message": "no"}', 403),
    "a refusal with a code of 100 kB": reply(json.dumps({"Code": "x" * 100_000}).encode(), 403),
}


def shown(error: CloudError) -> str:
    """What a platform that prints tracebacks would print."""
    return "".join(traceback.format_exception(error))


@pytest.mark.parametrize("name", NO_REPLY_AT_ALL)
@pytest.mark.parametrize("action", ["CreateImage", "DescribeSnapshots", "TagResources"])
def test_what_is_no_reply_is_a_call_of_unknown_outcome(action: str, name: str) -> None:
    error = outcome(CALLS[action], NO_REPLY_AT_ALL[name])

    assert type(error) is OutcomeUnknown
    assert (error.code, str(error).startswith(f"NoReply: {action}: no usable reply (")) == ("NoReply", True)
    assert len(shown(error)) < 4_096
    assert str(error).isprintable()


@pytest.mark.parametrize("action", CALLS)
def test_every_action_has_the_same_guard(action: str) -> None:
    errors = [outcome(CALLS[action], NO_REPLY_AT_ALL[name]) for name in ("HTML", "a list", "deep and whole")]

    assert {(type(error), str(error).partition(" (")[0]) for error in errors} == {
        (OutcomeUnknown, f"NoReply: {action}: no usable reply")
    }


LISTINGS = {
    "DescribeImages": ("Images", "Image", "ImageId"),
    "DescribeSnapshots": ("Snapshots", "Snapshot", "SnapshotId"),
    "DescribeDisks": ("Disks", "Disk", "DiskId"),
    "DescribeInstances": ("Instances", "Instance", "InstanceId"),
}


ENTRIES: dict[str, object] = {
    "no listing at all": {},
    "null for the listing": None,
    "a number for the listing": 17,
    "a list for the listing": [1],
    "a text for the entries": {"": "abc"},
    "a number for the entries": {"": 5},
    "an object for the entries": {"": {"a": {}}},
    "null for the only entry": {"": [None]},
    "a list for the only entry": {"": [["x"]]},
    "a number for the only entry": {"": [5]},
    "an entry without an id": {"": [{}]},
    "an id that is a number": {"": [{"Id": 5}]},
    "an id that is an object": {"": [{"Id": {"a": 1}}]},
    "an id with quotes and lines": {"": [{"Id": "x'\"\n"}]},
    "an id of 10 kB": {"": [{"Id": "x" * 10_000}]},
    "an id in another script": {"": [{"Id": "снимок"}]},
}


def spelled(entries: object, plural: str, singular: str, own_id: str) -> bytes:
    """The case as JSON of one action: `""` stands for the name of its entries, `Id` for that of their id."""
    if isinstance(entries, dict) and not entries:
        return b'{"RequestId": "1"}'
    text = json.dumps({plural: entries, "TotalCount": 1, "RequestId": "1"})
    return text.replace('"": ', f'"{singular}": ').replace('"Id": ', f'"{own_id}": ').encode()


@pytest.mark.parametrize("name", ENTRIES)
@pytest.mark.parametrize("action", LISTINGS)
def test_a_listing_that_cannot_be_read_is_not_an_empty_one(action: str, name: str) -> None:
    error = outcome(CALLS[action], reply(spelled(ENTRIES[name], *LISTINGS[action])))

    assert type(error) is OutcomeUnknown
    assert str(error).startswith(f"NoReply: {action}: no usable reply (")
    assert len(shown(error)) < 4_096
    assert str(error).isprintable()


def test_a_reply_without_groups_leaves_their_listing_out() -> None:
    """Seen: ECS sends no `SnapshotGroups` where there are none."""
    assert outcome(CALLS["DescribeSnapshotGroups"], reply(b'{"RequestId": "1"}')) == []


def test_a_listing_whose_pages_repeat_comes_to_an_end() -> None:
    body = json.dumps({"Snapshots": {"Snapshot": [SNAPSHOT]}, "NextToken": "again"}).encode()

    error = outcome(CALLS["DescribeSnapshots"], reply(body))
    assert str(error) == "NoReply: DescribeSnapshots: no usable reply (it has no end after 2 pages)"


def test_a_reply_without_end_is_left_after_its_bound() -> None:
    with hostile(endless(b" " * 65_536)) as server, pytest.raises(Transient):
        EcsSnapshots(ecs_calls(settings(server.endpoint))).find(["s-1"])
    (conversation,) = server.conversations

    assert conversation.sent < LARGEST_REPLY + 32 * 1024 * 1024  # what the sockets in between hold


@pytest.mark.parametrize(("more", "is_read"), [(0, True), (1, False)])
def test_a_long_reply_is_read_up_to_eight_mebibytes(more: int, is_read: bool) -> None:
    with hostile(reply(b" " * (8_388_608 + more))) as server:
        response = _get(server.endpoint, BoundedSession())
        with nullcontext() if is_read else pytest.raises(UnboundedReply):
            assert len(response.content) == 8_388_608


def test_a_reply_that_trickles_is_left_after_its_time() -> None:
    with hostile(endless(b" ", pause=0.02)) as server:
        response = _get(server.endpoint, BoundedSession(seconds=0.2))
        with pytest.raises(UnboundedReply):
            len(response.content)


def test_a_redirect_is_not_followed_and_the_token_goes_nowhere_else() -> None:
    with hostile(reply(b"{}")) as elsewhere:
        error = outcome(CALLS["DescribeImages"], reply(b"", 302, location=elsewhere.endpoint + "/?a=b"))

    assert type(error) is OutcomeUnknown
    assert elsewhere.conversations == []


def test_an_error_of_any_length_is_told_in_bounded_length() -> None:
    body = {"Code": "QuotaExceed.Image", "Message": "so many\n" * 100_000, "RequestId": "r" * 100_000}

    error = outcome(CALLS["CreateImage"], reply(json.dumps(body).encode(), 403))
    assert isinstance(error, Refused)
    assert (len(error.message), len(error.request_id or ""), error.message.isprintable()) == (600, 64, True)
    assert len(shown(error)) < 4_096


ECHOED = {
    "the key is not known": ("InvalidAccessKeyId.NotFound", f"Specified access key {KEY} is not found."),
    "what was signed": ("SignatureDoesNotMatch", f"server string to sign is:\nx-acs-security-token:{TOKEN}\n{KEY}"),
    "what was signed, encoded": ("SignatureDoesNotMatch", "GET&%2F&SecurityToken%3Dsentinel-token%252F%252B%253D"),
    "what was signed, encoded once": ("SignatureDoesNotMatch", "SecurityToken=sentinel-token%2F%2B%3D"),
    "at the cut": ("InvalidParameter", "x" * (600 - len("CreateImage: ") - 9) + SECRET),
    "as a code": ("Forbidden." + KEY, "no"),
    "as a transient code": ("Throttling." + KEY, "no"),
}


@pytest.mark.parametrize("name", ECHOED)
def test_a_credential_that_ecs_repeats_is_not_repeated_by_us(name: str) -> None:
    code, message = ECHOED[name]
    body = json.dumps({"Code": code, "Message": message, "RequestId": KEY}).encode()

    error = outcome(CALLS["CreateImage"], reply(body, 403))
    assert isinstance(error, CloudError)
    assert "sentinel" not in shown(error) + str(error.request_id) + error.code + error.message


def test_a_token_that_is_no_header_is_not_quoted() -> None:
    with hostile(reply(b"{}")) as server:
        odd = ecs_calls(replace(settings(server.endpoint), security_token=TOKEN + "\n"))
        with pytest.raises(Transient) as trouble:
            EcsSnapshots(odd).find(["s-1"])

    assert "header" in str(trouble.value)
    assert "sentinel" not in shown(trouble.value)


def test_an_image_that_exists_is_known_by_the_code_even_if_the_rest_is_nonsense() -> None:
    error = outcome(CALLS["CreateImage"], reply(b'{"Code": "InvalidImageName.Duplicated", "Message": [1]}', 400))

    assert isinstance(error, AlreadyExists)
    assert error.message == "CreateImage: [1]"


def _get(endpoint: str, session: BoundedSession) -> Any:
    from requests import Request

    return session.send(Request("GET", endpoint).prepare(), timeout=50)


def test_the_body_of_a_redirect_is_not_read_beyond_the_bound() -> None:
    answer = reply(b" " * (4 * LARGEST_REPLY), 302, location="http://127.0.0.1:9/")

    with hostile(answer) as server, pytest.raises(Transient):
        EcsSnapshots(ecs_calls(settings(server.endpoint))).find(["s-1"])
    (conversation,) = server.conversations

    assert conversation.sent == 0  # its one piece was never taken whole


def test_a_short_page_of_images_is_not_the_last_while_there_are_more() -> None:
    answers = iter([reply(images_page("m-1", total=2)), reply(images_page("m-2", total=2))])

    pages = outcome(lambda calls: EcsImages(calls).tagged({"a": "b"}), lambda talk: next(answers)(talk))
    assert [image.id for image in pages] == ["m-1", "m-2"]  # type: ignore[attr-defined]


def images_page(image_id: str, total: int) -> bytes:
    return json.dumps({"Images": {"Image": [IMAGE | {"ImageId": image_id}]}, "TotalCount": total}).encode()


def test_a_listing_of_images_that_does_not_say_how_many_there_are_is_read_to_its_end() -> None:
    full = {"Images": {"Image": [IMAGE | {"ImageId": f"m-{number}"} for number in range(100)]}}

    with hostile(reply(json.dumps(full).encode())) as server, pytest.raises(Transient, match="it has no end"):
        EcsImages(ecs_calls(settings(server.endpoint))).tagged({"a": "b"})
