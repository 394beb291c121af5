"""HTTP as clients really speak it, down to the bytes, whatever service they speak to."""

import http.client
import json
import shutil
import socket
import subprocess
from pathlib import Path

import pytest
from fc_calls import package
from hand_signed import HttpAnswer, ask

from localcloud.server import LocalCloud
from localcloud.wire import LARGEST_BODY
from localcloud.world import WorldFile

CURL = shutil.which("curl")
ADVANCE = b'{"advance_seconds": 3600}'
FC = "/2023-03-30/functions/worker/invocations"
OLD_FC = "/2021-04-06/services/batch/functions/worker/invocations"


def connect(cloud: LocalCloud) -> socket.socket:
    host, _, port = cloud.endpoint.removeprefix("http://").partition(":")
    return socket.create_connection((host, int(port)), timeout=50)


def read(connection: socket.socket) -> HttpAnswer:
    response = http.client.HTTPResponse(connection)
    response.begin()
    return HttpAnswer(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())


def say(cloud: LocalCloud, text: str) -> HttpAnswer:
    """A request as it is written."""
    with connect(cloud) as connection:
        connection.sendall(text.encode("latin-1"))
        return read(connection)


def test_a_body_in_chunks_is_read_whole(cloud: LocalCloud) -> None:
    """RFC 9112, 7.1: with an extension of a chunk, and a trailer."""
    head = "POST /_local/clock HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    before = ask(cloud, "GET", "/_local/clock").json["now"]

    answer = say(cloud, f'{head}a;why=not\r\n{{"advance_\r\nF\r\nseconds": 3600}}\r\n0\r\nExpires: never\r\n\r\n')

    assert 3600 <= answer.json["now"] - before < 3660


def test_the_connection_goes_on_after_a_body_in_chunks(cloud: LocalCloud) -> None:
    connection = http.client.HTTPConnection(cloud.endpoint.removeprefix("http://"), timeout=50)
    connection.request("POST", "/_local/clock", iter([ADVANCE[:7], ADVANCE[7:]]), encode_chunked=True)
    connection.getresponse().read()
    connection.auto_open = 0

    connection.request("GET", "/_local/clock")

    assert connection.getresponse().status == 200
    connection.close()


def test_who_expects_100_continue_is_answered_before_the_body_is_sent(cloud: LocalCloud) -> None:
    """RFC 9110, 10.1.1."""
    with connect(cloud) as connection:
        head = (
            f"POST /_local/clock HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: {len(ADVANCE)}\r\n\r\n"
        )
        connection.sendall(head.encode())
        interim = connection.recv(1000)
        connection.sendall(ADVANCE)
        answer = read(connection)

    assert interim == b"HTTP/1.1 100 Continue\r\n\r\n"
    assert answer.status == 200


def test_a_body_that_is_too_large_is_not_asked_for(cloud: LocalCloud) -> None:
    head = f"POST /nothing HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: {LARGEST_BODY + 1}\r\n\r\n"

    assert say(cloud, head).status == 413


@pytest.mark.skipif(CURL is None, reason="no curl on this machine")
def test_curl_waits_for_no_100_continue(cloud: LocalCloud) -> None:
    """It would wait a minute here, and a second by default."""
    asked = [str(CURL), "--silent", "--max-time", "40", "--expect100-timeout", "60", "-H", "Expect: 100-continue"]

    result = subprocess.run(
        [*asked, "--data", ADVANCE.decode(), f"{cloud.endpoint}/_local/clock"], capture_output=True, timeout=50
    )

    assert (result.returncode, sorted(json.loads(result.stdout))) == (0, ["now", "utc"])


def test_a_body_that_is_too_large_is_refused(cloud: LocalCloud) -> None:
    fitting = ask(cloud, "POST", "/nothing", b"x" * LARGEST_BODY)

    answer = ask(cloud, "POST", "/nothing", b"x" * (LARGEST_BODY + 1))

    assert (fitting.status, answer.status, answer.headers["connection"]) == (404, 413, "close")


def test_a_body_in_chunks_that_is_too_large_is_refused(cloud: LocalCloud) -> None:
    connection = http.client.HTTPConnection(cloud.endpoint.removeprefix("http://"), timeout=50)
    connection.request("POST", "/nothing", (b"x" * 2**18 for _ in range(9)), encode_chunked=True)

    assert connection.getresponse().status == 413
    connection.close()


