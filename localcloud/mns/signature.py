"""How MNS requests are signed (HMAC-SHA1, help.aliyun.com 27487), and which ones are refused for it."""

import base64
import hashlib
import hmac
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime

from localcloud.mns.errors import MnsError
from localcloud.wire import Request

_AUTHORIZATION = re.compile(r"MNS ([^:\s]+):(\S+)")
# help.aliyun.com 27485: GMT only.
_DATE = re.compile(r"[A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9]{2}:[0-9]{2}:[0-9]{2} GMT")
_FARTHEST_SECONDS = 15 * 60


def sign(request: Request, secret: str) -> str:
    """Over path and query exactly as received: receipt handles stand in the query with raw '+', '/' and '='.

    `security-token` is outside the signature; the SDKs add it afterwards.
    """
    headers = request.headers
    canonical = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers) if name.startswith("x-mns-"))
    text = "\n".join(
        (
            request.method,
            headers.get("content-md5", ""),
            headers.get("content-type", ""),
            _date_of(headers),
            canonical + request.target,
        )
    )
    digest = hmac.new(secret.encode(), text.encode("utf-8", "surrogateescape"), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()


def authenticate(request: Request, keys: Mapping[str, str], real_time: Callable[[], float]) -> str:
    """Return the id of the access key that signed, or raise."""
    authorization = request.headers.get("authorization", "")
    if not authorization:
        raise MnsError("MissingAuthorizationHeader")
    parts = _AUTHORIZATION.fullmatch(authorization)
    if parts is None:
        raise MnsError("InvalidAuthorizationHeader")
    _check_date(_date_of(request.headers), real_time())
    access_key_id, signature = parts.groups()
    if access_key_id not in keys:
        raise MnsError("InvalidAccessKeyId")
    expected = sign(request, keys[access_key_id])
    if not hmac.compare_digest(expected.encode(), signature.encode("utf-8", "surrogateescape")):
        raise MnsError("SignatureDoesNotMatch")
    return access_key_id


def check_digest(request: Request) -> None:
    """Content-MD5 is optional. The SDKs send base64 of the hex text, ali-mns base64 of the raw digest.

    A reply of the real service to the first form is on record (README of start-fc mns-queue-producer-nodejs-http).
    Whether the service compares at all is not known; a sum that is neither is certainly a mistake.
    """
    claimed = request.headers.get("content-md5", "")
    digest = hashlib.md5(request.body, usedforsecurity=False)
    accepted = {base64.b64encode(form).decode() for form in (digest.digest(), digest.hexdigest().encode())}
    if claimed and claimed not in accepted:
        raise MnsError("InvalidDegist")


def _date_of(headers: Mapping[str, str]) -> str:
    """help.aliyun.com 27487: x-mns-date takes Date's place, also in the signature, where Date cannot be set."""
    return headers.get("date") or headers.get("x-mns-date", "")


def _check_date(text: str, now: float) -> None:
    if not text:
        raise MnsError("MissingDateHeader")
    if abs(_moment(text).timestamp() - now) > _FARTHEST_SECONDS:
        raise MnsError("TimeExpired")


def _moment(text: str) -> datetime:
    if not _DATE.fullmatch(text):
        raise MnsError("InvalidDateHeader")
    try:
        return parsedate_to_datetime(text)
    except ValueError as error:
        raise MnsError("InvalidDateHeader") from error
