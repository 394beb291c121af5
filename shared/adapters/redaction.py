"""What the other side says, made fit to be repeated: on one line, of bounded length, and without our credentials.

The gateway quotes what was signed in its refusals, key id and token included, and a client that cannot send a header
quotes the header. So nothing that arrives is repeated unseen.
"""

import re
from collections.abc import Sequence
from typing import Protocol
from urllib.parse import quote

TEXT = 600
"""As much as a message has room for."""
WINDOW = 65_536
"""Looked at before it is cut, so that the cut cannot leave half a credential behind."""
SHORTEST = 6
"""A credential is longer; hiding a shorter word would only garble the text."""
HIDDEN = "(hidden)"


class Keys(Protocol):
    """Whoever holds a key: the settings of a function, a reader of a queue."""

    @property
    def access_key_id(self) -> str: ...
    @property
    def access_key_secret(self) -> str: ...
    @property
    def security_token(self) -> str: ...


def credentials(keys: Keys) -> tuple[str, ...]:
    """Every text that must not be repeated, in every spelling in which it comes back."""
    given = (keys.access_key_id, keys.access_key_secret, keys.security_token)
    # A credential with a stray space or newline is quoted with escapes; its parts are not.
    parts = {part for text in given for part in re.split(r"[^!-~]+", text) if len(part) >= SHORTEST}
    # What was signed is quoted percent-encoded, once or twice.
    once = {quote(part, safe="") for part in parts}
    return tuple(sorted(parts | once | {quote(part, safe="") for part in once}, key=len, reverse=True))


def hide(text: str, secrets: Sequence[str]) -> str:
    """The whole text, without the secrets."""
    for secret in secrets:
        text = text.replace(secret, HIDDEN)
    return text


def redact(text: object, secrets: Sequence[str], limit: int = TEXT) -> str:
    """At most `limit` characters of `text`; whatever is not printable is a space."""
    words = hide(str(text)[:WINDOW], secrets)
    return "".join(letter if letter.isprintable() else " " for letter in words[: 2 * limit])[:limit]