@pytest.mark.parametrize("header", ["Content-Length: many", "Transfer-Encoding: gzip", "Colour red"])
def test_a_head_that_cannot_be_read_is_refused(cloud: LocalCloud, header: str) -> None:
    answer = say(cloud, f"POST / HTTP/1.1\r\nHost: x\r\n{header}\r\n\r\n")

    assert (answer.status // 100, answer.headers["connection"]) in [(4, "close"), (5, "close")]


def test_a_head_that_is_too_large_is_refused(cloud: LocalCloud) -> None:
    answer = say(cloud, f"GET / HTTP/1.1\r\nHost: x\r\nColour: {'red' * 100_000}\r\n\r\n")

    assert answer.status == 431


@pytest.mark.parametrize("target", ["?RegionId=cn-hangzhou", "*", "nothing:80"])
def test_a_target_without_a_slash_is_refused_by_name(cloud: LocalCloud, target: str) -> None:
    answer = say(cloud, f"GET {target} HTTP/1.1\r\nHost: x\r\nx-acs-version: 2014-05-26\r\n\r\n")

    assert (answer.status, repr(target) in answer.body.decode()) == (400, True)


@pytest.mark.parametrize("blanks", [" ", "\t", "  \t "])
def test_blanks_after_a_header_value_are_not_part_of_it(cloud: LocalCloud, blanks: str) -> None:
    answer = say(cloud, f"GET /queues HTTP/1.1\r\nHost: x\r\nx-mns-version: 2015-06-06{blanks}\r\n\r\n")

    assert "<Code>MissingAuthorizationHeader</Code>" in answer.body.decode()


def test_an_older_client_is_answered_and_the_connection_closed(cloud: LocalCloud) -> None:
    answer = say(cloud, "GET /_local/clock HTTP/1.0\r\n\r\n")

    assert (answer.status, answer.headers["connection"]) == (200, "close")


@pytest.mark.parametrize(
    ("head", "code"),
    [
        (f"POST {FC} HTTP/1.1\r\nHost: x\r\nContent-Length: {LARGEST_BODY + 1}", "EntityTooLarge"),
        (f"POST {FC} HTTP/1.1\r\nHost: x\r\nContent-Length: many", "InvalidArgument"),
        (f"POST {FC} HTTP/1.1\r\nHost: x\r\nColour red", "InvalidArgument"),
        (f"POST {FC} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip", "InvalidArgument"),
        (f"POST {FC} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nnot a size", "InvalidArgument"),
        (f"POST {FC} HTTP/1.1\r\nColour: red", "InvalidArgument"),
        (f"OPTIONS {FC} HTTP/1.1\r\nHost: x", "PathNotSupported"),
        ("GET /2023-03-30 HTTP/1.1\r\nHost: x", "PathNotSupported"),
        ("POST /2016-08-15/services/batch/functions/worker/invocations HTTP/1.1\r\nHost: x", "PathNotSupported"),
        (f"POST {FC}?AccessKeyId=LTAI&Signature=x HTTP/1.1\r\nHost: x", "MissingRequiredHeader"),
    ],
)
def test_every_refusal_on_a_path_of_fc_has_its_shape(cloud: LocalCloud, head: str, code: str) -> None:
    answer = say(cloud, f"{head}\r\n\r\n")

    assert (answer.headers["content-type"], answer.json["Code"]) == ("application/json", code)
    assert sorted(answer.json) == ["Code", "Message", "RequestId"]


def test_what_http_refuses_is_worded_by_the_version_that_was_asked(cloud: LocalCloud) -> None:
    answer = ask(cloud, "POST", OLD_FC, headers={"Content-Length": "many"})

    assert sorted(answer.json) == ["ErrorCode", "ErrorMessage"]


def test_a_planted_hang_up_is_not_a_byte_of_reply(world: WorldFile, tmp_path: Path) -> None:
    with LocalCloud(world, functions=[package(tmp_path / "worker")]) as cloud, connect(cloud) as connection:
        ask(cloud, "POST", "/_local/faults", b'[{"action": "InvokeFunction", "reply": "refused"}]')
        connection.sendall(f"POST {FC} HTTP/1.1\r\nHost: x\r\n\r\n".encode())

        assert connection.recv(1000) == b""
