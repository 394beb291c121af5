"""ACS3-HMAC-SHA256: whether a request was signed, as it arrived, by someone who holds the key's secret."""

import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import datetime, timezone
from urllib.parse import parse_qsl, quote

from localcloud.wire import ApiRefusal, Request

ALGORITHM = "ACS3-HMAC-SHA256"
_NEEDED = ("host", "x-acs-date", "x-acs-signature-nonce", "x-acs-content-sha256", "authorization")
_AUTHORIZATION = re.compile(rf"{ALGORITHM} Credential=([^,\s]+), ?SignedHeaders=([^,\s]+), ?Signature=([0-9a-f]{{64}})")
LONGEST_SKEW_SECONDS = 15 * 60


class SignatureRefused(ApiRefusal):
    """The message never holds the secret, nor the signature that would have been right."""


def verify(request: Request, keys: Mapping[str, str], now: float) -> str:
    """Return the id of the access key that signed, or raise. `now` is real time: the SDKs date what they sign with it.

    Rules: the vendor's page "V3 version of the request body and signature mechanism".
    """
    key_id, signed_names, signature = _parts(request)
    check_key(key_id, keys)
    check_date(request.headers["x-acs-date"], now)
    _check_coverage(request, signed_names)
    canonical = _canonical_request(request, signed_names)
    to_sign = f"{ALGORITHM}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    expected = hmac.new(keys[key_id].encode(), to_sign.encode(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected, signature):
        # The gateway quotes what was signed (aliyun/alibabacloud-csharp-sdk issue 40; with the key id: NewFuture/DDNS
        # issue 57). That it quotes the canonical request, token included, is assumed: the worst that it can do.
        raise _mismatch(
            f"Specified signature does not match our calculation. server StringToSign is [{to_sign}] "
            f"server CanonicalRequest is [{canonical}]"
        )
    return key_id


def _parts(request: Request) -> tuple[str, list[str], str]:
    for name in _NEEDED:
        if not request.headers.get(name):
            raise SignatureRefused(400, "MissingParameter", f"The header {name} is required.")
    match = _AUTHORIZATION.fullmatch(request.headers["authorization"])
    if match is None:
        raise SignatureRefused(
            400, "IncompleteSignature", f"The header authorization is not a signature by {ALGORITHM}."
        )
    key_id, names, signature = match.groups()
    return key_id, names.split(";"), signature


def check_key(key_id: str, keys: Mapping[str, str]) -> None:
    if key_id not in keys:
        raise SignatureRefused(404, "InvalidAccessKeyId.NotFound", f"The specified access key {key_id} is not found.")


def check_date(text: str, now: float, name: str = "x-acs-date") -> None:
    try:
        date = datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=timezone.utc)
    except ValueError as error:
        raise SignatureRefused(400, "InvalidTimeStamp.Format", f"The {name} {text!r} is not ISO 8601.") from error
    if abs(date.timestamp() - now) > LONGEST_SKEW_SECONDS:
        raise SignatureRefused(400, "InvalidTimeStamp.Expired", f"The {name} {text} is not within 15 minutes of now.")


def _check_coverage(request: Request, signed_names: list[str]) -> None:
    """host and every x-acs- header must be signed, and the signed hash must be that of the body."""
    for name in request.headers:
        if (name == "host" or name.startswith("x-acs-")) and name not in signed_names:
            raise _mismatch(f"The header {name} is not among the signed headers.")
    for name in signed_names:
        if name not in request.headers:
            raise _mismatch(f"The signed header {name} did not arrive.")
    if request.headers["x-acs-content-sha256"] != hashlib.sha256(request.body).hexdigest():
        raise _mismatch("The header x-acs-content-sha256 is not the hash of the body.")


def _canonical_request(request: Request, signed_names: list[str]) -> str:
    pairs = sorted(parse_qsl(request.query, keep_blank_values=True))
    query = "&".join(f"{quote(name, safe='~')}={quote(value, safe='~')}" for name, value in pairs)
    headers = "".join(f"{name}:{request.headers[name].strip()}\n" for name in signed_names)
    body_hash = request.headers["x-acs-content-sha256"]
    return "\n".join((request.method, request.path, query, headers, ";".join(signed_names), body_hash))


def _mismatch(message: str) -> SignatureRefused:
    return SignatureRefused(400, "SignatureDoesNotMatch", message)
