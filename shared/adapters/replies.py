"""What the other side says, made fit to be used: read without a guess, and repeated without our credentials.

The SDK of ECS hands over whatever arrived in whatever type it had. The gateway quotes what was signed in its refusals, key
id and token included, and a client that cannot send a header quotes the header.
"""

import json
import logging
import re
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, Protocol, TypeVar
from urllib.parse import quote

from shared.domain.errors import OutcomeUnknown
from shared.domain.moments import read_moment

if TYPE_CHECKING:
    from shared.domain.facts import Role

T = TypeVar("T")
LOGGER = logging.getLogger("snapimage")
NO_REPLY = "NoReply"
"""Our code for a call that got no answer that can be read: refused, cut off, timed out, not JSON, not as documented."""

ODD = (AttributeError, KeyError, TypeError, ValueError, OverflowError, RecursionError)
"""What reading a value of another shape than documented raises."""
ID = re.compile(r"[!-~]{1,64}")
LARGEST = 10_000_000
"""Beyond every size in GiB and every number of resources."""
MOST_PAGES = 10_000
"""A million resources; a listing without a token that goes on after that has no end."""


def not_understood(action: str, why: str) -> OutcomeUnknown:
    return OutcomeUnknown(NO_REPLY, f"{action}: no usable reply ({why[:200]})")


def understand(action: str, read: Callable[[], T]) -> T:
    """What `read` makes of a reply; OutcomeUnknown when the reply is not as documented."""
    try:
        return read()
    except ODD as error:
        why = f"{type(error).__name__} while reading it"
    raise not_understood(action, why)


def listed(action: str, read: Callable[[], Sequence[Any] | None]) -> list[Any]:
    """The entries of a listing. A reply without its listing is not an empty one: an image might be made twice."""
    entries = understand(action, read)
    if not isinstance(entries, list):
        raise not_understood(action, "it holds no listing")
    return entries


def read_each(action: str, entries: Sequence[Any], read: Callable[[Any], T]) -> list[T]:
    """Every entry, or OutcomeUnknown: what decides about one image must not be guessed from a part of the listing."""
    return understand(action, lambda: [read(entry) for entry in entries])


def read_pages(action: str, pages: Iterable[Sequence[Any]], read: Callable[[Any], T]) -> list[T]:
    """Every entry of every page, or OutcomeUnknown."""
    return [each for entries in pages for each in read_each(action, entries, read)]


def read_all(action: str, entries: Sequence[Any], read: Callable[[Any], T]) -> list[T]:
    """What can be read of a listing. One entry that makes no sense must not end a sweep for all others.

    A listing of which nothing can be read is no odd entry any more: answering as if it were empty would be a guess.
    """
    found: list[T] = []
    odd: list[str] = []
    for entry in entries:
        try:
            found.append(read(entry))
        except ODD as error:
            odd.append(f"{type(error).__name__}: {error}")
    if odd and not found:
        raise not_understood(action, ascii(odd[0][:80]))
    if odd:
        text = f"{len(odd)} of {len(entries)} entries of {action} left out: {odd[0][:120]}"
        LOGGER.warning("%s", json.dumps({"state": "trouble", "code": "NotReadable", "text": text}))
    return found


def resource_id(value: object) -> str:
    if not isinstance(value, str) or not ID.fullmatch(value):
        raise ValueError(f"no id: {ascii(value)[:40]}")
    return value


def resource_id_or_none(value: object) -> str | None:
    """None for what ECS leaves out or empty: a disk that is gone, an empty data disk."""
    return resource_id(value) if value else None


def words(value: object, limit: int = 128) -> str:
    """A text of ECS as far as it fits; empty when it is left out."""
    if not isinstance(value, str | None):
        raise TypeError(f"no text but {type(value).__name__}")
    return (value or "")[:limit]


def whole(number: object) -> int:
    """Sizes come as text or as numbers."""
    value = int(float(str(number or 0)))
    if not 0 <= value <= LARGEST:
        raise ValueError("no size or count")
    return value


def parse_time(text: object) -> datetime:
    """ECS writes seconds, in some older replies only minutes; fractions and offsets are taken as well."""
    return read_moment(words(text)).astimezone(timezone.utc)


def tag_map(tags: Any) -> dict[str, str]:
    entries = (tags.tag if tags else None) or []
    return {words(entry.tag_key): words(entry.tag_value) for entry in entries if entry.tag_key}


TEXT = 600
"""As much as a message has room for."""
WINDOW = 65_536
"""Looked at before it is cut, so that the cut cannot leave half a credential behind."""
SHORTEST = 6
"""A credential is longer; hiding a shorter word would only garble the text."""
HIDDEN = "(hidden)"


def role(text: object) -> "Role":
    """Letter case differs between the documents. What is not plainly a system disk must not pass as one."""
    from shared.domain.facts import Role

    return Role.SYSTEM if words(text).lower() == "system" else Role.DATA


class KeyHolder(Protocol):
    """Whoever holds a key: the settings of a function, a reader of a queue."""

    @property
    def access_key_id(self) -> str: ...
    @property
    def access_key_secret(self) -> str: ...
    @property
    def security_token(self) -> str: ...


def credentials(keys: KeyHolder) -> list[str]:
    """Every text that must not be repeated, in every spelling in which it comes back."""
    given = (keys.access_key_id, keys.access_key_secret, keys.security_token)
    # A credential with a stray space or newline is quoted with escapes; its parts are not.
    parts = {part for text in given for part in re.split(r"[^!-~]+", text) if len(part) >= SHORTEST}
    # What was signed is quoted percent-encoded, once or twice.
    once = {quote(part, safe="") for part in parts}
    return sorted(parts | once | {quote(part, safe="") for part in once}, key=len, reverse=True)


def hide(text: str, secrets: Sequence[str]) -> str:
    """The whole text, without the secrets."""
    for secret in secrets:
        text = text.replace(secret, HIDDEN)
    return text


def redact(text: object, secrets: Sequence[str], limit: int = TEXT) -> str:
    """At most `limit` characters of `text`; whatever is not printable is a space."""
    words = hide(str(text)[:WINDOW], secrets)
    return "".join(letter if letter.isprintable() else " " for letter in words[:limit])
