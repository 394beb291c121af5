"""The keys of an account: which variables hold them, and where else the vendor's tools keep them."""

import logging
import os

from files.errors import CommandError
from shared.settings import VARIABLES

KEY, SECRET, TOKEN = (VARIABLES[field] for field in ("access_key_id", "access_key_secret", "security_token"))

CHATTY = "credentials"
"""The logger of alibabacloud-credentials 1.0.12: on standard error it tells of every place that has no keys, with tracebacks,
and quotes the keys that it has (`provider/refreshable.py`)."""


def keys_in_environment() -> tuple[str, str, str] | None:
    """Key, secret and token."""
    key, secret = os.environ.get(KEY, ""), os.environ.get(SECRET, "")
    return (key, secret, os.environ.get(TOKEN, "")) if key and secret else None


def find_keys() -> tuple[str, str, str]:
    """Key, secret and token: from the environment, else from where the vendor's tools keep them."""
    if keys := keys_in_environment():
        return keys
    logging.getLogger(CHATTY).disabled = True
    from alibabacloud_credentials.client import Client
    from alibabacloud_credentials.exceptions import CredentialException

    try:
        found = Client().get_credential()
    except CredentialException:  # its text quotes what it read
        raise CommandError(
            f"no keys: set {KEY} and {SECRET}, or log in with the vendor's tool: aliyun configure"
        ) from None
    return found.access_key_id, found.access_key_secret, found.security_token or ""
