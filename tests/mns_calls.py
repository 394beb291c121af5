"""How the tests ask the local MNS: by the unmodified Python SDK where it can ask, by hand where it would not.

The SDK is aliyun-mns-sdk; aliyun-mns 1.1.5, which FC preinstalls under the same import name, must pass too.
"""

import base64
import hashlib
import hmac
import http.client
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import formatdate
from typing import Any, NamedTuple

import mns.mns_client
import pytest
from mns.account import Account
from mns.mns_exception import MNSServerException

from localcloud.server import LocalCloud

# aliyun-mns 1.1.5 prints the secret on every call; a global of the module hides the builtin from it.
mns.mns_client.print = lambda *_, **__: None

STATUS = "snapimage-status"
MESSAGES = f"/queues/{STATUS}/messages"
XMLNS = 'xmlns="http://mns.aliyuncs.com/doc/v1/"'


class XmlAnswer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: str


@contextmanager
def open_account(cloud: LocalCloud, **changes: str) -> Iterator[Account]:
    keys = {"access_id": cloud.access_key_id, "access_key": cloud.access_key_secret} | changes
    account = Account(cloud.endpoint, **keys)
    try:
        yield account
    finally:
        account.get_client().close_connection()


def text(message: Any) -> str:
    """1.1.5 gives str here and bytes there, 1.3.0 bytes everywhere."""
    body = message.message_body
    return body.decode() if isinstance(body, bytes) else body


def raw(cloud: LocalCloud, method: str, target: str, body: str = "", **changes: str | None) -> XmlAnswer:
    """A request signed here and not by the stand-in's own code. Header names take '_' for '-'; None leaves one out."""
    asked = {"date": formatdate(usegmt=True), "x_mns_version": "2015-06-06"} | changes
    headers = {name.replace("_", "-"): value for name, value in asked.items() if value is not None}
    x_mns = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers) if name.startswith("x-mns-"))
    signed = (method, headers.get("content-md5", ""), headers.get("content-type", ""), headers.get("date", ""))
    digest = hmac.new(cloud.access_key_secret.encode(), "\n".join((*signed, x_mns + target)).encode(), hashlib.sha1)
    signature = base64.b64encode(digest.digest()).decode()
    headers.setdefault("Authorization", f"MNS {cloud.access_key_id}:{signature}")
    return exchange(cloud, method, target, body, headers)


def exchange(cloud: LocalCloud, method: str, target: str, body: str, headers: dict[str, str]) -> XmlAnswer:
    connection = http.client.HTTPConnection(cloud.endpoint.removeprefix("http://"), timeout=50)
    try:
        connection.request(method, target, body.encode() or None, headers)
        response = connection.getresponse()
        names = {name.lower(): value for name, value in response.getheaders()}
        return XmlAnswer(response.status, names, response.read().decode())
    finally:
        connection.close()


def assert_refused(answer: XmlAnswer, status: int, code: str, *words: str) -> None:
    assert (answer.status, f"<Code>{code}</Code>" in answer.body) == (status, True), answer
    assert [word for word in words if word not in answer.body] == []


def code_of(call: Any, *arguments: Any) -> str:
    with pytest.raises(MNSServerException) as refusal:
        call(*arguments)
    return str(refusal.value.type)
