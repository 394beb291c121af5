"""The older style of request, RPC with HMAC-SHA1: who signed it, and what it says in the terms of the newer style.

Rules: the vendor's page "V2 version of the RPC request body and signature mechanism".
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import parse_qsl, quote

from localcloud.acs_signature import SignatureRefused, check_date, check_key
from localcloud.wire import Request

_NEEDED = (
    "Action",
    "Version",
    "AccessKeyId",
    "Signature",
    "SignatureMethod",
    "SignatureVersion",
    "SignatureNonce",
    "Timestamp",
)
_ENVELOPE = frozenset({*_NEEDED, "Format", "SecurityToken", "SignatureType"})
_DEFAULTS = {"Format": "XML", "SignatureType": ""}


def speaks_rpc(request: Request) -> bool:
    """Whatever else its headers say: npm @alicloud/pop-core 1.8.0 sends x-acs-action and x-acs-version, too."""
    if request.path != "/" or "authorization" in request.headers:
        return False
    return any(name in ("AccessKeyId", "Signature") for name, _ in _pairs(request))


def in_newer_terms(request: Request) -> Request:
    """Action and version as headers, and the other parameters in the query, wherever they came."""
    said = dict(_pairs(request))
    query = "&".join(f"{_quoted(name)}={_quoted(value)}" for name, value in _pairs(request) if name not in _ENVELOPE)
    headers = {"x-acs-action": said.get("Action", ""), "x-acs-version": said.get("Version", "")}
    return replace(
        request,
        target=f"/?{query}",
        headers={**request.headers, **headers},
        body=b"" if _has_form(request) else request.body,
        arrived=request,
    )


def verify(request: Request, keys: Mapping[str, str], now: float) -> tuple[str, str]:
    """Return the id of the access key that signed and the nonce, or raise. `now` is real time."""
    pairs = _pairs(request)
    said = dict(pairs)
    for name in _NEEDED:
        if not said.get(name):
            raise SignatureRefused(400, "MissingParameter", f"The parameter {name} is required.")
    for name, only in (("SignatureMethod", "HMAC-SHA1"), ("SignatureVersion", "1.0"), ("SignatureType", "")):
        _check_only(name, only, said)
    check_key(said["AccessKeyId"], keys)
    check_date(said["Timestamp"], now, "Timestamp")
    to_sign = _string_to_sign(request.method, pairs)
    key = keys[said["AccessKeyId"]] + "&"
    expected = base64.b64encode(hmac.new(key.encode(), to_sign.encode(), hashlib.sha1).digest())
    if not hmac.compare_digest(expected, said["Signature"].encode()):
        message = f"Specified signature is not matched with our calculation. server string to sign is:{to_sign}"
        raise SignatureRefused(400, "SignatureDoesNotMatch", message)
    _check_only("Format", "JSON", said)
    return said["AccessKeyId"], said["SignatureNonce"]


def _check_only(name: str, only: str, said: Mapping[str, str]) -> None:
    if said.get(name, _DEFAULTS.get(name)) != only:
        raise SignatureRefused(400, f"InvalidParameter.{name}", f"The local cloud knows {name}={only} and no other.")


def _string_to_sign(method: str, pairs: list[tuple[str, str]]) -> str:
    asked = "&".join(f"{_quoted(name)}={_quoted(value)}" for name, value in sorted(pairs) if name != "Signature")
    return f"{method}&%2F&{_quoted(asked)}"


def _pairs(request: Request) -> list[tuple[str, str]]:
    """Of the query, and of a body that is a form."""
    form = request.body.decode("latin-1") if _has_form(request) else ""
    return [pair for text in (request.query, form) for pair in parse_qsl(text, keep_blank_values=True)]


def _has_form(request: Request) -> bool:
    return request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded")


def _quoted(text: str) -> str:
    return quote(text, safe="~")
