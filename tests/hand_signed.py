"""Requests signed here and not by the SDK, so that a test can spoil them after they were signed."""

import hashlib
import hmac
import http.client
import json
import secrets
import time
from datetime import datetime, timezone
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

from localcloud.server import LocalCloud


class HttpAnswer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def signed_headers(
    cloud: LocalCloud,
    action: str,
    query: dict[str, str],
    more: dict[str, str] | None = None,
    at: float | None = None,
) -> dict[str, str]:
    date = datetime.fromtimestamp(time.time() if at is None else at, timezone.utc)
    headers = {
        "host": cloud.endpoint.removeprefix("http://"),
        "x-acs-action": action,
        "x-acs-version": "2014-05-26",
        "x-acs-date": date.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "x-acs-signature-nonce": secrets.token_hex(16),
        "x-acs-content-sha256": hashlib.sha256(b"").hexdigest(),
        **(more or {}),
    }
    names = ";".join(sorted(headers))
    lines = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers))
    asked = "&".join(f"{name}={quote(query[name], safe='~')}" for name in sorted(query))
    canonical = f"POST\n/\n{asked}\n{lines}\n{names}\n{headers['x-acs-content-sha256']}"
    to_sign = "ACS3-HMAC-SHA256\n" + hashlib.sha256(canonical.encode()).hexdigest()
    signature = hmac.new(cloud.access_key_secret.encode(), to_sign.encode(), hashlib.sha256).hexdigest()
    who = f"Credential={cloud.access_key_id},SignedHeaders={names},Signature={signature}"
    return headers | {"authorization": f"ACS3-HMAC-SHA256 {who}"}


def post(cloud: LocalCloud, query: dict[str, str], headers: dict[str, str]) -> HttpAnswer:
    return ask(cloud, "POST", f"/?{urlencode(query)}", headers=headers)


def ask(
    cloud: LocalCloud, method: str, target: str, body: bytes | None = None, headers: dict[str, str] | None = None
) -> HttpAnswer:
    connection = http.client.HTTPConnection(cloud.endpoint.removeprefix("http://"), timeout=50)
    try:
        connection.request(method, target, body, headers or {})
        response = connection.getresponse()
        return HttpAnswer(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())
    finally:
        connection.close()
